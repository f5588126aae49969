"""Kills the program at random times under load and compares its pages with the acknowledged exports.

Usage: crash_run.py PROGRAM CONFIGURATION FOLDER OTLP_PORT METRICS_PORT KILLS SEED
The program runs in FOLDER. Several clients, each with a connection, send numbered exports: delta sums (an own series and
one shared by all), delta histograms, cumulative sums and histograms. Exports that were not acknowledged are retried after
the restart, some of them after newer ones. After each restart

- every acknowledged export counts once, every other one once or not at all,
- no counter has fallen for any reader,
- no loss is reported,

and after the retries every export counts once. Otherwise prints what is wrong and exits 1.
"""
import ctypes
import http.client
import pathlib
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time

from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2

CLIENTS = 4
BOUNDS = [1, 10, 100]
# Values are multiples of this, so that sums of doubles are exact in any order.
UNIT = 0.25
START = time.time_ns()
SAMPLE = re.compile(r"^([a-z_]+)\{([^}]*)\} (\S+)$", re.MULTILINE)
LOSSES = re.compile(r"damaged|lost|cannot be used|have no total")


class Wrong(Exception):
    """The program violated a promise."""


class Export:
    """One export, and its increment of each delta series."""

    def __init__(self, client, body, adds, sets):
        self.client = client
        self.body = body
        self.adds = adds
        # The newest values of cumulative series.
        self.sets = sets


