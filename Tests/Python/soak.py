"""Short sessions without end: what they leave behind in memory and on disk.

    python3 Tests/Python/soak.py .build/release/odometer [--sessions 1000000] [--evict-after 1s] [--max-series 100000]

Every session makes 20 series of its own (10 delta counters, 10 cumulative ones) and is never heard of again; one more
client lives on beside them. Tells resident memory and the size of the state directory over time, and fails when the
totals of the client that lives on are not exact, when refused series are not told to their sender and in the
collector's own metrics, or when memory or disk outgrow the given limits.
"""

import argparse
import http.client
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

SESSIONS_PER_EXPORT = 50
PLACEHOLDER = b"session-0000000000"


def varint(value):
    result = bytearray()
    while value >= 0x80:
        result.append(value & 0x7F | 0x80)
        value >>= 7
    result.append(value)
    return bytes(result)


def field(number, content):
    """A field of bytes, text or a message."""
    content = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(content)) + content


def fixed64(number, value):
    return varint(number << 3 | 1) + value.to_bytes(8, "little")


def attribute(key, value):
    return field(1, key) + field(2, field(1, value))


def point(value, start, now, attributes):
    return (
        fixed64(2, start) + fixed64(3, now) + fixed64(6, value)
        + b"".join(field(7, attribute(key, text)) for key, text in attributes)
    )


def counter(name, temporality, points):
    content = b"".join(field(1, one) for one in points) + varint(2 << 3) + varint(temporality) + varint(3 << 3) + b"\x01"
    return field(1, name) + field(7, content)


def export(metrics):
    resource = field(1, field(1, attribute("service.name", "soak")))
    return field(1, resource + field(2, b"".join(field(2, metric) for metric in metrics)))


