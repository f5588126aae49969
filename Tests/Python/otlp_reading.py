"""Decodes metrics exports independently of the collector: with Google's protobuf, and with Python's json by the proto3 JSON
mapping. Both give the same lists, and raise Refused for exports that a collector must refuse. Within a metric only the
smallest part that cannot be decoded is lost (docs/decisions/0019); lost points are counted.

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
    """The bytes are not an export, or a value does not fit."""


class Export(list):
    """Metrics, and how many points were lost."""
    lost_points = 0


class Lost:
    """The losses of an export so far."""

    def __init__(self):
        self.metrics = self.points = self.others = 0


LOST = Lost()


def whole_export(metrics):
    """The rest of an export; if everything was lost it is malformed."""
    points = sum(len(metric.points) + len(metric.other_points) for metric in metrics)
    if LOST.metrics and not metrics or (LOST.metrics or LOST.others) and not points and not LOST.points:
        raise Refused("nothing is left")
    export = Export(metrics)
    export.lost_points = LOST.points
    return export


# Protobuf.


def message_classes():
    """The messages without the fields that only profiles may use. Strings are bytes: whether they are UTF-8 is asked
    later, so that a message whose bytes are broken can be told from one whose text is.
    """
    pool = descriptor_pool.DescriptorPool()
    for module in (common_pb2, resource_pb2, metrics_pb2, metrics_service_pb2):
        file = descriptor_pb2.FileDescriptorProto()
        module.DESCRIPTOR.CopyToProto(file)
        for kind in file.message_type:
            kept = [field for field in kind.field if not field.name.endswith("strindex")]
            del kind.field[:]
            kind.field.extend(kept)
            for field in kind.field:
                if field.type == descriptor_pb2.FieldDescriptorProto.TYPE_STRING:
                    field.type = descriptor_pb2.FieldDescriptorProto.TYPE_BYTES
                    TEXTS.add((kind.name, field.name))
        pool.Add(file)
    return {
        name.split(".")[-1]: message_factory.GetMessageClass(pool.FindMessageTypeByName("opentelemetry.proto." + name))
        for name in (
            "collector.metrics.v1.ExportMetricsServiceRequest", "metrics.v1.ResourceMetrics", "metrics.v1.ScopeMetrics",
            "metrics.v1.Metric", "metrics.v1.NumberDataPoint", "metrics.v1.HistogramDataPoint",
            "metrics.v1.ExponentialHistogramDataPoint", "metrics.v1.SummaryDataPoint", "metrics.v1.Exemplar",
            "common.v1.KeyValue", "common.v1.InstrumentationScope", "resource.v1.Resource")}


TEXTS = set()
CLASSES = message_classes()
# The field of a metric that holds its points, and of these: their message, their attributes, their exemplars.
POINTS = {
    5: ("NumberDataPoint", 7, 5), 7: ("NumberDataPoint", 7, 5), 9: ("HistogramDataPoint", 9, 8),
    10: ("ExponentialHistogramDataPoint", 1, 11), 11: ("SummaryDataPoint", 7, None),
}


class Corrupt(Exception):
    """The bytes are not a message of the expected type."""


class NotText(Exception):
    """A string that is not UTF-8."""


def varint(data, position):
    value = shift = 0
    while True:
        if position >= len(data) or shift > 63:
            raise Corrupt
        byte = data[position]
        position += 1
        if shift == 63 and byte > 1:
            raise Corrupt
        value |= (byte & 127) << shift
        if byte < 128:
            return value, position
        shift += 7


def fields(data):
    """Number, wire type, content and all bytes of each field; content of length-delimited fields only."""
    position = 0
    while position < len(data):
        start = position
        tag, position = varint(data, position)
        if tag >> 32 or position - start > 5 or not tag >> 3:
            raise Corrupt
        content, position = skipped(data, position, tag)
        yield tag >> 3, tag & 7, content, data[start:position]


def skipped(data, position, tag):
    content, kind = None, tag & 7
    if kind == 0:
        _, position = varint(data, position)
    elif kind == 2:
        length, position = varint(data, position)
        content = data[position:position + length]
        if len(content) != length:
            raise Corrupt
        position += length
    elif kind in (1, 5):
        position += 8 if kind == 1 else 4
    elif kind == 3:
        while True:
            inner, position = varint(data, position)
            if not inner >> 3 or inner >> 32:
                raise Corrupt
            if inner & 7 == 4:
                if inner >> 3 != tag >> 3:
                    raise Corrupt
                break
            _, position = skipped(data, position, inner)
    else:
        raise Corrupt
    if position > len(data):
        raise Corrupt
    return content, position


def check_wire(data, descriptor):
    """Goes through a message and those in it, in their order.

    Raises Corrupt for bytes that are broken, NotText for a string that must be UTF-8 and is not: what comes first.
    """
    for number, kind, content, _ in fields(data):
        field = descriptor.fields_by_number.get(number)
        if field is None or kind != 2:
            continue
        if field.message_type:
            check_wire(content, field.message_type)
        elif (descriptor.name, field.name) in TEXTS and descriptor.name != "AnyValue" and not is_utf8(content):
            raise NotText
        elif field.type not in (field.TYPE_BYTES, field.TYPE_DOUBLE, field.TYPE_FIXED64, field.TYPE_SFIXED64):
            position = 0
            while field.is_repeated and position < len(content):
                _, position = varint(content, position)
        elif field.type != field.TYPE_BYTES and field.is_repeated and len(content) % 8:
            raise Corrupt


def is_utf8(data):
    try:
        data.decode("utf-8", "strict")
    except UnicodeDecodeError:
        return False
    return True


def parsed_message(name, data):
    check_wire(data, CLASSES[name].DESCRIPTOR)
    try:
        return CLASSES[name].FromString(data)
    except message.DecodeError as error:
        raise Corrupt from error


def without_lost(data, attributes):
    """A message without the attributes whose bytes are broken."""
    kept = b""
    for number, kind, content, field in fields(data):
        if (number, kind) == (attributes, 2):
            try:
                check_wire(content, CLASSES["KeyValue"].DESCRIPTOR)
            except Corrupt:
                LOST.others += 1
                continue
        kept += field
    return kept


def kept_exemplar(data):
    """Nothing for one that cannot be decoded, or whose attributes are not UTF-8."""
    try:
        exemplar = parsed_message("Exemplar", without_lost(data, 7))
        if is_text(protobuf_attributes(exemplar.filtered_attributes)):
            return [exemplar]
    except (Corrupt, NotText):
        pass
    LOST.others += 1
    return []


def kept_point(data, name, attributes, exemplars):
    """The point, and the fields of its attributes: whether they are UTF-8 is checked once it is known to count."""
    kept, examples, raw = b"", [], b""
    for number, kind, content, field in fields(data):
        if (number, kind) == (exemplars, 2):
            examples += kept_exemplar(content)
        elif (number, kind) == (attributes, 2):
            raw += field
        else:
            kept += field
    point = parsed_message(name, kept)
    if examples:
        point.exemplars.extend(examples)
    return point, raw, attributes


def kept_metric(data):
    """The metric and its points; those that cannot be decoded are counted."""
    kept, points, current = b"", [], None
    try:
        for number, kind, content, field in fields(data):
            if kind != 2 or number not in POINTS:
                if (number, kind) == (12, 2):
                    try:
                        check_wire(content, CLASSES["KeyValue"].DESCRIPTOR)
                    except Corrupt:
                        continue
                elif kind == 2 and number in (1, 2, 3) and not is_utf8(content):
                    raise NotText
                kept += field
                continue
            if current != number:
                current, points = number, []
            rest = b""
            for inner, inner_kind, point, inner_field in fields(content):
                if (inner, inner_kind) != (1, 2):
                    rest += inner_field
                    continue
                try:
                    points.append(kept_point(point, *POINTS[number]))
                except Corrupt:
                    LOST.points += 1
            kept += field_of(number, rest)
        metric = parsed_message("Metric", kept)
    except Corrupt:
        LOST.metrics += 1
        LOST.points += len(points)
        return []
    if current:
        data = getattr(metric, metric.WhichOneof("data"))
        for point, raw, attributes in points:
            point.MergeFromString(without_lost(raw, attributes))
            data.data_points.append(point)
    return [metric]


def field_of(number, content):
    length, rest = len(content), b""
    while length > 127:
        rest += bytes([length & 127 | 128])
        length >>= 7
    return bytes([number << 3 | 2]) + rest + bytes([length]) + content


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
    return [(attribute.key.decode(), protobuf_value(attribute.value)) for attribute in attributes]


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
    LOST.__init__()
    try:
        return whole_export(protobuf_metrics(body))
    except (Corrupt, NotText) as error:
        raise Refused(type(error).__name__) from error


def protobuf_metrics(body):
    metrics = []
    for number, kind, content, _ in fields(body):
        if (number, kind) == (1, 2):
            metrics += protobuf_resource_metrics(content)
    return metrics


def parts(data):
    """The content of each field of bytes 1 and 2 of a message, those of 1 joined; the schema URL."""
    first, second, url = [], [], b""
    for number, kind, content, _ in fields(data):
        if kind != 2:
            continue
        if number == 1:
            list(fields(content))
            first.append(content)
        elif number == 2:
            second.append(content)
        elif number == 3:
            if not is_utf8(content):
                raise NotText
            url = content
    return b"".join(first), second, url.decode()


def protobuf_resource_metrics(data):
    resource, scopes, _ = parts(data)
    resource = parsed_message("Resource", without_lost(resource, 1))
    metrics = []
    for scope_data in scopes:
        scope, found, url = parts(scope_data)
        scope = parsed_message("InstrumentationScope", without_lost(scope, 3))
        scope = Scope(scope.name.decode(), scope.version.decode(), protobuf_attributes(scope.attributes), url)
        for metric in found:
            metrics += [
                protobuf_metric(protobuf_attributes(resource.attributes), scope, kept) for kept in kept_metric(metric)]
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
    is_number = kind in ("gauge", "sum")
    return Metric(
        resource, scope, metric.name.decode(), metric.unit.decode(), kind,
        data.aggregation_temporality if kind not in (None, "gauge", "summary") else 0,
        kind == "sum" and data.is_monotonic,
        [protobuf_point(point) for point in data.data_points] if is_number else [],
        [protobuf_distribution(kind, point) for point in data.data_points] if kind and not is_number else [],
        metric.description.decode())


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
    """Half a surrogate pair is replaced by a character."""
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


def json_attribute(value):
    key, content = "", None
    for name, given in members(value, {"key", "value"}):
        if name == "key":
            key = json_string(given)
        else:
            content = json_value(given)
    return key, content


def json_attributes(value):
    """Those within a value, which is lost with any of them."""
    return [json_attribute(element) for element in elements(value)]


def or_lost(read, instead=None):
    """Reads a part that can be left out: `instead` replaces a value that does not fit."""
    def reading(value):
        try:
            return read(value)
        except Refused:
            LOST.others += 1
            return instead
    return reading


def parts_of(read):
    """The elements that can be read."""
    def reading(value):
        read_or_none = or_lost(lambda element: [read(element)], [])
        return [part for element in elements(value) for part in read_or_none(element)]
    return or_lost(reading, [])


kept_attributes = parts_of(json_attribute)
attributes_text = or_lost(elements, [])


def checked(value, readers):
    """Reads members that are only checked; of duplicates the last counts."""
    result = {}
    for name, content in members(value, readers):
        result[name] = readers[name](content)
    return result


def identifier(byte_count):
    def reading(value):
        if (text := json_string(value)) and not re.fullmatch("[0-9a-fA-F]{%d}" % (2 * byte_count), text):
            raise Refused("an identifier is expected")
    return or_lost(reading)


def list_of(read):
    return lambda value: [read(element) for element in elements(value)]


def syntax_only(value):
    return value


EXEMPLARS = parts_of(lambda value: checked(value, {
    "timeUnixNano": unsigned64, "asInt": not_null(signed64), "asDouble": json_double, "traceId": identifier(16),
    "spanId": identifier(8), "filteredAttributes": attributes_text,
}))
# Common fields of points. Their attributes are decoded once they are known to count.
POINT = {
    "attributes": attributes_text, "startTimeUnixNano": unsigned64, "timeUnixNano": unsigned64, "flags": not_null(unsigned32),
}
COUNTS = list_of(not_null(unsigned64))
BUCKETS = {"offset": signed32, "bucketCounts": COUNTS}
OTHER_POINTS = {
    "histogram": POINT | {
        "count": unsigned64, "sum": json_double, "exemplars": EXEMPLARS, "min": or_lost(json_double), "max": or_lost(json_double),
        "bucketCounts": COUNTS, "explicitBounds": list_of(not_null(json_double)),
    },
    "exponentialHistogram": POINT | {
        "count": unsigned64, "sum": json_double, "exemplars": EXEMPLARS, "min": or_lost(json_double), "max": or_lost(json_double),
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
    def read(point):
        return checked(point, OTHER_POINTS[name]) if name in OTHER_POINTS else json_point(point)

    def points(value):
        kept = []
        for element in elements(value):
            try:
                kept.append(read(element))
            except Refused:
                LOST.points += 1
        return kept
    readers = {"dataPoints": points}
    if name not in ("gauge", "summary"):
        readers["aggregationTemporality"] = json_temporality
    if name == "sum":
        readers["isMonotonic"] = json_bool
    return checked(value, readers)


def json_metric(value):
    """The members that are read; `data` is the name and the content of the kind that was given last."""
    plain = {"name": json_string, "description": json_string, "unit": json_string, "metadata": attributes_text}
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


def point_count(metric):
    """The points of a metric that cannot be read."""
    count = 0
    for _, data in metric if isinstance(metric, Object) else []:
        for key, points in data if isinstance(data, Object) else []:
            if camel_case(key) == "dataPoints" and isinstance(points, list) and not isinstance(points, Object):
                count += len(points)
    return count


def json_metrics(value):
    metrics = []
    for element in elements(value):
        before = LOST.points
        try:
            metrics.append(json_metric(element))
        except Refused:
            LOST.metrics += 1
            LOST.points = before + point_count(element)
    return metrics


SCOPE_METRICS = {"scope": json_object, "schemaUrl": or_lost(json_string, ""), "metrics": json_metrics}
RESOURCE_METRICS = {
    "resource": json_object, "schemaUrl": or_lost(json_string, ""),
    "scopeMetrics": list_of(lambda value: checked(value, SCOPE_METRICS)),
}
REQUEST_MEMBERS = {"resourceMetrics": list_of(lambda value: checked(value, RESOURCE_METRICS))}
RESOURCE = {"attributes": kept_attributes, "droppedAttributesCount": or_lost(unsigned32)}
SCOPE = RESOURCE | {"name": or_lost(json_string, ""), "version": or_lost(json_string, "")}


def read_json(body):
    """Reads in two steps: a duplicate replaces the earlier one, with its attributes."""
    LOST.__init__()
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
    return whole_export(metrics)


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
            kept_attributes(point.get("attributes")), point.get("startTimeUnixNano", 0), point.get("timeUnixNano", 0),
            point["number"] if is_number else json_distribution(kind, point), point.get("flags", 0))
        for point in data.get("dataPoints", [])
    ]
    return Metric(
        resource, scope, metric.get("name", ""), metric.get("unit", ""), kind,
        data.get("aggregationTemporality", 0), data.get("isMonotonic", False),
        points if is_number else [], [] if is_number else points, metric.get("description", ""))
