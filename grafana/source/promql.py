"""The queries of the dashboards: expressions for increments over a time range.

`increase()` of Prometheus extrapolates to the ends of the time range: three sessions become 3.2. These queries use the
difference of two samples, which is exact:

    last_over_time(x[r]) - (x offset r or min_over_time(x[r]))

The second term is the total at the beginning of the range. For a series without a sample then (it is new, or Prometheus
was down) it is the smallest sample of the range, and Odometer shows new counters as 0 first. If the total fell (the
state was lost), the increment is 0.
"""

# Claude Code's metrics.
COST = "claude_code_cost_usage_USD_total"
TOKENS = "claude_code_token_usage_tokens_total"
SESSIONS = "claude_code_session_count_total"
ACTIVE = "claude_code_active_time_seconds_total"
LINES = "claude_code_lines_of_code_count_total"
COMMITS = "claude_code_commit_count_total"
PULL_REQUESTS = "claude_code_pull_request_count_total"
EDIT_DECISIONS = "claude_code_code_edit_tool_decision_total"

# Metrics that Odometer derives from Claude Code's events.
PROMPTS = "claude_code_user_prompts_total"
REQUESTS = "claude_code_api_requests_total"
REQUEST_TOKENS = "claude_code_api_request_tokens_total"
REQUEST_COST = "claude_code_api_request_cost_USD_total"
REQUEST_SECONDS = "claude_code_api_request_duration_seconds"
ERRORS = "claude_code_api_errors_total"
RETRIES_EXHAUSTED = "claude_code_api_retries_exhausted_total"
REFUSALS = "claude_code_api_refusals_total"
TOOL_RESULTS = "claude_code_tool_results_total"
TOOL_SECONDS = "claude_code_tool_duration_seconds"
TOOL_DECISIONS = "claude_code_tool_decisions_total"
EVENTS = "claude_code_events_total"
SESSIONS_ACTIVE = "claude_code_sessions_active"
LAST_SEEN = "claude_code_session_last_seen_timestamp_seconds"

# Tokens of a prompt, from the cache or not.
PROMPT_TYPES = 'type=~"input|cacheRead|cacheCreation"'
MODEL = 'model=~"$model"'

# The person: the first of these labels that exists. Label policies and event metrics set `user`.
PERSON_LABELS = ("user", "user_email", "user_account_id", "user_account_uuid", "user_id")


def series(metric, *matchers):
    """A selector."""
    return f"{metric}{{{', '.join(matchers)}}}" if matchers else metric


def since(selector, time):
    """The increment of each series within the duration before the time of the query."""
    return (f"clamp_min(last_over_time({selector}[{time}]) - "
            f"({selector} offset {time} or min_over_time({selector}[{time}])), 0)")


def added(by, expression):
    """Sums over all labels except those of `by`."""
    return f"sum by ({by}) ({expression})" if by else f"sum({expression})"


def total(metric, *matchers, by="", over="$__range"):
    """The increment in the time range."""
    return added(by, since(series(metric, *matchers), over))


def bars(metric, *matchers, by=""):
    """The increment in each interval of a graph: the bars add up to the total."""
    selector = series(metric, *matchers)
    grown = f"clamp_min({selector} - ({selector} offset $__interval or min_over_time({selector}[$__interval])), 0)"
    return added(by, grown)


def restarted_total(metric, *matchers, by=""):
    """The increment in the time range of a counter that restarts at 0 with its program. Approximate: extrapolated."""
    return added(by, f"increase({series(metric, *matchers)}[$__range])")


def restarted_bars(metric, *matchers, by=""):
    """The same in each interval of a graph."""
    return added(by, f"increase({series(metric, *matchers)}[$__rate_interval])")


def rate(metric, *matchers, by=""):
    """The increment per second."""
    return added(by, f"rate({series(metric, *matchers)}[$__rate_interval])")


def share(part, whole):
    """A share; no data instead of NaN if the whole is 0."""
    return f"{part} / ({whole} > 0)"


def or_none(part, whole):
    """The part, or 0 if only the whole has data."""
    return f"({part} or {whole} * 0)"


def of_events(expression):
    """0 only if there are events: without them the value is unknown, not 0."""
    return or_none(expression, total(EVENTS))


def or_nothing(duration):
    """A quantile; no data instead of NaN if nothing was observed."""
    return f"({duration} >= 0)"


def quantile(share_below, histogram, *matchers, by=""):
    """For a graph: of the observations around each time."""
    labels = f"le, {by}" if by else "le"
    return or_nothing(f"histogram_quantile({share_below}, {rate(histogram + '_bucket', *matchers, by=labels)})")


def quantile_total(share_below, histogram, *matchers, by=""):
    """Of all observations in the time range."""
    labels = f"le, {by}" if by else "le"
    return or_nothing(f"histogram_quantile({share_below}, {total(histogram + '_bucket', *matchers, by=labels)})")


def by_person(expression, *others):
    """Sums by the label `person`, derived from the labels that identify people, and by other labels."""
    named = f"sum by ({', '.join([*PERSON_LABELS, *others])}) ({expression})"
    for label in reversed(PERSON_LABELS):
        named = f'label_replace({named}, "person", "$1", "{label}", "(.+)")'
    return f"sum by ({', '.join(['person', *others])}) ({named})"


def person_total(metric, *matchers):
    """The increment in the time range, by person."""
    return by_person(since(series(metric, *matchers), "$__range"))


def person_bars(metric, *matchers):
    """The increment in each interval, by person."""
    return by_person(bars(metric, *matchers, by=", ".join(PERSON_LABELS)))
