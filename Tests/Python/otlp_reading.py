"""Reads exports of metrics with decoders that are not the collector's: Google's protobuf, and Python's json with a walk
over the proto3 JSON mapping. Both give the same lists, and raise Refused for what a collector must not take.

An attribute value is None or a pair of its kind and its content: str, bool, int, float, bytes, array (a list of values) or
kvlist (a list of keys with values). A str without content is one that is not UTF-8 (R-PB-05). A number of a point is an
int, a float or None.
"""
import base64
import collections
import json
import math
import re
from decimal import Decimal

from google.protobuf import descriptor_pb2, descriptor_pool, message, message_factory
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
from opentelemetry.proto.common.v1 import common_pb2
from opentelemetry.proto.metrics.v1 import metrics_pb2
from opentelemetry.proto.resource.v1 import resource_pb2

Scope = collections.namedtuple("Scope", "name version attributes schema_url")
# `points` are numbers; histograms and summaries have `other_points`, of the same form, whose value is one of the next.
Metric = collections.namedtuple(
    "Metric", "resource scope name unit kind temporality monotonic points other_points description", defaults=[""])
Point = collections.namedtuple("Point", "attributes start time value flags")
# Counts of buckets and of all; `sum` is None when not given.
Histogram = collections.namedtuple("Histogram", "bounds counts count sum")
# The sides are pairs of offset and counts.
Exponential = collections.namedtuple("Exponential", "scale zero_threshold zero_count positive negative count sum")
# Pairs of quantile and value.
Summary = collections.namedtuple("Summary", "quantiles count sum")

KINDS = ("gauge", "sum", "histogram", "exponential_histogram", "summary")


class Refused(Exception):
    """The bytes are no export."""


# Protobuf.


def request_class():
    """ExportMetricsServiceRequest without the fields that only profiles may use; string values of attributes are bytes."""
    pool = descriptor_pool.DescriptorPool()
    for module in (common_pb2, resource_pb2, metrics_pb2, metrics_service_pb2):
        file = descriptor_pb2.FileDescriptorProto()
        module.DESCRIPTOR.CopyToProto(file)
        for kind in file.message_type:
            kept = [field for field in kind.field if not field.name.endswith("strindex")]
            del kind.field[:]
            kind.field.extend(kept)
            for field in kind.field:
                if (kind.name, field.name) == ("AnyValue", "string_value"):
                    field.type = descriptor_pb2.FieldDescriptorProto.TYPE_BYTES
        pool.Add(file)
    name = "opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest"
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


REQUEST = request_class()


def protobuf_value(value):
    member = value.WhichOneof("value")
    if member is None:
        return None
    content = getattr(value, member)
    if member == "string_value":
        try:
            content = content.decode("utf-8", "strict")
        except UnicodeDecodeError:
            content = None
    elif member == "array_value":
        content = [protobuf_value(element) for element in content.values]
    elif member == "kvlist_value":
        content = protobuf_attributes(content.values)
    return member.removesuffix("_value"), content


def protobuf_attributes(attributes):
    return [(attribute.key, protobuf_value(attribute.value)) for attribute in attributes]


def is_text(attributes):
    """Whether all string values are UTF-8, in whatever depth."""
    return all(is_text_value(value) for _, value in attributes)


def is_text_value(value):
    if value is None:
        return True
    kind, content = value
    if kind == "array":
        return all(map(is_text_value, content))
    if kind == "kvlist":
        return is_text(content)
    return content is not None


def refuse_if_not_text(attributes):
    if not is_text(protobuf_attributes(attributes)):
        raise Refused("not UTF-8 where no point can be rejected for it")


def protobuf_point(point):
    member = point.WhichOneof("value")
    return Point(
        protobuf_attributes(point.attributes), point.start_time_unix_nano, point.time_unix_nano,
        getattr(point, member) if member else None, point.flags)


def read_protobuf(body):
    try:
        request = REQUEST.FromString(body)
    except message.DecodeError as error:
        raise Refused(str(error)) from error
    metrics = []
    for resource_metrics in request.resource_metrics:
        resource = protobuf_attributes(resource_metrics.resource.attributes)
        for scope_metrics in resource_metrics.scope_metrics:
            scope = Scope(
                scope_metrics.scope.name, scope_metrics.scope.version,
                protobuf_attributes(scope_metrics.scope.attributes), scope_metrics.schema_url)
            metrics += [protobuf_metric(resource, scope, metric) for metric in scope_metrics.metrics]
    return metrics


