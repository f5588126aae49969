"""The totals of the recorded Claude Code sessions: counters from the recorded totals, events from the log records."""
import collections
import gzip
import json
import pathlib

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

CAPTURES = pathlib.Path(__file__).parents[2] / "Tests/Fixtures/captures"


class Capture:
    """One recorded run of a client."""

    def __init__(self, folder):
        self.name = folder.name
        self.totals = json.loads((folder / "expected.json").read_text())
        items = json.loads((folder / "manifest.json").read_text())["requests"]
        requests = [Request(folder, item) for item in items]
        self.requests = [request for request in requests if request.signal in ("metrics", "logs")]


class Request:
    """One recorded export; its body without content coding."""

    def __init__(self, folder, item):
        self.signal = next((kind for kind in ("metrics", "logs") if kind in item["file"]), "other")
        self.is_json = "json" in (item["content_type"] or "")
        body = (folder / item["file"]).read_bytes()
        self.body = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body

    @property
    def content_type(self):
        return "application/json" if self.is_json else "application/x-protobuf"

    def points(self, message):
        for resource in message.resource_metrics:
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    yield from getattr(metric, metric.WhichOneof("data")).data_points

    def times(self):
        if self.is_json:
            return [int(time) for point in self.json_points(json.loads(self.body)) for key, time in point.items()
                    if key in ("startTimeUnixNano", "timeUnixNano")]
        message = ExportMetricsServiceRequest.FromString(self.body)
        return [time for point in self.points(message)
                for time in (getattr(point, "start_time_unix_nano", 0), point.time_unix_nano) if time]

    @staticmethod
    def json_points(message):
        for resource in message["resourceMetrics"]:
            for scope in resource["scopeMetrics"]:
                for metric in scope["metrics"]:
                    for data in metric.values():
                        if isinstance(data, dict):
                            yield from data.get("dataPoints", [])

    def moved(self, shift):
        """The body with the times of its points moved by nanoseconds; Prometheus and Odometer need current times."""
        if self.signal != "metrics":
            return self.body
        if self.is_json:
            message = json.loads(self.body)
            for point in self.json_points(message):
                for key in {"startTimeUnixNano", "timeUnixNano"} & point.keys():
                    point[key] = str(int(point[key]) + shift)
            return json.dumps(message).encode()
        message = ExportMetricsServiceRequest.FromString(self.body)
        for point in self.points(message):
            point.time_unix_nano += shift
            if getattr(point, "start_time_unix_nano", 0):
                point.start_time_unix_nano += shift
        return message.SerializeToString()

    def events(self):
        """The attributes of each log record, including `event.name`."""
        if self.is_json:
            for resource in json.loads(self.body)["resourceLogs"]:
                for scope in resource["scopeLogs"]:
                    for record in scope["logRecords"]:
                        yield {item["key"]: next(iter(item["value"].values()), None) for item in record["attributes"]}
            return
        for resource in ExportLogsServiceRequest.FromString(self.body).resource_logs:
            for scope in resource.scope_logs:
                for record in scope.log_records:
                    yield {item.key: getattr(item.value, item.value.WhichOneof("value") or "string_value")
                           for item in record.attributes}


def captures():
    return [Capture(folder) for folder in sorted(CAPTURES.iterdir()) if folder.is_dir()]


class Truth:
    """Sums over all captures."""

    def __init__(self, runs):
        self.counters = collections.defaultdict(list)
        self.events = collections.defaultdict(list)
        seen = set()
        for run in runs:
            for total in run.totals:
                self.counters[total["name"]].append((total["attributes"], total["total"]))
            for request in run.requests:
                for event in request.events() if request.signal == "logs" else []:
                    # An event retried after a 503 is the same event.
                    identity = tuple(str(event.get(key)) for key in ("session.id", "event.sequence", "event.timestamp",
                                                                     "event.name", "prompt.id"))
                    if event.get("event.name") and identity not in seen:
                        seen.add(identity)
                        self.events[event["event.name"]].append(event)

    def counter(self, name, **attributes):
        """The total of a counter, of the series with these attributes."""
        return sum(total for found, total in self.counters[f"claude_code.{name}"] if matches(found, attributes))

    def counters_by(self, name, *keys):
        groups = collections.defaultdict(float)
        for found, total in self.counters[f"claude_code.{name}"]:
            groups[tuple(str(found.get(key, "")) for key in keys)] += total
        return dict(groups)

    def count(self, name, **attributes):
        """The number of events with this name."""
        return sum(matches(event, attributes) for event in self.events[name])

    def sessions(self):
        """The ids of all sessions, by user."""
        told = [*(event for events in self.events.values() for event in events),
                *(found for totals in self.counters.values() for found, _ in totals)]
        users = collections.defaultdict(set)
        for attributes in told:
            if attributes.get("session.id"):
                users[(attributes["user.id"],)].add(attributes["session.id"])
        return users

    def added(self, name, key, **attributes):
        return sum(float(event.get(key) or 0) for event in self.events[name] if matches(event, attributes))

    def counts_by(self, name, *keys):
        return dict(collections.Counter(tuple(str(event.get(key, "")) for key in keys) for event in self.events[name]))


def matches(found, attributes):
    return all(str(found.get(key)) == value for key, value in attributes.items())
