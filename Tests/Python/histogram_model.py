"""Totals of histograms with explicit bounds, for series_model.py: the rules of sums, bucket by bucket."""
import collections
import math
import operator
import struct
from fractions import Fraction

from series_naming import Rejected

LARGEST_COUNT = 2**64 - 1
WINDOWS_PER_STREAM = 1024
LAYOUTS_PER_WRITER = 64
FALL_WINDOW_SECONDS = 15 * 60
LARGEST = Fraction(math.ldexp(2 - 2**-52, 1023))

# `bounds` without +Inf; `counts` has one more; `sum` is None when not given.
Value = collections.namedtuple("Value", "bounds counts sum")


def checked(point):
    """The value of a point as received."""
    bounds, counts = list(point.bounds), list(point.counts)
    if not bounds and not counts:
        return Value((), (point.count,), point.sum)
    if len(counts) != len(bounds) + 1:
        raise Rejected("counts and bounds do not match")
    # The buckets count, not the count.
    if sum(counts) > LARGEST_COUNT:
        raise Rejected("the buckets hold more than 64 bits")
    if bounds and bounds[-1] == math.inf:
        bounds.pop()
        counts[-2:] = [counts[-2] + counts[-1]]
    if any(map(math.isnan, bounds[:1])) or not all(map(operator.lt, bounds, bounds[1:])):
        raise Rejected("bounds do not ascend")
    return Value(tuple(bounds), tuple(counts), point.sum)


def saturated(count):
    return min(count, LARGEST_COUNT)


class HistogramTotal:
    def __init__(self):
        self.bounds, self.counts = (), ()
        # The sum of finite terms, the size of the terms, and the terms that are not finite.
        self.sum = self.size = Fraction(0)
        self.irregular, self.lacks_sum = None, False

    def add(self, value, baseline=None):
        if baseline is None:
            self.add_counts(value.bounds, value.counts)
            self.add_sum(value.sum)
            return
        bounds = common_bounds(value, baseline)
        counts = (coarsened(each.counts, each.bounds, bounds) for each in (value, baseline))
        self.add_counts(bounds, tuple(max(now - before, 0) for now, before in zip(*counts)))
        if value.sum is None or baseline.sum is None:
            self.lacks_sum = True
        elif math.isfinite(value.sum) and math.isfinite(baseline.sum):
            self.add_sum(value.sum)
            self.add_sum(-baseline.sum)
        else:
            self.add_sum(0 if math.isfinite(value.sum) else value.sum)

    def add_total(self, other):
        if other.counts:
            self.add_counts(other.bounds, other.counts)
            self.sum, self.size = self.sum + other.sum, self.size + other.size
            self.lacks_sum = self.lacks_sum or other.lacks_sum

    def add_sum(self, number):
        if number is None:
            self.lacks_sum = True
        elif math.isfinite(number):
            self.sum = max(-LARGEST, min(LARGEST, self.sum + Fraction(number)))
            self.size += abs(Fraction(number))
        else:
            self.irregular = number if self.irregular is None else self.irregular + number

    def add_counts(self, bounds, counts):
        """With different bounds the common ones, unless one is empty."""
        if not self.counts or bounds != self.bounds and self.counts == (0,) and counts != (0,):
            self.bounds, self.counts = bounds, counts
            return
        if bounds != self.bounds:
            if counts == (0,):
                return
            common = tuple(bound for bound in self.bounds if bound in bounds)
            self.counts, counts = (
                coarsened(given, mine, common) for mine, given in ((self.bounds, self.counts), (bounds, counts)))
            self.bounds = common
        self.counts = tuple(saturated(mine + theirs) for mine, theirs in zip(self.counts, counts))

    def lines(self, family, labels):
        """Of the text format: (name, labels) -> (value, the size of what was added up)."""
        lines, total = {}, 0
        for bound, count in zip(self.bounds + (math.inf,), self.counts):
            total = saturated(total + count)
            lines[family + "_bucket", tuple(sorted(labels + (("le", str(bound)),)))] = total, 0
        lines[family + "_count", labels] = total, 0
        if not self.lacks_sum:
            number = self.sum if self.irregular is None else self.irregular
            lines[family + "_sum", labels] = number, self.size
        return lines


def coarsened(counts, bounds, target):
    result = [0] * (len(target) + 1)
    for position, count in enumerate(counts):
        bucket = len([bound for bound in target if position >= len(bounds) or bound < bounds[position]])
        result[bucket] = saturated(result[bucket] + count)
    return tuple(result)


def common_bounds(value, other):
    return tuple(bound for bound in value.bounds if bound in other.bounds)


def has_fallen(value, other):
    bounds = common_bounds(value, other)
    counts = (coarsened(each.counts, each.bounds, bounds) for each in (value, other))
    return any(now < before for now, before in zip(*counts))


def is_finer(value, earlier):
    """All bounds of the earlier value and more, and no lower count."""
    return (
        len(value.bounds) > len(earlier.bounds) and common_bounds(value, earlier) == earlier.bounds
        and not has_fallen(value, earlier))


