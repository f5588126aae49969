"""The dashboards as a reader meets them: every panel explains itself, and a real Prometheus answers every query.

Prometheus scrapes the totals of the recorded Claude Code sessions; the numbers on the panels must be those totals, also
for series that are born with their first value.
"""
import collections
import copy
import http.server
import json
import math
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).parents[2]
DASHBOARDS = sorted((ROOT / "grafana/dashboards").glob("*.json"))

# What the Collector's default translation, and so Odometer, calls the metrics of Claude Code.
NAMES = {
    "claude_code.session.count": "claude_code_session_count_total",
    "claude_code.token.usage": "claude_code_token_usage_tokens_total",
    "claude_code.cost.usage": "claude_code_cost_usage_USD_total",
    "claude_code.active_time.total": "claude_code_active_time_seconds_total",
    "claude_code.lines_of_code.count": "claude_code_lines_of_code_count_total",
    "claude_code.commit.count": "claude_code_commit_count_total",
    "claude_code.pull_request.count": "claude_code_pull_request_count_total",
    "claude_code.code_edit_tool.decision": "claude_code_code_edit_tool_decision_total",
}
VARIABLES = {"$__range": "1h", "$__rate_interval": "1m", "$__interval": "15s", "$user": ".*", "$model": ".*"}
STEP_SECONDS = 15
DEADLINE_SECONDS = 60


def panels(dashboard):
    """All panels that show data, those inside collapsed rows included."""
    for panel in dashboard["panels"]:
        yield from (inner for inner in panel.get("panels", []))
        if panel["type"] != "row":
            yield panel


def query(expression):
    """The expression as Grafana would send it, with every variable filled in."""
    for name, value in sorted(VARIABLES.items(), reverse=True):
        expression = expression.replace(name, value)
    return expression


def complaints(dashboard):
    """What a reader would miss, one sentence each."""
    for key in ("uid", "title", "description", "schemaVersion"):
        if not dashboard.get(key):
            yield f"the dashboard has no {key}"
    if "__inputs" in dashboard:
        yield "__inputs breaks provisioning: the data-source variable is enough for both ways"
    if not any(variable["type"] == "datasource" for variable in dashboard["templating"]["list"]):
        yield "there is no data-source variable"
    ids = collections.Counter(panel["id"] for panel in dashboard["panels"])
    yield from (f"the panel id {identifier} is used {count} times" for identifier, count in ids.items() if count > 1)
    for panel in panels(dashboard):
        title = panel.get("title") or f"panel {panel['id']}"
        for key in ("title", "description"):
            if not panel.get(key):
                yield f"{title}: no {key}"
        if not panel.get("fieldConfig", {}).get("defaults", {}).get("unit"):
            yield f"{title}: no unit"
        if not any(target.get("expr") for target in panel.get("targets", [])):
            yield f"{title}: no query"
        for target in panel.get("targets", []):
            yield from (f"{title}: {sentence}" for sentence in query_complaints(target))


def query_complaints(target):
    """What is wrong with one query, syntax aside: that is for Prometheus to say."""
    expression = target.get("expr", "")
    if target.get("datasource", {}).get("uid") != "${datasource}":
        yield "the data source is not the variable"
    if re.search(r"[{,]\s*(exported_)?job\s*[=!]", expression):
        yield "a filter on job shows nothing where the scrape configuration differs"
    for name in re.findall(r"\b(?:claude_code|odometer|otelcol)_\w+", expression):
        if name not in NAMES.values():
            yield f"no such metric: {name}"
    if "$" in query(expression):
        yield f"an unknown variable in {expression}"
    if re.search(r"\b(?:rate|increase)\([^][]*\[(?!\$__)", expression):
        yield "a fixed window: use $__rate_interval or $__range"


def recorded_totals():
    """The true totals of the recorded Claude Code sessions: Prometheus series -> value."""
    series = collections.defaultdict(float)
    for file in sorted((ROOT / "Tests/Fixtures/captures").glob("*/expected.json")):
        for total in json.loads(file.read_text()):
            if name := NAMES.get(total["name"]):
                labels = {re.sub(r"\W", "_", key): str(value) for key, value in total["attributes"].items()}
                text = ",".join(f'{key}="{value}"' for key, value in sorted({**labels, "job": "claude-code"}.items()))
                series[f"{name}{{{text}}}"] += total["total"]
    return dict(series)


