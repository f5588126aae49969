"""The totals of sums, gauges and histograms, by docs/semantics.md in the simplest code: nothing expires or is evicted,
lookups are by value, and sums are exact."""
import collections
import math
import re
import struct
from fractions import Fraction

import histogram_model
from otlp_reading import is_text
from series_naming import Rejected, family_name, labels

WINDOWS_PER_STREAM = 1024
FALL_WINDOW_SECONDS = 15 * 60
UNSPECIFIED, DELTA, CUMULATIVE = range(3)
# Metrics that show their last value.
LATEST = re.compile(r"(?:system|container|k8s|hw)\..*", re.DOTALL)
LARGEST = Fraction(struct.unpack("<d", struct.pack("<Q", 0x7FEFFFFFFFFFFFFF))[0])


def canonical(attributes):
    """Sorted by key; without empty keys, of equal ones the last (R-DM-02)."""
    last = {key: value for key, value in attributes if key}
    return tuple((key, canonical_value(last[key])) for key in sorted(last, key=str.encode))


def canonical_value(value):
    if value is None:
        return None
    kind, content = value
    if kind == "array":
        return kind, tuple(canonical_value(element) for element in content)
    if kind == "kvlist":
        return kind, canonical(content)
    return kind, struct.pack("<d", content) if kind == "double" else content


HISTOGRAM_SUFFIXES = ("_bucket", "_count", "_sum")


def is_not_followed(metric):
    return len(metric.other_points) > 0 and metric.kind != "histogram"


# Where the unit stands in a stream's identity.
UNIT = 6


class Total:
    """An exact sum, which stays at the largest double; `size` is the size of its terms."""

    def __init__(self):
        self.value = self.size = Fraction(0)

    def add(self, number):
        number = Fraction(number)
        self.value = max(-LARGEST, min(LARGEST, self.value + number))
        self.size += abs(number)


