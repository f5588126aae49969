"""Attacks on a collector that runs on loopback, for `soak_hostile.py`.

    python3 hostile_attacks.py NAME HTTP-PORT GRPC-PORT PAGE-PORT SECONDS

Each attack is a function that runs its variants one after the other, from other addresses than well-behaved clients, and
releases everything at its end. Any answer of the collector is valid for an attack.
"""

import ctypes
import gzip
import json
import resource
import socket
import struct
import sys
import threading
import time

from soak import field, fixed64

MIB = 1 << 20
SOURCES = ["127.0.0.2", "127.0.0.3"]
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


class Target:
    def __init__(self, http, grpc, page, seconds):
        self.http, self.grpc, self.page, self.seconds = http, grpc, page, seconds


def connect(port, timeout=2.0, source=SOURCES[0]):
    return socket.create_connection(("127.0.0.1", port), timeout=timeout, source_address=(source, 0))


def hold(connections, seconds):
    """Keeps connections open for a while; forgets those that the server closes."""
    time.sleep(seconds)
    for connection in connections:
        connection.close()


def opened(port, count, first_bytes=b"", source=SOURCES[0]):
    """This number of connections, each with some bytes sent; fewer if the server refuses them."""
    connections, failures = [], 0
    while len(connections) < count and failures < 5:
        try:
            connection = connect(port, 0.5, source)
        except OSError:
            failures += 1
            continue
        connections.append(connection)
        try:
            connection.sendall(first_bytes)
        except OSError:
            failures += 1
    return connections


def exchange(port, head, body, timeout=20):
    """Sends a request and reads the answer; nothing if the server closes."""
    try:
        with connect(port, timeout) as connection:
            connection.sendall(head.encode() + b"\r\n" + body)
            return connection.recv(65536)
    except OSError:
        return b""


def post(path, body, kind="application/x-protobuf", coding=None, length=None):
    head = f"POST {path} HTTP/1.1\r\nHost: h\r\nContent-Type: {kind}\r\nContent-Length: {length or len(body)}\r\n"
    return head + (f"Content-Encoding: {coding}\r\n" if coding else "")


def attribute(number, key, value):
    return field(number, field(1, key) + field(2, field(1, value)))


def metrics(*contents):
    return field(1, field(1, attribute(1, "service.name", "hostile")) + field(2, b"".join(field(2, c) for c in contents)))


def counter(name, attributes=(), value=1, extra=b""):
    now = time.time_ns()
    point = fixed64(2, now - 1000) + fixed64(3, now) + fixed64(6, value) + extra
    point += b"".join(attribute(7, key, text) for key, text in attributes)
    return field(1, name) + field(7, field(1, point) + b"\x10\x01\x18\x01")


def zstd(content):
    library = ctypes.CDLL("libzstd.so.1")
    library.ZSTD_compressBound.restype = library.ZSTD_compress.restype = ctypes.c_size_t
    library.ZSTD_compressBound.argtypes = [ctypes.c_size_t]
    library.ZSTD_compress.argtypes = [
        ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int]
    room = library.ZSTD_compressBound(len(content))
    target = ctypes.create_string_buffer(room)
    return target.raw[:library.ZSTD_compress(target, room, content, len(content), 19)]


def frame(kind, payload, flags=0, stream=0):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def call_head(coding="identity"):
    pairs = [
        (":method", "POST"), (":scheme", "http"), (":authority", "h"),
        (":path", "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"), ("te", "trailers"),
        ("content-type", "application/grpc"), ("grpc-encoding", coding)]
    return b"".join(
        b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode() for name, value in pairs)


