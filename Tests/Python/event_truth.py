"""Compares the event metrics of a collector with the recorded log records.

Usage: event_truth.py FOLDER
FOLDER/steps.json is a list of the logs exports sent to it: {"body": file, "json": whether it is JSON, "gzip": whether it is
compressed}; FOLDER/page is its page as text. Prints `agreed: N series of M events` and exits 0, or prints the differences
and exits 1.

The table of metrics is that of docs/events.md, written independently; records are decoded by Google's protobuf and
Python's json.
"""
import collections
import gzip
import json
import math
import pathlib
import sys
from fractions import Fraction

from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2
from prometheus_client.parser import text_string_to_metric_families

SCOPE = "odometer.events"
USER = ("user.email", "user.account_id", "user.account_uuid", "user.id")
REQUEST_SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600)
TOOL_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)
TASK_SECONDS = (1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600)
LENGTHS = (10, 30, 100, 300, 1000, 3000, 10000, 30000, 100000)

# Event: (family, value, labels). A value is None to count 1 for each event, or a function of the attributes.
Counter = collections.namedtuple("Counter", "family labels value", defaults=[None])
Histogram = collections.namedtuple("Histogram", "family labels attribute divisor bounds")


def number(value):
    """A number sent as a number or text; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        return Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        return None


def attribute(name):
    return lambda event: number(event.get(name))


def cost(event):
    micros = number(event.get("cost_usd_micros"))
    return number(event.get("cost_usd")) if micros is None else micros / 10**6


def tokens(kind, name):
    return Counter("claude_code_api_request_tokens_total", {"type": repr(kind), "model": "model", "user": "user"},
                   attribute(name))


def same(*names):
    return {name.replace(".", "_"): name for name in names}


EVERY = [Counter("claude_code_events_total", same("event_name", "service", "terminal.type"))]
TABLE = {
    "user_prompt": [
        Counter("claude_code_user_prompts_total", same("user", "command_source")),
        Histogram("claude_code_prompt_length_characters", {}, "prompt_length", 1, LENGTHS),
    ],
    "api_request": [
        Counter("claude_code_api_requests_total", same("model", "query_source", "speed", "effort", "user")),
        Histogram("claude_code_api_request_duration_seconds", same("model"), "duration_ms", 1000, REQUEST_SECONDS),
        Histogram("claude_code_api_request_ttft_seconds", same("model"), "ttft_ms", 1000, REQUEST_SECONDS),
        Counter("claude_code_api_request_cost_USD_total", same("model", "user"), cost),
        tokens("input", "input_tokens"), tokens("output", "output_tokens"),
        tokens("cacheRead", "cache_read_tokens"), tokens("cacheCreation", "cache_creation_tokens"),
    ],
    "api_error": [Counter("claude_code_api_errors_total", same("model", "status_code"))],
    "api_retries_exhausted": [Counter("claude_code_api_retries_exhausted_total", same("model"))],
    "api_refusal": [Counter("claude_code_api_refusals_total", same("model"))],
    "tool_result": [
        Counter("claude_code_tool_results_total", same("tool_name", "success", "decision_source")),
        Histogram("claude_code_tool_duration_seconds", same("tool_name"), "duration_ms", 1000, TOOL_SECONDS),
    ],
    "tool_decision": [Counter("claude_code_tool_decisions_total", same("tool_name", "decision", "source"))],
    "subagent_completed": [
        Counter("claude_code_subagents_completed_total", same("agent_type", "model")),
        Histogram(
            "claude_code_subagent_duration_seconds", same("agent_type", "model"), "duration_ms", 1000, TASK_SECONDS),
    ],
    "compaction": [
        Counter("claude_code_compactions_total", same("trigger", "success")),
        Histogram("claude_code_compaction_duration_seconds", same("trigger", "success"), "duration_ms", 1000,
                  TASK_SECONDS),
    ],
    "skill_activated": [Counter("claude_code_skills_activated_total", same("skill.name", "invocation_trigger"))],
    "mcp_server_connection": [Counter("claude_code_mcp_connections_total", same("status", "transport_type"))],
    "hook_execution_complete": [
        Counter("claude_code_hook_executions_total", same("hook_event")),
        Counter("claude_code_hook_executions_blocked_total", same("hook_event"), attribute("num_blocking")),
    ],
    "permission_mode_changed": [
        Counter("claude_code_permission_mode_changes_total", same("from_mode", "to_mode", "trigger"))],
    "auth": [Counter("claude_code_auth_total", same("action", "success", "auth_method"))],
    "internal_error": [Counter("claude_code_internal_errors_total", same("error_name"))],
}


# The recorded records.


def value_of(value):
    member = value.WhichOneof("value")
    return getattr(value, member) if member else None


def records(body, is_json):
    """Attributes of the resource and of the record, its body, and the whole record."""
    request = logs_service_pb2.ExportLogsServiceRequest()
    if is_json:
        json_format.Parse(body, request, ignore_unknown_fields=True)
    else:
        request.ParseFromString(body)
    for resource_logs in request.resource_logs:
        resource = {one.key: value_of(one.value) for one in resource_logs.resource.attributes}
        for scope_logs in resource_logs.scope_logs:
            for record in scope_logs.log_records:
                event = {one.key: value_of(one.value) for one in record.attributes}
                yield resource, event, value_of(record.body), record.SerializeToString(deterministic=True)


def name_of(event, body):
    """The name of the event; None for a record that is not an event."""
    if not isinstance(body, str) or not body.startswith("claude_code."):
        return None
    return event.get("event.name", body.removeprefix("claude_code."))


def identity(event, whole):
    own = [event.get(name) for name in ("session.id", "event.sequence", "event.timestamp")]
    ids = [event.get(name) for name in ("prompt.id", "message.uuid", "request_id", "client_request_id", "tool_use_id")]
    return whole if None in own else (*own, event.get("event.name"), *ids)


def text(value):
    if value is True or value is False:
        return str(value).lower()
    return value if isinstance(value, str) else str(value)


def source(event):
    asked = event.get("query_source")
    if asked is None:
        return None
    if asked.startswith("agent:"):
        return "subagent"
    return "main" if asked.split(":")[0] in ("repl_main_thread", "sdk") else "auxiliary"


def label(origin, name, event, resource):
    if origin.startswith("'"):
        return origin.strip("'")
    derived = {
        "user": lambda: next((event[key] for key in USER if event.get(key)), None),
        "service": lambda: resource.get("service.name"),
        "event_name": lambda: name,
        "query_source": lambda: source(event),
    }
    return derived[origin]() if origin in derived else event.get(origin)


class Truth:
    def __init__(self):
        self.samples, self.seen, self.events = collections.defaultdict(Fraction), {}, 0

    def ingest(self, request, body, is_json):
        for resource, event, record_body, whole in records(body, is_json):
            name = name_of(event, record_body)
            if name is None:
                continue
            known = identity(event, whole)
            if known in self.seen and (isinstance(known, tuple) or self.seen[known] != request):
                continue
            self.seen[known] = request
            self.events += 1
            for metric in EVERY + TABLE.get(name, []):
                self.count(metric, name, event, resource)

    def count(self, metric, name, event, resource):
        labels = {key: label(origin, name, event, resource) for key, origin in metric.labels.items()}
        labels = {key: text(value) for key, value in labels.items() if value not in (None, "")}
        labels |= {"job": resource["service.name"], "otel_scope_name": SCOPE}
        if isinstance(metric, Counter):
            amount = 1 if metric.value is None else metric.value(event)
            if amount is not None:
                self.add(metric.family, labels, amount)
            return
        observed = number(event.get(metric.attribute))
        if observed is None:
            return
        observed /= metric.divisor
        for bound in metric.bounds + (math.inf,):
            self.add(metric.family + "_bucket", {**labels, "le": float(bound)}, int(observed <= bound))
        self.add(metric.family + "_sum", labels, observed)
        self.add(metric.family + "_count", labels, 1)

    def add(self, sample, labels, amount):
        self.samples[sample, frozenset(labels.items())] += amount


def shown(page):
    """The samples of derived families, and the totals of the metric that has the same cost."""
    samples, metric_cost = {}, Fraction(0)
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            if sample.name == "claude_code_cost_usage_USD_total":
                metric_cost += Fraction(sample.value)
            if sample.labels.get("otel_scope_name") != SCOPE:
                continue
            labels = dict(sample.labels)
            if "le" in labels:
                labels["le"] = float(labels["le"])
            samples[sample.name, frozenset(labels.items())] = Fraction(sample.value)
    return samples, metric_cost


def differences(truth, samples, metric_cost):
    for key in sorted(truth.samples.keys() | samples.keys(), key=repr):
        wanted, got = truth.samples.get(key), samples.get(key)
        if wanted is None or got is None:
            yield f"{key} is {got and float(got)} instead of {wanted and float(wanted)}"
        elif "USD" in key[0] and round(got * 10**6) != wanted * 10**6:
            yield f"{key} is {float(got)} instead of {float(wanted)}, in whole millionths of a dollar"
        elif abs(wanted - got) > Fraction(1, 10**12) * max(1, abs(wanted)):
            yield f"{key} is {float(got)} instead of {float(wanted)}"
    event_cost = sum(value for (name, _), value in samples.items() if name == "claude_code_api_request_cost_USD_total")
    requests = sum(value for (name, _), value in samples.items() if name == "claude_code_api_requests_total")
    # The client rounds the cost of each event to a millionth of a dollar.
    if metric_cost and requests and abs(metric_cost - event_cost) > requests / 2 / 10**6 + Fraction(1, 10**9):
        yield f"events cost {float(event_cost)}, the metric says {float(metric_cost)}"


def main():
    folder = pathlib.Path(sys.argv[1])
    truth = Truth()
    for request, step in enumerate(json.loads((folder / "steps.json").read_text(encoding="utf-8"))):
        body = (folder / step["body"]).read_bytes()
        truth.ingest(request, gzip.decompress(body) if step["gzip"] else body, step["json"])
    found = list(differences(truth, *shown((folder / "page").read_text(encoding="utf-8"))))
    print("\n".join(found[:40]) or f"agreed: {len(truth.samples)} samples of {truth.events} events")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
