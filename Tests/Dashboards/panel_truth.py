"""The expected values of panels for the captures: (dashboard, panel) -> one expectation for each query: a number (the sum of
everything), or a mapping of the values of the labels, in order of label names, to numbers."""

NO_EVENT = "no capture has such an event"
# Panels without data, and why.
EMPTY = {
    "collector: Calls": "the captures are sent over HTTP, not gRPC",
    "collector: Losses at the start": "the state was never damaged",
    "team: Firing alerts": "nothing is wrong",
    "tools: Compaction duration (P95)": NO_EVENT, "tools: Compactions": NO_EVENT, "tools: Hooks": NO_EVENT,
    "tools: Hooks that blocked": NO_EVENT, "tools: MCP connections": NO_EVENT, "tools: Skills": NO_EVENT,
}


def truths(truth):
    return {**overview(truth), **sessions(truth), **tools(truth), **team(truth)}


def hit_rate(truth):
    read, fresh, written = (truth.counter("token.usage", type=kind) for kind in ("cacheRead", "input", "cacheCreation"))
    return read / (read + fresh + written)


def totals(truth):
    """The totals that several dashboards use."""
    return {
        "cost": truth.counter("cost.usage"), "tokens": truth.counter("token.usage"),
        "active": truth.counter("active_time.total"), "sessions": truth.counter("session.count"),
        "lines": truth.counter("lines_of_code.count"), "commits": truth.counter("commit.count"),
        "pull_requests": truth.counter("pull_request.count"), "edits": truth.counter("code_edit_tool.decision"),
        "prompts": truth.count("user_prompt"), "requests": truth.count("api_request"),
        "errors": truth.count("api_error"), "tools": truth.count("tool_result"),
        "tools_well": truth.count("tool_result", success="true"),
    }


def overview(truth):
    all_ = totals(truth)
    ended = all_["requests"] + all_["tools"] + all_["errors"]
    shown = {
        "Cost": all_["cost"], "Tokens": all_["tokens"],
        "Input tokens": truth.counter("token.usage", type="input"),
        "Output tokens": truth.counter("token.usage", type="output"),
        "Cache hit rate": hit_rate(truth),
        "Success rate": (all_["requests"] + all_["tools_well"]) / ended,
        "Active time": all_["active"], "Sessions": all_["sessions"], "Prompts": all_["prompts"],
        "Lines of code": all_["lines"], "Commits": all_["commits"], "Pull requests": all_["pull_requests"],
        "Edit decisions": all_["edits"], "Cost per 100 lines": 100 * all_["cost"] / all_["lines"],
        "Cost by model": truth.counters_by("cost.usage", "model"),
        "Cost distribution by model": truth.counters_by("cost.usage", "model"),
        "Cost by source": truth.counters_by("cost.usage", "query_source"),
        "Tokens by type": truth.counters_by("token.usage", "type"),
        "Tokens by model": truth.counters_by("token.usage", "model"),
        "Active time by type": truth.counters_by("active_time.total", "type"),
        "Lines of code by type": truth.counters_by("lines_of_code.count", "type"),
        "Edit decisions by tool": truth.counters_by("code_edit_tool.decision", "decision", "tool_name"),
        "Prompts by user": truth.counts_by("user_prompt", "user.id"),
        "Requests by model": truth.counts_by("api_request", "model"),
        "Model distribution": truth.counts_by("api_request", "model"),
        "Tools": truth.counts_by("tool_result", "tool_name"),
        "Decisions": truth.counts_by("tool_decision", "decision", "source"),
        "Terminals": terminals(truth),
    }
    return {("claude-code", title): expected for title, expected in shown.items()}


def terminals(truth):
    groups = {}
    for name in truth.events:
        for key, count in truth.counts_by(name, "terminal.type").items():
            groups[key] = groups.get(key, 0) + count
    return groups


