"""Well-behaved clients at a steady rate, and every attack in turn: the effect of attacks on the clients.

    python3 Tests/Python/soak_hostile.py .build/release/odometer [--minutes 15] [--only NAME,NAME] [--list]

Ten clients send like sessions of Claude Code, over HTTP and gRPC, and retry temporary failures; a scraper reads the page
every second. Attacks come from another address and run in their own processes (`hostile_attacks.py`). Prints for each attack
the latency of clients and the memory of the collector. Exits 1 if 1 % of the answers took longer than 250 ms, if a total of
a client is not exact at the end, if the collector used more than 400 MB or ended, or if a scraper could not read the page.
"""

import argparse
import http.client
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time

import grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as service

import hostile_attacks
from soak import free_port

P99_LIMIT = 0.250
MEMORY_LIMIT = 400_000_000
# The limit of the container, beyond which the kernel would kill the collector; this script does it here.
CONTAINER_LIMIT = 512 << 20
GOOD_CLIENTS = 10
EXPORT_INTERVAL = 0.2
SCRAPE_INTERVAL = 1.0
# Such scrapes come first, and this watch stands for Prometheus.
AS_PROMETHEUS = {"X-Prometheus-Scrape-Timeout-Seconds": "10"}
METHOD = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
DELTA = 1
# Statuses that an exporter retries.
PASSING_HTTP = {408, 429, 502, 503, 504}
PASSING_GRPC = {
    grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED,
    grpc.StatusCode.RESOURCE_EXHAUSTED}


class Collector:
    """The program with a state directory; its memory is recorded."""

    def __init__(self, program, folder):
        self.program = program
        self.folder = pathlib.Path(folder)
        self.http, self.grpc, self.page = free_port(), free_port(), free_port()
        self.process = None
        (self.folder / "config.yaml").write_text(f"""
receivers:
  otlp:
    protocols: {{http: {{endpoint: "127.0.0.1:{self.http}"}}, grpc: {{endpoint: "127.0.0.1:{self.grpc}"}}}}
exporters:
  prometheus: {{endpoint: "127.0.0.1:{self.page}", enable_open_metrics: true}}
  nop:
service:
  telemetry: {{metrics: {{level: none}}}}
  pipelines:
    metrics: {{receivers: [otlp], exporters: [prometheus]}}
    logs: {{receivers: [otlp], exporters: [nop]}}
odometer: {{own_metrics_on_exporters: true, first_sample_zero: false, state: {{path: "{folder}/state"}}}}
""")

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [self.program, f"--config={self.folder}/config.yaml"], stdout=log, stderr=log, cwd=self.folder)
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            try:
                return self.scrape(timeout=5)
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
        raise SystemExit("the collector does not start:\n" + (self.folder / "log").read_text()[-2000:])

    def scrape(self, accept="text/plain", timeout=10, headers=()):
        connection = http.client.HTTPConnection("127.0.0.1", self.page, timeout=timeout)
        try:
            connection.request("GET", "/metrics", headers={"Accept": accept, **dict(headers)})
            reply = connection.getresponse()
            body = reply.read()
            if reply.status != 200:
                raise http.client.HTTPException(f"{reply.status}")
            return body
        finally:
            connection.close()

    def restart(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=60)
        if code != 0:
            raise SystemExit(f"the collector ended with {code}")
        self.start()

    def memory(self):
        try:
            status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return 0
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        return int(found[1]) * 1024 if found else 0


