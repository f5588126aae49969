"""Generates random exports of well-behaved clients: all types of metrics, both temporalities, unusual names and attributes,
many resources, processes that restart, and retried requests.

Usage: random_exports.py SEED FOLDER
Writes the bodies into FOLDER, and exports.json: a list of rounds, each a list of {"body", "json", "gzip"}. The same seed
gives the same exports.
"""
import gzip
import json
import math
import pathlib
import random
import sys

from google.protobuf import json_format
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.common.v1 import common_pb2

EPOCH = 1_700_000_000 * 10**9
SECOND = 10**9
ROUNDS = 6
STREAMS = 90
DELTA, CUMULATIVE = 1, 2

# Names contain the kind, so that no family has two types.
KINDS = ["counter", "updown", "gauge", "histogram", "exponential", "summary"]
NAMES = [
    "{}.plain", "{}.dotted.name", "{}/slash", "1{}", "{}.ünïcode.温度", "{} with  blanks", "{}.total.inner", "a::{}",
    "{}.\"quoted\"\\n\n", "__{}__", "{}.ratio",
]
UNITS = ["", "1", "s", "By", "ms", "{thing}", "By/s", "USD", "%", "µs", "m/{x}"]
KEYS = [
    "plain", "dotted.key", "dotted_key", "1st", "ключ", "job", "instance", "le", "quantile", "__name__", "\"", "a b",
    "otel_scope_name", "otel.scope.x", "é",
]
BOUNDS = [[], [0], [1, 2, 4], [-2.5, 0, 2.5], [0.005, 0.01, 0.1, 1e3, 1e21], [-3, -1]]


def any_value(rng, depth=0):
    value = common_pb2.AnyValue()
    kind = rng.randrange(10 if depth < 2 else 8)
    if kind < 4:
        value.string_value = rng.choice(["", "v", "a\"b\\c\nd", "é€😀", "{}=,;", " lead", "0"])
    elif kind == 4:
        value.bool_value = rng.random() < 0.5
    elif kind == 5:
        value.int_value = rng.choice([0, -7, 2**63 - 1, -(2**63), 42])
    elif kind == 6:
        value.double_value = rng.choice([0.1, 1e21, 1e-7, -2.0, 1.5e300, 123456789.0])
    elif kind == 7:
        value.bytes_value = bytes(rng.randrange(256) for _ in range(rng.randrange(4)))
    elif kind == 8:
        value.array_value.values.extend(any_value(rng, depth + 1) for _ in range(rng.randrange(3)))
        value.array_value.SetInParent()
    else:
        value.kvlist_value.SetInParent()
        for number in range(rng.randrange(3)):
            value.kvlist_value.values.add(key=f"k{number}", value=any_value(rng, depth + 1))
    return value


def attributes(rng, keys, limit):
    return [common_pb2.KeyValue(key=key, value=any_value(rng)) for key in rng.sample(keys, rng.randrange(limit))]


def shuffled(rng, values):
    return rng.sample(values, len(values))


def resource(rng):
    result = [common_pb2.KeyValue(key="service.name", value=common_pb2.AnyValue(string_value=f"s{rng.randrange(3)}"))]
    if rng.random() < 0.3:
        result[0].value.CopyFrom(any_value(rng))
    for key, count in (("service.namespace", 2), ("service.instance.id", 2), ("host.name", 3)):
        if rng.random() < 0.6:
            text = f"{key[-4:]}\"{rng.randrange(count)}"
            result.append(common_pb2.KeyValue(key=key, value=common_pb2.AnyValue(string_value=text)))
    return result + attributes(rng, ["plain", "1st", "ключ", "le", "a b"], 3)