def sessions(truth):
    all_ = totals(truth)
    labels = "user.id", "session.id", "terminal.type"
    cost = truth.counters_by("cost.usage", "model")
    users = truth.sessions()
    shown = {
        "Active sessions": sum(map(len, users.values())),
        "Sessions started": all_["sessions"], "Cost per session": all_["cost"] / all_["sessions"],
        "Tokens per session": all_["tokens"] / all_["sessions"],
        "Prompts per session": all_["prompts"] / all_["sessions"],
        "Active time per session": all_["active"] / all_["sessions"],
        "Lines per session": all_["lines"] / all_["sessions"],
        "Sessions by start": truth.counters_by("session.count", "start_type"),
        "Sessions by user": truth.counters_by("session.count", "user.id"),
        "Sessions of each user": truth.counters_by("session.count", "user.id"),
        "Sessions by terminal": truth.counters_by("session.count", "terminal.type"),
        "Session details": [truth.counters_by(name, *labels) for name in ("cost.usage", "token.usage")],
        "Cost of the session": cost, "Tokens of the session": truth.counters_by("token.usage", "type"),
        "Active time of the session": truth.counters_by("active_time.total", "type"),
        "Lines of the session": truth.counters_by("lines_of_code.count", "type"),
        "Edit decisions of the session": truth.counters_by("code_edit_tool.decision", "decision", "tool_name"),
        "Models of the session": [truth.counters_by(name, "agent.name", "model", "query_source")
                                  for name in ("cost.usage", "token.usage")],
    }
    return {("sessions", title): expected for title, expected in shown.items()}


def tools(truth):
    all_ = totals(truth)
    rejected = truth.count("tool_decision", decision="reject")
    accepted = truth.counter("code_edit_tool.decision", decision="accept")
    kinds = {"input": "input_tokens", "output": "output_tokens", "cacheRead": "cache_read_tokens",
             "cacheCreation": "cache_creation_tokens"}
    ended = truth.counts_by("tool_result", "tool_name")
    well = {name: count for (name, success), count in truth.counts_by("tool_result", "tool_name", "success").items()
            if success == "true"}
    seconds = {}
    for event in truth.events["tool_result"]:
        key = (event["tool_name"],)
        seconds[key] = seconds.get(key, 0) + float(event["duration_ms"]) / 1000
    shown = {
        "Requests": all_["requests"], "Errors": all_["errors"],
        # There were events, but none of this kind: 0, not empty.
        "Refusals": 0, "Logins": 0, "Internal errors": 0,
        "Permission modes": truth.count("permission_mode_changed"),
        "Retries exhausted": truth.count("api_retries_exhausted"),
        "Error share": all_["errors"] / (all_["errors"] + all_["requests"]),
        "Cost of requests": truth.added("api_request", "cost_usd_micros") / 1e6,
        "Requests by model": truth.counts_by("api_request", "model"),
        "Errors by status": truth.counts_by("api_error", "status_code"),
        "Tokens of requests": {(kind,): truth.added("api_request", key) for kind, key in kinds.items()},
        "Requests by source": all_["requests"], "Requests by speed and effort": all_["requests"],
        "Tools run": all_["tools"], "Tools failed": all_["tools"] - all_["tools_well"],
        "Tool success": all_["tools_well"] / all_["tools"], "Rejected": rejected,
        "Edits accepted": accepted / all_["edits"],
        "Tools over time": truth.counts_by("tool_result", "tool_name"),
        "Success by tool": {key: well.get(key[0], 0) / count for key, count in ended.items()},
        "Time by tool": seconds,
        "Decisions": truth.counts_by("tool_decision", "decision", "source"),
        "Decisions by tool": truth.counts_by("tool_decision", "decision", "tool_name"),
        "Edits by language": truth.counters_by("code_edit_tool.decision", "decision", "language"),
        "Events": {(name,): len(events) for name, events in truth.events.items()},
    }
    return {("tools", title): expected for title, expected in shown.items()}


def team(truth):
    all_ = totals(truth)
    people = len(truth.counters_by("cost.usage", "user.id"))
    by_person = {title: truth.counters_by(name, "user.id") for title, name in (
        ("Cost", "cost.usage"), ("Tokens", "token.usage"), ("Sessions", "session.count"),
        ("Active time", "active_time.total"), ("Lines", "lines_of_code.count"), ("Commits", "commit.count"),
        ("Pull requests", "pull_request.count"))}
    prompts = truth.counts_by("user_prompt", "user.id")
    shown = {
        "Active users": people, "Cost per user": all_["cost"] / people, "Sessions per user": all_["sessions"] / people,
        "Active time per user": all_["active"] / people, "Cost of the last day": None,
        "Cost per commit": all_["cost"] / all_["commits"],
        "Cost per pull request": all_["cost"] / all_["pull_requests"],
        "Cost by user": by_person["Cost"], "Tokens by user": by_person["Tokens"],
        "Cost of each user": by_person["Cost"],
        "Prompts of each user": prompts, "Active time of each user": by_person["Active time"],
        "Lines of each user": by_person["Lines"],
        "Users": [by_person["Cost"], by_person["Tokens"], by_person["Sessions"], prompts, by_person["Active time"],
                  by_person["Lines"], by_person["Commits"], by_person["Pull requests"]],
    }
    return {("team", title): expected for title, expected in shown.items() if expected is not None}
