"""Style as a test: the house rules that neither the compiler nor swift-format checks.

Usage: tidy.py [FOLDER]      prints `file:line: what is wrong` and exits 1 when a rule is broken.
"""
import pathlib
import re
import subprocess
import sys

from references import Names, check_decisions, check_references
from swift_source import SwiftSource
from type_sizes import check_type_sizes

FUNCTION_LINE_LIMIT = 70
FILE_LINE_LIMIT = 400

# Which modules a target may import, as docs/architecture.md draws the arrows; `App` may import all of ours.
NIO = {"NIOCore", "NIOPosix", "NIOHTTP1", "NIOConcurrencyHelpers", "NIOEmbedded"}
PLATFORM = {"Synchronization"}
ARROWS = {
    "Platform": {"Glibc", "Musl", "Darwin"},
    "Storage": {"CSQLite", "Platform"},
    "Settings": {"Platform", "Patterns"},
    "Bytes": set(),
    "OTLP": {"Platform", "Settings", "Bytes", "CMemory"},
    "Patterns": set(),
    "Series": {"Platform", "Settings", "Bytes", "OTLP", "CMemory"},
    "Events": {"Platform", "Settings", "Bytes", "OTLP"},
    "Exposition": {"Settings", "Series", "OTLP", "CClientModel", "CMemory", "Patterns", "Bytes"},
    "Credentials": {"Platform", "Bytes", "CCrypt", "NIOCore", "NIOSSL"},
    "Server": {"Platform", "Settings", "Bytes", "Credentials", "CZlib", "CZstd", "NIOHTTP2", "NIOHPACK", "NIOSSL", "NIOTLS"} | NIO,
    "Receiver": {"Settings", "Server", "OTLP"} | NIO,
    "ConfigFile": {"CYAML", "Platform", "Settings", "Patterns"},
    "Journal": {"CZstd", "Platform", "Storage", "Settings"},
    "Forward": {"Platform", "Storage", "Settings", "Bytes", "OTLP", "Credentials", "CZlib", "CZstd", "NIOHTTP2", "NIOHPACK", "NIOSSL"} | NIO,
    "Pipeline": {"CMemory", "Platform", "Storage", "Settings", "OTLP", "Events", "Series", "Journal", "Exposition", "Server", "Receiver", "Forward", "Logging"} | NIO,
    "App": {"CProcess", "Platform", "Storage", "Settings", "Bytes", "Patterns", "OTLP", "Events", "Series", "Exposition", "Journal", "Credentials", "Server", "Receiver", "Forward", "Pipeline", "ConfigFile", "Logging", "ArgumentParser", "NIOSSL"} | NIO,
}

# Written so that this file does not match its own rules.
RISKY = re.compile(
    r"\btry\!|\bas\!|\bfatalError\b|@unchecked\s+Sendable|\bnonisolated\s*\(\s*unsafe\s*\)|\.disabled\s*\(")
WORDS = [
    # In quotes it is a key of the Collector's.
    (re.compile(r"(?<!\")\b[dD]atapoint|\bDATAPOINT|[a-z]Datapoint"), "say «data point» (dataPoint)"),
    (re.compile(r"[tT]ime[sS]eries"), "say «series»"),
    (re.compile(r"\b(?:struct|class|enum|actor|protocol|typealias)\s+\w*(?:Manager|Helper|Util(?:s|ity|ities)?)(?![a-z])"),
     "name the type after what it is, not Manager, Helper or Util"),
]
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:home|Users|root|work|workspace|farm)/|/opt/[s]wift\b|[.]librar[y]/")
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)[^)]*\)")
SENTENCE_END = re.compile(r"""[.?!:…;][)"'”`*_\]]*$""")
NOT_PROSE = re.compile(r"MARK:|swift-tools-version|swift-format-ignore|https?://\S+$")
DRAWING = re.compile(r"^ {3}|^\t|```|\|$")

# Declarations without comments: requirements of the standard library's protocols, which document them, and the stored properties
# of a documented type whose names say it all.
CONFORMANCE = re.compile(
    r"\b(?:func\s*(?:==|<|hash\(into|encode\(to|makeIterator|next\(\))|init\(from|var\s+(?:debugD|d)escription\b)")
STORED_PROPERTY = re.compile(r"(?:\s|\(set\)\s)(?:var|let)\s+\w+\s*[:=][^{]*$")


def check_lengths(source, path):
    if path.parts[0] in ("Sources", "Tests") and len(source.lines) - 1 > FILE_LINE_LIMIT:
        yield FILE_LINE_LIMIT, f"the file has {len(source.lines) - 1} lines, at most {FILE_LINE_LIMIT}: two concepts?"
    for name, first, count in source.functions():
        if count > FUNCTION_LINE_LIMIT:
            yield first, f"{name} has {count} lines, at most {FUNCTION_LINE_LIMIT}"