class GoodClient(threading.Thread):
    """Sends deltas of one session until stopped; retries every one."""

    def __init__(self, collector, number, times, problems):
        super().__init__(daemon=True)
        self.collector, self.number, self.times, self.problems = collector, number, times, problems
        self.name = f"session-{number}"
        self.sent = 0
        self.ends = threading.Event()
        self.connection = None
        self.channel = None

    def export(self):
        now = time.time_ns()
        request = service.ExportMetricsServiceRequest()
        metrics = request.resource_metrics.add()
        attribute = metrics.resource.attributes.add(key="service.name")
        attribute.value.string_value = "good"
        scope = metrics.scope_metrics.add()
        for name in ("good.cost", "good.tokens"):
            metric = scope.metrics.add(name=name)
            metric.sum.aggregation_temporality = DELTA
            metric.sum.is_monotonic = True
            for model in range(5):
                point = metric.sum.data_points.add(
                    start_time_unix_nano=now - 1000, time_unix_nano=now, as_int=model + 1)
                for key, text in (("session.id", self.name), ("model", f"m{model}")):
                    point.attributes.add(key=key).value.string_value = text
        return request.SerializeToString()

    def run(self):
        while not self.ends.is_set():
            body = self.export()
            self.sent += 1
            while not self.send(body):
                time.sleep(0.2)
            self.ends.wait(EXPORT_INTERVAL)

    def send(self, body):
        """Whether the export was accepted; otherwise it is retried."""
        begin = time.monotonic()
        taken, is_down = self.send_grpc(body) if self.number % 2 else self.send_http(body)
        # Do not wait for a collector that has ended.
        if not is_down:
            self.times.append((begin, time.monotonic() - begin))
        return taken

    def send_http(self, body):
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.collector.http, timeout=20)
            self.connection.request(
                "POST", "/v1/metrics", body=body, headers={"Content-Type": "application/x-protobuf"})
            reply = self.connection.getresponse()
            reply.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            self.connection = None
            return False, not isinstance(error, TimeoutError)
        if reply.status == 200:
            return True, False
        if reply.status not in PASSING_HTTP:
            self.problems.append(f"{self.name}: HTTP {reply.status}")
        return False, False

    def send_grpc(self, body):
        if self.channel is None:
            self.channel = grpc.insecure_channel(f"127.0.0.1:{self.collector.grpc}")
        try:
            self.channel.unary_unary(METHOD)(body, timeout=20)
            return True, False
        except grpc.RpcError as error:
            if error.code() not in PASSING_GRPC:
                self.problems.append(f"{self.name}: {error.code()}: {error.details()}")
            is_timeout = error.code() == grpc.StatusCode.DEADLINE_EXCEEDED
            return False, error.code() == grpc.StatusCode.UNAVAILABLE and not is_timeout


class Watch(threading.Thread):
    """Reads the page every second, as Prometheus does, and the collector's memory ten times as often."""

    def __init__(self, collector, problems):
        super().__init__(daemon=True)
        self.collector, self.problems = collector, problems
        self.ends = threading.Event()
        self.is_restarting = threading.Event()
        self.memory = []
        self.scrapes = []

    def run(self):
        last = 0.0
        while not self.ends.wait(SCRAPE_INTERVAL / 10):
            memory = self.collector.memory()
            self.memory.append((time.monotonic(), memory))
            if memory > CONTAINER_LIMIT:
                self.collector.process.kill()
            if time.monotonic() - last < SCRAPE_INTERVAL or self.is_restarting.is_set():
                continue
            begin = last = time.monotonic()
            try:
                # The default scrape time-out of Prometheus.
                page = self.collector.scrape("application/openmetrics-text;version=1.0.0", headers=AS_PROMETHEUS)
                if refuses(page):
                    self.problems.append("a page with NUL where Prometheus takes none")
            except (OSError, http.client.HTTPException) as error:
                if not self.is_restarting.is_set():
                    self.problems.append(f"a scrape failed: {error!r}")
            self.scrapes.append((begin, time.monotonic() - begin))


def refuses(page):
    """Whether Prometheus refuses a page for a NUL: valid only in the value of a label, not in names or exemplars."""
    return any(
        b"\0" in line.split(b"{")[0] or line.startswith(b'{"') and b"\0" in line.split(b'"')[1]
        or b" # {" in line and b"\0" in line.rpartition(b" # {")[2]
        for line in page.split(b"\n") if b"\0" in line and not line.startswith(b"#"))