class HistogramWriter:
    """A writer of a cumulative stream."""

    def __init__(self, time, value, baseline):
        self.time, self.value, self.baseline = time, value, baseline
        self.carried = HistogramTotal()
        self.fell_at, self.is_shared = None, False
        # Writers under the same start whose points have other bounds.
        self.others = []

    def take(self, value, time, now):
        """Whether the point counts."""
        if value.bounds != self.value.bounds:
            return self.take_other(value, time, now)
        if time < self.time:
            return False
        fell = has_fallen(value, self.value)
        if time == self.time:
            if fell or value.counts == self.value.counts:
                return False
            self.value = value
            return True
        self.time = time
        if fell:
            self.fall(value, now // 10**9)
        else:
            self.value = value
        return True

    @property
    def is_former(self):
        """For one of `others`: its bounds are no longer used, and it adds nothing until they return."""
        return self.baseline is not None

    def take_other(self, value, time, now):
        """A point with other bounds: from another process, or from the same with new bounds if no count fell."""
        for position, other in enumerate(self.others):
            if other.value.bounds == value.bounds:
                if not other.is_former or time <= other.time:
                    return other.take(value, time, now)
                self.others[position] = HistogramWriter(time, value, None)
                return True
        if len(self.others) == LAYOUTS_PER_WRITER:
            raise Rejected("too many kinds of buckets")
        if time > self.time and not has_fallen(value, self.value) and all(other.is_former for other in self.others):
            self.others.append(HistogramWriter(self.time, self.value, self.value))
            self.time, self.value = time, value
        else:
            self.others.append(HistogramWriter(time, value, None))
        return True

    def parts(self):
        """The contribution: carried totals, and values above baselines."""
        yield self.carried, self.value, self.baseline
        for other in self.others:
            yield from other.parts()

    def newest_time(self):
        return max([self.time] + [other.newest_time() for other in self.others])

    def fall(self, value, second):
        if self.is_shared or self.fell_at is not None and second - self.fell_at <= FALL_WINDOW_SECONDS:
            self.is_shared = True
            self.raise_to(value)
            return
        self.fell_at = second
        self.carried.add(self.value, self.baseline)
        self.baseline, self.value = None, value

    def raise_to(self, value):
        """Keeps the higher count of each bucket, and the higher sum."""
        total, other = self.value.sum, value.sum
        if total is not None and other is not None and (other > total or math.isnan(total)):
            total = other
        self.value = Value(self.value.bounds, tuple(map(max, self.value.counts, value.counts)), total)


class HistogramStream:
    """One stream as received; `counting` is one of deltas, writers, latest."""

    rule = "histogram"

    def __init__(self, counting, series, bounds):
        self.counting, self.series, self.bounds = counting, series, bounds
        self.is_withdrawn = False
        self.newest = None
        self.total, self.newest_time = HistogramTotal(), 0
        self.windows = collections.deque()
        self.writers = {}
        self.only = None

    def time_of_newest(self):
        if self.counting == "deltas":
            return self.newest_time
        return max((writer.newest_time() for writer in self.writers.values()), default=0)

    def take(self, value, point, now, request, others):
        """Whether the point says something new. `others` are the other streams of the series."""
        time = point.time or now
        if self.counting == "deltas":
            return self.accumulate(value, point, request, others)
        if self.counting == "latest":
            if self.writers and time < self.writers[0].time:
                return False
            self.writers[0] = HistogramWriter(time, value, None)
            return True
        if writer := self.writers.get(point.start):
            return writer.take(value, time, now)
        # A further writer of a stream without a known start counts from its first value on.
        is_unknown = self.writers and point.start in (0, point.time)
        self.writers[point.start] = HistogramWriter(time, value, value if is_unknown else None)
        return True

    def accumulate(self, value, point, request, others):
        if point.time:
            number = None if value.sum is None else struct.pack("<d", value.sum)
            window = point.start, point.time, value.bounds, value.counts, number
            if point.time <= self.newest_time and any(
                    other == window and sender != request for other, sender in self.windows):
                return False
            # docs/semantics.md, S6.8: until the page was read.
            if (len(self.windows) == 1 and not others and point.start == self.newest_time and self.only is not None
                    and is_finer(value, self.only)):
                self.total = HistogramTotal()
            self.newest_time = max(self.newest_time, point.time)
            self.windows.append((window, request))
            if len(self.windows) > WINDOWS_PER_STREAM:
                self.windows.popleft()
        # Points without a time count, too, and are in no window.
        self.only = value if self.total.counts == () and point.time else None
        self.total.add(value)
        return True

    def time_to_withdraw(self, point):
        return self.time_of_newest()


def combined(streams):
    """All streams of a series, the youngest first."""
    total, latest = HistogramTotal(), None
    for stream in reversed(streams):
        if stream.counting == "deltas":
            total.add_total(stream.total)
        elif stream.counting == "writers":
            for writer in stream.writers.values():
                for carried, value, baseline in writer.parts():
                    total.add_total(carried)
                    total.add(value, baseline)
        elif not stream.is_withdrawn and (latest is None or latest.time < stream.writers[0].time):
            latest = stream.writers[0]
    if latest:
        total.add(latest.value)
    return total