def check_imports(source, path):
    """Access levels, Foundation and the arrows between targets; in Sources only."""
    if path.parts[0] != "Sources":
        return
    target = path.parts[1]
    for number, line in enumerate(source.code, start=1):
        match = re.match(r"\s*((?:@\w+\s+)*)(?:(package|public|internal|fileprivate|private)\s+)?import\s+(?:\w+\s+)?(\w+)", line)
        if not match:
            continue
        level, module = match[2], match[3]
        if not level:
            yield number, f"import {module} has no access level"
        if module.startswith("Foundation"):
            yield number, "no source of ours imports Foundation (docs/architecture.md)"
        elif module not in ARROWS.get(target, set()) | PLATFORM:
            yield number, f"{target} must not import {module} (docs/architecture.md)"


def check_risks(source, path):
    """Code that can trap or disables a check needs its reason on the line above."""
    for number, line in enumerate(source.code, start=1):
        if (match := RISKY.search(line)) and not source.line_above(number).startswith("//"):
            yield number, f"{match[0]} needs its reason in a comment on the line above"
    for match in re.finditer(r"\bcatch\s*\{\s*\}", "\n".join(source.code)):
        yield "\n".join(source.code).count("\n", 0, match.start()) + 1, "an empty catch hides a failure"


def check_documentation(source, path):
    """Every `package` declaration has a comment; comments are sentences."""
    if path.parts[0] == "Sources":
        for number, text in source.package_declarations():
            silent = CONFORMANCE.search(text) or STORED_PROPERTY.search(text) or source.is_memberwise_initialiser(number)
            if not silent and not source.line_above(number).startswith("///"):
                yield number, f"no doc comment: {text}"
    for first, marker, texts in source.comment_blocks():
        prose = [text.rstrip() for text in texts]
        while prose and not prose[-1]:
            prose.pop()
        if not prose or any(NOT_PROSE.match(text) for text in prose) or DRAWING.search(prose[-1]):
            continue
        if not SENTENCE_END.search(prose[-1]):
            yield first + len(prose) - 1, f"a comment ends with punctuation: {prose[-1]}"


def check_words(source, path):
    for number, line in enumerate(source.lines, start=1):
        for pattern, advice in WORDS:
            if pattern.search(line):
                yield number, advice


def check_module_names(source, path):
    """A type named like its module makes `Module.Type` ambiguous for importers."""
    if path.parts[0] != "Sources":
        return
    module = path.parts[1]
    pattern = re.compile(rf"\b(?:struct|class|enum|actor|protocol|typealias)\s+{module}\b")
    for number, line in enumerate(source.code, start=1):
        if pattern.search(line):
            yield number, f"a type must not have its module's name {module}"


SWIFT_CHECKS = [
    check_lengths, check_imports, check_risks, check_documentation, check_words, check_module_names,
]


def check_swift(path, text):
    """All findings in one Swift file: (line, message)."""
    return check_source(path, SwiftSource(text))


def check_source(path, source):
    """All findings in one Swift file that was read: (line, message)."""
    return [finding for check in SWIFT_CHECKS for finding in check(source, path)]


def check_text(text):
    """Findings in any text file: (line, message)."""
    for number, line in enumerate(text.split("\n"), start=1):
        if MACHINE_PATH.search(line):
            yield number, "a path of one machine: the project refers to nothing outside itself"


def check_links(root, path, text):
    """Broken links of a document within the project: (line, message)."""
    for number, line in enumerate(text.split("\n"), start=1):
        for link in LINK.findall(line):
            if not (root / path.parent / link).exists():
                yield number, f"the link leads nowhere: {link}"


def tracked(root):
    """The files of the project: tracked by git, or untracked and not ignored."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    return [path for path in map(pathlib.Path, sorted(set(names) - {""})) if (root / path).is_file()]


def check_tree(root):
    """Every finding as one line of text, and the number of files; without recorded traffic."""
    findings, texts, sources = [], {}, []
    paths = tracked(root)
    for path in paths:
        if path.parts[:2] == ("Tests", "Fixtures"):
            continue
        try:
            texts[path] = (root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    names = Names(paths, lambda name: texts.get(pathlib.Path(name), ""))
    for path, text in texts.items():
        found = list(check_text(text)) + list(check_references(names, path, text))
        if path.suffix == ".swift":
            sources.append((path, SwiftSource(text)))
            found += check_source(*sources[-1])
        if path.suffix == ".md":
            found += check_links(root, path, text)
        findings += [f"{path}:{line}: {message}" for line, message in sorted(found)]
    findings += [f"Sources: {message}" for message in check_type_sizes(sources)]
    decisions = {path.as_posix(): text for path, text in texts.items() if path.parts[:2] == ("docs", "decisions")}
    findings += [f"{path}:{line}: {message}" for path, line, message in check_decisions(decisions)]
    return findings, len(texts)


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2])
    findings, count = check_tree(root)
    print("\n".join(findings + [f"tidy: {len(findings)} findings in {count} files"]))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
