"""Endless short sessions: their effect on memory and disk.

    python3 Tests/Python/soak.py .build/release/odometer [--sessions 1000000] [--evict-after 1s] [--max-series 100000]

Every session creates 20 series (10 delta counters, 10 cumulative ones) and then ends; one more client continues. Prints
resident memory and the size of the state directory over time. Fails if the totals of the continuing client are not exact,
if rejected series are not reported to their sender and in own metrics of the collector, or if memory or disk exceed the
given limits.

With --team USERS the collector has the preset `team`: the sessions belong to a few users, each with 20 delta series, and
every series must have the exact total of all sessions of its user, before and after a restart. Some exports are sent twice,
at once or after many others: they must count once.
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
USER_PLACEHOLDER = b"user-00000@example.org"
TIME_PLACEHOLDER = 0x7172737475767778
# With --team one in this number of exports is repeated at once, and one from this number of exports ago.
REPEATED_EVERY = 50
REPEATED_AFTER = 2000


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
    """The 20 series of a session in an export."""
    for temporality, kind in ((1, "delta"), (2, "cumulative")):
        for number in range(10):
            attributes = [("session.id", PLACEHOLDER.decode()), ("model", "m%d" % (number % 5))]
            yield counter("soak.%s.%d" % (kind, number // 5), temporality, [point(number + 1, start, now, attributes)])


TEAM_SERIES = [("soak.team.%d" % (number // 5), "m%d" % (number % 5), number + 1) for number in range(20)]


def team_session():
    """The same for a session of a team, all of them deltas."""
    for name, model, value in TEAM_SERIES:
        attributes = [
            ("session.id", PLACEHOLDER.decode()), ("user.email", USER_PLACEHOLDER.decode()), ("model", model)]
        yield counter(name, 1, [point(value, TIME_PLACEHOLDER - 1, TIME_PLACEHOLDER, attributes)])


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
        self.arguments = [program, f"--config={folder}/config.yaml"]
        self.log = pathlib.Path(folder) / "log"
        config = pathlib.Path(folder) / "config.yaml"
        labels = "  labels: {preset: team}\n" if arguments.team else ""
        windows = f"    max_windows_memory: {arguments.max_windows_memory}\n" if arguments.max_windows_memory else ""
        writers = f"    max_writers: {arguments.max_writers}\n" if arguments.max_writers else ""
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
{labels}  state:
    path: {self.state}
    checkpoint_interval: {arguments.checkpoint_interval}
  limits:
    max_series: {arguments.max_series}
{evict}{windows}{writers}""")
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.arguments, stderr=open(self.log, "a"))
        deadline = time.monotonic() + 30
        while True:
            try:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.receiver, timeout=60)
                self.connection.connect()
                break
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit("odometer does not start: " + self.log.read_text())
                time.sleep(0.05)

    def send(self, body):
        """Sends an export until it is accepted; returns the number of rejected points."""
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


class Course:
    """A run: the state of the collector while sessions are sent, and its maximum."""

    def __init__(self, collector, arguments, counted):
        self.collector, self.arguments, self.width = collector, arguments, len(counted)
        self.peak_memory = self.peak_disk = self.report_at = 0.0
        self.started = time.monotonic()
        print(f"  sessions   seconds   RSS MiB   state.db MiB   journal MiB   {counted}")

    def advance(self, sessions, counted):
        """Reports every five seconds."""
        if time.monotonic() >= self.report_at:
            self.report(sessions, counted)
            self.report_at = time.monotonic() + 5

    def report(self, sessions, counted):
        memory, disk = self.collector.memory(), self.collector.disk()
        self.peak_memory = max(self.peak_memory, memory)
        self.peak_disk = max(self.peak_disk, sum(disk.values()))
        print(
            f"{sessions:10d} {time.monotonic() - self.started:9.1f} {memory:9.0f} {disk['state.db']:14.0f}"
            f" {disk['journal']:13.0f} {counted:{self.width + 2}d}", flush=True)

    def rate(self):
        """Sessions a second up to now."""
        return self.arguments.sessions / (time.monotonic() - self.started)

    def check(self, rate, failures):
        if self.peak_memory > self.arguments.max_memory:
            failures.append(f"{self.peak_memory:.0f} MiB of memory")
        if self.peak_disk > self.arguments.max_disk:
            failures.append(f"{self.peak_disk:.0f} MiB on disk")
        print(
            f"{rate:.0f} sessions/s; at most {self.peak_memory:.0f} MiB of memory,"
            f" {self.peak_disk:.0f} MiB on disk")


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
    parser.add_argument("--team", type=int, default=0, help="users; 0: every session has series of its own")
    parser.add_argument("--max-windows-memory", default="", help="e.g. 64MiB; the default of the program when left out")
    parser.add_argument("--max-writers", type=int, default=0, help="the default of the program when left out")
    parser.add_argument("--checkpoint-interval", default="5s")
    parser.add_argument("--max-memory", type=float, default=1024, help="MiB")
    parser.add_argument("--max-disk", type=float, default=1024, help="MiB")
    arguments = parser.parse_args()
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        collector = Collector(arguments.program, folder, arguments)
        try:
            (run_team if arguments.team else run)(collector, arguments, failures)
        finally:
            status = collector.end()
        if status != 0:
            failures.append(f"odometer ended with {status}")
        print(f"at the end: {collector.disk()['state.db']:.0f} MiB of state.db")
    for failure in failures:
        print("FAILED:", failure)
    sys.exit(1 if failures else 0)


