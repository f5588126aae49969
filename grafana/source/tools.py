"""Tools and API: how fast, how often, and what failed."""
from grafana import (
    FILTERS, bad_above, columns, dashboard, good_above, graph, pie, ranking, row, source_variable, stat,
    values_variable)
from promql import (
    COST, EDIT_DECISIONS, ERRORS, EVENTS, MODEL, REFUSALS, REQUESTS, REQUEST_COST, REQUEST_SECONDS, REQUEST_TOKENS,
    RETRIES_EXHAUSTED, TOOL_DECISIONS, TOOL_RESULTS, TOOL_SECONDS, added, bars, of_events, or_none, quantile,
    quantile_total, series, share, since, total)

TOOL = 'tool_name=~"$tool"'
FAILED = 'success="false"'


def api():
    requests, errors = of_events(total(REQUESTS, MODEL)), of_events(total(ERRORS, MODEL))
    return row(
        "API",
        stat("Requests", "API requests that succeeded in the time range.", requests, "short", decimals=0,
             none="-"),
        stat("Errors", "API requests that failed after all retries in the time range.", errors, "short",
             steps=bad_above(1, 10), decimals=0, none="-"),
        stat("Error share", "Share of requests that failed.",
             share(errors, f"({requests} + {errors})"), "percentunit", decimals=1, steps=bad_above(0.02, 0.1),
             none="-"),
        stat("Retries exhausted", "Requests that failed after the last retry, which people notice.",
             of_events(total(RETRIES_EXHAUSTED, MODEL)), "short", steps=bad_above(1, 5), decimals=0, none="-"),
        stat("Refusals", "Requests that a model refused to answer.", of_events(total(REFUSALS, MODEL)),
             "short", steps=bad_above(1, 10), decimals=0, none="-"),
        stat("Duration (P50)", "Half of the requests took at most this long, from request to last token.",
             quantile_total(0.5, REQUEST_SECONDS, MODEL), "s", steps=bad_above(15, 30), none="-"),
        stat("Duration (P95)", "95 of 100 requests took at most this long.",
             quantile_total(0.95, REQUEST_SECONDS, MODEL), "s", steps=bad_above(30, 60), none="-"),
        stat("Cost of requests", "Cost from events, one for each request. The metrics count it independently; the alert "
             "ClaudeCodeCostsDiverge compares both.", of_events(total(REQUEST_COST, MODEL)), "currencyUSD",
             colour="orange", decimals=2, none="-"),
        columns("Requests by model", "API requests.", bars(REQUESTS, MODEL, by="model"), "{{model}}", "short", width=8),
        columns("Errors by status", "Failed requests by HTTP status; without one, the network failed.",
                bars(ERRORS, MODEL, by="status_code"), "{{status_code}}", "short", width=8),
        graph("Request duration by model (P95)",
              "95 of 100 requests around each time took at most this long.",
              [(quantile(0.95, REQUEST_SECONDS, MODEL, by="model"), "{{model}}")], "s", width=8,
              steps=bad_above(30, 60)),
        graph("Request duration",
              "Half, 95 and 99 of 100 requests around each time took at most this long.",
              [(quantile(part, REQUEST_SECONDS, MODEL), name)
               for part, name in ((0.5, "P50"), (0.95, "P95"), (0.99, "P99"))], "s", width=8),
        graph("Time to the first token", "Half and 95 of 100 requests had their first token within this time.",
              [(quantile(part, "claude_code_api_request_ttft_seconds", MODEL), name)
               for part, name in ((0.5, "P50"), (0.95, "P95"))], "s", width=8, steps=bad_above(5, 15)),
        columns("Tokens of requests", "Tokens by type, from events.",
                bars(REQUEST_TOKENS, MODEL, by="type"), "{{type}}", "short", width=8),
        pie("Requests by source", "Requests in the time range by source: the conversation (main), sub-agents, or "
            "helpers (auxiliary).", total(REQUESTS, MODEL, by="query_source"), "{{query_source}}", "short", width=4),
        pie("Requests by speed and effort", "Requests in the time range by speed (fast or normal) and effort.",
            total(REQUESTS, MODEL, by="speed, effort"), "{{speed}} {{effort}}", "short", width=4))