class Client:
    """Sends exports over its own connection and records the result of each."""

    def __init__(self, number, seed):
        self.number = number
        self.rng = random.Random(seed)
        self.sent = 0
        self.connection = None
        self.cumulative = 0
        self.cumulative_counts = [0] * (len(BOUNDS) + 1)
        self.cumulative_sum = 0
        self.acknowledged = []
        self.open = []

    def make(self):
        self.sent += 1
        rng = self.rng
        request = metrics_service_pb2.ExportMetricsServiceRequest()
        resource = request.resource_metrics.add()
        resource.resource.attributes.add(key="service.name").value.string_value = "crash"
        metrics = resource.scope_metrics.add().metrics
        # All windows are different, so that equal ones are duplicates.
        end = START + self.sent * 1000 + self.number
        adds, sets = {}, {}

        def sum_point(name, client, value, temporality, start):
            metric = metrics.add(name=name)
            metric.sum.aggregation_temporality = temporality
            metric.sum.is_monotonic = True
            point = metric.sum.data_points.add(start_time_unix_nano=start, time_unix_nano=end)
            point.attributes.add(key="client").value.string_value = client
            if isinstance(value, int):
                point.as_int = value
            else:
                point.as_double = value

        def histogram_point(name, counts, total, temporality, start):
            metric = metrics.add(name=name)
            metric.histogram.aggregation_temporality = temporality
            point = metric.histogram.data_points.add(
                start_time_unix_nano=start, time_unix_nano=end, count=sum(counts), sum=total, bucket_counts=counts,
                explicit_bounds=BOUNDS)
            point.attributes.add(key="client").value.string_value = str(self.number)

        def lines(name, counts, total):
            key = f'client="{self.number}"'
            result = {(name + "_sum", key): total, (name + "_count", key): sum(counts)}
            for place, bound in enumerate([*map(str, BOUNDS), "+Inf"]):
                result[(name + "_bucket", f'{key},le="{bound}"')] = sum(counts[: place + 1])
            return result

        own, shared, money = rng.randrange(1, 1000), rng.randrange(1, 1000), rng.randrange(1, 1000) * UNIT
        sum_point("own", str(self.number), own, 1, end - 1000)
        sum_point("shared", "all", shared, 1, end - 1000)
        sum_point("money", "all", money, 1, end - 1000)
        # Sometimes a new series, which Prometheus sees as 0 first.
        newborn = f"{self.number}.{self.sent // 100}"
        sum_point("newborn", newborn, own, 1, end - 1000)
        adds[("newborn_total", f'client="{newborn}"')] = own
        adds[("own_total", f'client="{self.number}"')] = own
        adds[("shared_total", 'client="all"')] = shared
        adds[("money_total", 'client="all"')] = money
        counts = [rng.randrange(4) for _ in range(len(BOUNDS) + 1)]
        total = rng.randrange(1000) * UNIT
        histogram_point("size", counts, total, 1, end - 1000)
        adds.update(lines("size", counts, total))
        self.cumulative += own
        self.cumulative_counts = [old + new for old, new in zip(self.cumulative_counts, counts)]
        self.cumulative_sum += total
        sum_point("grown", str(self.number), self.cumulative, 2, START)
        histogram_point("grown_size", self.cumulative_counts, self.cumulative_sum, 2, START)
        sets[("grown_total", f'client="{self.number}"')] = self.cumulative
        sets.update(lines("grown_size", self.cumulative_counts, self.cumulative_sum))
        if rng.random() < 0.03:
            # Long exports, counted in parts with others in between.
            long = metrics.add(name="long")
            long.sum.aggregation_temporality = 1
            long.sum.is_monotonic = True
            for number in range(1200):
                point = long.sum.data_points.add(
                    start_time_unix_nano=end - 1000, time_unix_nano=end + number, as_int=own + number)
                label = f"{self.number}.{number % 50}"
                point.attributes.add(key="client").value.string_value = label
                key = ("long_total", f'client="{label}"')
                adds[key] = adds.get(key, 0) + own + number
        if rng.random() < 0.1:
            # Large exports, so that the journal reaches its limit between checkpoints.
            resource.schema_url = rng.randbytes(rng.randrange(150_000)).hex()
        return Export(self, request.SerializeToString(), adds, sets)

    def send(self, export, port):
        """Whether the export was acknowledged."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            self.connection.request("POST", "/v1/metrics", export.body, {"Content-Type": "application/x-protobuf"})
            reply = self.connection.getresponse()
            body = reply.read()
        except (OSError, http.client.HTTPException):
            if self.connection is not None:
                self.connection.close()
            self.connection = None
            return False
        if reply.status != 200 or body:
            raise Wrong(f"an export was answered with {reply.status} {body[:200]}")
        return True

    def load(self, port, ended):
        """Sends until the program is killed."""
        while not ended.is_set():
            export = self.make()
            if not self.send(export, port):
                self.open.append(export)
                return
            self.acknowledged.append(export)

    def send_again(self, port):
        """Sends pending exports; sometimes a newer one before an older one."""
        if self.open and self.rng.random() < 0.3:
            newer = self.make()
            if not self.send(newer, port):
                raise Wrong("an export was not taken")
            self.acknowledged.append(newer)
        for export in self.open:
            if not self.send(export, port):
                raise Wrong("an export was not taken")
            self.acknowledged.append(export)
        self.open = []


class Program:
    """The program, which is restarted repeatedly."""

    def __init__(self, path, configuration, folder, otlp_port, metrics_port):
        self.command = [path, f"--config={configuration}"]
        self.folder = pathlib.Path(folder)
        self.otlp_port = otlp_port
        self.metrics_port = metrics_port
        self.process = None
        self.scrapes = {}
        self.log = self.folder / "log"

    def start(self):
        for connection in self.scrapes.values():
            connection.close()
        self.scrapes = {}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, stdout=log, stderr=log, preexec_fn=end_with_parent)

    def wait(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise Wrong(f"the program ended with {self.process.returncode}")
            try:
                # A receiver opens after the pages, and exports are sent at once.
                with socket.create_connection(("127.0.0.1", self.otlp_port), timeout=5):
                    return
            except OSError:
                time.sleep(0.002)
        raise Wrong("the program does not serve")

    def end(self, with_signal):
        self.process.send_signal(with_signal)
        self.process.wait(60)

    def scrape(self, is_prometheus):
        """Sample -> value; None if the program was killed meanwhile."""
        headers = {"X-Prometheus-Scrape-Timeout-Seconds": "0.01"} if is_prometheus else {}
        # Prometheus keeps its connection, which identifies its scrape interval.
        connection = self.scrapes.setdefault(
            is_prometheus, http.client.HTTPConnection("127.0.0.1", self.metrics_port, timeout=30))
        try:
            connection.request("GET", "/metrics", headers=headers)
            reply = connection.getresponse()
            page = reply.read().decode()
        except (OSError, http.client.HTTPException):
            return None
        if reply.status != 200:
            raise Wrong(f"a scrape was answered with {reply.status}")
        samples = {}
        if "odometer_state_losses{" in page:
            raise Wrong("something is lost")
        for name, labels, value in SAMPLE.findall(page):
            if name.startswith("odometer_"):
                # Own counters of the collector restart with the process.
                continue
            kept = ",".join(sorted(label for label in labels.split(",") if label.split("=")[0] in ("client", "le")))
            samples[(name, kept)] = float(value)
        return samples


def end_with_parent():
    """Ends the program with this script."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Watch:
    """Records the highest value of every counter for each reader."""

    def __init__(self):
        self.highest = {False: {}, True: {}}
        self.lock = threading.Lock()
        self.scrapes = 0
        self.fault = None

    def look(self, program, is_prometheus):
        samples = program.scrape(is_prometheus)
        if samples is None:
            return None
        with self.lock:
            self.scrapes += 1
            seen = self.highest[is_prometheus]
            for key, value in seen.items():
                if samples.get(key, -1) < value:
                    raise Wrong(f"{key} has fallen from {value} to {samples.get(key)}, Prometheus: {is_prometheus}")
            seen.update(samples)
        return samples

    def run(self, program, ended):
        """Scrapes until the program is killed."""
        try:
            while not ended.is_set():
                for is_prometheus in (False, True):
                    self.look(program, is_prometheus)
                ended.wait(0.01)
        except Wrong as wrong:
            self.fault = wrong


