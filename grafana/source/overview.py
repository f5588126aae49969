"""Overview: cost, activity and errors."""
from grafana import (
    FILTERS, bad_above, columns, dashboard, gauge, good_above, graph, pie, ranking, row, source_variable, stat, table,
    values_variable)
from promql import (
    ACTIVE, COMMITS, COST, EDIT_DECISIONS, ERRORS, EVENTS, LINES, MODEL, PROMPT_TYPES, PROMPTS, PULL_REQUESTS, REQUESTS,
    REQUEST_SECONDS, SESSIONS, TOKENS, TOOL_DECISIONS, TOOL_RESULTS, bars, by_person, of_events, quantile_total,
    rate, series, share, since, total)

CACHE_HITS = share(total(TOKENS, MODEL, 'type="cacheRead"'), total(TOKENS, MODEL, PROMPT_TYPES))
CACHE_HITS_OVER_TIME = share(rate(TOKENS, MODEL, 'type="cacheRead"'), rate(TOKENS, MODEL, PROMPT_TYPES))
# For panels of metrics from events.
EVENTS_NOTE = " From log events: needs OTEL_LOGS_EXPORTER=otlp."
TEN_NOTE = " The ten people with the highest use."
RULES_NOTE = (" Estimated: the real limits of the plans are not published, and other devices of the account are not "
              "included. Set the plan in Config/prometheus-rules/limits.yml, which Prometheus must load.")


def session_table(title, description, *, limit):
    """Sessions with their cost."""
    def column(metric, *matchers):
        return by_person(since(series(metric, *matchers), "$__range"), "session_id", "terminal_type")
    return table(title, description, [
        ("Cost", "currencyUSD", f"topk({limit}, {column(COST, MODEL)} > 0)"),
        ("Tokens", "short", column(TOKENS, MODEL)),
        ("Output tokens", "short", column(TOKENS, MODEL, 'type="output"')),
        ("Active time", "s", column(ACTIVE)),
        ("Lines", "short", column(LINES)),
    ], {"session_id": "Session", "person": "User", "terminal_type": "Terminal"},
        links=[("Session", "Show this session",
                "/d/odometer-sessions?var-session=${__value.text}&${datasource:queryparam}&${__url_time_range}")])


def success_rate():
    def seen(metric, *matchers):
        return of_events(total(metric, *matchers))
    well = [seen(REQUESTS), seen(TOOL_RESULTS, 'success="true"')]
    ended = [seen(REQUESTS), seen(TOOL_RESULTS), seen(ERRORS)]
    return share(f"({' + '.join(well)})", f"({' + '.join(ended)})")


def totals():
    return row(
        "In the time range",
        stat("Cost", "Cost of API calls as estimated by Claude Code, in US dollars at list prices. Not a bill: with a "
             "subscription it is not charged.",
             total(COST, MODEL), "currencyUSD", colour="orange", decimals=2),
        stat("Tokens", "Tokens of all types: input, output, cache reads and cache writes. Most are cache reads, which are "
             "the cheapest.", total(TOKENS, MODEL), "short"),
        stat("Input tokens", "Prompt tokens that were neither read from the cache nor written to it.",
             total(TOKENS, MODEL, 'type="input"'), "short"),
        stat("Output tokens", "Tokens that the models wrote.", total(TOKENS, MODEL, 'type="output"'), "short"),
        stat("Cache hit rate", "Share of prompt tokens that were read from the cache: cacheRead / (input + cacheRead + "
             "cacheCreation). Long sessions reach 90 % and more; below 50 % most of each prompt is paid in full.",
             CACHE_HITS, "percentunit", decimals=1, steps=good_above(0.5, 0.8), none="-"),
        stat("Command duration (P95)", "95 of 100 API requests took at most this long, from request to last token."
             + EVENTS_NOTE, quantile_total(0.95, REQUEST_SECONDS, MODEL), "s", steps=bad_above(30, 60), none="-",
             width=3),
        stat("Success rate", "Share of API requests and tools that succeeded." + EVENTS_NOTE,
             success_rate(), "percentunit", decimals=1, steps=good_above(0.8, 0.95), none="-"),
        stat("Active time", "People typing and reading (user) plus Claude Code working (cli), without idle time.",
             total(ACTIVE), "s", colour="green"),
        stat("Sessions", "Sessions started, including resumed and continued ones.", total(SESSIONS), "short",
             colour="purple", decimals=0),
        stat("Prompts", "Prompts sent by people." + EVENTS_NOTE,
             of_events(total(PROMPTS)), "short", colour="purple", decimals=0, none="-"),
        stat("Lines of code", "Lines that Claude Code added plus those it removed.", total(LINES), "short",
             colour="purple", decimals=0),
        stat("Commits", "Commits that Claude Code made.", total(COMMITS), "short", colour="purple", decimals=0),
        stat("Pull requests", "Pull requests that Claude Code opened.", total(PULL_REQUESTS), "short", colour="purple",
             decimals=0),
        stat("Edit decisions", "Edits that were accepted or rejected, by people or by their settings.",
             total(EDIT_DECISIONS), "short", colour="purple", decimals=0),
        stat("Cost per hour", "Cost per hour at the current rate, in US dollars.",
             f"{rate(COST, MODEL)} * 3600", "currencyUSD", decimals=2, steps=bad_above(10, 30), over_range=False),
        stat("Cost per 100 lines", "Cost for each 100 lines added or removed in the time range.",
             share(f"{total(COST, MODEL)} * 100", total(LINES)), "currencyUSD", decimals=2, colour="orange", none="-"))


