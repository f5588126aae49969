"""The dashboards: every panel has a description, and Grafana's schema has every key.

What the panels show is tested with the built program: replayed_tests.py.
"""
import collections
import copy
import json
import re
import subprocess
import sys
import unittest

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard
from reading import FILES, ROOT, dashboard, filled_in, panels

METRIC = re.compile(r"\b(?:claude_code|odometer|otelcol)[_:][\w:]+")
VARIABLES = {"$__range": "1h", "$__rate_interval": "1m", "$__interval": "15s", "$user": ".*", "$model": ".*",
             "$session": ".*", "$event": ".*", "$tool": ".*", "$1": ""}
# Keys that Grafana reads, but its published models lack.
UNKNOWN_TO_MODELS = {"templating.list[].definition"}


def known_metrics():
    """All metrics: of Claude Code, of its events, of Odometer and of the recording rules."""
    sys.path.insert(0, str(ROOT / "grafana/source"))
    import promql
    names = {value for key, value in vars(promql).items() if key.isupper() and str(value).startswith("claude_code_")}
    for file in (ROOT / "Config/prometheus-rules").glob("*.yml"):
        names |= set(re.findall(r"record: (\S+)", file.read_text()))
    for file in (ROOT / "Sources").rglob("*.swift"):
        text = file.read_text()
        names |= {"claude_code_" + re.sub(r"\W", "_", name) + suffix
                  for name in re.findall(r'"claude_code\.([\w.]+)"', text)
                  for suffix in ("", "_total", "_seconds", "_USD_total", "_characters")}
        names |= {f"odometer_{name}" for name in re.findall(r'"([a-z_]{6,})"', text)}
    return names


KNOWN = known_metrics()


def complaints(board):
    """Missing parts, one sentence each."""
    for key in ("uid", "title", "description", "schemaVersion"):
        if not board.get(key):
            yield f"the dashboard has no {key}"
    if "__inputs" in board:
        yield "__inputs breaks provisioning: the data-source variable is enough for both ways"
    if not any(variable["type"] == "datasource" for variable in board["templating"]["list"]):
        yield "there is no data-source variable"
    for key in ("id", "title"):
        values = collections.Counter(panel[key] for panel in panels(board))
        yield from (f"the panel {key} {value} is used {count} times" for value, count in values.items() if count > 1)
    for panel in panels(board):
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
    yield from overlaps(board)


def query_complaints(target):
    """Errors of a query, except syntax, which Prometheus checks."""
    expression = target.get("expr", "")
    if target.get("datasource", {}).get("uid") not in ("${datasource}", "${loki}"):
        yield "the data source is not the variable"
    if re.search(r"[{,]\s*(exported_)?job\s*[=!]", expression):
        yield "a filter on job shows nothing where the scrape configuration differs"
    for name in METRIC.findall(expression):
        if re.sub(r"_(bucket|sum|count)$", "", name) not in KNOWN and name not in KNOWN:
            yield f"no such metric: {name}"
    if "$" in filled_in(expression, VARIABLES):
        yield f"an unknown variable in {expression}"
    if re.search(r"\b(?:rate|increase)\([^][]*\[(?!\$__)", expression):
        yield "a fixed window: use $__rate_interval or $__range"


def overlaps(board):
    """Panels that overlap, or exceed the twenty-four columns."""
    taken = {}
    for panel in board["panels"]:
        place = panel["gridPos"]
        if place["x"] + place["w"] > 24:
            yield f"{panel['title']}: wider than the dashboard"
        for cell in ((x, y) for x in range(place["x"], place["x"] + place["w"])
                     for y in range(place["y"], place["y"] + place["h"])):
            if cell in taken:
                yield f"{panel['title']} lies on {taken[cell]}"
                return
            taken[cell] = panel["title"]


def lost(before, after, path=""):
    """Keys that the published models drop: misspelt or unknown to Grafana."""
    if isinstance(before, dict):
        for key, value in before.items():
            where = f"{path}.{key}" if path else key
            if isinstance(after, dict) and key in after:
                yield from lost(value, after[key], where)
            elif value not in (None, "", [], {}, False):
                yield where
    elif isinstance(before, list) and isinstance(after, list):
        for one, other in zip(before, after):
            yield from lost(one, other, path + "[]")


class Reading(unittest.TestCase):
    maxDiff = None

    def test_every_panel_explains_itself(self):
        self.assertTrue(FILES)
        for file in FILES:
            with self.subTest(file.name):
                self.assertEqual([], list(complaints(dashboard(file))))

    def test_a_bad_dashboard_is_told(self):
        good = dashboard(ROOT / "grafana/dashboards/claude-code.json")
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
        told("lies on", lambda board, panel: panel["gridPos"].update(w=4))
        told("wider", lambda board, panel: panel["gridPos"].update(x=22))

    def test_the_files_are_what_their_source_writes(self):
        command = [sys.executable, "-B", ROOT / "grafana/source/build.py", "--check"]
        run = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual((0, ""), (run.returncode, run.stderr))

    def test_grafanas_models_know_every_key(self):
        register_default_plugins()
        for file in FILES:
            with self.subTest(file.name):
                before = dashboard(file)
                after = json.loads(json.dumps(Dashboard.from_json(copy.deepcopy(before)), cls=JSONEncoder))
                self.assertEqual(len(before["panels"]), len(after["panels"]))
                self.assertEqual(set(), set(lost(before, after)) - UNKNOWN_TO_MODELS)

    def test_a_key_that_grafana_does_not_know_is_told(self):
        register_default_plugins()
        bad = dashboard(FILES[0])
        next(panels(bad))["fieldConfig"]["defaults"]["decimal"] = 2
        after = json.loads(json.dumps(Dashboard.from_json(copy.deepcopy(bad)), cls=JSONEncoder))
        self.assertIn("panels[].fieldConfig.defaults.decimal", set(lost(bad, after)))

    def test_what_is_provisioned_is_there(self):
        source = (ROOT / "grafana/provisioning/datasources/prometheus.yaml").read_text()
        provider = (ROOT / "grafana/provisioning/dashboards/odometer.yaml").read_text()
        compose = (ROOT / "docker-compose.yml").read_text()
        prometheus = (ROOT / "prometheus.yml").read_text()
        folder = re.search(r"path: (\S+)", provider)[1]
        self.assertIn(f"./grafana/dashboards:{folder}:ro", compose)
        home = re.search(rf"HOME_DASHBOARD_PATH: {folder}/(\S+)", compose)[1]
        self.assertIn(home, [file.name for file in FILES])
        self.assertEqual("15s", re.search(r"timeInterval: (\S+)", source)[1])
        self.assertEqual("15s", re.search(r"scrape_interval: (\S+)", prometheus)[1])
        self.assertIn("rules/*.yml", prometheus)
        self.assertIn("./Config/prometheus-rules:/etc/prometheus/rules:ro", compose)

    def test_each_profile_has_its_configuration(self):
        compose = (ROOT / "docker-compose.yml").read_text()
        self.assertIn("./Config:/etc/odometer:ro", compose)
        self.assertIn("--config=/etc/odometer/profiles/${COMPOSE_PROFILES:-metrics}.yaml", compose)
        profiles = {"metrics", *re.findall(r"profiles: \[(\w+)\]", compose)}
        self.assertEqual(profiles, {file.stem for file in (ROOT / "Config/profiles").glob("*.yaml")})


if __name__ == "__main__":
    unittest.main()