def sums_of_some(values):
    """All sums of any of the values."""
    sums = {0}
    for value in values:
        sums |= {total + value for total in sums}
    return sums


class Truth:
    """The totals of the acknowledged exports."""

    def __init__(self):
        self.totals = {}
        self.newest = {}
        self.taken = {}

    def take(self, clients):
        for client in clients:
            start = self.taken.get(client.number, 0)
            for export in client.acknowledged[start:]:
                for key, value in export.adds.items():
                    self.totals[key] = self.totals.get(key, 0) + value
                for key, value in export.sets.items():
                    self.newest[key] = max(self.newest.get(key, 0), value)
            self.taken[client.number] = len(client.acknowledged)

    def check(self, samples, clients, when):
        """Pending exports may be counted, each once and completely."""
        self.take(clients)
        for key, total in self.totals.items():
            extra = sums_of_some([export.adds[key] for client in clients for export in client.open if key in export.adds])
            if samples.get(key) not in {total + some for some in extra}:
                raise Wrong(f"{when}: {key} is {samples.get(key)} instead of {total}, open: {sorted(extra)}")
        for key, value in self.newest.items():
            allowed = {value} | {
                max(value, export.sets[key]) for client in clients for export in client.open if key in export.sets}
            if samples.get(key) not in allowed:
                raise Wrong(f"{when}: {key} is {samples.get(key)} instead of one of {sorted(allowed)}")


def run_load(program, watch, clients, seconds):
    ended = threading.Event()
    faults = []

    def guarded(work, *arguments):
        try:
            work(*arguments)
        except Wrong as wrong:
            faults.append(wrong)

    threads = [threading.Thread(target=guarded, args=(client.load, program.otlp_port, ended)) for client in clients]
    threads.append(threading.Thread(target=watch.run, args=(program, ended)))
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    program.end(signal.SIGKILL)
    ended.set()
    for thread in threads:
        thread.join()
    if watch.fault or faults:
        raise watch.fault or faults[0]


def run(program, kills, seed):
    rng = random.Random(seed)
    clients = [Client(number, rng.random()) for number in range(CLIENTS)]
    watch, truth = Watch(), Truth()
    done = early = 0
    while done < kills:
        program.start()
        if done and rng.random() < 0.2:
            # A start that is interrupted.
            time.sleep(rng.random() * 0.06)
            program.end(signal.SIGKILL)
            done, early = done + 1, early + 1
            continue
        program.wait()
        for is_prometheus in (False, True):
            samples = watch.look(program, is_prometheus)
            if not is_prometheus:
                truth.check(samples, clients, f"after kill {done}")
        for client in clients:
            client.connection = None
            client.send_again(program.otlp_port)
        truth.check(watch.look(program, False), clients, f"after kill {done}, everything sent again")
        run_load(program, watch, clients, rng.random() * 0.14)
        done += 1
    program.start()
    program.wait()
    for client in clients:
        client.connection = None
        client.send_again(program.otlp_port)
    truth.check(watch.look(program, False), clients, "in the end")
    program.end(signal.SIGTERM)
    if program.process.returncode != 0:
        raise Wrong(f"the program ended with {program.process.returncode}")
    program.start()
    program.wait()
    truth.check(watch.look(program, False), clients, "after an orderly restart")
    program.end(signal.SIGTERM)
    said = [line for line in program.log.read_text().splitlines() if LOSSES.search(line) or " error " in line]
    if said:
        raise Wrong("\n".join(said[:20]))
    exports = sum(len(client.acknowledged) for client in clients)
    shown = sum(value > 0 for (name, _), value in watch.highest[True].items() if name == "newborn_total")
    if not shown:
        raise Wrong("Prometheus saw no newborn series with its value")
    return f"agreed: {done} kills ({early} before the program served), {exports} exports, {watch.scrapes} scrapes"


def main():
    path, configuration, folder, otlp_port, metrics_port, kills, seed = sys.argv[1:]
    program = Program(path, configuration, folder, int(otlp_port), int(metrics_port))
    try:
        print(run(program, int(kills), int(seed)))
        return 0
    except Wrong as wrong:
        print(f"seed {seed}: {wrong}")
        return 1
    finally:
        if program.process and program.process.poll() is None:
            program.process.kill()
            program.process.wait()


if __name__ == "__main__":
    sys.exit(main())