class Target(http.server.BaseHTTPRequestHandler):
    """What Prometheus scrapes."""
    series, factor = {}, 1

    def do_GET(self):
        lines = [f"{series} {value * Target.factor!r}\n" for series, value in sorted(Target.series.items())]
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.end_headers()
        self.wfile.write("".join(lines).encode())

    def log_message(self, *_):
        pass


class Prometheus:
    """A Prometheus of its own, with an empty store, that scrapes `Target` every second."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.target = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Target)
        threading.Thread(target=self.target.serve_forever, daemon=True).start()
        configuration = pathlib.Path(self.folder.name, "prometheus.yml")
        configuration.write_text(
            "scrape_configs: [{job_name: test, scrape_interval: 1s, scrape_timeout: 1s, honor_labels: true, "
            f'static_configs: [{{targets: ["127.0.0.1:{self.target.server_port}"]}}]}}]\n')
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        self.log = pathlib.Path(self.folder.name, "log")
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [shutil.which("prometheus"), f"--config.file={configuration}", f"--web.listen-address={self.address}",
                 f"--storage.tsdb.path={self.folder.name}/tsdb"], stdout=log, stderr=subprocess.STDOUT)

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.target.shutdown()
        self.target.server_close()
        self.folder.cleanup()

    def ask(self, path, **parameters):
        """The answer as Prometheus gives it, errors of the query included."""
        url = f"http://{self.address}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return json.load(error)

    def values(self, expression, over=None):
        """The results as (labels, values): one value for an instant, several over the last `over` seconds."""
        if over is None:
            answer = self.ask("query", query=expression)
        else:
            now = math.ceil(time.time() / STEP_SECONDS) * STEP_SECONDS
            answer = self.ask("query_range", query=expression, start=now - over, end=now, step=STEP_SECONDS)
        if answer["status"] != "success":
            raise AssertionError(f"{answer['error']}: {expression}")
        return [(result["metric"], [float(value) for _, value in result.get("values", [result.get("value")])])
                for result in answer["data"]["result"]]

    def wait_for(self, expression):
        """Until the expression has a result; a Prometheus that ended, or the deadline, is a failure."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.values(expression):
                    return
            except (OSError, ValueError, KeyError):
                pass
            time.sleep(0.05)
        raise AssertionError(f"nothing came of {expression}: {self.log.read_text()[-2000:]}")


class Reading(unittest.TestCase):
    def test_every_panel_explains_itself(self):
        self.assertTrue(DASHBOARDS)
        for file in DASHBOARDS:
            with self.subTest(file.name):
                self.assertEqual([], list(complaints(json.loads(file.read_text()))))

    def test_a_bad_dashboard_is_told(self):
        good = json.loads(DASHBOARDS[0].read_text())
        first = next(index for index, panel in enumerate(good["panels"]) if panel["type"] != "row")

        def told(part, change):
            bad = copy.deepcopy(good)
            change(bad, bad["panels"][first])
            self.assertIn(part, "\n".join(complaints(bad)))

        def expression(text):
            return lambda board, panel: panel["targets"][0].update(expr=text)
        told("no description", lambda board, panel: panel.pop("description"))
        told("no unit", lambda board, panel: panel["fieldConfig"]["defaults"].pop("unit"))
        told("no query", lambda board, panel: panel.update(targets=[]))
        told("is used 2 times", lambda board, panel: board["panels"].append(panel))
        told("no data-source variable", lambda board, panel: board["templating"].update(list=[]))
        told("__inputs", lambda board, panel: board.update(__inputs=[]))
        told("no such metric", expression("claude_code_token_usage_total"))
        told("filter on job", expression('claude_code_cost_usage_USD_total{job="x"}'))
        told("fixed window", expression("rate(claude_code_cost_usage_USD_total[5m])"))
        told("unknown variable", expression("claude_code_cost_usage_USD_total{x=~\"$x\"}"))

    def test_what_is_provisioned_is_there(self):
        source = (ROOT / "grafana/provisioning/datasources/prometheus.yaml").read_text()
        provider = (ROOT / "grafana/provisioning/dashboards/odometer.yaml").read_text()
        compose = (ROOT / "docker-compose.yml").read_text()
        folder = re.search(r"path: (\S+)", provider)[1]
        self.assertIn(f"./grafana/dashboards:{folder}:ro", compose)
        home = re.search(rf"HOME_DASHBOARD_PATH: {folder}/(\S+)", compose)[1]
        self.assertIn(home, [file.name for file in DASHBOARDS])
        self.assertEqual("15s", re.search(r"timeInterval: (\S+)", source)[1])
        self.assertEqual("15s", re.search(r"scrape_interval: (\S+)", (ROOT / "prometheus.yml").read_text())[1])


