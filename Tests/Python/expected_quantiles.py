"""The expected results of histogram_quantile() for the histograms of recorded exports, by the documented interpolation of
Prometheus over the recorded buckets.

Usage: expected_quantiles.py FOLDER VERSION
FOLDER is as for check_exports.py, VERSION that of Prometheus. Prints a JSON list of {"query", "value"}.
"""
import gzip
import json
import math
import pathlib
import sys

import otlp_reading
import recorded_truth

QUANTILES = [0.01, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.95, 0.99]


def in_bucket(quantile, buckets, total):
    """The bucket of a quantile, and its fraction of the observations. Buckets are (lower, upper, count)."""
    rank, before = quantile * total, 0
    for lower, upper, count in buckets:
        if count and before + count >= rank:
            return lower, upper, (rank - before) / count
        before += count
    raise AssertionError("fewer observations than counted")


def classic_quantile(quantile, value):
    bounds = [-math.inf] + list(value.bounds) + [math.inf]
    lower, upper, part = in_bucket(quantile, list(zip(bounds, bounds[1:], value.counts)), value.count)
    if upper == math.inf:
        return lower
    if lower == -math.inf:
        if upper <= 0:
            return upper
        lower = 0
    return lower + (upper - lower) * part


def native_quantile(quantile, value, is_exponential):
    assert not value.negative, "no recorded observation is negative"
    buckets = [(0, value.zero_threshold, value.zero_count)]
    for index in sorted(value.positive):
        lower, upper = (2 ** (bound / 2 ** value.schema) for bound in (index - 1, index))
        buckets.append((lower, upper, value.positive[index]))
    lower, upper, part = in_bucket(quantile, buckets, value.count)
    if is_exponential and lower > 0:
        return lower * (upper / lower) ** part
    return lower + (upper - lower) * part


def selector(name, labels):
    matchers = ",".join(f"{label}={json.dumps(value)}" for label, value in labels)
    return f"{name}{{{matchers}}}"


def main():
    folder, version = pathlib.Path(sys.argv[1]), sys.argv[2]
    # Since version 3 buckets of native histograms are interpolated exponentially.
    is_exponential = int(version.partition(".")[0]) >= 3
    truth, expected = recorded_truth.Truth(), []
    for step in json.loads((folder / "steps.json").read_text(encoding="utf-8")):
        body = (folder / step["body"]).read_bytes()
        body = gzip.decompress(body) if step["gzip"] else body
        truth.ingest((otlp_reading.read_json if step["json"] else otlp_reading.read_protobuf)(body))
    for (family, kind, labels), streams in truth.series.items():
        values = [value for stream in streams for value in stream.values()]
        for quantile in QUANTILES:
            if kind == "histogram":
                value, name = classic_quantile(quantile, recorded_truth.add_histograms(values)), family + "_bucket"
            elif kind == "exponential_histogram":
                native = recorded_truth.add_exponentials(values)
                value, name = native_quantile(quantile, native, is_exponential), family
            else:
                break
            query = f"histogram_quantile({quantile}, {selector(name, labels)})"
            expected.append({"query": query, "value": value})
    print(json.dumps(expected))


if __name__ == "__main__":
    main()
