"""Team: who uses it, for what, and how much of budget and quota is used."""
from grafana import FILTERS, bad_above, columns, dashboard, panel, ranking, row, source_variable, stat, table, target
from overview import EVENTS_NOTE, RULES_NOTE
from promql import (
    ACTIVE, COMMITS, COST, EDIT_DECISIONS, LINES, PROMPTS, PULL_REQUESTS, SESSIONS, TOKENS, person_bars, person_total,
    share, total)

PEOPLE = f"count({person_total(COST)} > 0)"
PERSON_NOTE = " People are identified by mail address, account or user id, whichever is there first."


def totals():
    return row(
        "In the time range",
        stat("Active users", "People with any cost." + PERSON_NOTE, PEOPLE, "short", colour="purple",
             decimals=0),
        stat("Cost per user", "Cost in the time range for each active user, in US dollars.",
             f"{total(COST)} / {PEOPLE}", "currencyUSD", colour="orange", decimals=2, none="-"),
        stat("Sessions per user", "Sessions started for each active user.", f"{total(SESSIONS)} / {PEOPLE}", "short",
             decimals=1, none="-"),
        stat("Active time per user", "Active time for each active user.", f"{total(ACTIVE)} / {PEOPLE}", "s",
             colour="green", none="-"),
        stat("Cost of the last day", "Cost of the last 24 hours, independent of the time range, in US dollars. Needs the "
             "rules in Config/prometheus-rules.", "claude_code:day_cost_USD", "currencyUSD", colour="orange",
             decimals=2,
             over_range=False),
        stat("Budget of the last day", "The last 24 hours as a share of the daily budget in "
             "Config/prometheus-rules/limits.yml, which Prometheus must load.",
             "claude_code:day_cost_USD / on() claude_code:day_budget_USD", "percentunit", decimals=0,
             steps=bad_above(0.8, 1), none="-", over_range=False),
        stat("Cost per commit", "Cost in the time range for each commit of Claude Code.",
             share(total(COST), total(COMMITS)), "currencyUSD", colour="orange", decimals=2, none="-"),
        stat("Cost per pull request", "Cost in the time range for each pull request of Claude Code.",
             share(total(COST), total(PULL_REQUESTS)), "currencyUSD", colour="orange", decimals=2, none="-"))


def people():
    accepted = person_total(EDIT_DECISIONS, 'decision="accept"')
    return row(
        "People",
        columns("Cost by user", "Cost in US dollars." + PERSON_NOTE, person_bars(COST), "{{person}}", "currencyUSD"),
        columns("Tokens by user", "Tokens of all types." + PERSON_NOTE, person_bars(TOKENS), "{{person}}", "short"),
        ranking("Cost of each user", "Cost in the time range, in US dollars.", person_total(COST), "{{person}}",
                "currencyUSD", colour="orange", limit=20),
        ranking("Prompts of each user", "Prompts in the time range." + EVENTS_NOTE, person_total(PROMPTS), "{{person}}",
                "short", colour="purple", limit=20),
        ranking("Active time of each user", "Active time in the time range, of the person and of Claude Code.",
                person_total(ACTIVE), "{{person}}", "s", colour="green", limit=20),
        ranking("Lines of each user", "Lines added or removed in the time range.", person_total(LINES), "{{person}}",
                "short", colour="purple", limit=20),
        table("Users", "What each person did in the time range." + PERSON_NOTE, [
            ("Cost", "currencyUSD", f"{person_total(COST)} > 0"),
            ("Tokens", "short", person_total(TOKENS)),
            ("Sessions", "short", person_total(SESSIONS)),
            ("Prompts", "short", person_total(PROMPTS)),
            ("Active time", "s", person_total(ACTIVE)),
            ("Lines", "short", person_total(LINES)),
            ("Commits", "short", person_total(COMMITS)),
            ("Pull requests", "short", person_total(PULL_REQUESTS)),
            ("Edits accepted", "percentunit", share(accepted, person_total(EDIT_DECISIONS))),
        ], {"person": "User"}))


def limits():
    def ratio(window, kind):
        return f'claude_code:window_ratio{{window="{window}", kind="{kind}"}}'
    steps = bad_above(0.6, 0.85)
    kinds = [("prompts", "Prompts"), ("tokens", "Input and output tokens, without the cache,"),
             ("cost", "Cost at list prices")]
    return row(
        "Quota (estimates)",
        *(ranking(f"{kind.capitalize()}, {window}",
                  f"{text} of the last {window} as a share of the limit of the plan." + RULES_NOTE,
                  ratio(window, kind), "{{person}}", "percentunit", width=4, steps=steps, decimals=0)
          for window in ("5h", "7d") for kind, text in kinds),
        table("Usage and limits", "Usage in the rolling windows, and its share of the estimated limit of the plan." + RULES_NOTE, [
            ("Used", "none", "sum by (person, window, kind) (claude_code:window_usage)"),
            ("Share", "percentunit", "sum by (person, window, kind, plan) (claude_code:window_ratio)"),
        ], {"person": "User", "window": "Window", "kind": "What", "plan": "Plan"}, width=16, height=8),
        panel("table", "Firing alerts", "Alerts of Config/prometheus-rules that fire now. Prometheus only evaluates "
              "them; an Alertmanager or Grafana sends notifications.",
              [target('ALERTS{alertname=~"(ClaudeCode|Odometer).*", alertstate="firing"}', instant=True, table=True)],
              unit="none", width=8, height=8, options={"cellHeight": "sm", "showHeader": True},
              transformations=[{"id": "organize", "options": {
                  "excludeByName": {"Time": True, "Value": True, "__name__": True, "alertstate": True},
                  "indexByName": {}, "renameByName": {"alertname": "Alert", "person": "User"}}}]))


def make():
    return dashboard(
        "odometer-team", "Claude Code: Team",
        "Who uses Claude Code, and for what. People are identified by mail address, account or user id.",
        [source_variable(), FILTERS], [totals(), people(), limits()], time="now-7d")