def protobuf_distribution(kind, point):
    total = point.sum if kind == "summary" or point.HasField("sum") else None
    if kind == "histogram":
        value = Histogram(list(point.explicit_bounds), list(point.bucket_counts), point.count, total)
    elif kind == "exponential_histogram":
        positive, negative = ((side.offset, list(side.bucket_counts)) for side in (point.positive, point.negative))
        value = Exponential(
            point.scale, point.zero_threshold, point.zero_count, positive, negative, point.count, total)
    else:
        value = Summary([(at.quantile, at.value) for at in point.quantile_values], point.count, total)
    return Point(
        protobuf_attributes(point.attributes), point.start_time_unix_nano, point.time_unix_nano, value, point.flags)


def protobuf_metric(resource, scope, metric):
    kind = metric.WhichOneof("data")
    data = getattr(metric, kind) if kind else None
    refuse_if_not_text(metric.metadata)
    if data and kind != "summary":
        for point in data.data_points:
            for exemplar in point.exemplars:
                refuse_if_not_text(exemplar.filtered_attributes)
    is_number = kind in ("gauge", "sum")
    return Metric(
        resource, scope, metric.name, metric.unit, kind,
        data.aggregation_temporality if kind not in (None, "gauge", "summary") else 0,
        kind == "sum" and data.is_monotonic,
        [protobuf_point(point) for point in data.data_points] if is_number else [],
        [protobuf_distribution(kind, point) for point in data.data_points] if kind and not is_number else [],
        metric.description)


# JSON. A message is a list of pairs, so that the order of its keys is known; a number is its text.


class Object(list):
    """The members of an object as pairs."""


class Number(str):
    """A number as it is written."""


def refuse(text):
    raise Refused(f"not JSON: {text}")