def quantile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] if values else 0.0


def between(pairs, begin, end):
    return [value for at, value in pairs if begin <= at < end]


def total(page, client):
    """The counters of a client on the page, over all models."""
    lines = re.findall(
        rf'^good_(?:cost|tokens)_total\{{[^}}]*session_id="{client.name}"[^}}]*\}} (\S+)', page.decode(), re.MULTILINE)
    return sum(float(value) for value in lines)


def run_attack(name, collector, seconds, watch):
    """Runs an attack for this time, each of its variants for a part of it."""
    if name == "restarts":
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(min(3, seconds / 4))
            watch.is_restarting.set()
            collector.restart()
            watch.is_restarting.clear()
        return
    script = pathlib.Path(__file__).with_name("hostile_attacks.py")
    attack = subprocess.Popen([
        sys.executable, str(script), name, str(collector.http), str(collector.grpc), str(collector.page),
        f"{seconds:.0f}"])
    try:
        attack.wait(timeout=seconds + 60)
    except subprocess.TimeoutExpired:
        attack.kill()
        attack.wait()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--only", default="")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    names = ["nothing"] + list(hostile_attacks.ATTACKS) + ["restarts"]
    if arguments.list:
        return print("\n".join(names))
    if arguments.only:
        names = arguments.only.split(",")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    problems, times = [], []
    with tempfile.TemporaryDirectory() as folder:
        collector = Collector(os.path.abspath(arguments.program), folder)
        collector.start()
        clients = [GoodClient(collector, number, times, problems) for number in range(GOOD_CLIENTS)]
        watch = Watch(collector, problems)
        for thread in clients + [watch]:
            thread.start()
        seconds = arguments.minutes * 60 / len(names)
        print(f"{'attack':24} {'answers':>8} {'p50 ms':>7} {'p99 ms':>7} {'max ms':>7} {'scrape ms':>9} {'MB':>5}")
        for name in names:
            begin = time.monotonic()
            run_attack(name, collector, seconds, watch)
            end = time.monotonic()
            if collector.process.poll() is not None:
                problems.append(f"{name}: the collector ended with {collector.process.returncode}")
                collector.start()
                end = time.monotonic()
            answers = between(times, begin, end)
            p99 = quantile(answers, 0.99)
            memory = max(between(watch.memory, begin, end), default=0)
            print(
                f"{name:24} {len(answers):8} {quantile(answers, 0.5) * 1e3:7.1f} {p99 * 1e3:7.1f} "
                f"{max(answers, default=0) * 1e3:7.1f} {max(between(watch.scrapes, begin, end), default=0) * 1e3:9.1f} "
                f"{memory / 1e6:5.0f}", flush=True)
            if not answers or p99 > P99_LIMIT:
                problems.append(f"{name}: 1 % of {len(answers)} answers took {p99 * 1e3:.0f} ms or more")
            if memory > MEMORY_LIMIT:
                problems.append(f"{name}: {memory / 1e6:.0f} MB")
        for client in clients:
            client.ends.set()
        for client in clients:
            client.join(timeout=60)
            if client.is_alive():
                problems.append(f"{client.name} is not done")
        watch.ends.set()
        page = collector.scrape(timeout=60)
        for client in clients:
            expected = client.sent * 2 * sum(range(1, 6))
            if total(page, client) != expected:
                problems.append(f"{client.name}: {total(page, client):.0f} instead of {expected}")
        collector.process.send_signal(signal.SIGTERM)
        collector.process.wait(timeout=60)
    for problem in dict.fromkeys(problems):
        print(f"{problem} ({problems.count(problem)} times)", file=sys.stderr)
    print(f"{sum(client.sent for client in clients)} exports of good clients; "
          + ("all held" if not problems else f"{len(set(problems))} kinds of problems"))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
