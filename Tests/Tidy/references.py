"""References in documents and comments must exist: files, targets of the Makefile, requirements, rules and decisions.

Names of the outside world are told apart by their form: a URL, a path that does not begin like one of ours, or an entry of
`EXTERNAL`.
"""
import functools
import re

# Files of specifications that comments and documents cite.
EXTERNAL = {
    "docs/specification.md", "common/README.md", "compatibility/prometheus_and_openmetrics.md", "metrics/data-model.md",
}
# Bare names with these endings are files of the project; others (`config.yaml`, `state.db`) may be a user's.
OWN_ENDINGS = (".swift", ".md", ".py", ".yml")

URL = re.compile(r"\w+://\S+")
PATH = re.compile(r"[\w.+*-]+(?:/[\w.+*-]+)*")
MAKE = re.compile(r"`make ([a-z][\w-]*)")
MAKE_IN_BLOCK = re.compile(r"^\s*make ([a-z][\w-]*)")
# Built files, and placeholders.
NO_FILE = re.compile(r"(?:^|/)(?:\.build[\w-]*|[A-Z]{3,})(?:/|$)")
REQUIREMENT = re.compile(r"\bR-[A-Z0-9]+-\d\d\b")
RULE = re.compile(r"(?<![\w.-])S\d{1,2}(?:\.\d{1,2})?(?![\w-])(?!\.\d)")
DECISION = re.compile(r"\b[dD]ecisions? (\d{1,4})\b")
COMMENTS = {
    ".swift": r"(?:^|\s)//+(.*)", ".c": r"(?:^|\s)(?://+|/?\*)(.*)", ".h": r"(?:^|\s)(?://+|/?\*)(.*)",
    ".proto": r"(?:^|\s)//+(.*)", ".py": r"(?:^|\s)#(.*)", ".yml": r"(?:^|\s)#(.*)", ".yaml": r"(?:^|\s)#(.*)",
    "": r"(?:^|\s)#(.*)",
}


class Names:
    """The names that exist in a tree.

    `paths` are its files, relative to its root; `read` gives the text of one of them, empty where there is none.
    """

    def __init__(self, paths, read):
        self.files = {path.as_posix() for path in paths}
        self.folders = {parent.as_posix() for path in paths for parent in path.parents}
        self.tops = {name.split("/")[0] for name in self.files if "/" in name}
        self.endings = {"/".join(parts[start:]) for parts in map(lambda name: name.split("/"), self.files)
                        for start in range(len(parts))}
        rules = re.findall(r"^([a-z][\w -]*):(?!=)", read("Makefile"), re.MULTILINE)
        self.targets = {target for rule in rules for target in rule.split()}
        self.requirements = set(re.findall(r"^\| (R-[A-Z0-9]+-\d\d) \|", read("docs/conformance.md"), re.MULTILINE))
        semantics = read("docs/semantics.md")
        self.rules = set(re.findall(r"^## (S\d+)\b", semantics, re.MULTILINE))
        self.rules |= set(re.findall(r"^\*\*(S\d+\.\d+)\b", semantics, re.MULTILINE))
        self.decisions = {int(match[1]) for name in self.files if (match := re.match(r"docs/decisions/(\d+)-", name))}

    @functools.lru_cache(maxsize=None)
    def has_path(self, name):
        """Whether a file, a folder or a match of a pattern exists; decisions may be cited by number only."""
        if name in self.files or name in self.folders or name in EXTERNAL:
            return True
        if "*" in name:
            pattern = re.compile(re.escape(name).replace(r"\*\*", ".*").replace(r"\*", "[^/]*"))
            return any(pattern.fullmatch(known) for known in self.files | self.folders)
        return bool(re.fullmatch(r"docs/decisions/\d{4}", name)) and int(name[-4:]) in self.decisions

    def missing_files(self, text):
        """The names in a line that look like files of the project, but do not exist."""
        for match in PATH.finditer(URL.sub(" ", text)):
            name = match[0].rstrip(".").removeprefix("../").removeprefix("../").removeprefix("./")
            before = text[match.start() - 1:match.start()] if match.start() else ""
            if before in ("/", "~", "$", "{", "…", "<"):
                continue
            top, _, rest = name.partition("/")
            if rest and top in self.tops:
                if not self.has_path(name) and not NO_FILE.search(name):
                    yield name
            elif name.endswith(OWN_ENDINGS) and "*" not in name and name not in OWN_ENDINGS:
                if name not in self.endings and name not in EXTERNAL:
                    yield name


def prose(path, text):
    """The lines for readers, as (number, text): all of a document, otherwise the comments."""
    if path.suffix == ".md":
        yield from enumerate(text.split("\n"), start=1)
        return
    pattern = COMMENTS.get(path.suffix)
    if pattern is None:
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if match := re.search(pattern, line):
            yield number, match[1]


def check_references(names, path, text):
    """References of a file to missing things: (line, message)."""
    is_block = False
    for number, line in prose(path, text):
        if path.suffix == ".md" and line.lstrip().startswith("```"):
            is_block = not is_block
        for name in names.missing_files(line):
            yield number, f"there is no file {name}"
        for target in MAKE.findall(line) + (MAKE_IN_BLOCK.findall(line) if is_block else []):
            if target not in names.targets:
                yield number, f"the Makefile has no target {target}"
        for identifier in REQUIREMENT.findall(line):
            if identifier not in names.requirements:
                yield number, f"docs/conformance.md has no requirement {identifier}"
        for rule in RULE.findall(line):
            if rule not in names.rules:
                yield number, f"docs/semantics.md has no rule {rule}"
        for decision in DECISION.findall(line):
            if int(decision) not in names.decisions:
                yield number, f"there is no decision {decision}"


DECISION_FILE = re.compile(r"docs/decisions/(\d{4})-[a-z0-9-]+\.md")
SECTIONS = ["Status", "Context", "Choice", "Alternatives", "Consequence"]
REPLACED = re.compile(r"replaced by \[(\d+)\]", re.IGNORECASE)
REPLACES = re.compile(r"replaces [^.]*\[(\d+)\]", re.IGNORECASE)


def status(text):
    """The status of a decision, as one line."""
    match = re.search(r"^\*\*Status\.\*\* (.+?)(?:\n\n|\Z)", text, re.MULTILINE | re.DOTALL)
    return " ".join(match[1].split()) if match else ""


def check_decisions(texts):
    """Decisions without the common form, and replacements that only one side mentions: (path, line, message).

    `texts` has the text of each file of docs/decisions by its path.
    """
    replaced, replacing = set(), set()
    for path, text in texts.items():
        match = DECISION_FILE.fullmatch(path)
        if not match:
            yield path, 1, "a decision is called NNNN-what-it-says.md"
            continue
        number = int(match[1])
        if not re.match(rf"# {number}\. \S", text):
            yield path, 1, f"the heading begins with «# {number}. »"
        found = re.findall(r"^\*\*([A-Z]\w+)\.\*\*", text, re.MULTILINE)
        if found != SECTIONS:
            yield path, 1, f"the sections are {', '.join(SECTIONS)}, each once and in this order"
        replaced |= {(number, int(other)) for other in REPLACED.findall(status(text))}
        replacing |= {(int(other), number) for other in REPLACES.findall(status(text))}
    for older, newer in sorted(replaced ^ replacing):
        yield f"docs/decisions/{older:04}", 1, f"decisions {older} and {newer} do not both say that one replaces the other"
