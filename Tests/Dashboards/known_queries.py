"""Queries of widely used dashboards: (dashboard, panel, query)."""

COST = "claude_code_cost_usage_USD_total"
TOKENS = "claude_code_token_usage_tokens_total"
ACTIVE = "claude_code_active_time_seconds_total"
SESSIONS = "claude_code_session_count_total"
LINES = "claude_code_lines_of_code_count_total"
COMMITS = "claude_code_commit_count_total"
PULL_REQUESTS = "claude_code_pull_request_count_total"
DECISIONS = "claude_code_code_edit_tool_decision_total"

CLAUDE_MON = [
    ("Total Cost (USD)", f"sum({COST})"),
    ("Total Tokens Used", f"sum({TOKENS})"),
    ("Total Active Time", f"sum({ACTIVE})"),
    ("Total Sessions", f"sum({SESSIONS})"),
    ("Cost by Model", f"sum by (model) ({COST})"),
    ("Cost Distribution by Model", f"sum by (model) ({COST})"),
    ("Token Usage by Type", f"sum by (type) ({TOKENS})"),
    ("Cache Hit Rate",
     f'sum({TOKENS}{{type="cacheRead"}}) / (sum({TOKENS}{{type="cacheRead"}}) + sum({TOKENS}{{type="input"}}))'),
    ("Active Time by Type", f"sum by (type) ({ACTIVE})"),
    ("Session Details", COST),
    ("Total Lines Changed", f"sum({LINES})"),
    ("Pull Requests", f"sum({PULL_REQUESTS})"),
    ("Commits", f"sum({COMMITS})"),
    ("Code Edit Decisions", f"sum({DECISIONS})"),
    ("Lines of Code Changes", f"sum by (type) ({LINES})"),
    ("Code Edit Tool Decisions", f"sum by (tool_name, decision) ({DECISIONS})"),
]

# Its filter on `job` has the job of the collector; with honor_labels the job is that of the client.
COLE_JOB = 'job="claude-code"'
CLAUDE_CODE_OTEL = [
    ("Active Sessions", f"sum(increase({SESSIONS}{{{COLE_JOB}}}[1h]))"),
    ("Cost (Last Hour)", f"sum(increase({COST}{{{COLE_JOB}}}[1h]))"),
    ("Token Usage", f"sum(increase({TOKENS}{{{COLE_JOB}}}[1h]))"),
    ("Lines of Code", f"sum(increase({LINES}{{{COLE_JOB}}}[1h]))"),
    ("Cost by Model (Hourly)", f"sum by (model) (increase({COST}{{{COLE_JOB}}}[1h]))"),
    ("Token Usage Rate by Type", f"sum by (type) (rate({TOKENS}{{{COLE_JOB}}}[5m]) * 60)"),
    ("API Requests by Model", f"sum by (model) (changes({COST}{{{COLE_JOB}}}[5m]))"),
    ("Code Changes Rate", f"sum by (type) (rate({LINES}{{{COLE_JOB}}}[5m]) * 60)"),
    ("Development Activity: commits", f"sum(increase({COMMITS}{{{COLE_JOB}}}[1h]))"),
    ("Development Activity: pull requests", f"sum(increase({PULL_REQUESTS}{{{COLE_JOB}}}[1h]))"),
]

MONITORING_GUIDE = [
    ("Total Cost", f"sum(increase({COST}[$__range]))"),
    ("Active Users", f"count(count by (user_id) (increase({COST}[$__range]) > 0))"),
    ("Total Tokens", f"sum(increase({TOKENS}[$__range]))"),
    ("Lines of Code", f"sum(increase({LINES}[$__range]))"),
    ("Cost by Model", f"sum by (model) (increase({COST}[$__range]))"),
    ("Token Usage by Type", f"sum by (type) (increase({TOKENS}[$__range]))"),
    ("Cost by User", f"sum by (user_id) (increase({COST}[$__range]))"),
    ("Lines of Code by Type", f"sum by (type) (increase({LINES}[$__range]))"),
    ("README: total", f"sum({COST})"),
    ("README: by mail address", f"sum by (user_email) ({COST})"),
    ("README: by model", f"sum by (model) ({COST})"),
    ("README: input", f'sum({TOKENS}{{type="input"}})'),
    ("README: output", f'sum({TOKENS}{{type="output"}})'),
]

# The article on delta and cumulative temporality.
ARTICLE = [
    ("Cache hit rate",
     f'sum(rate({TOKENS}{{type="cacheRead"}}[5m])) / (sum(rate({TOKENS}{{type="cacheRead"}}[5m])) '
     f'+ sum(rate({TOKENS}{{type="input"}}[5m])))'),
    ("Cost an hour", f"sum(rate({COST}[1h])) * 3600"),
    ("Cost by model", f"sum by (model) (rate({COST}[5m])) * 300"),
    ("Output by session", f'sum by (session_id) ({TOKENS}{{type="output"}})'),
]

ALL = [(name, title, query)
       for name, queries in (("claude-mon", CLAUDE_MON), ("claude-code-otel", CLAUDE_CODE_OTEL),
                             ("claude-code-monitoring-guide", MONITORING_GUIDE), ("article", ARTICLE))
       for title, query in queries]
