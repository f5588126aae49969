"""The totals of recorded exports, by the type of each metric: every counted point is kept, and exact sums are computed on
demand. For exports of well-behaved clients; series_model.py is for hostile ones.

Delta points count once: a point equal to one of an earlier request in start, time and value is a duplicate. Of cumulative
points the newest of each start counts, and the value before each reset. Gauges, summaries and
non-monotonic cumulative sums have the newest value.
"""
import collections
import math
from fractions import Fraction

from expositions import Native, Page
from otlp_reading import Exponential, Histogram, Summary
from read_expositions import Samples
from series_naming import family_name, label_name, labels, value_text

DELTA, CUMULATIVE = 1, 2
NATIVE_SCALES = (-4, 8)
BUCKETS_PER_SIDE = 160
DEFAULT_ZERO_THRESHOLD = 1e-128
TARGET_IDENTITY = ("service.name", "service.namespace", "service.instance.id")


def frozen(value):
    return tuple(map(frozen, value)) if isinstance(value, (list, tuple)) else value


class Stream:
    """One stream as received."""

    def __init__(self, adds_newest):
        # Streams of non-monotonic sums add up if they are one series.
        self.adds_newest = adds_newest
        self.counted, self.seen = [], {}
        # By start: the newest point, and the values before each reset.
        self.newest_of, self.before_falls = {}, collections.defaultdict(list)
        self.newest = None

    def take_delta(self, point, request):
        window = point.start, point.time, frozen(point.value)
        if self.seen.setdefault(window, request) == request:
            self.counted.append(point.value)

    def take_cumulative(self, point):
        last = self.newest_of.get(point.start)
        if last and (point.time < last.time or point.time == last.time and has_fallen(point.value, last.value)):
            return
        if last and has_fallen(point.value, last.value):
            self.before_falls[point.start].append(last.value)
        self.newest_of[point.start] = point

    def take_newest(self, point, order):
        if self.newest is None or point.time >= self.newest[0]:
            self.newest = point.time, order, point.value

    def values(self):
        before = [value for values in self.before_falls.values() for value in values]
        return self.counted + [point.value for point in self.newest_of.values()] + before


def has_fallen(value, other):
    if isinstance(value, Histogram):
        return any(now < before for now, before in zip(value.counts, other.counts))
    if isinstance(value, Exponential):
        scale = common_scale([value, other])
        sides = (
            (buckets(value.scale, side, scale), buckets(other.scale, before, scale))
            for side, before in ((value.positive, other.positive), (value.negative, other.negative)))
        return value.zero_count < other.zero_count or any(
            now[index] < count for now, before in sides for index, count in before.items())
    return value < other


# Adding up.


def add_numbers(values):
    return float(sum(map(Fraction, values)))


def add_sums(values):
    return None if any(value is None for value in values) else add_numbers(values)


def add_histograms(values):
    bounds = values[0].bounds
    assert all(value.bounds == bounds for value in values), "other bounds"
    counts = [sum(column) for column in zip(*(value.counts for value in values))]
    return Histogram(bounds, counts, sum(value.count for value in values), add_sums([value.sum for value in values]))


def buckets(scale, side, target):
    """Counts by index of the scale `target`, which is not above `scale`."""
    offset, counts = side
    result = collections.Counter()
    for index, count in enumerate(counts, offset):
        if count:
            result[index >> (scale - target)] += count
    return result


def common_scale(values):
    """The highest scale at which each side of the sum is within the limit of buckets."""
    scale = min([NATIVE_SCALES[1]] + [value.scale for value in values])
    while True:
        sides = ([value.positive for value in values], [value.negative for value in values])
        extents = []
        for side in sides:
            indices = [index for value, one in zip(values, side) for index in buckets(value.scale, one, scale)]
            extents.append(max(indices) - min(indices) + 1 if indices else 0)
        if max(extents) <= BUCKETS_PER_SIDE:
            return scale
        scale -= 1


def add_exponentials(values):
    scale, threshold = common_scale(values), values[0].zero_threshold
    assert all(value.zero_threshold == threshold for value in values), "other zero thresholds"
    positive, negative = collections.Counter(), collections.Counter()
    for value in values:
        positive.update(buckets(value.scale, value.positive, scale))
        negative.update(buckets(value.scale, value.negative, scale))
    return Native(
        scale, threshold or DEFAULT_ZERO_THRESHOLD, sum(value.zero_count for value in values),
        # The native bucket 1 is bucket 0 of OTLP.
        *({index + 1: count for index, count in side.items()} for side in (positive, negative)),
        sum(value.count for value in values), add_numbers([value.sum or 0 for value in values]))


