"""Logs: the events themselves, from Loki."""
from grafana import LOKI, dashboard, graph, legend_below, panel, row, source_variable

VARIABLES = [
    {"name": "event", "label": "Event", "description": "Part of the name of an event, such as api_error.",
     "type": "textbox",
     "query": "", "current": {"text": "", "value": ""}, "options": [], "hide": 0, "skipUrlSync": False},
    {"name": "session", "label": "Session", "description": "Part of the id of a session.", "type": "textbox", "query": "",
     "current": {"text": "", "value": ""}, "options": [], "hide": 0, "skipUrlSync": False},
]
# Attributes of events are structured metadata in Loki: they need no parser, and a `| json` would break the query.
STREAM = '{service_name=~"claude-code.*"}'
CHOSEN = f'{STREAM} | session_id=~".*$session.*" | event_name=~".*$event.*"'


def query(expression, legend="", *, logs=False):
    kind = "range"
    return {"datasource": LOKI, "editorMode": "code", "expr": expression, "queryType": kind, "legendFormat": legend,
            **({"maxLines": 500} if logs else {})}


def lines(title, description, expression, *, width=24, height=12):
    return panel("logs", title, description, [query(expression, logs=True)], unit="none", width=width, height=height,
                 datasource=LOKI,
                 options={"dedupStrategy": "none", "enableLogDetails": True, "prettifyLogMessage": False,
                          "showCommonLabels": False, "showLabels": False, "showTime": True, "sortOrder": "Descending",
                          "wrapLogMessage": True})


def counts(title, description, expression, legend):
    made = graph(title, description, [], "short", width=12)
    made |= {"datasource": LOKI, "targets": [{**query(expression, legend), "refId": "A"}], "interval": "1m",
             "options": legend_below(["sum"])}
    made["fieldConfig"]["defaults"]["custom"] |= {"drawStyle": "bars", "fillOpacity": 70,
                                                  "stacking": {"mode": "normal", "group": "A"}}
    return made


def make():
    return dashboard(
        "odometer-logs", "Claude Code: Logs",
        "Events of Claude Code one by one, from Loki (COMPOSE_PROFILES=logs). All numbers are on the other dashboards, "
        "without a log store.",
        [source_variable("loki", "Loki", "loki", "The Loki that Odometer forwards log events to."), *VARIABLES],
        [row("Events",
             counts("Events by name", "Log events in each interval of the graph, by event.",
                    f"sum by (event_name) (count_over_time({CHOSEN} [$__interval]))", "{{event_name}}"),
             counts("Events by session", "Log events in each interval of the graph, by session.",
                    f"sum by (session_id) (count_over_time({CHOSEN} [$__interval]))", "{{session_id}}"),
             lines("Failed requests", "API requests that failed after all retries, with status and message.",
                   f'{CHOSEN} | event_name=~"api_error|api_retries_exhausted|api_refusal" '
                   '| line_format "{{.event_name}} {{.model}} {{.status_code}} {{.error}}"', width=12),
             lines("Failed tools", "Tool runs that ended with an error.",
                   f'{CHOSEN} | event_name="tool_result" | success="false" '
                   '| line_format "{{.tool_name}} {{.error_type}} {{.duration_ms}} ms {{.error}}"', width=12),
             lines("All events", "All events, newest first. With prompts only if clients send them "
                   "(OTEL_LOG_USER_PROMPTS=1).", CHOSEN))])
