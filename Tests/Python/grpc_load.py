"""Sends many parallel exports over gRPC, and prints which were acknowledged.

Usage: grpc_load.py HOST:PORT none|gzip|deflate CALLS cancel|retry
Every call is a delta of 1 of the counter load.calls with its own time window, 200 in parallel on one connection. With
`cancel`, every tenth is cancelled soon after it was sent, and every tenth has a very short deadline. With `retry`, temporary
failures are retried until they are acknowledged, as by an exporter. The output is a JSON object: sums of `acknowledged`
calls, of `uncertain` ones without an answer, and the number of `cancelled` ones.
"""
import asyncio
import json
import sys

import grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as service

METHOD = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
COMPRESSIONS = {
    "none": grpc.Compression.NoCompression, "gzip": grpc.Compression.Gzip, "deflate": grpc.Compression.Deflate}
CONCURRENT_CALLS = 200
EPOCH = 1_700_000_000_000_000_000
DELTA = 1
# Statuses that an exporter retries.
PASSING = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED}


def export(number):
    request = service.ExportMetricsServiceRequest()
    resource = request.resource_metrics.add()
    attribute = resource.resource.attributes.add(key="service.name")
    attribute.value.string_value = "load"
    metric = resource.scope_metrics.add().metrics.add(name="load.calls")
    metric.sum.aggregation_temporality = DELTA
    metric.sum.is_monotonic = True
    metric.sum.data_points.add(
        start_time_unix_nano=EPOCH + number * 1000, time_unix_nano=EPOCH + number * 1000 + 999, as_int=1)
    return request.SerializeToString()


class Load:
    def __init__(self, call, mode):
        self.call = call
        self.mode = mode
        self.acknowledged = self.uncertain = self.cancelled = 0

    async def send(self, number):
        impatient = self.mode == "cancel" and number % 10 == 5
        if self.mode == "cancel" and number % 10 == 0:
            return await self.send_and_cancel(number)
        body = export(number)
        while True:
            try:
                await self.call(body, timeout=0.002 if impatient else 60)
                self.acknowledged += 1
                return
            except grpc.aio.AioRpcError as error:
                if impatient and error.code() == grpc.StatusCode.DEADLINE_EXCEEDED:
                    self.uncertain += 1
                    return
                if self.mode != "retry" or error.code() not in PASSING:
                    raise
                await asyncio.sleep(0.02)

    async def send_and_cancel(self, number):
        call = self.call(export(number), timeout=60)
        await asyncio.sleep(0.0001 * (number % 7))
        call.cancel()
        try:
            await call
            self.acknowledged += 1
        except (asyncio.CancelledError, grpc.aio.AioRpcError):
            self.uncertain += 1
            self.cancelled += 1


async def main():
    address, compression, calls, mode = sys.argv[1:]
    async with grpc.aio.insecure_channel(address, compression=COMPRESSIONS[compression]) as channel:
        load = Load(channel.unary_unary(METHOD), mode)
        numbers = iter(range(int(calls)))

        async def worker():
            for number in numbers:
                await load.send(number)

        await asyncio.gather(*(worker() for _ in range(CONCURRENT_CALLS)))
    json.dump(
        {"acknowledged": load.acknowledged, "uncertain": load.uncertain, "cancelled": load.cancelled}, sys.stdout)


asyncio.run(main())