def cost():
    return row(
        "Cost",
        columns("Cost by model", "Cost in US dollars.", bars(COST, MODEL, by="model"), "{{model}}", "currencyUSD"),
        pie("Cost distribution by model", "Cost in the time range, in US dollars, by model.",
            total(COST, MODEL, by="model"), "{{model}}", "currencyUSD"),
        ranking("Cost by source", "Cost in the time range by source of the request: the conversation (main), sub-agents, or "
                "helpers such as titles and summaries (auxiliary).",
                total(COST, MODEL, by="query_source"), "{{query_source}}", "currencyUSD", colour="orange"))


def tokens():
    return row(
        "Tokens",
        columns("Tokens by type", "Tokens.", bars(TOKENS, MODEL, by="type"), "{{type}}", "short"),
        pie("Tokens by model", "Tokens of all types in the time range, by model.", total(TOKENS, MODEL, by="model"),
            "{{model}}", "short"),
        graph("Cache hit rate over time", "Share of prompt tokens that were read from the cache. It falls when "
              "sessions begin, after five idle minutes and after compactions.", [(CACHE_HITS_OVER_TIME, "hit rate")],
              "percentunit", width=6, share=True))


def work():
    return row(
        "Work",
        columns("Active time by type", "Seconds.", bars(ACTIVE, by="type"), "{{type}}", "s", width=8),
        columns("Lines of code by type", "Lines.", bars(LINES, by="type"), "{{type}}", "short", width=8),
        ranking("Edit decisions by tool", "Edits accepted or rejected in the time range, by tool.",
                total(EDIT_DECISIONS, by="tool_name, decision"), "{{tool_name}}: {{decision}}", "short", width=8,
                colour="purple"))


def requests():
    return row(
        "Requests and tools",
        ranking("Prompts by user", "Prompts in the time range by user." + EVENTS_NOTE,
                by_person(since(PROMPTS, "$__range")), "{{person}}", "short", width=8, colour="purple", limit=10),
        columns("Requests by model", "API requests that succeeded." + EVENTS_NOTE,
                bars(REQUESTS, MODEL, by="model"), "{{model}}", "short", width=8),
        pie("Model distribution", "API requests in the time range by model." + EVENTS_NOTE,
            total(REQUESTS, MODEL, by="model"), "{{model}}", "short", width=8),
        ranking("Tools", "Tool runs in the time range, by tool." + EVENTS_NOTE,
                total(TOOL_RESULTS, by="tool_name"), "{{tool_name}}", "short", width=8, limit=15),
        pie("Decisions", "Decisions whether a tool may run, by source: a person, the settings or a hook." + EVENTS_NOTE,
            total(TOOL_DECISIONS, by="decision, source"), "{{decision}} ({{source}})", "short", width=8),
        pie("Terminals", "Events in the time range by terminal." + EVENTS_NOTE,
            total(EVENTS, by="terminal_type"), "{{terminal_type}}", "short", width=8))


def quota():
    def used(window, kind):
        return f'topk(10, claude_code:window_ratio{{window="{window}", kind="{kind}"}})'
    steps = bad_above(0.6, 0.85)
    return row(
        "Quota (estimates)",
        gauge("Prompts of the last 5 h", "Prompts of the last five hours as a share of the limit of the plan."
              + TEN_NOTE + RULES_NOTE,
              used("5h", "prompts"), "{{person}}", steps=steps),
        gauge("Tokens of the last 5 h", "Input and output tokens, without the cache, of the last five hours as a share of "
              "the limit of the plan." + TEN_NOTE + RULES_NOTE, used("5h", "tokens"), "{{person}}", steps=steps),
        gauge("Prompts of the last 7 d", "Prompts of the last seven days as a share of the limit of the plan."
              + TEN_NOTE + RULES_NOTE,
              used("7d", "prompts"), "{{person}}", steps=steps),
        gauge("Tokens of the last 7 d", "Input and output tokens, without the cache, of the last seven days as a share of "
              "the limit of the plan." + TEN_NOTE + RULES_NOTE, used("7d", "tokens"), "{{person}}", steps=steps))


def make():
    return dashboard(
        "odometer-claude-code", "Claude Code",
        "Cost, tokens, sessions, requests and tools of Claude Code, as sent to Odometer. Totals are exact "
        "differences of counters, not extrapolated.",
        [source_variable(),
         values_variable("model", "Model", "Narrows cost, tokens and requests; the other panels have no model.", COST,
                         "model"), FILTERS],
        [totals(), cost(), tokens(), requests(), work(), quota(),
         row("Sessions", session_table(
             "Sessions by cost", "The twenty sessions with the highest cost in the time range. The dashboard Sessions has "
             "the details of one.", limit=20))])