def team_totals(text):
    return {
        (name, labels[b"model"], labels[b"user"]): value
        for name, labels, value in (
            (name, dict(re.findall(rb'(\w+)="([^"]*)"', labels)), int(value))
            for name, labels, value in re.findall(rb"^(soak_team_\d+_total)\{(.*)\} (\d+)$", text.encode(), re.MULTILINE))
    }


def run_team(collector, arguments, failures):
    session = b"".join(field(2, metric) for metric in team_session())
    resource = field(1, field(1, attribute("service.name", "soak")))
    time_bytes = [(TIME_PLACEHOLDER - offset).to_bytes(8, "little") for offset in (0, 1)]
    repeated, earlier, rejected = 0, [], 0
    course = Course(collector, arguments, "sent again")

    for step, first in enumerate(range(0, arguments.sessions, SESSIONS_PER_EXPORT)):
        now = time.time_ns()
        numbers = range(first, min(first + SESSIONS_PER_EXPORT, arguments.sessions))
        metrics = b"".join(
            session.replace(PLACEHOLDER, b"session-%010d" % number)
            .replace(USER_PLACEHOLDER, b"user-%05d@example.org" % (number % arguments.team))
            for number in numbers)
        for offset, old in enumerate(time_bytes):
            metrics = metrics.replace(old, (now - offset * 60_000_000_000).to_bytes(8, "little"))
        body = field(1, resource + field(2, metrics))
        rejected += collector.send(body)
        if step % REPEATED_EVERY == 0:
            rejected += collector.send(body)
            repeated += 1
            earlier.append((step, body))
            if earlier[0][0] + REPEATED_AFTER <= step:
                rejected += collector.send(earlier.pop(0)[1])
                repeated += 1
        course.advance(first, repeated)
    for _, body in earlier:
        rejected += collector.send(body)
        repeated += 1
    course.report(arguments.sessions, repeated)
    rate = course.rate()
    if rejected:
        failures.append(f"{rejected} points were rejected")
    expected = {}
    for user in range(arguments.team):
        sessions = len(range(user, arguments.sessions, arguments.team))
        for name, model, value in TEAM_SERIES:
            key = (name.replace(".", "_").encode() + b"_total", model.encode(), b"user-%05d@example.org" % user)
            expected[key] = sessions * value
    check_team(collector, expected, "before the restart", failures)
    if collector.end() != 0:
        failures.append("odometer did not end well")
    collector.start()
    check_team(collector, expected, "after the restart", failures)
    course.check(rate, failures)
    print(f"{len(expected)} series; {collector.memory():.0f} MiB after a restart")


def check_team(collector, expected, when, failures):
    totals = team_totals(collector.scrape(collector.page))
    wrong = [key for key in set(totals) | set(expected) if totals.get(key) != expected.get(key)]
    for key in sorted(wrong)[:5]:
        failures.append(f"{when}: {key} is {totals.get(key)} instead of {expected.get(key)}")
    if len(wrong) > 5:
        failures.append(f"{when}: {len(wrong)} series are wrong")


def run(collector, arguments, failures):
    begin = time.time_ns()
    # Generated once: only the number of the session changes.
    one_session = b"".join(field(2, metric) for metric in session_metrics(begin, begin + 1))
    resource = field(1, field(1, attribute("service.name", "soak")))
    rejected = steps = 0
    live_at = 0.0
    course = Course(collector, arguments, "points rejected")

    for first in range(0, arguments.sessions, SESSIONS_PER_EXPORT):
        # Often enough to be never idle for evict_after.
        if time.monotonic() >= live_at:
            live_at = time.monotonic() + 0.1
            if collector.send(export(live_metrics(steps, begin, time.time_ns()))):
                failures.append("a point of a series that lives was rejected")
            steps += 1
        metrics = b"".join(
            one_session.replace(PLACEHOLDER, b"session-%010d" % number)
            for number in range(first, min(first + SESSIONS_PER_EXPORT, arguments.sessions)))
        rejected += collector.send(field(1, resource + field(2, metrics)))
        course.advance(first, rejected)
    course.report(arguments.sessions, rejected)
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
    course.check(course.rate(), failures)


if __name__ == "__main__":
    main()
