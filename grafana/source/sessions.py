"""Sessions: how many, how big, and one of them in detail."""
from grafana import (
    FILTERS, columns, dashboard, graph, pie, ranking, row, source_variable, stat, table, values_variable)
from overview import EVENTS_NOTE, session_table
from promql import (
    ACTIVE, COST, EDIT_DECISIONS, LAST_SEEN, LINES, PROMPTS, SESSIONS, SESSIONS_ACTIVE, TOKENS, added, bars,
    by_person, person_bars, person_total, series, share, since, total)

CHOSEN = 'session_id=~"$session"'
ACTIVE_NOTE = " A session is active while it sent something in the last five minutes (odometer.events.active_window)."


def totals():
    sessions = total(SESSIONS)
    return row(
        "In the time range",
        stat("Active sessions", "Sessions at work now." + ACTIVE_NOTE,
             added("", SESSIONS_ACTIVE), "short", colour="green", decimals=0, over_range=False),
        stat("Sessions started", "Sessions started, resumed and continued ones included.", sessions, "short",
             colour="purple", decimals=0),
        stat("Cost per session", "Cost of the time range for each session that was started in it, in US dollars.",
             share(total(COST), sessions), "currencyUSD", colour="orange", decimals=2, none="-"),
        stat("Tokens per session", "Tokens of all types for each session that was started.",
             share(total(TOKENS), sessions), "short", none="-"),
        stat("Prompts per session",
             "Prompts for each session that was started: how long conversations are." + EVENTS_NOTE,
             share(total(PROMPTS), sessions), "short", decimals=1, none="-"),
        stat("Active time per session", "Active time, of people and of Claude Code, for each session that was started.",
             share(total(ACTIVE), sessions), "s", colour="green", none="-"),
        stat("Lines per session", "Lines added or removed for each session that was started.",
             share(total(LINES), sessions), "short", decimals=1, none="-"),
        stat("Leverage", "Seconds that Claude Code worked for each second that people typed and read: cli / user.",
             share(total(ACTIVE, 'type="cli"'), total(ACTIVE, 'type="user"')), "none", decimals=1, none="-"))


def over_time():
    return row(
        "Sessions",
        graph("Active sessions over time", "Sessions at work at each moment, by user." + ACTIVE_NOTE,
              [(by_person(SESSIONS_ACTIVE), "{{person}}")], "short", stacked=True, calcs=("max",)),
        columns("Sessions by start", "Sessions: new ones (fresh), and old ones taken up again (resume, continue).",
                bars(SESSIONS, by="start_type"), "{{start_type}}", "short"),
        columns("Sessions by user", "Sessions by who started them.", person_bars(SESSIONS), "{{person}}", "short"),
        table("Last seen", "When each user's newest session last sent something, and how many are at work. A user "
              "whose client went silent stays here for a day.", [
                  ("Last seen", "dateTimeFromNow", f"max by (user, service) ({LAST_SEEN}) * 1000"),
                  ("Active sessions", "short", added("user, service", SESSIONS_ACTIVE))],
              {"user": "User", "service": "Service"}, width=12, height=8),
        ranking("Sessions of each user", "Sessions started in the time range.", person_total(SESSIONS), "{{person}}",
                "short", colour="purple", limit=20),
        pie("Sessions by terminal", "Sessions started in the time range by the terminal they ran in.",
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
        table("Models of the session", "What the session chosen above asked which model for: the conversation (main), "
              "sub-agents with their name, helpers (auxiliary).", [
                  ("Cost", "currencyUSD", f"{column(COST, CHOSEN)} > 0"),
                  ("Tokens", "short", column(TOKENS, CHOSEN)),
                  ("Output tokens", "short", column(TOKENS, CHOSEN, 'type="output"'))],
              {"model": "Model", "query_source": "Source", "agent_name": "Agent"}, height=8))


def make():
    return dashboard(
        "odometer-sessions", "Claude Code: Sessions",
        "Sessions of Claude Code: how many there are, how big they are, what one of them did. Needs the label "
        "session_id for single sessions.",
        [source_variable(),
         values_variable("model", "Model", "Narrows cost and tokens of the table.", COST, "model"),
         values_variable("session", "Session", "Narrows the panels of the chosen session.", COST, "session_id"),
         FILTERS],
        [totals(), over_time(),
         row("Details", session_table("Session details", "The hundred sessions that cost most in the time range.",
                                      limit=100)), chosen()])
