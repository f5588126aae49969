"""Shows that the checks fail: a bad sample and a good one for every rule, and a whole tree with one bad file."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

import references
import tidy
from swift_source import SwiftSource, blank
from type_sizes import check_type_sizes

SOURCE = pathlib.Path("Sources/Series/Sample.swift")
TEST = pathlib.Path("Tests/SeriesTests/SampleTests.swift")

# Written in pieces, so that a search for the words themselves does not find this file.
TRAPS = ["try" + "! load()", "x as" + "! Int", "fatal" + "Error()", "final class A: @unchecked " + "Sendable {}",
         "nonisolated(" + "unsafe) var x = 1"]
MACHINE_PATHS = ["/" + "home/ann/x", "/" + "Users/ann/x", "/" + "work/x", "/opt/" + "swift/bin"]


def found(text, path=SOURCE):
    """The messages for a sample, as one text to search in."""
    return "\n".join(message for _, message in tidy.check_swift(path, text))


class Rules(unittest.TestCase):
    def expect(self, part, bad, good, path=SOURCE):
        """`bad` breaks the rule whose message holds `part`; `good` breaks none."""
        self.assertIn(part, found(bad, path), msg=bad)
        self.assertEqual("", found(good, path), msg=good)

    def test_function_length(self):
        def body(lines):
            return "func run() {\n" + "    step()\n" * (lines - 2) + "}\n"
        self.expect("run has 71 lines", body(71), body(70))
        self.expect("run has 71 lines", body(71).replace("step()", 'log("}")'), body(70).replace("step()", 'log("{")'))

    def test_file_length(self):
        self.expect("the file has 401 lines", "let x = 1\n" * 401, "let x = 1\n" * 400)

    def test_import_access(self):
        self.expect("has no access level", "import OTLP\n", "package import OTLP\n")
        self.assertEqual("", found("import Testing\n", TEST))

    def test_foundation(self):
        self.expect("Foundation", "internal import FoundationEssentials\n", "internal import Synchronization\n")
        self.assertEqual("", found("import Foundation\n", TEST))

    def test_type_sizes(self):
        def found(lines, limits):
            half = "\n" * (lines // 2 - 1)
            files = [f"package struct A: ~Copyable {{{half}}}\n", f"extension A {{{half}}}\n\nextension A.B {{\n}}\n"]
            sources = [(SOURCE.with_name(f"{index}.swift"), SwiftSource(text)) for index, text in enumerate(files)]
            self.assertEqual([], list(check_type_sizes([(TEST, source) for _, source in sources], {})))
            return list(check_type_sizes(sources, limits))
        self.assertEqual(["Series.A has 602 lines over all its extensions, at most 600: two jobs?"], found(602, {}))
        self.assertEqual([], found(600, {}))
        self.assertEqual([], found(602, {"Series.A": 602}))
        self.assertEqual(["Series.A has 604 lines over all its extensions, at most 602: two jobs?"], found(604, {"Series.A": 602}))
        self.assertEqual(["Series.A has 602 lines: lower its limit of 604 in type_sizes.py"], found(602, {"Series.A": 604}))
        self.assertEqual(["Series.A has 600 lines: it needs no limit of its own in type_sizes.py any more"],
                         found(600, {"Series.A": 604}))

    def test_arrows(self):
        self.expect("Series must not import Exposition", "internal import Exposition\n", "package import OTLP\n")
        self.expect("Server must not import OTLP", "internal import OTLP\n", "package import NIOCore\n",
                    pathlib.Path("Sources/Server/Sample.swift"))

    def test_traps(self):
        for trap in TRAPS:
            reason = "// It was checked when the value was made.\n"
            self.expect("needs its reason", f"{trap}\n", f"{reason}{trap}\n")
            self.expect("needs its reason", f"{reason}\n{trap}\n", f'let text = "{trap}"\n')
        self.expect("needs its reason", "@Test(." + "disabled())\nfunc x() {}\n", "@Test\nfunc x() {}\n", TEST)

    def test_empty_catch(self):
        self.expect("empty catch", "do { try f() } catch {\n}\n", "do { try f() } catch {\n    count += 1\n}\n")

    def test_documentation(self):
        self.expect("no doc comment", "package func f() {}\n", "/// Does f.\n@inlinable\npackage func f() {}\n")
        self.expect("no doc comment", "package static func f() {}\n", "static func f() {}\n")
        self.expect("no doc comment", "package var x: Int { 1 }\n", "package var x: Int\n")
        self.expect("no doc comment", "package init(x: Int) {\n    precondition(x > 0)\n}\n",
                    "package init(x: Int) {\n    self.x = x\n}\n")

    def test_comment_sentences(self):
        self.expect("ends with punctuation", "/// The limit\nlet x = 1\n", "/// The limit,\n/// in bytes.\nlet x = 1\n")
        self.expect("ends with punctuation", "// Because\nlet x = 1\n", "// swift-format-ignore\nlet x = 1 // bytes\n")
        self.assertEqual("", found("/// Example:\n/// ```\n/// f()\n/// ```\nlet x = 1\n"))
        self.assertEqual("", found("/// The message:\n///\n///     { a, b }\nlet x = 1\n"))
        self.assertEqual("", found("// See\n// https://example.com/a\nlet x = 1\n"))

    def test_words(self):
        self.expect("data point", "let data" + "point = 1\n", "let dataPoint = 1\n")
        self.expect("series", "struct Time" + "Series {}\n", "struct Writers {}\n")
        self.expect("Manager", "final class StateManager {}\n", "final class Utilization {}\n")
        self.expect("Manager", "enum ByteUtils {}\n", "enum ByteOrder {}\n")

    def test_module_name(self):
        self.expect("its module's name", "struct Series {}\n", "struct SeriesTable {}\n")

    def test_machine_paths(self):
        for path in MACHINE_PATHS:
            self.assertTrue(list(tidy.check_text(f"see {path}")), msg=path)
        for path in ["/v1/metrics", "Tests/home/x", "https://example.com/home/", "/etc/odometer.yaml"]:
            self.assertEqual([], list(tidy.check_text(f"see {path}")), msg=path)


    def test_links(self):
        root, path = pathlib.Path(tidy.__file__).parents[2], pathlib.Path("Tests/Tidy/sample.md")
        self.assertEqual([], list(tidy.check_links(root, path, "[a](tidy.py#x) [b](../../README.md) [c](https://x.y) [d](#e)")))
        self.assertEqual([(1, "the link leads nowhere: tidy.md")], list(tidy.check_links(root, path, "[a](tidy.md)")))


class References(unittest.TestCase):
    FILES = {
        "Makefile": "FLAGS := x\n.PHONY: run\nrun: build ## Runs it.\nbuild soak-team:\n",
        "docs/conformance.md": "| R-DM-01 | A rule. | OTLP | Spine | |\n",
        "docs/semantics.md": "## S3 Sums\n\n**S3.1** Adds.\n\n**S3.2 Twice.** Once.\n",
        "docs/decisions/0003-writers.md": "", "Sources/Series/Store/Store.swift": "", "Tests/Rules/a.test.yml": "",
    }

    def found(self, text, path="docs/sample.md"):
        names = references.Names([pathlib.Path(name) for name in self.FILES], lambda name: self.FILES.get(name, ""))
        return [message for _, message in references.check_references(names, pathlib.Path(path), text)]

    def expect(self, message, bad, good, path="docs/sample.md"):
        self.assertEqual([message], self.found(bad, path), msg=bad)
        self.assertEqual([], self.found(good, path), msg=good)

    def test_files(self):
        self.expect("there is no file Sources/Series/Stone.swift", "see `Sources/Series/Stone.swift`.",
                    "see `Sources/Series/Store/Store.swift`, `Store.swift`, Store/Store.swift and `Sources/Series`.")
        self.expect("there is no file design.md", "design.md says so", "[it](semantics.md#s3) says so, or docs/semantics.md.")
        self.expect("there is no file decisions/0004-x.md", "[a](decisions/0004-x.md)", "[a](../docs/decisions/0003-writers.md)")
        self.expect("there is no file docs/decisions/0004", "docs/decisions/0004", "(docs/decisions/0003), docs/decisions/*.md")
        self.expect("there is no file Tests/Rules/*.yaml", "`Tests/Rules/*.yaml`", "`Tests/Rules/*.test.yml`, `Tests/Rules/a.test.yml`")
        for other in ["https://x.y/docs/a.md", "`my.yaml`", "`/etc/docs/a.md`", "`~/docs/a.md`", "and/or", "Tests/NAME/a", ".md"]:
            self.assertEqual([], self.found(other), msg=other)

    def test_only_comments_of_sources(self):
        for path in ["Sources/Series/A.swift", "Sources/CClientModel/Protos/a.proto", "Sources/CMemory/a.c"]:
            self.expect("there is no file design.md", "let x = 1 // see design.md\n", 'let x = "design.md"\n', path)
        comment = "#" + " as in a.swift"
        self.expect("there is no file a.swift", f"x = 1  {comment}\n", "x = 'a.swift'\n", "Tests/Rules/a.py")

    def test_make_targets(self):
        self.expect("the Makefile has no target protos", "Made by `make protos`.", "Made by `make soak-team ARGS=1` and `make build`.")
        self.expect("the Makefile has no target tests", "```sh\nmake tests   # all\n```\n", "```sh\nmake run   # it\n```\nthis would\nmake it\n")
        self.expect("the Makefile has no target protos", "// with `make protos`.\n", "// with `make run`; make no more.\n", "Sources/a.proto")

    def test_requirements_rules_and_decisions(self):
        self.expect("docs/conformance.md has no requirement R-DM-77", "/// Sums (R-DM-77).", "/// Sums (R-DM-01).", "Sources/A.swift")
        self.expect("docs/semantics.md has no rule S3.3", "// semantics.md, S3.3", "// semantics.md, S3 and S3.2.", "Sources/A.swift")
        self.expect("docs/semantics.md has no rule S4", "S4 says", "S3.1 says; DS4, S3x and S4-a are none")
        self.expect("there is no decision 4", "see decision 4", "see decision 3")

    def test_decisions_have_one_form(self):
        def text(number, status="Accepted."):
            sections = "\n\n".join(f"**{name}.** It is so." for name in references.SECTIONS[1:])
            return f"# {number}. It is so\n\n**Status.** {status}\n\n{sections}\n"
        def found(**texts):
            return [message for _, _, message in references.check_decisions(
                {f"docs/decisions/{name.replace('_', '-')[1:]}.md": text for name, text in texts.items()})]
        self.assertEqual([], found(_0002_a=text(2), _0003_b=text(3)))
        self.assertIn("the heading begins", found(_0002_a=text(3))[0])
        self.assertIn("the heading begins", found(_0002_a=text(2).replace("# 2.", "# 0002:"))[0])
        self.assertIn("the sections are", found(_0002_a=text(2).replace("Alternatives", "Considered"))[0])
        self.assertIn("the sections are", found(_0002_a=text(2) + "**Choice.** Another.\n")[0])
        self.assertIn("is called", found(_two=text(2))[0])
        older, newer = text(2, "Accepted. The hash is replaced by\n[8](0008-b.md)."), text(8, "Accepted. Replaces what [2](0002-a.md) says.")
        self.assertEqual([], found(_0002_a=older, _0008_b=newer))
        self.assertIn("decisions 2 and 8", found(_0002_a=older, _0008_b=text(8))[0])
        self.assertIn("decisions 2 and 8", found(_0002_a=text(2), _0008_b=newer)[0])


class Scanner(unittest.TestCase):
    def test_strings_and_comments_are_blanked(self):
        text = 'let a = "x \\("}" + f("y")) {" // {\nlet b = #"\\" {"# /* { /* { */ } */ + """\n  } " {\n  """ + #""""# + "" + c\n'
        code = blank(text)
        self.assertEqual(text.count("\n"), code.count("\n"))
        self.assertEqual("".join("let a = let b =  +  +  +  + c".split()), "".join(code.split()))

    def test_bodies_are_found_over_several_lines(self):
        text = "protocol P {\n    func a()\n    func b() -> Int\n}\nfunc c(\n    x: () -> Void = { }\n) {\n}\nvar d: Int {\n    1\n}\n"
        self.assertEqual([("c", 5, 4), ("d", 9, 3)], list(SwiftSource(text).functions()))


class Tree(unittest.TestCase):
    def test_a_tree_with_a_bad_file_fails(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["git", "init", "-q", folder], check=True)
            file = pathlib.Path(folder, "Sources/Series/Sample.swift")
            file.parent.mkdir(parents=True)
            for text, status in [("import OTLP\n", 1), ("package import OTLP\n", 0)]:
                file.write_text(text)
                run = subprocess.run([sys.executable, tidy.__file__, folder], capture_output=True, text=True)
                self.assertEqual(status, run.returncode, msg=run.stdout)
                self.assertIn(f"tidy: {status} findings in 1 files", run.stdout)

    def test_a_tree_with_a_name_of_nothing_fails(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["git", "init", "-q", folder], check=True)
            for text, status in [("See `make all` and absent.md.\n", 2), ("See `make one` and README.md.\n", 0)]:
                pathlib.Path(folder, "Makefile").write_text("one:\n")
                pathlib.Path(folder, "README.md").write_text(text)
                findings, _ = tidy.check_tree(pathlib.Path(folder))
                self.assertEqual(status, len(findings), msg=findings)


if __name__ == "__main__":
    unittest.main()
