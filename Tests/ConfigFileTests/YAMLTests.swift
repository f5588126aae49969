import Testing

@testable import ConfigFile

@Suite struct YAMLTests {
    private func parse(_ text: String, limits: YAMLLimits = YAMLLimits()) throws(ConfigFinding) -> YAMLNode? {
        try YAMLTreeBuilder.parse(Array(text.utf8), file: "test.yaml", limits: limits)
    }

    /// A node as text: plain scalars unchanged, text in quotes.
    private func shown(_ node: YAMLNode?) -> String {
        switch node?.content {
        case nil: "-"
        case .scalar(let text, .plain): text
        case .scalar(let text, .text): "\"\(text)\""
        case .sequence(let elements): "[\(elements.map(shown).joined(separator: ", "))]"
        case .mapping(let entries): "{\(entries.map { "\($0.key): \(shown($0.value))" }.joined(separator: ", "))}"
        }
    }

    @Test(
        "YAML becomes a tree",
        arguments: [
            ("", "-"), ("# only a comment", "-"), ("8", "8"), ("'8'", "\"8\""), ("\"a\\tb\"", "\"a\tb\""),
            ("|\n a\n b\n", "\"a\nb\n\""),
            ("!!str 8", "\"8\""), ("!!int \"8\"", "8"), ("! 8", "\"8\""), ("[a, 'b', [c]]", "[a, \"b\", [c]]"),
            ("a: 1\nb:\n- 2\n", "{a: 1, b: [2]}"),
            ("a: &x 1\nb: *x\n", "{a: 1, b: 1}"), ("a: &x {b: 1}\nc: {<<: *x, d: 2}", "{a: {b: 1}, c: {d: 2, b: 1}}"),
            ("a: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}", "{a: {b: 1, c: 2}, d: {b: 3, c: 2}}"),
            ("a: &x {b: 1}\nc: &y {b: 2, d: 3}\ne: {<<: [*x, *y]}", "{a: {b: 1}, c: {b: 2, d: 3}, e: {b: 1, d: 3}}"),
            ("\"<<\": {a: 1}", "{<<: {a: 1}}"), ("&k a: 1\nb: *k", "{a: 1, b: a}"),
            ("&k a: 1\nb: {*k : 2}", "{a: 1, b: {a: 2}}"),
            ("a: &x 1\nb: &x 2\nc: *x", "{a: 1, b: 2, c: 2}"), ("a:", "{a: }"), ("\u{feff}a: 1", "{a: 1}"),
            ("a: 1\r\nb: 2\r\n", "{a: 1, b: 2}"),
            ("---\na: 1\n...\n", "{a: 1}"), ("{\"a\": [1, true, null]}", "{a: [1, true, null]}"),
            ("? a\n: 1", "{a: 1}"),
        ])
    func trees(text: String, expected: String) throws {
        #expect(shown(try parse(text)) == expected)
    }

    @Test func everyNodeKnowsItsPlace() throws {
        let root = try #require(try parse("a: 1\nbb:\n  - x\n  - {c: d}\n"))
        guard case .mapping(let entries) = root.content, case .sequence(let elements) = entries[1].value.content,
            case .mapping(let inner) = elements[1].content
        else {
            Issue.record("not the tree that was written")
            return
        }
        #expect(entries[0].keyPosition == SourcePosition(file: "test.yaml", line: 1, column: 1))
        #expect(entries[0].value.position == SourcePosition(file: "test.yaml", line: 1, column: 4))
        #expect(entries[1].keyPosition == SourcePosition(file: "test.yaml", line: 2, column: 1))
        #expect(elements[0].position == SourcePosition(file: "test.yaml", line: 3, column: 5))
        #expect(inner[0].keyPosition == SourcePosition(file: "test.yaml", line: 4, column: 6))
        #expect(inner[0].value.position.description == "test.yaml:4:9")
    }