class Stream:
    """One stream of one client, which continues from export to export."""

    def __init__(self, rng, resource, scope):
        self.rng, self.resource, self.scope = rng, resource, scope
        self.attributes = attributes(rng, KEYS, 4)
        self.start = EPOCH + rng.randrange(SECOND)
        self.time = self.start
        self.set_metric(rng.choice(KINDS), rng.randrange(len(NAMES)))

    def set_metric(self, kind, name):
        rng, self.kind, self.number_of_name = self.rng, kind, name
        self.name, self.unit = NAMES[name].format(self.kind), UNITS[(name * 7 + len(self.kind)) % len(UNITS)]
        # The name determines the common properties of points of a series.
        self.bounds, self.has_sum = BOUNDS[name % len(BOUNDS)], name % 4 != 3
        self.zero_threshold = [0, 0, 1e-9][name % 3]
        self.is_double = rng.random() < 0.5
        self.temporality = rng.choice([DELTA, CUMULATIVE]) if self.kind not in ("gauge", "summary") else 0
        self.restart()

    def sibling(self):
        """Another stream that is shown as the same series: of another host, or of another temporality."""
        other = Stream(self.rng, list(self.resource), self.scope)
        other.attributes = list(self.attributes)
        other.set_metric(self.kind, self.number_of_name)
        other.resource = [attribute for attribute in other.resource if attribute.key != "host.name"]
        host = common_pb2.AnyValue(string_value=f"h{self.rng.randrange(100)}")
        other.resource.append(common_pb2.KeyValue(key="host.name", value=host))
        return other

    def restart(self):
        self.number, self.sum, self.count = 0, 0.0, 0
        self.buckets = [0] * (len(self.bounds) + 1)
        self.zero, self.positive, self.negative = 0, {}, {}
        # High scales do not fit together: the sum has a lower scale than all of them.
        self.scale = self.rng.choice([-4, 0, 1, 3] if self.number_of_name % 3 else [4, 5, 8, 11])

    def add_to(self, metric, now):
        """Appends the next point."""
        if self.temporality == DELTA:
            # Some begin at the end of the last one, others after a gap.
            self.start = self.time if self.rng.random() < 0.5 else now - self.rng.randrange(1, SECOND)
            self.restart()
        elif self.temporality == CUMULATIVE and self.rng.random() < 0.1:
            self.start = now - self.rng.randrange(1, SECOND)
            self.restart()
        self.time = now
        data = getattr(metric, {"counter": "sum", "updown": "sum", "exponential": "exponential_histogram"}.get(
            self.kind, self.kind))
        if self.temporality:
            data.aggregation_temporality = self.temporality
        if self.kind == "counter":
            data.is_monotonic = True
        point = data.data_points.add(time_unix_nano=now, attributes=shuffled(self.rng, self.attributes))
        if self.kind != "gauge" or self.rng.random() < 0.5:
            point.start_time_unix_nano = self.start
        getattr(self, "fill_" + self.kind)(point)

    def set_number(self, point, number):
        if self.is_double:
            point.as_double = number
        else:
            point.as_int = int(number)

    def fill_counter(self, point):
        self.number += self.rng.choice([0, 1, 2.5, 1000, 2**40])
        self.set_number(point, self.number)

    def fill_updown(self, point):
        self.number += self.rng.choice([-3.5, -1, 0, 1, 7])
        self.set_number(point, self.number)

    def fill_gauge(self, point):
        odd = [math.nan, math.inf, -math.inf, 1e-300, -0.5, 1e15, 0.1]
        self.set_number(point, self.rng.choice(odd) if self.is_double else self.rng.randrange(-(2**63), 2**63))

    def observe(self):
        count = self.rng.randrange(5)
        self.count += count
        self.sum += count * self.rng.choice([0.25, 1.5, 40])
        return count

    def fill_histogram(self, point):
        for _ in range(self.observe()):
            self.buckets[self.rng.randrange(len(self.buckets))] += 1
        point.count = self.count
        if self.has_sum:
            point.sum = self.sum
        # No buckets mean a single one with all observations.
        if self.bounds or self.rng.random() < 0.5:
            point.explicit_bounds.extend(self.bounds)
            point.bucket_counts.extend(self.buckets)

    def fill_exponential(self, point):
        self.downscale(min(self.scale, self.rng.choice([self.scale, self.scale, self.scale - 1])))
        # As powers of two.
        low = self.rng.choice([-10, 0, 5, self.rng.uniform(-200, 200)])
        for _ in range(self.observe()):
            index = math.floor(self.rng.uniform(low, low + self.rng.choice([1, 20])) * 2.0**self.scale)
            side = self.rng.choice(["zero", "positive", "positive", "negative"])
            if side == "zero":
                self.zero += 1
            else:
                counts = getattr(self, side)
                counts[index] = counts.get(index, 0) + 1
        self.fit()
        point.scale, point.zero_threshold, point.zero_count = self.scale, self.zero_threshold, self.zero
        point.count = self.count
        if self.has_sum:
            point.sum = self.sum
        for side, counts in ((point.positive, self.positive), (point.negative, self.negative)):
            if counts:
                # Empty buckets at the ends have no meaning.
                side.offset = min(counts) - self.rng.randrange(2)
                end = max(counts) + 1 + self.rng.randrange(2)
                side.bucket_counts.extend(counts.get(index, 0) for index in range(side.offset, end))

    def downscale(self, scale):
        scale = max(scale, -4)
        for name in ("positive", "negative"):
            merged = {}
            for index, count in getattr(self, name).items():
                merged[index >> (self.scale - scale)] = merged.get(index >> (self.scale - scale), 0) + count
            setattr(self, name, merged)
        self.scale = scale

    def fit(self):
        """Like SDKs: at most 160 buckets on each side, or some more, which the collector must merge."""
        limit = self.rng.choice([160, 160, 400])
        while any(counts and max(counts) - min(counts) >= limit for counts in (self.positive, self.negative)):
            self.downscale(self.scale - 1)

    def fill_summary(self, point):
        self.observe()
        point.count, point.sum = self.count, self.sum
        for quantile in sorted(self.rng.sample([0, 0.25, 0.5, 0.9, 0.99, 1], self.rng.randrange(4))):
            point.quantile_values.add(quantile=quantile, value=self.rng.choice([0, 1.5, 1e-9, 1e21, math.nan]))