def bodies_in_part(target):
    """Endless bodies of the maximum size: compressed and plain, over HTTP and gRPC, also byte by byte."""
    share = target.seconds / 5
    zeros = zstd(bytes(20 * MIB))[:-4]
    hold(opened(target.http, 100, (post("/v1/logs", b"", coding="zstd", length=700) + "\r\n").encode() + zeros), share)
    packed = gzip.compress(bytes(19 * MIB))[:-8]
    request = (post("/v1/metrics", b"", coding="gzip", length=len(packed) + 100) + "\r\n").encode() + packed
    hold(opened(target.http, 100, request), share)
    request = (post("/v1/metrics", b"", length=20 * MIB) + "\r\n").encode() + bytes(19 * MIB)
    hold(opened(target.http, 30, request), share)
    calls = PREFACE + frame(4, b"")
    for stream in range(1, 33, 2):
        calls += frame(1, call_head(), 4, stream) + frame(0, struct.pack(">BI", 0, 4 * MIB) + bytes(3900), 0, stream)
    hold(opened(target.grpc, 40, calls), share)
    connections = opened(target.http, 200, (post("/v1/logs", b"", length=1000) + "\r\n").encode())
    end = time.monotonic() + share
    while time.monotonic() < end:
        for connection in connections:
            try:
                connection.sendall(b"\0")
            except OSError:
                pass
        time.sleep(0.5)
    hold(connections, 0)


def heavy_series(target):
    """Few series of many bytes: histograms of many bounds, summaries of many quantiles, wide and long labels."""
    end = time.monotonic() + target.seconds
    bounds = b"".join(struct.pack("<d", number) for number in range(100_000))
    counts = struct.pack("<Q", 1) * 100_001
    quantiles = b"".join(field(6, b"\x09" + struct.pack("<d", n / 1e5) + b"\x11" + struct.pack("<d", n)) for n in range(20_000))
    number = 0
    while time.monotonic() < end:
        now = time.time_ns()
        times = fixed64(2, now - 1000) + fixed64(3, now)
        name = f"hostile.histogram.{number}"
        histogram = field(1, times + fixed64(4, 100_001) + field(6, counts) + field(7, bounds)) + b"\x10\x01"
        exchange(target.http, post("/v1/metrics", b"", length=len(metrics(field(1, name) + field(9, histogram)))),
                 metrics(field(1, name) + field(9, histogram)))
        summary = metrics(field(1, f"hostile.summary.{number}") + field(11, field(1, times + fixed64(4, 1) + quantiles)))
        exchange(target.http, post("/v1/metrics", summary), summary)
        wide = [(f"label{n}", f"{number:09}" + "x" * 4080) for n in range(62)]
        body = metrics(*[counter(f"hostile.wide.{number}.{n}", wide) for n in range(16)])
        exchange(target.http, post("/v1/metrics", body), body)
        number += 1


def nul_in_exemplars(target):
    """Exemplars and names with NUL and other bytes that lexers refuse."""
    end = time.monotonic() + target.seconds
    while time.monotonic() < end:
        for text in ("a\0b", "\0", "\x7f\x01", "\u2028", 'a"b\\c\nd'):
            exemplar = field(5, attribute(7, "x", text) + fixed64(2, time.time_ns()) + fixed64(6, 1))
            body = metrics(counter("hostile.exemplars", [("l", text)], extra=exemplar), counter(f"hostile{text}name"))
            exchange(target.http, post("/v1/metrics", body), body)
        time.sleep(0.1)


def slow_readers(target):
    """Many readers of a large page that read nothing, or a byte now and then."""
    for start in range(0, 20_000, 2_000):
        points = [counter("hostile.page", [("n", str(n)), ("pad", "y" * 200)]) for n in range(start, start + 2_000)]
        exchange(target.http, post("/v1/metrics", metrics(*points)), metrics(*points))
    request = b"GET /metrics HTTP/1.1\r\nHost: h\r\n%s\r\n"
    share = target.seconds / 3
    hold(opened(target.page, 300, request % b""), share)
    hold(opened(target.page, 300, request % b"Accept: application/openmetrics-text\r\nAccept-Encoding: gzip\r\n"), share)
    connections = opened(target.page, 200, request % b"" * 4, SOURCES[1])
    end = time.monotonic() + share
    while time.monotonic() < end:
        for connection in connections:
            try:
                connection.recv(1)
            except OSError:
                pass
    hold(connections, 0)