    @Test(
        "invalid YAML is refused with its position",
        arguments: [
            ("a: 1\na: 2", "test.yaml:2:1: a: the key is defined twice; remove it here or on line 1"),
            (
                "a: {<<: {b: 1}, <<: {c: 1}}",
                "test.yaml:1:17: a.<<: the key is defined twice; remove it here or on line 1"
            ),
            ("a: {<<: 1}", "test.yaml:1:9: a.<<: only mappings can be merged"),
            ("a: {<<: [1]}", "test.yaml:1:10: a.<<: only mappings can be merged"),
            ("a: 1\n---\nb: 2", "test.yaml:2:1: a second document begins here; write one document per file"),
            ("a: &x [*x]", "test.yaml:1:8: a[0]: the alias *x is inside its own anchor; write it out"),
            ("a: *x", "test.yaml:1:4: a: no anchor &x is defined before this alias; write it out"),
            ("{a: 1}: 2", "test.yaml:1:1: a list or a mapping as a key; write KEY: VALUE"),
            ("a: !!binary eA==", "test.yaml:1:4: a: the tag \"tag:yaml.org,2002:binary\" is not supported; remove it"),
            ("a: !!set {b}", "test.yaml:1:4: a: the tag \"tag:yaml.org,2002:set\" is not supported; remove it"),
            ("a: \u{1}", "test.yaml:1:4: not UTF-8 text: control characters are not allowed"),
            (
                "a: @b",
                "test.yaml:1:4: not valid YAML: found character that cannot start any token while scanning for the next token"
            ),
            (
                "a: 1\n\tb: 2",
                "test.yaml:2:1: not valid YAML: found a tab character that violates indentation while scanning a plain scalar that began on line 1; write spaces for indentation, not tabs"
            ),
        ])
    func refused(text: String, expected: String) {
        let finding = #expect(throws: ConfigFinding.self) { try parse(text) }
        #expect(finding?.description == expected)
    }

    @Test func bytesThatAreNotUTF8AreRefusedWithTheirPlace() {
        let finding = #expect(throws: ConfigFinding.self) {
            try YAMLTreeBuilder.parse(Array("a: ä\nb: ".utf8) + [0xff, 0xfe], file: "test.yaml")
        }
        #expect(finding?.description == "test.yaml:2:4: not UTF-8 text: invalid leading UTF-8 octet")
    }

    @Test func depthIsBoundedInTextAndByAliases() throws {
        let limits = YAMLLimits(bytes: 1 << 20, depth: 5, nodes: 1000)
        #expect(shown(try parse("[[[[x]]]]", limits: limits)) == "[[[[x]]]]")
        #expect(throws: ConfigFinding.self) { try parse("[[[[[x]]]]]", limits: limits) }
        #expect(shown(try parse("[&a [x], [[*a]]]", limits: limits)) == "[[x], [[[x]]]]")
        #expect(throws: ConfigFinding.self) { try parse("[&a [x], [[[*a]]]]", limits: limits) }
        // Ten thousand levels by aliases, none of them nested in the text.
        let chain = "a0: &a0 x\n" + (1...10_000).map { "a\($0): &a\($0) [*a\($0 - 1)]\n" }.joined()
        let finding = #expect(throws: ConfigFinding.self) { try parse(chain) }
        #expect(finding?.message == "nested deeper than 64 levels by aliases; remove some")
    }

    @Test func nodesAreBoundedAliasesWrittenOut() throws {
        let limits = YAMLLimits(bytes: 1 << 20, depth: 64, nodes: 10)
        #expect(try parse("[1, 2, 3, 4, 5, 6, 7, 8, 9]", limits: limits)?.size == 10)
        #expect(throws: ConfigFinding.self) { try parse("[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]", limits: limits) }
        #expect(try parse("[&a [1, 2], *a, *a]", limits: limits)?.size == 10)
        #expect(throws: ConfigFinding.self) { try parse("[&a [1, 2], *a, *a, *a]", limits: limits) }
        #expect(throws: ConfigFinding.self) {
            try parse("[&a {b: 1, c: 2}, {<<: *a}, {<<: *a}, {<<: *a}]", limits: limits)
        }
    }

    @Test func bytesAreBounded() {
        let limits = YAMLLimits(bytes: 10, depth: 64, nodes: 10)
        let finding = #expect(throws: ConfigFinding.self) { try parse("aaaaaaaaaaa", limits: limits) }
        #expect(finding?.description == "test.yaml: longer than 10 bytes")
    }
}