def session_metrics(start, now):
    """A session's 20 series, as they stand in an export."""
    for temporality, kind in ((1, "delta"), (2, "cumulative")):
        for number in range(10):
            attributes = [("session.id", PLACEHOLDER.decode()), ("model", "m%d" % (number % 5))]
            yield counter("soak.%s.%d" % (kind, number // 5), temporality, [point(number + 1, start, now, attributes)])


def live_metrics(step, start, now):
    return [
        counter("live.delta", 1, [point(3, start, now, [("session.id", "live")])]),
        counter("live.cumulative", 2, [point(3 * (step + 1), start, now, [("session.id", "live")])]),
    ]


def rejected_points(body):
    """`rejected_data_points` of an ExportMetricsServiceResponse."""
    if len(body) < 4 or body[0] != 0x0A:
        return 0
    position = 2
    while body[position - 1] & 0x80:
        position += 1
    if body[position] != 0x08:
        return 0
    value, shift = 0, 0
    for byte in body[position + 1:]:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte & 0x80 == 0:
            return value
    return value


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Collector:
    def __init__(self, program, folder, arguments):
        self.state = pathlib.Path(folder) / "state"
        self.receiver, self.page, self.telemetry = free_port(), free_port(), free_port()
        config = pathlib.Path(folder) / "config.yaml"
        evict = f"    evict_after: {arguments.evict_after}\n" if arguments.evict_after else ""
        config.write_text(
            f"""receivers:
  otlp:
    protocols:
      http:
        endpoint: 127.0.0.1:{self.receiver}
exporters:
  prometheus:
    endpoint: 127.0.0.1:{self.page}
service:
  pipelines:
    metrics:
      receivers: [otlp]
      exporters: [prometheus]
  telemetry:
    metrics:
      readers:
        - pull:
            exporter:
              prometheus:
                host: 127.0.0.1
                port: {self.telemetry}
odometer:
  state:
    path: {self.state}
    checkpoint_interval: {arguments.checkpoint_interval}
  limits:
    max_series: {arguments.max_series}
{evict}""")
        self.process = subprocess.Popen([program, f"--config={config}"], stderr=open(pathlib.Path(folder) / "log", "w"))
        deadline = time.monotonic() + 30
        while True:
            try:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.receiver, timeout=60)
                self.connection.connect()
                break
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit("odometer does not start: " + (pathlib.Path(folder) / "log").read_text())
                time.sleep(0.05)

    def send(self, body):
        """Sends an export until it is taken; how many of its points were rejected."""
        while True:
            self.connection.request("POST", "/v1/metrics", body, {"Content-Type": "application/x-protobuf"})
            reply = self.connection.getresponse()
            content = reply.read()
            if reply.status == 200:
                return rejected_points(content)
            if reply.status != 503:
                raise SystemExit(f"answer {reply.status}: {content!r}")
            time.sleep(0.2)

    def scrape(self, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/metrics")
        return connection.getresponse().read().decode()

    def memory(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024

    def disk(self):
        sizes = {"state.db": 0, "journal": 0}
        for name in os.listdir(self.state):
            try:
                size = (self.state / name).stat().st_size
            except FileNotFoundError:
                continue
            sizes["journal" if name.startswith("journal-") else "state.db"] += size
        return {name: size / (1 << 20) for name, size in sizes.items()}

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


def live_totals(text):
    return {
        name: float(value)
        for name, value in re.findall(r'^(live_(?:delta|cumulative)_total)\{[^}]*\} (\S+)', text, re.MULTILINE)
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--sessions", type=int, default=1_000_000)
    parser.add_argument("--evict-after", default="", help="e.g. 1s; the default of the program when left out")
    parser.add_argument("--max-series", type=int, default=100_000)
    parser.add_argument("--checkpoint-interval", default="5s")
    parser.add_argument("--max-memory", type=float, default=1024, help="MiB")
    parser.add_argument("--max-disk", type=float, default=1024, help="MiB")
    arguments = parser.parse_args()
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        collector = Collector(arguments.program, folder, arguments)
        try:
            run(collector, arguments, failures)
        finally:
            status = collector.end()
        if status != 0:
            failures.append(f"odometer ended with {status}")
        print(f"at the end: {collector.disk()['state.db']:.0f} MiB of state.db")
    for failure in failures:
        print("FAILED:", failure)
    sys.exit(1 if failures else 0)


def run(collector, arguments, failures):
    begin = time.time_ns()
    # Made once: only the number of the session changes.
    one_session = b"".join(field(2, metric) for metric in session_metrics(begin, begin + 1))
    resource = field(1, field(1, attribute("service.name", "soak")))
    rejected = steps = 0
    peak_memory = peak_disk = 0.0
    report_at, live_at, started = 0.0, 0.0, time.monotonic()
    print("  sessions   seconds   RSS MiB   state.db MiB   journal MiB   points rejected")

    def report(sessions):
        nonlocal peak_memory, peak_disk
        memory, disk = collector.memory(), collector.disk()
        peak_memory, peak_disk = max(peak_memory, memory), max(peak_disk, sum(disk.values()))
        print(
            f"{sessions:10d} {time.monotonic() - started:9.1f} {memory:9.0f} {disk['state.db']:14.0f}"
            f" {disk['journal']:13.0f} {rejected:17d}", flush=True)

    for first in range(0, arguments.sessions, SESSIONS_PER_EXPORT):
        # Often enough that it is never idle for as long as evict_after.
        if time.monotonic() >= live_at:
            live_at = time.monotonic() + 0.1
            if collector.send(export(live_metrics(steps, begin, time.time_ns()))):
                failures.append("a point of a series that lives was rejected")
            steps += 1
        metrics = b"".join(
            one_session.replace(PLACEHOLDER, b"session-%010d" % number)
            for number in range(first, min(first + SESSIONS_PER_EXPORT, arguments.sessions)))
        rejected += collector.send(field(1, resource + field(2, metrics)))
        if time.monotonic() >= report_at:
            report(first)
            report_at = time.monotonic() + 5
    report(arguments.sessions)
    own = collector.scrape(collector.telemetry)
    counted = sum(
        float(value) for value in re.findall(r"^odometer_rejected_points_total\{[^}]*\} (\S+)", own, re.MULTILINE))
    if counted != rejected:
        failures.append(f"{rejected} points were rejected, own metrics say {counted:.0f}")
    totals = live_totals(collector.scrape(collector.page))
    expected = {"live_delta_total": 3.0 * steps, "live_cumulative_total": 3.0 * steps}
    if totals != expected:
        failures.append(f"the client that lives on has {totals} instead of {expected}")
    series_sent = 20 * arguments.sessions
    if not arguments.evict_after and series_sent > arguments.max_series:
        if rejected != series_sent + 2 - arguments.max_series:
            failures.append(f"{rejected} points were told to be rejected")
    if peak_memory > arguments.max_memory:
        failures.append(f"{peak_memory:.0f} MiB of memory")
    if peak_disk > arguments.max_disk:
        failures.append(f"{peak_disk:.0f} MiB on disk")
    rate = arguments.sessions / (time.monotonic() - started)
    print(f"{rate:.0f} sessions/s; at most {peak_memory:.0f} MiB of memory, {peak_disk:.0f} MiB on disk")


if __name__ == "__main__":
    main()