class Answering(unittest.TestCase):
    """In the order of the names: first the recorded totals stand still, then they double."""

    @classmethod
    def setUpClass(cls):
        cls.truth = Target.series = recorded_totals()
        Target.factor = 1
        cls.prometheus = Prometheus()
        cls.addClassCleanup(cls.prometheus.stop)
        cls.prometheus.wait_for("count_over_time(claude_code_cost_usage_USD_total[1m]) >= 3")

    def total(self, name, *parts):
        """The recorded total of a metric, of the series whose text holds all parts."""
        return sum(value for series, value in self.truth.items()
                   if series.startswith(NAMES[name] + "{") and all(part in series for part in parts))

    def targets(self, title):
        found = [panel for file in DASHBOARDS for panel in panels(json.loads(file.read_text())) if panel["title"] == title]
        return [query(target["expr"]) for panel in found for target in panel["targets"]]

    def shown(self, title, over=None):
        """The sum of everything the panel shows, one number a query."""
        return [sum(sum(values) for _, values in self.prometheus.values(target, over)) for target in self.targets(title)]

    def assert_shows(self, title, expected, over=None):
        shown = self.shown(title, over)
        self.assertEqual(len(expected), len(shown), msg=title)
        for want, have in zip(expected, shown):
            self.assertGreater(want, 0, msg=title)
            self.assertAlmostEqual(1, have / want, delta=1e-9, msg=f"{title}: {have} instead of {want}")

    def test_1_numbers_over_the_range_are_the_truth(self):
        cost, tokens = self.total("claude_code.cost.usage"), self.total("claude_code.token.usage")
        active = self.total("claude_code.active_time.total")
        self.assert_shows("Cost", [cost])
        self.assert_shows("Cost of each model", [cost])
        self.assert_shows("Tokens", [tokens])
        self.assert_shows("Tokens of each model", [tokens])
        self.assert_shows("Sessions", [self.total("claude_code.session.count")])
        self.assert_shows("Active time", [active])
        self.assert_shows("Lines of code", [self.total("claude_code.lines_of_code.count")])
        self.assert_shows("Edit decisions", [self.total("claude_code.code_edit_tool.decision")])
        self.assert_shows("Sessions by cost", [cost, tokens, active])
        prompt = [self.total("claude_code.token.usage", f'type="{kind}"') for kind in ("cacheRead", "input", "cacheCreation")]
        self.assert_shows("Cache hit rate", [prompt[0] / sum(prompt)])

    def test_2_bars_add_up_to_the_truth(self):
        for title, name in [("Cost by model", "claude_code.cost.usage"), ("Tokens by type", "claude_code.token.usage"),
                            ("Active time by type", "claude_code.active_time.total"),
                            ("Lines of code by type", "claude_code.lines_of_code.count")]:
            self.assert_shows(title, [self.total(name)], over=20 * STEP_SECONDS)

    def test_3_every_query_returns_data(self):
        Target.factor = 2
        self.prometheus.wait_for("increase(claude_code_token_usage_tokens_total{type=\"input\"}[1m]) > 0")
        for file in DASHBOARDS:
            for panel in panels(json.loads(file.read_text())):
                for target in panel["targets"]:
                    with self.subTest(panel["title"]):
                        values = [value for _, many in self.prometheus.values(query(target["expr"])) for value in many]
                        self.assertTrue(values, msg=target["expr"])
                        self.assertFalse([value for value in values if not math.isfinite(value)])

    def test_4_a_wrong_query_is_told(self):
        with self.assertRaisesRegex(AssertionError, "parse error"):
            self.prometheus.values("sum by (model (claude_code_cost_usage_USD_total)")


if __name__ == "__main__":
    unittest.main()
