"""The dashboards on recorded sessions: all captures go through Odometer into a real Prometheus, then every query of
every panel is asked. It must not fail, must show something, and what it shows must be what the captures add up to.

Usage: replayed_tests.py ODOMETER      the program; needs the packages of Tests/Python/requirements.txt, and Prometheus.
"""
import math
import subprocess
import sys
import time
import unittest

import captured
import known_queries
from panel_truth import EMPTY, truths
from reading import FILES, ROOT, dashboard, filled_in, panels
from stack import Stack

PACE_SECONDS = 1
STEP_SECONDS = 5
RANGE_SECONDS = 900
VARIABLES = {"$__range": f"{RANGE_SECONDS}s", "$__rate_interval": "60s", "$__interval": f"{STEP_SECONDS}s",
             "$model": ".*", "$session": ".*", "$tool": ".*"}
ODOMETER = None


class Replayed(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        runs = captured.captures()
        cls.truth = captured.Truth(runs)
        for attempts_left in (2, 1, 0):
            cls.stack = Stack(ODOMETER)
            cls.addClassCleanup(cls.stack.stop)
            cls.start = math.floor(time.time() / STEP_SECONDS) * STEP_SECONDS
            cls.replay(runs)
            try:
                cls.wait_for_the_end()
            except AssertionError:
                if attempts_left == 0 or not cls.stack.has_come_late():
                    raise
                continue
            if attempts_left == 0 or not cls.stack.has_come_late():
                break
        cls.end = math.ceil(time.time() / STEP_SECONDS) * STEP_SECONDS + STEP_SECONDS
        cls.stack.wait_for(f"timestamp(up) >= {cls.end}")
        cls.boards = {file.stem: list(panels(dashboard(file))) for file in FILES if file.stem != "logs"}

    @classmethod
    def wait_for_the_end(cls):
        """Until the newest series is no longer 0, and the rules have evaluated it."""
        cost = cls.truth.counter("cost.usage")
        cls.stack.wait_for(f"abs(sum(claude_code_cost_usage_USD_total) - {cost!r}) < 1e-9")
        cls.stack.wait_for(f"abs(claude_code:day_cost_USD - {cost!r}) < 1e-9")

    @classmethod
    def replay(cls, runs):
        """In parallel, each in order, with its first point now."""
        now = time.time_ns()
        shifts = {}
        for run in runs:
            times = [moment for request in run.requests if request.signal == "metrics" for moment in request.times()]
            shifts[run.name] = now - min(times, default=now)
        begun = time.monotonic()
        for turn in range(max(len(run.requests) for run in runs)):
            time.sleep(max(0, begun + turn * PACE_SECONDS - time.monotonic()))
            for run in runs:
                if turn < len(run.requests):
                    cls.stack.post(run.requests[turn], shifts[run.name])

    def shown(self, target):
        """The data of a panel: (labels, values)."""
        expression = filled_in(target["expr"], VARIABLES)
        self.assertNotIn("$_", expression)
        if target["instant"]:
            return self.stack.values(expression, self.end)
        return self.stack.values_over(expression, self.start, self.end, STEP_SECONDS)

    def finite(self, target):
        return [(labels, [value for value in values if math.isfinite(value)]) for labels, values in self.shown(target)]

    def test_every_panel_shows_data(self):
        empty = {}
        for name, board in self.boards.items():
            for panel in board:
                for target in panel["targets"]:
                    if not any(values for _, values in self.finite(target)):
                        empty[f"{name}: {panel['title']}"] = target["expr"]
        self.assertEqual(sorted(EMPTY), sorted(empty))

    def test_panels_show_the_truth(self):
        wrong, checked = [], 0
        for (board, title), expected in truths(self.truth).items():
            found = [panel for panel in self.boards[board] if panel["title"] == title]
            self.assertEqual(1, len(found), f"{board}: {title}")
            for target, want in zip(found[0]["targets"], expected if isinstance(expected, list) else [expected]):
                checked += 1
                # Columns add up; of numbers the last one counts.
                of = slice(None) if found[0]["type"] == "timeseries" else slice(-1, None)
                have = {tuple(sorted(labels.items())): sum(values[of]) for labels, values in self.finite(target)}
                if isinstance(want, dict):
                    same = self.is_same_by_label(have, want, shows_most="topk(" in target["expr"])
                else:
                    same = bool(have) and math.isclose(sum(have.values()), want, rel_tol=1e-9)
                if not same:
                    wrong.append(f"{board}: {title}: {have} instead of {want}")
        self.assertEqual([], wrong)
        self.assertGreater(checked, 50)

    @staticmethod
    def is_same_by_label(have, want, shows_most):
        """By the values of the labels, in the order of their names; what is 0 need not be there. Of the most, any of
        equal ones may be shown."""
        have = {tuple(value for _, value in labels if value): value for labels, value in have.items() if value}
        want = {tuple(value for value in key if value): value for key, value in want.items() if value}
        if shows_most and len(have) < len(want):
            least = sorted(want.values())[-len(have)]
            want = {key: value for key, value in want.items() if key in have}
            if not have or min(have.values()) < least * (1 - 1e-9):
                return False
        return have.keys() == want.keys() and all(math.isclose(have[key], want[key], rel_tol=1e-9) for key in want)

    def test_known_dashboards_show_data(self):
        for name, title, expression in known_queries.ALL:
            with self.subTest(f"{name}: {title}"):
                values = self.stack.values(filled_in(expression, VARIABLES), self.end)
                self.assertTrue([value for _, many in values for value in many if math.isfinite(value)], msg=expression)

    def test_windows_hold_the_truth(self):
        people = {}
        for (person, kind), value in self.truth.counters_by("token.usage", "user.id", "type").items():
            people[person] = people.get(person, 0) + (value if kind in ("input", "output") else 0)
        wanted = {"tokens": people, "cost": self.truth.counters_by("cost.usage", "user.id"),
                  "prompts": self.truth.counts_by("user_prompt", "user.id")}
        for kind, want in wanted.items():
            for window in ("5h", "7d"):
                shown = self.stack.values(f'claude_code:window_usage{{kind="{kind}", window="{window}"}}', self.end)
                have = {labels["person"]: value for labels, [value] in shown}
                want = {key if isinstance(key, str) else key[0]: value for key, value in want.items()}
                self.assertEqual(want.keys(), have.keys())
                for person, value in want.items():
                    self.assertAlmostEqual(1, have[person] / value, delta=1e-9, msg=f"{kind} of {person}")

    def test_the_profiles_of_compose_are_valid(self):
        for file in sorted((ROOT / "Config/profiles").glob("*.yaml")):
            with self.subTest(file.name):
                run = subprocess.run(
                    [ODOMETER, "validate", f"--config={ROOT / 'Config/odometer.yaml'}", f"--config={file}"],
                    capture_output=True, text=True)
                self.assertEqual(0, run.returncode, run.stdout + run.stderr)

    def test_rules_are_well(self):
        rules = [rule for group in self.stack.ask("rules")["data"]["groups"] for rule in group["rules"]]
        self.assertGreater(len(rules), 20)
        self.assertEqual([], [(rule["name"], rule["lastError"]) for rule in rules if rule["health"] != "ok"])

    def test_a_wrong_query_is_told(self):
        with self.assertRaisesRegex(AssertionError, "parse error"):
            self.stack.values("sum by (model (claude_code_cost_usage_USD_total)")


if __name__ == "__main__":
    ODOMETER = sys.argv.pop(1)
    unittest.main()