class Writer:
    """A writer of a cumulative stream: the points with one start time."""

    def __init__(self, time, value, baseline):
        self.time, self.value, self.carried = time, value, -Fraction(baseline)
        self.fell_at, self.is_shared = None, False

    def take(self, value, time, now):
        """Whether the point counts."""
        if time < self.time or time == self.time and value <= self.value:
            return False
        if time == self.time or value >= self.value:
            self.value = value
        elif not self.is_shared:
            self.fall(value, now // 10**9)
        self.time = time
        return True

    def fall(self, value, second):
        """A reset; a second one within the time means several processes, of which the highest value counts from then on."""
        if self.fell_at is not None and second - self.fell_at <= FALL_WINDOW_SECONDS:
            self.is_shared = True
            return
        self.fell_at = second
        self.carried += Fraction(self.value)
        self.value = value


class Stream:
    """One stream as received; `rule` is one of delta, writers, latest, newest, newest_added, added_delta."""

    def __init__(self, rule, series):
        self.rule, self.series = rule, series
        self.is_withdrawn = False
        self.total, self.newest_time = Total(), 0
        self.windows, self.window_requests = collections.deque(), collections.Counter()
        self.writers = {}
        # The newest point: its time, the order of its arrival, its value.
        self.newest = None

    def accumulate(self, point, request):
        """Whether the point counts; a duplicate does not."""
        window = (point.start, point.time, type(point.value), point.value)
        if point.time:
            # Equal windows of the same request are not duplicates.
            earlier = self.window_requests[window] - self.window_requests[window, request]
            if point.time <= self.newest_time and earlier > 0:
                return False
            self.newest_time = max(self.newest_time, point.time)
            self.windows.append((window, request))
            self.window_requests[window] += 1
            self.window_requests[window, request] += 1
            if len(self.windows) > WINDOWS_PER_STREAM:
                self.forget(*self.windows.popleft())
        self.total.add(point.value)
        return True

    def forget(self, window, request):
        for key in (window, (window, request)):
            self.window_requests[key] -= 1
            if not self.window_requests[key]:
                del self.window_requests[key]

    def write(self, point, time, now):
        if writer := self.writers.get(point.start):
            return writer.take(point.value, time, now)
        # A further writer of a stream without a known start counts from its first value on.
        is_unknown = self.writers and point.start in (0, point.time)
        self.writers[point.start] = Writer(time, point.value, point.value if is_unknown else 0)
        return True

    def replace(self, value, time, order):
        if self.newest and time < self.newest[0]:
            return False
        self.newest = time, order, value
        return True

    def time_to_withdraw(self, point):
        """The time of the newest point that can be withdrawn; None if there is none."""
        if self.rule in ("delta", "added_delta"):
            return self.newest_time
        if self.rule == "writers":
            writer = self.writers.get(point.start)
            return writer and writer.time
        return self.newest[0]


class Model:
    """All series."""

    def __init__(self):
        self.streams = {}
        # (family, type, labels) -> streams.
        self.series = {}
        # Family -> type -> number of series that are shown.
        self.families = collections.defaultdict(collections.Counter)
        # Identity but for the unit -> streams by unit.
        self.units = collections.defaultdict(dict)
        self.order = self.request = 0
        # Families with exponential histograms or summaries: the model does not track those.
        self.foreign = set()

    def is_foreign(self, metric):
        """Whether the result of the metric depends on families that the model does not track."""
        return is_not_followed(metric) or any(
            self.is_foreign_name(name) for name in self.possible_names(metric))

    def is_foreign_name(self, name):
        return name in self.foreign or re.sub("_(bucket|count|sum)$", "", name) in self.foreign

    @staticmethod
    def possible_names(metric):
        names = set()
        for is_counter in (False, True):
            try:
                names.add(family_name(metric, is_counter))
            except Rejected:
                pass
        return names

    def ingest(self, metrics, now):
        """Counts an export that arrived at `now`, and returns how many of its points were rejected."""
        self.request += 1
        rejected = 0
        for metric in metrics:
            if metric.temporality not in (UNSPECIFIED, DELTA):
                # An unknown number counts as cumulative (R-JSON-10).
                metric = metric._replace(temporality=CUMULATIVE)
            if is_not_followed(metric):
                self.foreign |= self.possible_names(metric)
                # The names of their lines are reserved, too.
                self.foreign |= {re.sub("_(bucket|count|sum)$", "", name) for name in self.possible_names(metric)}
                continue
            rule = self.rule(metric)
            # A value that is not UTF-8 rejects all its points (R-PB-05).
            if not is_text(metric.resource) or not is_text(metric.scope.attributes):
                rule = None
            if rule is None:
                rejected += len(metric.points + metric.other_points)
                continue
            identity = (
                canonical(metric.resource), metric.scope.name, metric.scope.version,
                canonical(metric.scope.attributes), metric.scope.schema_url, metric.name, metric.unit, metric.kind,
                metric.temporality, metric.monotonic)
            for point in metric.points + metric.other_points:
                try:
                    self.take(metric, rule, identity + (canonical(point.attributes),), point, now)
                except Rejected:
                    rejected += 1
        return rejected

    @staticmethod
    def rule(metric):
        """How the points of a metric change their streams; None if they cannot count."""
        if metric.kind == "gauge":
            return "newest"
        if metric.kind == "histogram":
            # One of unspecified temporality counts as cumulative, as in the Collector.
            return "histogram"
        if metric.kind != "sum" or metric.temporality == UNSPECIFIED:
            return None
        if metric.temporality == DELTA:
            return "delta" if metric.monotonic else "added_delta"
        if not metric.monotonic:
            return "newest_added"
        return "latest" if LATEST.fullmatch(metric.name) else "writers"

    def take(self, metric, rule, identity, point, now):
        has_text = is_text(point.attributes)
        stream = self.streams.get(identity) if has_text else None
        if point.flags & 1:
            self.withdraw(stream, point)
            return
        if point.value is None:
            raise Rejected("no value")
        if rule == "histogram":
            self.take_histogram(metric, identity, stream, point, now)
            return
        is_counter = metric.kind == "sum" and metric.monotonic
        if rule not in ("newest", "newest_added") and not math.isfinite(point.value):
            raise Rejected("not finite")
        if is_counter and point.value < 0:
            raise Rejected("negative")
        if stream:
            family, kind, _ = stream.series
            self.check_type(family, kind)
        elif not has_text:
            raise Rejected("not text")
        else:
            series = self.exposure(metric, "counter" if is_counter else "gauge", point)
            stream = self.streams[identity] = Stream(rule, series)
            self.series.setdefault(series, []).append(stream)
            stream.is_withdrawn = True
            stream.unit, rest = identity[UNIT], identity[:UNIT] + identity[UNIT + 1:]
            stream.of_other_units = self.units[rest]
            stream.of_other_units[stream.unit] = stream
        self.order += 1
        time = point.time or now
        if rule in ("delta", "added_delta"):
            is_new = stream.accumulate(point, self.request)
        elif rule == "writers":
            is_new = stream.write(point, time, now)
        else:
            is_new = stream.replace(point.value, time, self.order)
        # Late and duplicate points do not show a withdrawn stream.
        if is_new and stream.is_withdrawn:
            self.show(stream, True)
            if rule in ("newest", "newest_added"):
                # A gauge whose unit changed replaces the older one.
                for unit, other in stream.of_other_units.items():
                    if unit != stream.unit and not other.is_withdrawn:
                        self.show(other, False)

    def take_histogram(self, metric, identity, stream, point, now):
        value = histogram_model.checked(point.value)
        if metric.temporality == DELTA and value.sum is not None and not math.isfinite(value.sum):
            raise Rejected("not finite")
        if stream:
            self.check_type(*stream.series[:2])
        elif not is_text(point.attributes):
            raise Rejected("not text")
        else:
            series = self.exposure(metric, "histogram", point)
            counting = "deltas" if metric.temporality == DELTA else "writers"
            if counting == "writers" and LATEST.fullmatch(metric.name):
                counting = "latest"
            stream = self.streams[identity] = histogram_model.HistogramStream(counting, series, value.bounds)
            self.series.setdefault(series, []).append(stream)
            stream.is_withdrawn = True
        others = [other for other in self.series[stream.series] if other is not stream]
        if stream.take(value, point, now, self.request, others) and stream.is_withdrawn:
            self.show(stream, True)

    def exposure(self, metric, kind, point):
        family = family_name(metric, kind == "counter")
        series = family, kind, labels(metric.resource, metric.scope, point.attributes)
        self.check_type(family, kind)
        return series

    def check_type(self, family, kind):
        """The first type of a name stays as long as any of its series is shown (R-TYPE-09)."""
        if any(count for other, count in self.families[family].items() if other != kind):
            raise Rejected("another type")
        # Another family cannot have the names of the lines of a histogram.
        if kind == "histogram" and any(self.is_family_shown(family + suffix) for suffix in HISTOGRAM_SUFFIXES):
            raise Rejected("a family of the name of its lines")
        owner = re.fullmatch("(.+)_(?:bucket|count|sum)", family)
        if owner and self.families.get(owner[1], {}).get("histogram"):
            raise Rejected("a histogram has lines of its name")

    def is_family_shown(self, family):
        return any(self.families.get(family, {}).values())

    def withdraw(self, stream, point):
        """No recorded value: the stream is not shown until its next point (R-DM-03)."""
        if stream is None:
            return
        newest_time = stream.time_to_withdraw(point)
        if point.time and newest_time is not None and point.time < newest_time:
            return
        if stream.newest:
            stream.newest = (max(stream.newest[0], point.time), *stream.newest[1:])
        if not stream.is_withdrawn:
            self.show(stream, False)

    def show(self, stream, is_shown):
        before = self.is_shown(stream.series)
        stream.is_withdrawn = not is_shown
        family, kind, _ = stream.series
        self.families[family][kind] += self.is_shown(stream.series) - before

    def is_shown(self, series):
        return any(not stream.is_withdrawn for stream in self.series[series])

    def exposed(self):
        """(name of the line, type, labels) -> (value, the size of what was added up)."""
        lines = {}
        for series, streams in self.series.items():
            if not self.is_shown(series):
                continue
            family, kind, series_labels = series
            if kind == "histogram":
                found = histogram_model.combined(streams).lines(family, series_labels)
                lines.update({(name, kind, of_line): value for (name, of_line), value in found.items()})
            else:
                lines[series] = self.value(streams)
        return lines

    @staticmethod
    def value(streams):
        """Totals add up, including withdrawn ones, so that they never fall; of gauges the newest is shown."""
        total, newest, newest_added, not_finite = Total(), None, None, []
        for stream in streams:
            if stream.rule in ("delta", "added_delta"):
                total.add(stream.total.value)
                total.size += stream.total.size
            elif stream.rule == "writers":
                for writer in stream.writers.values():
                    total.add(writer.carried)
                    total.add(writer.value)
            elif not stream.is_withdrawn and stream.rule == "newest_added":
                if math.isfinite(stream.newest[2]):
                    total.add(stream.newest[2])
                else:
                    not_finite.append(stream.newest[2])
                newest_added = max(newest_added or stream.newest, stream.newest, key=lambda point: point[:2])
            elif not stream.is_withdrawn:
                newest = max(newest or stream.newest, stream.newest, key=lambda point: point[:2])
        if newest and not (newest_added and newest_added[:2] > newest[:2]):
            return newest[2], 0
        return (sum(not_finite), 0) if not_finite else (total.value, total.size)
