"""Keeps docs/conformance.md and the tests consistent: a test covers a requirement by the id in its display name.

Usage: conformance.py [--write] [FOLDER]
Without --write, exits 1 when a requirement of a finished or current issue has no test, when a test names an unknown id,
or when the column `tests` differs from what the tests say. With --write, that column is written first.
"""
import collections
import pathlib
import re
import sys

REQUIREMENT_COUNT = 210
ISSUES = ["Spine", "Parity", "Durable", "Drop-in", "Claude Code"]
# Issues whose requirements must have a test by now; an issue moves here with the commit that starts it.
STARTED = {"Spine", "Parity", "Durable", "Drop-in"}
SHOWN_TESTS = 3

DOCUMENT = pathlib.Path("docs/conformance.md")
ROW = re.compile(r"^\| (R-[A-Z0-9]+-\d\d) \| (.+?) \| ([^|]+?) \| ([^|]+?) \|(.*)\|$")
IDENTIFIER = re.compile(r"\bR-[A-Z0-9]+-\d\d\b")
TEST = re.compile(r'@(?:Test|Suite)\(\s*"((?:[^"\\]|\\.)*)"')
NAME = re.compile(r"\b(?:func|struct|class|enum|actor)\s+(`[^`]+`|\w+)")


def tests_by_requirement(root):
    """Requirement id -> tests that name it, as (path, function or suite), in the order of paths and lines."""
    found = collections.defaultdict(list)
    for path in sorted((root / "Tests").rglob("*.swift")):
        text = path.read_text(encoding="utf-8")
        for match in TEST.finditer(text):
            name = NAME.search(text, match.end())
            for identifier in sorted(set(IDENTIFIER.findall(match[1]))):
                found[identifier].append((path.relative_to(root), name[1].strip("`") if name else path.stem))
    return found


def cell(tests, issue):
    """The column `tests`: links to the first few, or the issue that brings the requirement."""
    if not tests:
        return f" open: {issue} "
    links = [f"[{name}](../{path})" for path, name in tests[:SHOWN_TESTS]]
    more = f" and {len(tests) - SHOWN_TESTS} more" if len(tests) > SHOWN_TESTS else ""
    return f" {', '.join(links)}{more} "


def rewritten(document, found):
    """The document with its column `tests` updated."""
    lines = []
    for line in document.split("\n"):
        if match := ROW.match(line):
            identifier, text, source, issue = match.groups()[:4]
            line = f"| {identifier} | {text} | {source} | {issue} |{cell(found.get(identifier, []), issue)}|"
        lines.append(line)
    return "\n".join(lines)


def findings(document, found):
    """Errors, one sentence each."""
    rows = [match.groups() for line in document.split("\n") if (match := ROW.match(line))]
    counts = collections.Counter(row[0] for row in rows)
    for line in document.split("\n"):
        if line.startswith("| R-") and not ROW.match(line):
            yield f"not a row of five columns: {line}"
    for identifier, count in counts.items():
        if count > 1:
            yield f"{identifier} stands there {count} times"
    if len(counts) != REQUIREMENT_COUNT:
        yield f"{len(counts)} requirements instead of {REQUIREMENT_COUNT}"
    for identifier, _, _, issue, _ in rows:
        if issue not in ISSUES:
            yield f"{identifier} names no known issue: {issue}"
        elif issue in STARTED and not found.get(identifier):
            yield f"{identifier} ({issue}) has no test"
    for identifier, tests in found.items():
        if identifier not in counts:
            yield f"{identifier} is named by {tests[0][0]} ({tests[0][1]}) but not by {DOCUMENT}"
    if document != rewritten(document, found):
        yield "the column «tests» is out of date: run python3 Tests/Tidy/conformance.py --write"


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--write"]
    root = pathlib.Path(arguments[0] if arguments else pathlib.Path(__file__).parents[2])
    found = tests_by_requirement(root)
    document = (root / DOCUMENT).read_text(encoding="utf-8")
    if "--write" in sys.argv:
        document = rewritten(document, found)
        (root / DOCUMENT).write_text(document, encoding="utf-8")
    wrong = list(findings(document, found))
    covered = sum(1 for identifier in found if found[identifier])
    print("\n".join([f"{DOCUMENT}: {sentence}" for sentence in wrong] + [f"conformance: {covered} requirements have tests"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
