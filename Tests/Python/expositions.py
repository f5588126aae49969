"""Parses pages in all formats into one form, independently of the collector.

Page.types: family -> type. Page.samples: (name, labels) -> value, as in the text format. Page.starts: (family,
labels) -> start in nanoseconds, for formats that have it. Page.natives: (family, labels) -> Native, protobuf only.
Families have the name of their samples: counters end in _total.
"""
import collections
import math

from prometheus_client import parser as text_parser
from prometheus_client.openmetrics import parser as openmetrics_parser

import read_expositions

Page = collections.namedtuple("Page", "types samples starts natives")
# The sides are counts by index, without zeros.
Native = collections.namedtuple("Native", "schema zero_threshold zero_count positive negative count sum")

PROTOBUF_TYPES = {0: "counter", 1: "gauge", 2: "summary", 3: "unknown", 4: "histogram"}


def label_tuple(labels):
    return tuple(sorted(labels.items()))


def read_page(content_type, body):
    if content_type.startswith("application/vnd.google.protobuf"):
        return read_protobuf(body)
    if content_type.startswith("application/openmetrics-text"):
        return read_lines(openmetrics_parser.text_string_to_metric_families(body.decode("utf-8")), True)
    assert content_type.startswith("text/plain; version=0.0.4"), content_type
    return read_lines(text_parser.text_string_to_metric_families(body.decode("utf-8")), False)


def read_lines(families, is_openmetrics):
    page = Page({}, read_expositions.Samples(), {}, {})
    for family in families:
        name = family.name
        if family.type == "counter":
            # Both parsers take the suffix off the name of a family.
            name += "" if name == "total" else "_total"
        elif family.type == "info":
            name += "_info"
        assert name not in page.types, f"family {name} twice"
        page.types[name] = "gauge" if family.type == "info" else family.type
        for sample in family.samples:
            # The text parser appends the suffix of counters once more to this name.
            sample_name = "total" if sample.name == "total_total" else sample.name
            if is_openmetrics and family.type in ("counter", "histogram", "summary") and (
                    sample_name == family.name + "_created"):
                page.starts[name, label_tuple(sample.labels)] = round(sample.value * 1e9)
            else:
                page.samples.put(sample_name, sample.labels, sample.value)
    return page


def read_protobuf(body):
    page = Page({}, read_expositions.Samples(), {}, {})
    for family in read_expositions.delimited(body, read_expositions.metric_family_class()):
        assert family.name not in page.types, f"family {family.name} twice"
        kind = page.types[family.name] = PROTOBUF_TYPES[family.type]
        for metric in family.metric:
            labels = {pair.name: pair.value for pair in metric.label}
            assert len(labels) == len(metric.label), f"labels of {family.name}"
            value = getattr(metric, {"unknown": "untyped"}.get(kind, kind))
            if kind not in ("gauge", "unknown") and value.HasField("start_timestamp"):
                start = value.start_timestamp
                page.starts[family.name, label_tuple(labels)] = start.seconds * 10**9 + start.nanos
            put_samples(page, family.name, kind, labels, value)
    return page


def put_samples(page, name, kind, labels, value):
    if kind in ("counter", "gauge", "unknown"):
        page.samples.put(name, labels, value.value)
        return
    if kind == "summary":
        for at in value.quantile:
            page.samples.put(name, {**labels, "quantile": at.quantile}, at.value)
    else:
        is_native = len(value.positive_span) + len(value.negative_span) > 0 or value.zero_threshold > 0
        for bucket in value.bucket:
            page.samples.put(name + "_bucket", {**labels, "le": bucket.upper_bound}, bucket.cumulative_count)
        if is_native:
            assert not value.bucket, f"{name} is native and classic"
            page.samples.put(name + "_bucket", {**labels, "le": math.inf}, value.sample_count)
            sides = (
                read_expositions.native_buckets(getattr(value, side + "_span"), getattr(value, side + "_delta"))
                for side in ("positive", "negative"))
            page.natives[name, label_tuple(labels)] = Native(
                value.schema, value.zero_threshold, value.zero_count, *sides, value.sample_count, value.sample_sum)
    if value.HasField("sample_sum"):
        page.samples.put(name + "_sum", labels, value.sample_sum)
    page.samples.put(name + "_count", labels, value.sample_count)