def streams(rng):
    resources = [resource(rng) for _ in range(8)]
    scopes = [("", "", [], "")] + [
        (rng.choice(["", "scope"]), rng.choice(["", "1.0"]), attributes(rng, ["plain", "name", "1st", "a.b"], 3),
         rng.choice(["", "https://example.org/1.0"]))
        for _ in range(3)]
    result, known = [], set()
    for _ in range(STREAMS):
        if result and rng.random() < 0.4:
            stream = rng.choice(result).sibling()
        else:
            stream = Stream(rng, rng.choice(resources), rng.choice(scopes))
        identity = str((
            sorted(map(str, stream.resource)), stream.scope, stream.name, stream.temporality,
            sorted(map(str, stream.attributes))))
        # Each stream has one client, which keeps its totals.
        if identity not in known:
            known.add(identity)
            result.append(stream)
    return result


def export(rng, all_streams, now):
    request = metrics_service_pb2.ExportMetricsServiceRequest()
    for stream in shuffled(rng, all_streams):
        if rng.random() < 0.3:
            continue
        name, version, scope_attributes, schema_url = stream.scope
        resource_metrics = request.resource_metrics.add()
        resource_metrics.resource.attributes.extend(shuffled(rng, stream.resource))
        scope_metrics = resource_metrics.scope_metrics.add(schema_url=schema_url)
        scope_metrics.scope.name, scope_metrics.scope.version = name, version
        scope_metrics.scope.attributes.extend(scope_attributes)
        metric = scope_metrics.metrics.add(name=stream.name, unit=stream.unit, description=f"\"{stream.kind}\"\\\n")
        stream.add_to(metric, now + rng.randrange(SECOND))
    return request


def main():
    rng, folder = random.Random(int(sys.argv[1])), pathlib.Path(sys.argv[2])
    all_streams, rounds, sent = streams(rng), [], []
    for number in range(ROUNDS):
        exports = []
        for part in range(2):
            request = export(rng, all_streams, EPOCH + (number * 20 + part * 10 + 5) * SECOND)
            is_json, is_gzip = rng.random() < 0.5, rng.random() < 0.3
            body = request.SerializeToString()
            if is_json:
                body = json_format.MessageToJson(request, use_integers_for_enums=True).encode()
            name = f"{number}.{part}"
            (folder / name).write_bytes(gzip.compress(body) if is_gzip else body)
            exports.append({"body": name, "json": is_json, "gzip": is_gzip})
            sent.append(exports[-1])
            # A retry of this request, or of an earlier one.
            if rng.random() < 0.5:
                exports.append(rng.choice([sent[-1], rng.choice(sent)]))
        rounds.append(exports)
    (folder / "exports.json").write_text(json.dumps(rounds))


if __name__ == "__main__":
    main()