# All series.


class Truth:
    def __init__(self):
        self.streams = {}
        # (family, kind, labels) -> streams.
        self.series = collections.defaultdict(list)
        self.starts, self.targets = {}, {}
        self.request = self.order = 0

    def ingest(self, metrics):
        self.request += 1
        for metric in metrics:
            self.add_target(dict(metric.resource))
            kind = self.kind(metric)
            family = family_name(metric, kind == "counter")
            for point in metric.points + metric.other_points:
                self.take(metric, (family, kind, labels(metric.resource, metric.scope, point.attributes)), point)

    @staticmethod
    def kind(metric):
        if metric.kind == "sum":
            return "counter" if metric.monotonic else "gauge"
        return metric.kind

    def take(self, metric, series, point):
        identity = repr((
            sorted(metric.resource), metric.scope, metric.name, metric.unit, metric.kind, metric.temporality,
            metric.monotonic, sorted(point.attributes)))
        if identity not in self.streams:
            self.streams[identity] = Stream(metric.kind == "sum" and metric.temporality == CUMULATIVE)
            self.series[series].append(self.streams[identity])
            if series[1] != "gauge" and point.start:
                self.starts.setdefault((series[0], series[2]), point.start)
        stream = self.streams[identity]
        self.order += 1
        if isinstance(point.value, Histogram) and not point.value.counts:
            # Without buckets there is a single one with all observations.
            point = point._replace(value=point.value._replace(counts=[point.value.count]))
        if metric.temporality == DELTA:
            stream.take_delta(point, self.request)
        elif metric.temporality == CUMULATIVE and series[1] != "gauge":
            stream.take_cumulative(point)
        else:
            stream.take_newest(point, self.order)

    def add_target(self, resource):
        """Attributes that differ between two resources of one target, or that only one has, are left out."""
        identity = labels(list(resource.items()), NO_SCOPE, [])
        # An empty label counts as missing.
        if [name for name, _ in identity] != ["instance", "job"]:
            return
        texts = {label_name(key): value_text(value) for key, value in resource.items() if key not in TARGET_IDENTITY}
        assert len(texts) == len([key for key in resource if key not in TARGET_IDENTITY]), "labels that clash"
        if texts:
            known = self.targets.get(identity, texts)
            self.targets[identity] = {name: text for name, text in known.items() if texts.get(name) == text}

    def page(self, is_openmetrics):
        page = Page({}, Samples(), dict(self.starts), {})
        for (family, kind, series_labels), streams in self.series.items():
            page.types[family] = "histogram" if kind == "exponential_histogram" else kind
            put(page, family, kind, series_labels, streams, is_openmetrics)
        for identity, texts in self.targets.items():
            page.types["target_info"] = "gauge"
            shown = {name: text for name, text in texts.items() if text}
            page.samples.put("target_info", {**shown, **dict(identity)}, 1)
        return page


NO_SCOPE = collections.namedtuple("NoScope", "name version attributes schema_url")("", "", [], "")


def put(page, family, kind, series_labels, streams, is_openmetrics):
    names, values = dict(series_labels), [value for stream in streams for value in stream.values()]
    newest = max((stream.newest for stream in streams if stream.newest), key=lambda one: one[:2], default=None)
    if kind in ("counter", "gauge"):
        values += [stream.newest[2] for stream in streams if stream.newest and stream.adds_newest]
        page.samples.put(family, names, add_numbers(values) if values else newest[2])
        return
    if kind == "summary":
        value = newest[2]
        for quantile, at in value.quantiles:
            page.samples.put(family, {**names, "quantile": quantile}, at)
    elif kind == "histogram":
        value, total = add_histograms(values), 0
        for bound, count in zip(list(value.bounds) + [math.inf], value.counts):
            total += count
            page.samples.put(family + "_bucket", {**names, "le": bound}, total)
    else:
        value = page.natives[family, series_labels] = add_exponentials(values)
        page.samples.put(family + "_bucket", {**names, "le": math.inf}, value.count)
    has_sum = value.sum is not None
    if kind == "histogram" and is_openmetrics and value.bounds and value.bounds[0] < 0:
        has_sum = False
    if has_sum:
        page.samples.put(family + "_sum", names, value.sum)
    if has_sum or not is_openmetrics:
        page.samples.put(family + "_count", names, value.count)
