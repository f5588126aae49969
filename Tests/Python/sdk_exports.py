"""Exports metrics with the real OpenTelemetry SDK over OTLP/HTTP or gRPC, and prints the expected series.

Usage: sdk_exports.py URL_OF_V1_METRICS|grpc://HOST:PORT|grpcs://HOST:PORT delta|cumulative none|gzip|deflate
With TLS, OTEL_EXPORTER_OTLP_CERTIFICATE has the authorities; OTEL_EXPORTER_OTLP_HEADERS may have credentials.
Two meter providers stand for two processes with equal resources. Each exports several times, idle in between. The output
is a JSON array of {"name": exposed name, "labels": labels without job and scope, "value": the sum or last value}.
"""
import json
import logging
import math
import sys

import grpc
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GRPCMetricExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.metrics import Observation
from opentelemetry.sdk import metrics as sdk
from opentelemetry.sdk.metrics.export import AggregationTemporality, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource

COMPRESSIONS = {"none": Compression.NoCompression, "gzip": Compression.Gzip, "deflate": Compression.Deflate}
GRPC_COMPRESSIONS = {"none": grpc.Compression.NoCompression, "gzip": grpc.Compression.Gzip}
TEMPORALITIES = {"delta": AggregationTemporality.DELTA, "cumulative": AggregationTemporality.CUMULATIVE}
SUMS = (sdk.Counter, sdk.UpDownCounter, sdk.ObservableCounter, sdk.ObservableUpDownCounter)
# Exports are triggered, not timed.
NEVER_MILLISECONDS = 3_600_000


class Process:
    """One meter provider with its instruments; also adds its increments to `totals`."""

    def __init__(self, url, temporality, compression, totals, number):
        preferred = {kind: TEMPORALITIES[temporality] for kind in SUMS}
        if url.startswith("grpc://"):
            exporter = GRPCMetricExporter(
                endpoint=url.removeprefix("grpc://"), insecure=True, compression=GRPC_COMPRESSIONS[compression],
                preferred_temporality=preferred)
        elif url.startswith("grpcs://"):
            exporter = GRPCMetricExporter(
                endpoint=url.replace("grpcs://", "https://"), compression=GRPC_COMPRESSIONS[compression],
                preferred_temporality=preferred)
        else:
            exporter = OTLPMetricExporter(
                endpoint=url, compression=COMPRESSIONS[compression], preferred_temporality=preferred)
        self.provider = sdk.MeterProvider(
            metric_readers=[PeriodicExportingMetricReader(exporter, NEVER_MILLISECONDS)],
            resource=Resource({"service.name": "shop", "service.namespace": "test"}))
        meter = self.provider.get_meter("shop.meter", "1.2")
        self.totals = totals
        self.worker = {"worker": str(number)}
        self.cpu_seconds = 0.0
        self.thread_count = 0
        self.requests = meter.create_counter("app.requests", "{request}", "Requests served.")
        self.cost = meter.create_counter("app.cost", "USD", "Money spent.")
        self.queue = meter.create_up_down_counter("app.queue", "", "Jobs waiting.")
        self.temperature = meter.create_gauge("app.temperature", "Cel", "How warm it is.")
        meter.create_observable_counter(
            "app.cpu", [lambda _: [Observation(self.cpu_seconds, self.worker)]], "s", "CPU used.")
        meter.create_observable_up_down_counter(
            "app.threads", [lambda _: [Observation(self.thread_count, self.worker)]], "", "Threads.")
        meter.create_observable_gauge(
            "app.memory", [lambda _: [Observation(1000 + self.thread_count, self.worker)]], "By", "Memory.")

    def add(self, instrument, name, amount, labels):
        instrument.add(amount, labels)
        self.totals.setdefault((name, tuple(sorted(labels.items()))), []).append(amount)

    def work(self, turn):
        """One interval's events."""
        for status in (200, 500):
            labels = {"http.status": status, "ok": status == 200}
            self.add(self.requests, "app_requests_total", turn + 1, labels)
        for _ in range(10):
            self.add(self.cost, "app_cost_USD_total", 0.1, {"model": "größer \"x\"\n"})
        # Each process has its own queue, which grows and shrinks.
        self.add(self.queue, "app_queue", [5, -2, 4][turn], self.worker)
        self.temperature.set(20.5 + turn, self.worker)
        self.cpu_seconds += 1.25
        self.thread_count = [3, 7, 2][turn]

    def last_values(self):
        labels = tuple(self.worker.items())
        yield "app_temperature_celsius", labels, 22.5
        yield "app_cpu_seconds_total", labels, self.cpu_seconds
        yield "app_threads", labels, self.thread_count
        yield "app_memory_bytes", labels, 1000 + self.thread_count


def text(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


def main():
    url, temporality, compression = sys.argv[1:]
    logging.basicConfig(level=logging.WARNING)
    totals = {}
    arguments = (url, temporality, compression, totals)
    processes = [Process(*arguments, number) for number in range(2)]
    for turn in range(3):
        for process in processes:
            process.work(turn)
            process.provider.force_flush()
        for process in processes:
            # Without events delta counters have no points in these exports.
            process.provider.force_flush()
            process.provider.force_flush()
    for process in processes:
        process.provider.shutdown()
    shown = [(name, labels, math.fsum(amounts)) for (name, labels), amounts in totals.items()]
    shown += [value for process in processes for value in process.last_values()]
    json.dump(
        [
            {"name": name, "labels": {key.replace(".", "_"): text(value) for key, value in labels}, "value": value}
            for name, labels, value in shown
        ],
        sys.stdout)


if __name__ == "__main__":
    main()
