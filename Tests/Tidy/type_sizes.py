"""The number of lines of each type with all its extensions, in all files."""
import re

from swift_source import body_end, body_start

TYPE_LINE_LIMIT = 600

# Types that are still larger, each with its current number of lines; a reduction lowers its limit here.
LARGER_TYPES = {}

DECLARATION = re.compile(r"^(?:[\w@()]+ )*?(struct|class|enum|actor|protocol|extension) ([\w.]+)", re.MULTILINE)


def declared_lines(source):
    """Declarations and extensions of types at the top of a file: (name, lines)."""
    code = "\n".join(source.code)
    for match in DECLARATION.finditer(code):
        opening = body_start(code, match.end())
        if opening is not None:
            yield match[2], code.count("\n", match.start(), body_end(code, opening)) + 1


def type_sizes(sources):
    """Lines of each type of Sources as {Module.Type: lines}; `sources` are pairs of path and SwiftSource."""
    sizes = {}
    for path, source in sources:
        if path.parts[0] != "Sources":
            continue
        for name, lines in declared_lines(source):
            key = f"{path.parts[1]}.{name}"
            sizes[key] = sizes.get(key, 0) + lines
    return sizes


def check_type_sizes(sources, larger=None):
    """Types that are too long, or shorter than their entry says: messages."""
    larger = LARGER_TYPES if larger is None else larger
    sizes = type_sizes(sources)
    for name, lines in sorted(sizes.items()):
        limit = larger.get(name, TYPE_LINE_LIMIT)
        if lines > limit:
            yield f"{name} has {lines} lines over all its extensions, at most {limit}: two jobs?"
    for name, limit, lines in sorted((name, larger[name], sizes[name]) for name in larger.keys() & sizes.keys()):
        if lines <= TYPE_LINE_LIMIT:
            yield f"{name} has {lines} lines: it needs no limit of its own in type_sizes.py any more"
        elif lines < limit:
            yield f"{name} has {lines} lines: lower its limit of {limit} in type_sizes.py"