def parsed(body):
    try:
        text = body.decode("utf-8", "strict")
        tree = json.loads(
            text, object_pairs_hook=Object, parse_int=Number, parse_float=Number, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise Refused(str(error)) from error
    return whole_characters(tree) if "\\u" in text else tree


HALF_A_PAIR = re.compile("[\ud800-\udfff]")


def whole_characters(value):
    """Half a surrogate pair is no character: one stands for it."""
    if isinstance(value, (Object, list)):
        return type(value)(map(whole_characters, value))
    if isinstance(value, tuple):
        return tuple(map(whole_characters, value))
    if isinstance(value, str) and not isinstance(value, Number):
        return HALF_A_PAIR.sub("\ufffd", value)
    return value


NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
NOT_FINITE = re.compile(r"(nan)|([+-]?)inf(?:inity)?", re.IGNORECASE | re.ASCII)
SNAKE_CASE = re.compile(r"[^A-Z_]+(?:_[a-z][^A-Z_]*)+")


def camel_case(key):
    """snake_case is tolerated (R-JSON-01)."""
    if "_" in key and SNAKE_CASE.fullmatch(key):
        return re.sub("_([a-z])", lambda match: match[1].upper(), key)
    return key


def members(value, known):
    """The members of a message with a known name, in order; None stands for an absent message."""
    if value is None:
        return
    if not isinstance(value, Object):
        raise Refused("an object is expected")
    for key, content in value:
        if (name := camel_case(key)) in known:
            yield name, content


def elements(value):
    if value is None:
        return []
    if not isinstance(value, list) or isinstance(value, Object):
        raise Refused("an array is expected")
    return value


def json_string(value):
    if value is None:
        return ""
    if not isinstance(value, str) or isinstance(value, Number):
        raise Refused("a string is expected")
    return value


def json_bool(value):
    if value is not None and not isinstance(value, bool):
        raise Refused("true or false is expected")
    return bool(value)


def json_integer(value, low, high):
    """Any written form of an integral number in the range, in a string or bare; None for null."""
    if value is None:
        return None
    if not isinstance(value, str) or not NUMBER.fullmatch(value):
        raise Refused("an integer is expected")
    number = Decimal(value)
    # No power of ten that large is made.
    if number and not -40 <= number.adjusted() <= 40 or number != number.to_integral_value():
        raise Refused("not integral, or out of range")
    if not low <= int(number) <= high:
        raise Refused("out of range")
    return int(number)


def unsigned64(value):
    return json_integer(value, 0, 2**64 - 1) or 0


def unsigned32(value):
    return json_integer(value, 0, 2**32 - 1) or 0


def signed32(value):
    return json_integer(value, -(2**31), 2**31 - 1) or 0


def signed64(value):
    return json_integer(value, -(2**63), 2**63 - 1)


def json_double(value):
    """A number, a numeric string or a word for what is none; None for null."""
    if value is None:
        return None
    if isinstance(value, str) and NUMBER.fullmatch(value):
        number = float(value)
        if math.isinf(number):
            raise Refused("beyond the largest double")
        return number
    if isinstance(value, str) and not isinstance(value, Number) and (match := NOT_FINITE.fullmatch(value)):
        return math.nan if match[1] else -math.inf if match[2] == "-" else math.inf
    raise Refused("a double is expected")


def not_null(read):
    def reading(value):
        if value is None:
            raise Refused("null is not taken here, as by the Collector")
        return read(value)
    return reading


def json_base64(value):
    text = json_string(value).replace("-", "+").replace("_", "/")
    body = text.rstrip("=") if len(text) % 4 == 0 else text
    if len(text) - len(body) > 2 or not re.fullmatch("[A-Za-z0-9+/]*", body) or len(body) % 4 == 1:
        raise Refused("base64 is expected")
    return base64.b64decode(body + "=" * (-len(body) % 4))


def json_value(value):
    result = member = None
    readers = {
        "stringValue": json_string, "boolValue": json_bool, "intValue": signed64, "doubleValue": json_double,
        "bytesValue": json_base64, "arrayValue": json_array, "kvlistValue": json_list,
    }
    for name, content in members(value, readers):
        if content is not None:
            result, member = (name.removesuffix("Value"), readers[name](content)), name
        elif name == member:
            result = member = None
    return result


def json_array(value):
    values = []
    for _, content in members(value, {"values"}):
        values = [json_value(element) for element in elements(content)]
    return values


def json_list(value):
    values = []
    for _, content in members(value, {"values"}):
        values = json_attributes(content)
    return values


def json_attributes(value):
    attributes = []
    for element in elements(value):
        key, content = "", None
        for name, given in members(element, {"key", "value"}):
            if name == "key":
                key = json_string(given)
            else:
                content = json_value(given)
        attributes.append((key, content))
    return attributes


def checked(value, readers):
    """Reads members that are only checked; of a repeated one the last counts."""
    result = {}
    for name, content in members(value, readers):
        result[name] = readers[name](content)
    return result


def identifier(byte_count):
    def reading(value):
        if (text := json_string(value)) and not re.fullmatch("[0-9a-fA-F]{%d}" % (2 * byte_count), text):
            raise Refused("an identifier is expected")
    return reading


def list_of(read):
    return lambda value: [read(element) for element in elements(value)]


def syntax_only(value):
    return value


EXEMPLARS = list_of(lambda value: checked(value, {
    "timeUnixNano": unsigned64, "asInt": not_null(signed64), "asDouble": json_double, "traceId": identifier(16),
    "spanId": identifier(8), "filteredAttributes": elements,
}))
# What points have in common. Their attributes are read when it is sure that they count.
POINT = {
    "attributes": elements, "startTimeUnixNano": unsigned64, "timeUnixNano": unsigned64, "flags": not_null(unsigned32),
}
COUNTS = list_of(not_null(unsigned64))
BUCKETS = {"offset": signed32, "bucketCounts": COUNTS}
OTHER_POINTS = {
    "histogram": POINT | {
        "count": unsigned64, "sum": json_double, "exemplars": EXEMPLARS, "min": json_double, "max": json_double,
        "bucketCounts": COUNTS, "explicitBounds": list_of(not_null(json_double)),
    },
    "exponentialHistogram": POINT | {
        "count": unsigned64, "sum": json_double, "exemplars": EXEMPLARS, "min": json_double, "max": json_double,
        "scale": signed32, "zeroCount": unsigned64, "zeroThreshold": json_double,
        "positive": lambda value: checked(value, BUCKETS), "negative": lambda value: checked(value, BUCKETS),
    },
    "summary": POINT | {
        "count": unsigned64, "sum": json_double,
        "quantileValues": list_of(lambda value: checked(value, {"quantile": json_double, "value": json_double})),
    },
}


def json_point(value):
    """The members of a number point; `asInt` and `asDouble` are one, of which the last given counts."""
    result, number, number_member = {}, None, None
    readers = POINT | {"exemplars": EXEMPLARS, "asInt": not_null(signed64), "asDouble": json_double}
    for name, content in members(value, readers):
        read = readers[name](content)
        if name not in ("asInt", "asDouble"):
            result[name] = read
        elif read is not None:
            number, number_member = read, name
        elif number_member == name:
            number = number_member = None
    return result | {"number": number}


def json_temporality(value):
    names = {f"AGGREGATION_TEMPORALITY_{name}": number for number, name in enumerate(
        ("UNSPECIFIED", "DELTA", "CUMULATIVE"))}
    if isinstance(value, str) and not isinstance(value, Number):
        if value not in names:
            raise Refused("a temporality is expected")
        return names[value]
    return signed32(value)


def json_data(name, value):
    if name in OTHER_POINTS:
        points = list_of(lambda point: checked(point, OTHER_POINTS[name]))
    else:
        points = list_of(json_point)
    readers = {"dataPoints": points}
    if name not in ("gauge", "summary"):
        readers["aggregationTemporality"] = json_temporality
    if name == "sum":
        readers["isMonotonic"] = json_bool
    return checked(value, readers)


def json_metric(value):
    """The members that are read; `data` is the name and the content of the kind that was given last."""
    plain = {"name": json_string, "description": json_string, "unit": json_string, "metadata": elements}
    kinds = {camel_case(kind) for kind in KINDS}
    result, data = {}, None
    for name, content in members(value, plain.keys() | kinds):
        if name in plain:
            result[name] = plain[name](content)
        elif content is not None:
            data = name, json_data(name, content)
        elif data and data[0] == name:
            data = None
    return result | {"data": data}


def json_object(value):
    if value is not None and not isinstance(value, Object):
        raise Refused("an object is expected")
    return value


SCOPE_METRICS = {"scope": json_object, "schemaUrl": json_string, "metrics": list_of(json_metric)}
RESOURCE_METRICS = {
    "resource": json_object, "schemaUrl": json_string,
    "scopeMetrics": list_of(lambda value: checked(value, SCOPE_METRICS)),
}
REQUEST_MEMBERS = {"resourceMetrics": list_of(lambda value: checked(value, RESOURCE_METRICS))}
RESOURCE = {"attributes": json_attributes, "droppedAttributesCount": unsigned32}
SCOPE = RESOURCE | {"name": json_string, "version": json_string}


def read_json(body):
    """Reads in two steps: what was given again replaces what was given before, together with its attributes."""
    metrics = []
    request = checked(not_null(json_object)(parsed(body)), REQUEST_MEMBERS)
    for resource_metrics in request.get("resourceMetrics", []):
        resource = checked(resource_metrics.get("resource"), RESOURCE).get("attributes", [])
        for scope_metrics in resource_metrics.get("scopeMetrics", []):
            scope = checked(scope_metrics.get("scope"), SCOPE)
            scope = Scope(
                scope.get("name", ""), scope.get("version", ""), scope.get("attributes", []),
                scope_metrics.get("schemaUrl", ""))
            for metric in scope_metrics.get("metrics", []):
                metrics.append(completed_metric(resource, scope, metric))
    return metrics


def json_distribution(kind, point):
    if kind == "histogram":
        return Histogram(
            point.get("explicitBounds", []), point.get("bucketCounts", []), point.get("count", 0), point.get("sum"))
    if kind == "summary":
        quantiles = [(at.get("quantile") or 0.0, at.get("value") or 0.0) for at in point.get("quantileValues", [])]
        return Summary(quantiles, point.get("count", 0), point.get("sum") or 0.0)
    sides = (point.get(name) or {} for name in ("positive", "negative"))
    positive, negative = ((side.get("offset", 0), side.get("bucketCounts", [])) for side in sides)
    return Exponential(
        point.get("scale", 0), point.get("zeroThreshold") or 0.0, point.get("zeroCount", 0), positive, negative,
        point.get("count", 0), point.get("sum"))


def completed_metric(resource, scope, metric):
    name, data = metric["data"] or (None, {})
    kind = name and re.sub("([A-Z])", lambda match: "_" + match[1].lower(), name)
    is_number = kind in ("gauge", "sum")
    points = [
        Point(
            json_attributes(point.get("attributes")), point.get("startTimeUnixNano", 0), point.get("timeUnixNano", 0),
            point["number"] if is_number else json_distribution(kind, point), point.get("flags", 0))
        for point in data.get("dataPoints", [])
    ]
    return Metric(
        resource, scope, metric.get("name", ""), metric.get("unit", ""), kind,
        data.get("aggregationTemporality", 0), data.get("isMonotonic", False),
        points if is_number else [], [] if is_number else points, metric.get("description", ""))
