"""Compares the results of a collector for hostile bodies with those of two other decoders and a simple model.

Usage: check_hostile.py RECORDS PAGE
RECORDS has, for each request in order: encoding (0 protobuf, 1 JSON), status, rejected points, time of sending in
Unix nanoseconds, length (little-endian, 1 + 2 + 4 + 8 + 4 bytes), and the body. PAGE is the text scraped at the end.
Exits 1 if an invalid export was accepted or a valid one refused, if the reported number of rejected points differs, or if
the page differs from the model.
"""
import math
import pathlib
import re
import struct
import sys

from prometheus_client.parser import text_string_to_metric_families

import otlp_reading
import series_model

HEAD = struct.Struct("<BHIQI")
SHOWN_DIFFERENCES = 20
# A varint of ten bytes with more than 64 bits: malformed here, while Google's decoder truncates it (R-PB-04).
OVERLONG_VARINT = re.compile(rb"[\x80-\xff]{9}[\x02-\x7f]", re.DOTALL)


def records(data):
    position = 0
    while position < len(data):
        encoding, status, rejected, now, length = HEAD.unpack_from(data, position)
        position += HEAD.size
        yield encoding, status, rejected, now, data[position:position + length]
        position += length


def replay(data, model, report):
    counts = {"accepted": 0, "refused": 0, "rejected points": 0}
    for number, (encoding, status, rejected, now, body) in enumerate(records(data)):
        try:
            metrics = (otlp_reading.read_json if encoding else otlp_reading.read_protobuf)(body)
            refusal = None
        except otlp_reading.Refused as error:
            refusal = str(error)
        if status != 200 and refusal is None and not encoding and OVERLONG_VARINT.search(body):
            continue
        if (status == 200) != (refusal is None):
            report(f"body {number}: status {status}, but the reference says {refusal or 'it is an export'}: {body!r}")
        if status != 200 or refusal is not None:
            counts["refused"] += 1
            continue
        counts["accepted"] += 1
        counts["rejected points"] += rejected
        found = model.ingest(metrics, now) + metrics.lost_points
        if found != rejected and not any(map(model.is_foreign, metrics)):
            report(f"body {number}: {rejected} points rejected, by the model {found}: {body!r}")
    return counts


def compare(page, model, report):
    shown = {}
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            # The parser appends the suffix of counters once more to this name.
            name = "total" if sample.name == "total_total" else sample.name
            # The model does not track resources either.
            if family.type not in ("counter", "gauge", "histogram") or name == "target_info":
                continue
            if not model.is_foreign_name(family.name if family.type == "histogram" else name):
                labels = {
                    label: str(float(value)) if label == "le" else value for label, value in sample.labels.items()}
                shown[name, family.type, tuple(sorted(labels.items()))] = sample.value
    expected = {
        series: value for series, value in model.exposed().items() if not model.is_foreign_name(series[0])}
    for series in sorted(expected.keys() - shown.keys()):
        report(f"absent: {series}")
    for series in sorted(shown.keys() - expected.keys()):
        report(f"not expected: {series} {shown[series]}")
    for series in sorted(expected.keys() & shown.keys()):
        value, size = expected[series]
        number = float(value)
        if not is_same(number, shown[series], 1e-9 * float(min(size, series_model.LARGEST))):
            report(f"{series} is {shown[series]} instead of {number}")
    return len(expected)


def is_same(number, other, tolerance):
    if math.isnan(number) or math.isinf(number):
        return math.isnan(number) and math.isnan(other) or number == other
    return abs(number - other) <= tolerance + 1e-9 * abs(number)


def main():
    data, page = (pathlib.Path(argument).read_bytes() for argument in sys.argv[1:])
    differences = []
    model = series_model.Model()
    counts = replay(data, model, differences.append)
    counts["series"] = compare(page.decode(), model, differences.append)
    print(counts)
    for difference in differences[:SHOWN_DIFFERENCES]:
        print(difference[:2000])
    print(f"{len(differences)} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
