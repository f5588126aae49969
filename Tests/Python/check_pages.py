"""Parses pages with independent parsers, and prints which of them they refuse.

Usage: check_pages.py FOLDER

Every NAME.body in FOLDER is a page with the content type in NAME.type. Text is parsed by prometheus_client and, if no name
is quoted, by promtool; OpenMetrics by the strict parser of prometheus_client; protobuf by the rules of Prometheus. Prints
`taken: N pages` and exits 0, or one line for each refused page and exits 1.
"""
import collections
import math
import pathlib
import subprocess
import sys

from prometheus_client import parser as text_parser
from prometheus_client.openmetrics import parser as openmetrics_parser

import read_expositions

# promtool's exit code for invalid pages; violations of conventions have another one.
UNREADABLE = 1


def check_text(body, is_quoted):
    samples = collections.Counter(
        (sample.name, tuple(sorted(sample.labels.items())))
        for family in text_parser.text_string_to_metric_families(body.decode("utf-8")) for sample in family.samples)
    assert max(samples.values(), default=1) == 1, f"twice: {samples.most_common(1)}"
    if not is_quoted:
        promtool = subprocess.run(["promtool", "check", "metrics"], input=body, capture_output=True, check=False)
        assert promtool.returncode != UNREADABLE and b"error while linting" not in promtool.stderr, promtool.stderr


def check_protobuf(body):
    names = set()
    for family in read_expositions.delimited(body, read_expositions.metric_family_class()):
        assert family.name and family.name not in names, f"family {family.name!r} twice"
        names.add(family.name)
        stem = family.name.removesuffix("_total") if family.type == read_expositions.TYPES["counter"] else family.name
        assert not family.unit or stem.endswith("_" + family.unit), f"unit {family.unit!r} of {family.name!r}"
        series = set()
        for metric in family.metric:
            labels = tuple((pair.name, pair.value) for pair in metric.label)
            assert len(dict(labels)) == len(labels) and all(name and name != "__name__" for name, _ in labels), labels
            assert labels not in series, f"{family.name} {labels} twice"
            series.add(labels)
            if metric.HasField("histogram"):
                check_histogram(family.name, metric.histogram)


def check_histogram(name, value):
    """Prometheus fails a scrape if the buckets of a native histogram do not add up to its count."""
    if not (value.positive_span or value.negative_span or value.zero_threshold > 0 or value.zero_count > 0):
        return
    count = value.zero_count
    for spans, deltas in (value.positive_span, value.positive_delta), (value.negative_span, value.negative_delta):
        assert all(span.offset >= 0 for span in spans[1:]), f"spans of {name} overlap"
        buckets = read_expositions.native_buckets(spans, deltas).values()
        assert all(bucket > 0 for bucket in buckets), f"{name} has a negative bucket"
        count += sum(buckets)
    assert count == value.sample_count or math.isnan(value.sample_sum) and count <= value.sample_count, (
        f"{name} has {value.sample_count} observations, {count} in buckets")


def check(content_type, body):
    if content_type.startswith("application/vnd.google.protobuf"):
        check_protobuf(body)
    elif content_type.startswith("application/openmetrics-text"):
        for _ in openmetrics_parser.text_string_to_metric_families(body.decode("utf-8")):
            pass
    else:
        check_text(body, "escaping=allow-utf-8" in content_type)


def main():
    folder, refused = pathlib.Path(sys.argv[1]), 0
    pages = sorted(folder.glob("*.body"))
    for page in pages:
        try:
            check(page.with_suffix(".type").read_text(encoding="utf-8"), page.read_bytes())
        except Exception as refusal:  # Readers fail in many ways; each is a refusal.
            refused += 1
            print(f"{page.stem}: {type(refusal).__name__} {refusal}")
    if not refused:
        print(f"taken: {len(pages)} pages")
    return 1 if refused or not pages else 0


if __name__ == "__main__":
    sys.exit(main())
