"""Parses one snapshot in three formats with independent parsers and compares the content.

Usage: read_expositions.py FOLDER    with expected.json, exposition.txt, exposition.om, exposition.pb

`expected.json` is the input. Prints `agreed: N samples` and exits 0, or prints the differences and exits 1. The messages
of the protobuf format are described here, independently of the schema of the project.
"""
import json
import math
import pathlib
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from prometheus_client import parser as text_parser
from prometheus_client.openmetrics import parser as openmetrics_parser

FIELD = descriptor_pb2.FieldDescriptorProto
DOUBLE, INT64, UINT64, INT32, STRING = FIELD.TYPE_DOUBLE, FIELD.TYPE_INT64, FIELD.TYPE_UINT64, FIELD.TYPE_INT32, FIELD.TYPE_STRING
UINT32, SINT32, SINT64 = FIELD.TYPE_UINT32, FIELD.TYPE_SINT32, FIELD.TYPE_SINT64

# name of the message: (name, number, type or message, is repeated).
MESSAGES = {
    "LabelPair": [("name", 1, STRING, False), ("value", 2, STRING, False)],
    "Timestamp": [("seconds", 1, INT64, False), ("nanos", 2, INT32, False)],
    "Exemplar": [("label", 1, "LabelPair", True), ("value", 2, DOUBLE, False), ("timestamp", 3, "Timestamp", False)],
    "Gauge": [("value", 1, DOUBLE, False)],
    "Counter": [("value", 1, DOUBLE, False), ("exemplar", 2, "Exemplar", False), ("start_timestamp", 3, "Timestamp", False)],
    "Untyped": [("value", 1, DOUBLE, False)],
    "Quantile": [("quantile", 1, DOUBLE, False), ("value", 2, DOUBLE, False)],
    "Summary": [("sample_count", 1, UINT64, False), ("sample_sum", 2, DOUBLE, False), ("quantile", 3, "Quantile", True),
                ("start_timestamp", 4, "Timestamp", False)],
    "Bucket": [("cumulative_count", 1, UINT64, False), ("upper_bound", 2, DOUBLE, False), ("exemplar", 3, "Exemplar", False)],
    "BucketSpan": [("offset", 1, SINT32, False), ("length", 2, UINT32, False)],
    "Histogram": [("sample_count", 1, UINT64, False), ("sample_sum", 2, DOUBLE, False), ("bucket", 3, "Bucket", True),
                  ("schema", 5, SINT32, False), ("zero_threshold", 6, DOUBLE, False), ("zero_count", 7, UINT64, False),
                  ("negative_span", 9, "BucketSpan", True), ("negative_delta", 10, SINT64, True),
                  ("positive_span", 12, "BucketSpan", True), ("positive_delta", 13, SINT64, True),
                  ("start_timestamp", 15, "Timestamp", False), ("exemplars", 16, "Exemplar", True)],
    "Metric": [("label", 1, "LabelPair", True), ("gauge", 2, "Gauge", False), ("counter", 3, "Counter", False),
               ("summary", 4, "Summary", False), ("untyped", 5, "Untyped", False), ("timestamp_ms", 6, INT64, False),
               ("histogram", 7, "Histogram", False)],
    "MetricFamily": [("name", 1, STRING, False), ("help", 2, STRING, False), ("type", 3, INT32, False),
                     ("metric", 4, "Metric", True), ("unit", 5, STRING, False)],
}
TYPES = {"counter": 0, "gauge": 1, "summary": 2, "unknown": 3, "histogram": 4, "nativeHistogram": 4}


def metric_family_class():
    schema = descriptor_pb2.FileDescriptorProto(name="client.proto", package="client", syntax="proto2")
    for name, fields in MESSAGES.items():
        message = schema.message_type.add(name=name)
        for field, number, kind, repeated in fields:
            entry = message.field.add(name=field, number=number, label=3 if repeated else 1)
            if isinstance(kind, str):
                entry.type, entry.type_name = FIELD.TYPE_MESSAGE, ".client." + kind
            else:
                entry.type = kind
    pool = descriptor_pool.DescriptorPool()
    pool.Add(schema)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("client.MetricFamily"))


def delimited(data, message_class):
    position = 0
    while position < len(data):
        size = shift = 0
        while True:
            byte = data[position]
            position += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        assert position + size <= len(data), "a message is cut"
        yield message_class.FromString(data[position:position + size])
        position += size


def key(name, labels):
    """Bounds and quantiles by value: the formats write them differently."""
    labels = {k: str(float(v)) if k in ("le", "quantile") else v for k, v in labels.items()}
    return name, tuple(sorted(labels.items()))


class Samples(dict):
    def put(self, name, labels, value):
        assert key(name, labels) not in self, f"twice: {key(name, labels)}"
        self[key(name, labels)] = float(value)

    def put_totals(self, name, labels, value, is_openmetrics):
        """_sum and _count of a distribution."""
        has_sum = value.get("sum") is not None and not (is_openmetrics and min(value.get("bounds") or [0]) < 0)
        if has_sum:
            self.put(name + "_sum", labels, value["sum"])
        if has_sum or not is_openmetrics:
            self.put(name + "_count", labels, value["count"])


