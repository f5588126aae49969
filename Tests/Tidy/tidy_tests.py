"""The checker is shown to fail: a bad sample and a good one for every rule, and a whole tree with one bad file."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

import tidy
from swift_source import SwiftSource, blank

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


if __name__ == "__main__":
    unittest.main()