def idle_connections(target):
    """More connections than the limit, silent or with a few bytes, at each port."""
    share = target.seconds / 4
    hold(opened(target.http, 1500), share)
    hold(opened(target.grpc, 1500, PREFACE + frame(4, b"")), share)
    hold(opened(target.page, 1500, b"GET /metrics HTTP/1.1\r\n"), share)
    hold([c for source in SOURCES for c in opened(target.http, 800, b"POST /v1/metrics HTTP/1.1\r\n", source)], share)


def inflated_work(target):
    """A kilobyte that decompresses to the maximum of work: events, points and JSON."""
    record = field(2, field(5, field(1, "claude_code.api_request")) + attribute(6, "event.name", "api_request")
                   + attribute(6, "cost_usd", "1") + attribute(6, "model", "m"))
    logs = field(1, field(2, record * (19 * MIB // len(record))))
    point = field(1, fixed64(2, 1) + fixed64(3, 2) + fixed64(6, 1) + attribute(7, "a", "b"))
    points = field(1, field(2, field(2, field(1, "hostile.work") + field(7, point * (19 * MIB // len(point)) + b"\x10\x01"))))
    one = json.dumps({"body": {"stringValue": "claude_code.api_request"}, "attributes": [
        {"key": "cost_usd", "value": {"doubleValue": 1}}]})
    text = '{"resourceLogs":[{"scopeLogs":[{"logRecords":[' + ",".join([one] * (19 * MIB // len(one))) + "]}]}]}"
    requests = []
    for path, content, kind in (
            ("/v1/logs", logs, "application/x-protobuf"), ("/v1/metrics", points, "application/x-protobuf"),
            ("/v1/logs", text.encode(), "application/json"), ("/v1/metrics", bytes(19 * MIB), "application/x-protobuf")):
        for coding, body in (("zstd", zstd(content)), ("gzip", gzip.compress(content))):
            requests.append((post(path, body, kind, coding), body))
    end = time.monotonic() + target.seconds
    while time.monotonic() < end:
        for head, body in requests:
            exchange(target.http, head, body)


def long_exports(target):
    """Two clients that send bodies of the maximum size: points of one series, of new ones, JSON, events."""
    point = fixed64(2, 1) + fixed64(6, 1)
    count = 19 * MIB // 45
    one = field(1, fixed64(3, time.time_ns()) + point)
    many = b"".join(field(1, point + attribute(7, "n", str(number))) for number in range(count // 2))
    text = '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"hostile.long","sum":{"aggregationTemporality":1,'
    text += '"isMonotonic":true,"dataPoints":[' + ",".join(['{"asInt":"1","timeUnixNano":"1"}'] * (count // 2)) + "]}}]}]}]}"
    record = field(2, field(5, field(1, "claude_code.api_request")) + attribute(6, "event.name", "api_request")
                   + attribute(6, "cost_usd", "1") + attribute(6, "model", "m"))
    requests = []
    for points in (one * count, many):
        requests.append(("/v1/metrics", metrics(field(1, "hostile.long") + field(7, points + b"\x10\x01\x18\x01")), None))
    requests.append(("/v1/metrics", text.encode(), "application/json"))
    requests.append(("/v1/logs", field(1, field(2, record * (19 * MIB // len(record)))), None))

    def send(requests):
        end = time.monotonic() + target.seconds
        while time.monotonic() < end:
            for path, body, kind in requests:
                exchange(target.http, post(path, body, kind or "application/x-protobuf"), body)

    senders = [threading.Thread(target=send, args=(part,)) for part in (requests[::2], requests[1::2])]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()


ATTACKS = {
    "bodies_in_part": bodies_in_part, "heavy_series": heavy_series, "nul_in_exemplars": nul_in_exemplars,
    "slow_readers": slow_readers, "idle_connections": idle_connections, "inflated_work": inflated_work,
    "long_exports": long_exports,
}


def main():
    name, *numbers = sys.argv[1:]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if name == "nothing":
        time.sleep(float(numbers[3]))
        return
    http, grpc, page = map(int, numbers[:3])
    ATTACKS[name](Target(http, grpc, page, float(numbers[3])))


if __name__ == "__main__":
    main()