def expected_samples(families, is_openmetrics):
    samples = Samples()
    for family in families:
        name = family["name"]
        for sample in family["samples"]:
            labels, value = sample["labels"], sample["value"]
            if family["type"] == "histogram":
                total = 0
                for bound, count in zip(value["bounds"], value["counts"]):
                    total += count
                    samples.put(name + "_bucket", {**labels, "le": bound}, total)
            elif family["type"] == "summary":
                for quantile, at in value["quantiles"]:
                    samples.put(name, {**labels, "quantile": quantile}, at)
            elif family["type"] != "nativeHistogram":
                samples.put(name, labels, value)
                continue
            if family["type"] != "summary":
                samples.put(name + "_bucket", {**labels, "le": math.inf}, value["count"])
            samples.put_totals(name, labels, value, is_openmetrics)
    return samples


def parsed_samples(families):
    samples = Samples()
    for family in families:
        for sample in family.samples:
            samples.put(sample.name, sample.labels, sample.value)
    return samples


def native_buckets(spans, deltas):
    """Count by index, without zeros."""
    index, count, buckets, deltas = 0, 0, {}, list(deltas)
    for span in spans:
        index += span.offset
        for _ in range(span.length):
            count += deltas.pop(0)
            if count:
                buckets[index] = count
            index += 1
    assert not deltas, "more deltas than buckets"
    return buckets


def protobuf_samples(families, expected):
    """Samples as in the text format; also compares start times and native buckets."""
    samples, by_name = Samples(), {family["name"]: family for family in expected}
    for family in families:
        wanted = by_name.pop(family.name)
        assert family.type == TYPES[wanted["type"]], f"type of {family.name}"
        assert family.help == wanted["help"], f"help of {family.name}"
        assert len(family.metric) == len(wanted["samples"]), f"metrics of {family.name}"
        for metric, sample in zip(family.metric, wanted["samples"]):
            names = [pair.name for pair in metric.label]
            assert names == sorted(names), f"labels of {family.name} are not sorted"
            put_metric(samples, family, wanted["type"], metric, sample)
    assert not by_name, f"missing: {list(by_name)}"
    return samples


def put_metric(samples, family, kind, metric, sample):
    labels, name = {pair.name: pair.value for pair in metric.label}, family.name
    if kind in ("counter", "gauge", "unknown"):
        value = getattr(metric, {"unknown": "untyped"}.get(kind, kind))
        samples.put(name, labels, value.value)
    elif kind == "summary":
        value = metric.summary
        for quantile in value.quantile:
            samples.put(name, {**labels, "quantile": quantile.quantile}, quantile.value)
    else:
        value = metric.histogram
        for bucket in value.bucket:
            samples.put(name + "_bucket", {**labels, "le": bucket.upper_bound}, bucket.cumulative_count)
    if kind == "nativeHistogram":
        samples.put(name + "_bucket", {**labels, "le": math.inf}, value.sample_count)
        wanted = sample["value"]
        assert value.schema == wanted["scale"] and value.zero_count == wanted["zeroCount"], f"native {name}"
        for side in ("positive", "negative"):
            spans, deltas = getattr(value, side + "_span"), getattr(value, side + "_delta")
            offset, counts = wanted[side]
            buckets = {offset + i + 1: count for i, count in enumerate(counts) if count}
            assert native_buckets(spans, deltas) == buckets, f"{side} buckets of {name}"
    if kind in ("summary", "histogram", "nativeHistogram"):
        if value.HasField("sample_sum"):
            samples.put(name + "_sum", labels, value.sample_sum)
        samples.put(name + "_count", labels, value.sample_count)
    if kind not in ("gauge", "unknown"):
        start = value.start_timestamp
        assert start.seconds * 10**9 + start.nanos == sample["startTime"], f"start time of {name}"
        assert value.HasField("start_timestamp") == (sample["startTime"] != 0), f"start time of {name}"


def difference(what, wanted, got):
    same = {k for k in wanted if k in got and (wanted[k] == got[k] or wanted[k] != wanted[k] and got[k] != got[k])}
    lost = {k: v for k, v in wanted.items() if k not in same}
    new = {k: v for k, v in got.items() if k not in same}
    return [f"{what}: wanted {lost}, got {new}"] if lost or new else []


def main():
    folder = pathlib.Path(sys.argv[1])
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    text = (folder / "exposition.txt").read_bytes().decode("utf-8")
    om = (folder / "exposition.om").read_bytes().decode("utf-8")
    messages = list(delimited((folder / "exposition.pb").read_bytes(), metric_family_class()))
    wanted = expected_samples(expected, is_openmetrics=False)
    found = difference("text", wanted, parsed_samples(text_parser.text_string_to_metric_families(text)))
    found += difference("openmetrics", expected_samples(expected, is_openmetrics=True),
                        parsed_samples(openmetrics_parser.text_string_to_metric_families(om)))
    found += difference("protobuf", wanted, protobuf_samples(messages, expected))
    print("\n".join(found) or f"agreed: {len(wanted)} samples")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
