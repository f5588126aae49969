"""Compares the pages of a collector, in every format, with the totals of the exports sent to it.

Usage: check_exports.py FOLDER
FOLDER/steps.json is a list of steps: {"body": file, "json": whether it is JSON, "gzip": whether it is compressed} for a
request, {"page": file, "type": Content-Type} for a scrape. Prints `agreed: N samples in M pages` and exits 0, or prints
the differences and exits 1.
"""
import gzip
import json
import math
import pathlib
import sys

import expositions
import otlp_reading
import recorded_truth

SHOWN_DIFFERENCES = 40
SHOWN_DIFFERENCES_PER_PAGE = 8
# Created times in text are seconds; a double has no nanosecond precision for current times.
START_TOLERANCE = 1000


def is_same(wanted, got):
    if math.isnan(wanted) or math.isinf(wanted):
        return wanted == got or math.isnan(wanted) and math.isnan(got)
    return abs(wanted - got) <= 1e-12 * abs(wanted)


def is_same_native(wanted, got):
    return wanted[:-1] == got[:-1] and is_same(wanted.sum, got.sum)


def differences(what, wanted, got, same):
    for key in sorted(wanted.keys() | got.keys(), key=repr):
        if key not in got:
            yield f"{what} {key} is absent instead of {wanted[key]}"
        elif key not in wanted:
            yield f"{what} {key} is {got[key]}, not expected"
        elif not same(wanted[key], got[key]):
            yield f"{what} {key} is {got[key]} instead of {wanted[key]}"


def compare(page, wanted, content_type):
    found = list(differences("type of", wanted.types, page.types, str.__eq__))
    found += differences("sample", wanted.samples, page.samples, is_same)
    if content_type.startswith("application/vnd.google.protobuf"):
        found += differences("native", wanted.natives, page.natives, is_same_native)
    if not content_type.startswith("text/plain"):
        found += differences(
            "start of", wanted.starts, page.starts, lambda start, other: abs(start - other) <= START_TOLERANCE)
    return [f"{content_type.partition(';')[0]}: {difference}" for difference in found]


def main():
    folder = pathlib.Path(sys.argv[1])
    truth, found, samples, pages = recorded_truth.Truth(), [], 0, 0
    for step in json.loads((folder / "steps.json").read_text(encoding="utf-8")):
        if "body" in step:
            body = (folder / step["body"]).read_bytes()
            body = gzip.decompress(body) if step["gzip"] else body
            truth.ingest((otlp_reading.read_json if step["json"] else otlp_reading.read_protobuf)(body))
            continue
        content_type = step["type"]
        page = expositions.read_page(content_type, (folder / step["page"]).read_bytes())
        wanted = truth.page(content_type.startswith("application/openmetrics-text"))
        of_page = compare(page, wanted, content_type)[:SHOWN_DIFFERENCES_PER_PAGE]
        found += [f"page {step['page']}, {difference}" for difference in of_page]
        samples, pages = samples + len(wanted.samples), pages + 1
    print("\n".join(text[:2000] for text in found[:SHOWN_DIFFERENCES]) or f"agreed: {samples} samples in {pages} pages")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
