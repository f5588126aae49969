"""Names and labels of series as in the Prometheus exporter of the Collector (R-NAME, R-LAB), for the model."""
import base64
import json
import math
import re
from decimal import Decimal

LABEL_LIMIT = 64
LABEL_VALUE_LIMIT = 4096

UNITS = {
    "d": "days", "h": "hours", "min": "minutes", "s": "seconds", "ms": "milliseconds", "us": "microseconds",
    "ns": "nanoseconds", "By": "bytes", "KiBy": "kibibytes", "MiBy": "mebibytes", "GiBy": "gibibytes",
    "TiBy": "tibibytes", "kBy": "kilobytes", "KBy": "kilobytes", "MBy": "megabytes", "GBy": "gigabytes",
    "TBy": "terabytes", "m": "meters", "V": "volts", "A": "amperes", "J": "joules", "W": "watts", "g": "grams",
    "Cel": "celsius", "Hz": "hertz", "1": "", "%": "percent",
}
PER_UNITS = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week", "mo": "month", "y": "year"}
# Unicode white space; that of Python has a few more control characters.
WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
RESERVED_LABELS = {"job", "instance", "le", "quantile"}
SCOPE_LABELS = {"otel_scope_name", "otel_scope_version", "otel_scope_schema_url"}


class Rejected(Exception):
    """A rejected point."""


def clean_unit(unit):
    return re.sub("_+", "_", re.sub("[^A-Za-z0-9:]", "_", unit)).lstrip("_")


def unit_tokens(unit):
    """The suffixes of a unit: itself, and the part after its slash."""
    main, _, per = unit.partition("/")
    main, per = main.strip(WHITE_SPACE), per.strip(WHITE_SPACE)
    main = "" if re.search("[{}]", main) else clean_unit(UNITS.get(main, main))
    if not per or re.search("[{}]", per):
        return main, ""
    per = clean_unit("per_" + PER_UNITS.get(per, per)).removesuffix("_")
    return main, per if len(per) >= len("per_") else ""


def family_name(metric, is_counter):
    tokens = re.findall("[A-Za-z0-9:]+", metric.name)
    main, per = unit_tokens(metric.unit)
    main, per = "" if main in tokens else main, "" if per in tokens else per
    if per:
        main = main.removesuffix("_")
    tokens += [token for token in (main, per) if token]
    if is_counter:
        tokens = [token for token in tokens if token != "total"]
    elif metric.kind == "gauge" and metric.unit == "1":
        tokens = [token for token in tokens if token != "ratio"] + ["ratio"]
    name = "_".join(tokens)
    if re.match("[0-9]", name):
        name = "_" + name
    if is_counter:
        name = name + "_total" if name else "total"
    if not name:
        raise Rejected("nothing is left of the name")
    return name


def number_text(number):
    """A double as in Go's encoding/json, with words for NaN and infinities."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "-Infinity" if number < 0 else "Infinity"
    sign = "-" if math.copysign(1, number) < 0 else ""
    if number == 0:
        return sign + "0"
    _, digits, exponent = Decimal(repr(abs(number))).normalize().as_tuple()
    digits = "".join(map(str, digits))
    point = len(digits) + exponent
    if not 1e-6 <= abs(number) < 1e21:
        fraction = "." + digits[1:] if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{fraction}e{'+' if point > 0 else ''}{point - 1}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if point >= len(digits):
        return sign + digits.ljust(point, "0")
    return f"{sign}{digits[:point]}.{digits[point:]}"


def json_string(text):
    # U+007F and above are unchanged, except the two line separators of JavaScript.
    return json.dumps(text, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def json_text(value):
    if value is None:
        return "null"
    kind, content = value
    if kind == "string":
        return json_string(content)
    if kind == "array":
        return "[" + ",".join(map(json_text, content)) + "]"
    if kind == "kvlist":
        # Of equal keys the last one.
        last = dict(content)
        members = [f"{json_string(key)}:{json_text(last[key])}" for key in sorted(last, key=str.encode)]
        return "{" + ",".join(members) + "}"
    text = value_text(value)
    return f'"{text}"' if kind == "bytes" or kind == "double" and not math.isfinite(content) else text


def value_text(value):
    """An attribute's value as the text of a label (R-LAB-01)."""
    if value is None:
        return ""
    kind, content = value
    if kind == "string":
        return content
    if kind == "bool":
        return "true" if content else "false"
    if kind == "int":
        return str(content)
    if kind == "double":
        return number_text(content)
    if kind == "bytes":
        return base64.b64encode(content).decode()
    return json_text(value)


def label_name(key):
    name = re.sub("[^A-Za-z0-9]", "_", key)
    if not re.search("[A-Za-z0-9]", name):
        return "key" + "".join(f"_{ord(character):x}" for character in key)
    if name[0].isdigit():
        return "key_" + name
    is_reserved = name in RESERVED_LABELS or name.startswith(("__", "otel_scope_"))
    return "exported_" + name if is_reserved else name


def labels(resource, scope, attributes):
    """The labels of a series as a sorted tuple of pairs, without empty ones."""
    added = {}
    last = dict(resource)
    if "service.name" in last:
        namespace = value_text(last.get("service.namespace"))
        added["job"] = (namespace + "/" if namespace else "") + value_text(last["service.name"])
    added["instance"] = value_text(last.get("service.instance.id"))
    added |= {
        "otel_scope_name": scope.name, "otel_scope_version": scope.version, "otel_scope_schema_url": scope.schema_url}
    sources = [("otel_scope_" + re.sub("[^A-Za-z0-9]", "_", key), key, value) for key, value in scope.attributes if key]
    sources = [source for source in sources if source[0] not in SCOPE_LABELS]
    sources += [(label_name(key), key, value) for key, value in attributes if key]
    # Of attributes with one key the last counts; values of several keys may be joined in one label.
    shared = {}
    for name, key, value in sources:
        shared.setdefault(name, {})[key] = value_text(value)
    joined = {name: ";".join(texts[key] for key in sorted(texts, key=str.encode)) for name, texts in shared.items()}
    joined = {name: text for name, text in joined.items() if text}
    if len(joined) > LABEL_LIMIT:
        raise Rejected("too many labels")
    if any(len(text.encode()) > LABEL_VALUE_LIMIT for text in (added | joined).values()):
        raise Rejected("a label is too long")
    return tuple(sorted((name, text) for name, text in (added | joined).items() if text))
