"""Shows that the check of the requirement table fails: a missing test, an unknown id, a stale column, a broken row."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

import conformance

TESTS = '''
@Test("R-HTTP-01 a post is taken") func postIsTaken() {}
@Test(
    "R-HTTP-01 R-PB-01: unknown fields are skipped", arguments: [1])
func unknownFieldsAreSkipped(field: Int) {}
// R-PB-02 in a comment covers nothing.
@Test("no id") func nothing() {}
'''


def document(rows):
    return "# Conformance\n\n" + "\n".join(f"| {i} | A rule. | OTLP | {issue} |{tests}|" for i, issue, tests in rows) + "\n"


class Table(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        file = self.root / "Tests/OTLPTests/SampleTests.swift"
        file.parent.mkdir(parents=True)
        file.write_text(TESTS)
        (self.root / "docs").mkdir()
        self.found = conformance.tests_by_requirement(self.root)

    def complaints(self, rows):
        return "\n".join(conformance.findings(conformance.rewritten(document(rows), self.found), self.found))

    def test_tests_are_found_by_display_name(self):
        names = {identifier: [name for _, name in tests] for identifier, tests in self.found.items()}
        self.assertEqual({"R-HTTP-01": ["postIsTaken", "unknownFieldsAreSkipped"],
                          "R-PB-01": ["unknownFieldsAreSkipped"]}, names)

    def test_a_requirement_without_a_test_is_told(self):
        rows = [("R-HTTP-01", "Spine", ""), ("R-PB-01", "Spine", ""), ("R-PB-02", conformance.ISSUES[-1], "")]
        self.assertNotIn("has no test", self.complaints(rows))
        self.assertIn("R-PB-02 (Spine) has no test", self.complaints(rows[:2] + [("R-PB-02", "Spine", "")]))

    def test_an_unknown_id_is_told(self):
        self.assertIn("R-PB-01 is named by", self.complaints([("R-HTTP-01", "Spine", "")]))

    def test_an_unknown_issue_a_double_row_and_a_broken_row_are_told(self):
        rows = [("R-HTTP-01", "Someday", ""), ("R-PB-01", "Spine", ""), ("R-PB-01", "Spine", "")]
        self.assertIn("names no known issue: Someday", self.complaints(rows))
        self.assertIn("R-PB-01 stands there 2 times", self.complaints(rows))
        self.assertIn("not a row", "\n".join(conformance.findings("| R-HTTP-01 | A rule. |\n", {})))

    def test_the_count_of_requirements_is_held(self):
        self.assertIn("2 requirements instead of 210", self.complaints([("R-HTTP-01", "Spine", ""), ("R-PB-01", "Spine", "")]))
        real = (pathlib.Path(conformance.__file__).parents[2] / conformance.DOCUMENT).read_text(encoding="utf-8")
        self.assertNotIn("requirements instead of", "\n".join(conformance.findings(real, {})))

    def test_a_stale_column_fails_until_it_is_written(self):
        rows = [(f"R-HTTP-{n:02}", "Claude Code", "") for n in range(1, 100)] + [(f"R-PB-{n:02}", "Claude Code", "") for n in range(1, 100)]
        rows += [(f"R-OM-{n:02}", "Claude Code", "") for n in range(1, 13)]
        path = self.root / conformance.DOCUMENT
        path.write_text(document(rows))
        run = [sys.executable, conformance.__file__, str(self.root)]
        stale = subprocess.run(run, capture_output=True, text=True)
        self.assertEqual((1, True), (stale.returncode, "out of date" in stale.stdout), msg=stale.stdout)
        written = subprocess.run(run + ["--write"], capture_output=True, text=True)
        self.assertEqual(0, written.returncode, msg=written.stdout)
        self.assertEqual(0, subprocess.run(run, capture_output=True).returncode)
        self.assertIn("[postIsTaken](../Tests/OTLPTests/SampleTests.swift)", path.read_text())
        self.assertIn("| R-PB-02 | A rule. | OTLP | Claude Code | open: Claude Code |", path.read_text())


if __name__ == "__main__":
    unittest.main()
