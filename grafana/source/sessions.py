"""Sessions: how many, how large, and one of them in detail."""
from grafana import (
    FILTERS, columns, dashboard, graph, pie, ranking, row, source_variable, stat, table, values_variable)
from overview import EVENTS_NOTE, session_table
from promql import (
    ACTIVE, COST, EDIT_DECISIONS, LAST_SEEN, LINES, PROMPTS, SESSIONS, SESSIONS_ACTIVE, TOKENS, added, bars,
    by_person, person_bars, person_total, series, share, since, total)

CHOSEN = 'session_id=~"$session"'
ACTIVE_NOTE = " A session is active for five minutes after it sent data (odometer.events.active_window)."


def totals():
    sessions = total(SESSIONS)
    return row(
        "In the time range",
        stat("Active sessions", "Sessions that are active now." + ACTIVE_NOTE,
             added("", SESSIONS_ACTIVE), "short", colour="green", decimals=0, over_range=False),
        stat("Sessions started", "Sessions started, including resumed and continued ones.", sessions, "short",
             colour="purple", decimals=0),
        stat("Cost per session", "Cost in the time range for each session started in it, in US dollars.",
             share(total(COST), sessions), "currencyUSD", colour="orange", decimals=2, none="-"),
        stat("Tokens per session", "Tokens of all types for each session started.",
             share(total(TOKENS), sessions), "short", none="-"),
        stat("Prompts per session",
             "Prompts for each session started: the length of conversations." + EVENTS_NOTE,
             share(total(PROMPTS), sessions), "short", decimals=1, none="-"),
        stat("Active time per session", "Active time, of people and of Claude Code, for each session started.",
             share(total(ACTIVE), sessions), "s", colour="green", none="-"),
        stat("Lines per session", "Lines added or removed for each session started.",
             share(total(LINES), sessions), "short", decimals=1, none="-"),
        stat("Leverage", "Active time of Claude Code divided by that of people: cli / user.",
             share(total(ACTIVE, 'type="cli"'), total(ACTIVE, 'type="user"')), "none", decimals=1, none="-"))


def over_time():
    return row(
        "Sessions",
        graph("Active sessions over time", "Active sessions at each time, by user." + ACTIVE_NOTE,
              [(by_person(SESSIONS_ACTIVE), "{{person}}")], "short", stacked=True, calcs=("max",)),
        columns("Sessions by start", "Sessions started, by type: new (fresh), resumed or continued (resume, continue).",
                bars(SESSIONS, by="start_type"), "{{start_type}}", "short"),
        columns("Sessions by user", "Sessions started, by user.", person_bars(SESSIONS), "{{person}}", "short"),
        table("Last seen", "Time of the last data of each user, and the number of active sessions. Users are listed for "
              "a day after their last data.", [
                  ("Last seen", "dateTimeFromNow", f"max by (user, service) ({LAST_SEEN}) * 1000"),
                  ("Active sessions", "short", added("user, service", SESSIONS_ACTIVE))],
              {"user": "User", "service": "Service"}, width=12, height=8),
        ranking("Sessions of each user", "Sessions started in the time range.", person_total(SESSIONS), "{{person}}",
                "short", colour="purple", limit=20),
        pie("Sessions by terminal", "Sessions started in the time range, by terminal.",
            total(SESSIONS, by="terminal_type"), "{{terminal_type}}", "short"))


def chosen():
    labels = "model, query_source, agent_name"

    def column(metric, *matchers):
        return added(labels, since(series(metric, *matchers), "$__range"))
    return row(
        "The chosen session",
        columns("Cost of the session", "Cost in US dollars by model, of the session chosen above.",
                bars(COST, CHOSEN, by="model"), "{{model}}", "currencyUSD"),
        columns("Tokens of the session", "Tokens by type, of the session chosen above.",
                bars(TOKENS, CHOSEN, by="type"), "{{type}}", "short"),
        columns("Active time of the session", "Seconds by type, of the session chosen above.",
                bars(ACTIVE, CHOSEN, by="type"), "{{type}}", "s", width=8),
        columns("Lines of the session", "Lines by type, of the session chosen above.",
                bars(LINES, CHOSEN, by="type"), "{{type}}", "short", width=8),
        ranking("Edit decisions of the session", "Edits accepted or rejected, of the session chosen above.",
                total(EDIT_DECISIONS, CHOSEN, by="tool_name, decision"), "{{tool_name}}: {{decision}}", "short",
                width=8,
                colour="purple"),
        table("Models of the session", "Models that the session chosen above used, by source: the conversation (main), "
              "sub-agents with their name, helpers (auxiliary).", [
                  ("Cost", "currencyUSD", f"{column(COST, CHOSEN)} > 0"),
                  ("Tokens", "short", column(TOKENS, CHOSEN)),
                  ("Output tokens", "short", column(TOKENS, CHOSEN, 'type="output"'))],
              {"model": "Model", "query_source": "Source", "agent_name": "Agent"}, height=8))


def make():
    return dashboard(
        "odometer-sessions", "Claude Code: Sessions",
        "Sessions of Claude Code: how many, how large, and what one of them did. Needs the label "
        "session_id for single sessions.",
        [source_variable(),
         values_variable("model", "Model", "Narrows cost and tokens of the table.", COST, "model"),
         values_variable("session", "Session", "Narrows the panels of the chosen session.", COST, "session_id"),
         FILTERS],
        [totals(), over_time(),
         row("Details", session_table("Session details", "The hundred sessions with the highest cost in the time range.",
                                      limit=100)), chosen()])