def tools():
    results, failures = total(TOOL_RESULTS, TOOL), of_events(total(TOOL_RESULTS, TOOL, FAILED))
    good = total(TOOL_RESULTS, TOOL, 'success="true"', by="tool_name")
    accepted, decided = total(EDIT_DECISIONS, 'decision="accept"'), total(EDIT_DECISIONS)
    return row(
        "Tools",
        stat("Tools run", "Tool runs in the time range.", of_events(results), "short", decimals=0, none="-"),
        stat("Tools failed", "Tool runs that ended with an error, such as a failing test run.", failures, "short",
             colour="orange", decimals=0, none="-"),
        stat("Tool success", "Share of tool runs that succeeded.",
             share(or_none(total(TOOL_RESULTS, TOOL, 'success="true"'), results), results), "percentunit", decimals=1,
             steps=good_above(0.8, 0.9), none="-"),
        stat("Tool duration (P95)", "95 of 100 tool runs took at most this long.", quantile_total(0.95, TOOL_SECONDS, TOOL),
             "s", none="-", steps=bad_above(30, 120)),
        stat("Rejected", "Tool runs rejected by people, settings or hooks.",
             of_events(total(TOOL_DECISIONS, TOOL, 'decision="reject"')), "short", colour="orange", decimals=0,
             none="-"),
        stat("Edits accepted", "Share of edits that were accepted, from the metrics.",
             share(or_none(accepted, decided), decided), "percentunit", decimals=1, steps=good_above(0.7, 0.9),
             none="-"),
        columns("Tools over time", "Tool runs, by tool.", bars(TOOL_RESULTS, TOOL, by="tool_name"),
                "{{tool_name}}", "short"),
        columns("Failures over time", "Failed tool runs, by tool.", bars(TOOL_RESULTS, TOOL, FAILED, by="tool_name"),
                "{{tool_name}}", "short"),
        ranking("Success by tool", "Share of runs that succeeded, by tool.",
                share(or_none(good, total(TOOL_RESULTS, TOOL, by="tool_name")),
                      total(TOOL_RESULTS, TOOL, by="tool_name")),
                "{{tool_name}}", "percentunit", steps=good_above(0.8, 0.9), decimals=1),
        ranking("Duration by tool (P95)", "95 of 100 runs took at most this long, by tool.",
                quantile_total(0.95, TOOL_SECONDS, TOOL, by="tool_name"), "{{tool_name}}", "s", limit=15),
        ranking("Time by tool", "Total run time of each tool in the time range.",
                added("tool_name", since(series(TOOL_SECONDS + "_sum", TOOL), "$__range")), "{{tool_name}}", "s",
                limit=15),
        graph("Tool duration", "Half and 95 of 100 tool runs around each time took at most this long.",
              [(quantile(part, TOOL_SECONDS, TOOL), name) for part, name in ((0.5, "P50"), (0.95, "P95"))], "s",
              width=6),
        columns("Decisions", "Decisions whether tools may run, by source: people (user_…), settings (config) or hooks.",
                bars(TOOL_DECISIONS, TOOL, by="decision, source"), "{{decision}} ({{source}})", "short", width=8),
        ranking("Decisions by tool", "Tools allowed and rejected in the time range.",
                total(TOOL_DECISIONS, TOOL, by="tool_name, decision"), "{{tool_name}}: {{decision}}", "short", width=8,
                limit=20),
        ranking("Edits by language", "Edits in the time range by language and decision, from the metrics.",
                total(EDIT_DECISIONS, by="language, decision"), "{{language}}: {{decision}}", "short", width=8,
                colour="purple", limit=20))


def agent():
    return row(
        "Agent",
        columns("Sub-agents", "Sub-agents that ended, by type.",
                bars("claude_code_subagents_completed_total", by="agent_type"), "{{agent_type}}", "short", width=8),
        graph("Sub-agent duration (P95)", "95 of 100 sub-agents that ended around each time took at most this long.",
              [(quantile(0.95, "claude_code_subagent_duration_seconds", by="agent_type"), "{{agent_type}}")],
              "s", width=8),
        columns("Compactions", "Times a conversation was compacted to fit the model, by trigger.",
                bars("claude_code_compactions_total", by="trigger, success"), "{{trigger}}, success: {{success}}",
                "short",
                width=8),
        graph("Compaction duration (P95)",
              "95 of 100 compactions around each time took at most this long.",
              [(quantile(0.95, "claude_code_compaction_duration_seconds", by="trigger"), "{{trigger}}")], "s",
              width=8),
        columns("MCP connections", "Connections to MCP servers by outcome.",
                bars("claude_code_mcp_connections_total", by="status, transport_type"),
                "{{status}} ({{transport_type}})", "short", width=8),
        columns("Hooks", "Hooks that ran, by hook event.",
                bars("claude_code_hook_executions_total", by="hook_event"), "{{hook_event}}", "short", width=8),
        ranking("Hooks that blocked", "Hooks that blocked an action in the time range.",
                total("claude_code_hook_executions_blocked_total", by="hook_event"), "{{hook_event}}", "short", width=8,
                colour="orange"),
        ranking("Skills", "Skills that were used in the time range.",
                total("claude_code_skills_activated_total", by="skill_name"), "{{skill_name}}", "short", width=4),
        stat("Permission modes", "Changes of the permission mode in the time range.",
             of_events(total("claude_code_permission_mode_changes_total")), "short", width=4, height=8, decimals=0,
             none="-"),
        stat("Logins", "Logins and logouts in the time range, including failed ones.",
             of_events(total("claude_code_auth_total")), "short", width=4, height=8, decimals=0, none="-"),
        stat("Internal errors", "Internal errors of Claude Code in the time range.",
             of_events(total("claude_code_internal_errors_total")), "short", width=4, height=8, decimals=0,
             steps=bad_above(1, 10), none="-"),
        columns("Events", "All events, by name.", bars(EVENTS, by="event_name"), "{{event_name}}",
                "short", width=24))


def make():
    return dashboard(
        "odometer-tools", "Claude Code: Tools and API",
        "API requests, tools and more, from log events of Claude Code (OTEL_LOGS_EXPORTER=otlp), which Odometer counts. "
        "No log store is needed.",
        [source_variable(),
         values_variable("model", "Model", "Narrows the panels of the API.", COST, "model"),
         values_variable("tool", "Tool", "Narrows the panels of tools.", TOOL_RESULTS, "tool_name"), FILTERS],
        [api(), tools(), agent()])
