"""Odometer and Prometheus, each in its own process on free ports, with empty stores."""
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).parents[2]
RULES = ROOT / "Config/prometheus-rules"
DEADLINE_SECONDS = 60
SCRAPE_SECONDS = 2


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Process:
    """A program that ends with the test."""

    def __init__(self, command, folder):
        self.log = folder / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, cwd=folder,
                env={**os.environ, "ODOMETER_CONFIG_PATHS": ""})

    def wait_until(self, condition, what):
        """A program that ended, or the deadline, is a failure."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if condition():
                    return
            except (OSError, ValueError, KeyError):
                pass
            time.sleep(0.05)
        raise AssertionError(f"{what}: {self.log.read_text()[-2000:]}")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Stack:
    """The programs of `docker compose up`, with a scrape interval of two seconds instead of 15."""

    def __init__(self, odometer):
        self.folder = tempfile.TemporaryDirectory()
        self.processes = []
        folder = pathlib.Path(self.folder.name)
        ports = {name: free_port() for name in ("grpc", "http", "metrics", "health", "prometheus")}
        self.otlp = f"http://127.0.0.1:{ports['http']}"
        self.page = f"http://127.0.0.1:{ports['metrics']}/metrics"
        self.prometheus = f"http://127.0.0.1:{ports['prometheus']}/api/v1"
        try:
            self.start(odometer, folder, ports)
        except BaseException:
            self.stop()
            raise

    def start(self, odometer, folder, ports):
        # The default configuration, on ports of the test.
        text = (ROOT / "Config/odometer.yaml").read_text()
        for port, name in (("4317", "grpc"), ("4318", "http"), ("8889", "metrics"), ("13133", "health")):
            text, count = re.subn(rf"0\.0\.0\.0:{port}\b", f"127.0.0.1:{ports[name]}", text)
            assert count == 1, f"the default configuration has {count} endpoints with the port {port}"
        place = self.place(folder / "odometer")
        (place / "odometer.yaml").write_text(text)
        profile = ROOT / "Config/profiles/metrics.yaml"
        collector = self.run([odometer, f"--config={place / 'odometer.yaml'}", f"--config={profile}"], place)
        collector.wait_until(lambda: urllib.request.urlopen(self.page, timeout=5).status == 200, "no page")
        place = self.place(folder / "prometheus")
        rules = self.place(place / "rules")
        for file in RULES.glob("*.yml"):
            # Faster by the same factor as the scrape interval.
            quick = file.read_text().replace("interval: 5s", "interval: 500ms").replace("interval: 1m", "interval: 5s")
            (rules / file.name).write_text(quick)
        (place / "prometheus.yml").write_text(json.dumps({
            "global": {"scrape_interval": f"{SCRAPE_SECONDS}s", "scrape_timeout": f"{SCRAPE_SECONDS}s",
                       "evaluation_interval": "1s"},
            "rule_files": ["rules/*.yml"],
            "scrape_configs": [{"job_name": "odometer", "honor_labels": True,
                                "static_configs": [{"targets": [f"127.0.0.1:{ports['metrics']}"]}]}]}))
        self.server = self.run(
            [shutil.which("prometheus"), f"--config.file={place / 'prometheus.yml'}",
             f"--storage.tsdb.path={place / 'tsdb'}", f"--web.listen-address=127.0.0.1:{ports['prometheus']}",
             "--log.level=warn"], place)
        # After its second scrape the interval is known, and new series are 0 for one scrape only.
        self.wait_for("count_over_time(up[1m]) >= 3")

    @staticmethod
    def place(folder):
        folder.mkdir()
        return folder

    def run(self, command, folder):
        self.processes.append(Process(command, folder))
        return self.processes[-1]

    def stop(self):
        for process in self.processes:
            process.stop()
        self.folder.cleanup()

    def post(self, request, shift):
        send = urllib.request.Request(f"{self.otlp}/v1/{request.signal}", request.moved(shift),
                                      {"Content-Type": request.content_type})
        with urllib.request.urlopen(send, timeout=10) as answer:
            assert answer.status == 200

    def ask(self, path, **parameters):
        """The answer of Prometheus, including errors of the query."""
        data = urllib.parse.urlencode(parameters).encode()
        try:
            address = f"{self.prometheus}/{path}"
            with urllib.request.urlopen(address, data if parameters else None, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)

    def values(self, expression, time=None):
        """The results of an instant query as (labels, [value])."""
        return self.results(expression, self.ask("query", query=expression, **({"time": time} if time else {})))

    def values_over(self, expression, start, end, step):
        """The results of a time range as (labels, values)."""
        return self.results(expression, self.ask("query_range", query=expression, start=start, end=end, step=step))

    @staticmethod
    def results(expression, answer):
        if answer["status"] != "success":
            raise AssertionError(f"{answer['error']}: {expression}")
        return [(result["metric"], [float(value) for _, value in result.get("values", [result.get("value")])])
                for result in answer["data"]["result"]]

    def has_come_late(self):
        """Whether Prometheus, on a busy machine, missed a value shown for one interval only."""
        [series] = self.ask("query", query="up[30m]")["data"]["result"]
        times = [moment for moment, _ in series["values"]]
        return max(after - before for before, after in zip(times, times[1:])) > 1.2 * SCRAPE_SECONDS

    def wait_for(self, expression):
        self.server.wait_until(lambda: self.values(expression), f"nothing came of {expression}")
