import Testing

@testable import Patterns

@Suite struct TextPatternTests {
    @Test(
        "patterns match whole values, as in PromQL",
        arguments: [
            ("a.*", "abc", true), ("a.*", "bac", false), ("a|b", "b", true), ("a|b", "ab", false), ("", "", true),
            ("(a|b)+c?", "abba", true), ("(a|b)+c?", "abbacc", false), ("[^a-c]x", "dx", true),
            ("[^a-c]x", "ax", false),
            ("[]x]+", "x]", true), ("[a-]+", "a-a", true), (#"\d{2,3}"#, "123", true), (#"\d{2,3}"#, "1234", false),
            (#"\d{2}"#, "12", true), (#"\d{2,}"#, "12345", true), (#"\w+@x\.org"#, "ada_1@x.org", true),
            (#"\w+@x\.org"#, "ada_1@xyorg", false), ("(?i)ADA", "aDa", true), ("^a$", "a", true), ("a*?b", "aab", true),
            (".", "\n", false), ("é+", "éé", true), ("(?:ab){2}", "abab", true), ("(|a)b", "b", true),
            (#"[\d_]+"#, "1_2", true),
            (#"\S+"#, "a b", false), ("(a*)*", "aaa", true),
        ])
    func patterns(pattern: String, text: String, expected: Bool) throws {
        #expect(try TextPattern(pattern, matching: .whole).matches(text) == expected)
    }

    @Test("a hostile pattern takes time linear in the value")
    func hostilePattern() throws {
        let pattern = try TextPattern("(a|a|a*)*(a+)+(a*)*b")
        let start = ContinuousClock.now
        #expect(!pattern.matches(String(repeating: "a", count: 4096)))
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test(
        "patterns match a part of a value, as in the Collector",
        arguments: [
            ("b", "abc", true), ("^b", "abc", false), ("c$", "abc", true), ("b$", "abc", false), ("^a|c$", "xc", true),
            (#"\bcost\b"#, "a.cost.b", true), (#"\bcost\b"#, "acost", false), (#"\Bcost"#, "acost", true),
            (#"\Aab\z"#, "ab", true), (#"\Aab\z"#, "abc", false), ("", "", true), ("a{,2}", "a{,2}", true),
            ("x{", "x{", true), (#"\Qa.b\E+"#, "a.b+", true), (#"\Qa.b\E"#, "axb", false),
            ("(?m)^b$", "a\nb\nc", true), ("^b$", "a\nb\nc", false), ("(?s)a.b", "a\nb", true),
            ("a(?i:B)c", "abc", true), ("a(?i:B)c", "abC", false), ("(?i)ÄB", "äb", true), ("(?-i)a", "A", false),
            ("[[:upper:]]x", "Ax", true), ("[[:^upper:]]x", "Ax", false), (#"[\D]"#, "1", false), (#"[\D]"#, "a", true),
            (#"\x41\x{e9}"#, "Aé", true), ("[^\n]", "\n", false), (#"claude_code\..*"#, "claude_code.cost", true),
        ])
    func parts(pattern: String, text: String, expected: Bool) throws {
        #expect(try TextPattern(pattern).matches(text) == expected)
    }

    @Test(
        "groups match as in a backtracking matcher",
        arguments: [
            ("^/v1/(?P<id>.*)/update$", "/v1/a/b/update", ["id"], ["a/b"]),
            ("(?P<a>.*?)-(?<b>.*)", "x-y-z", ["a", "b"], ["x", "y-z"]),
            ("(?P<a>.*)-(?<b>.*)", "x-y-z", ["a", "b"], ["x-y", "z"]),
            ("(?P<a>x+)|(?P<b>y+)", "zyy", ["a", "b"], [nil, "yy"]),
            ("(?P<a>a|ab)(?P<b>c|bcd)?", "abcd", ["a", "b"], ["a", "bcd"]),
            ("(?U)(?P<a>x+)(?P<b>x*)$", "xxx", ["a", "b"], ["x", "xx"]),
            ("(?P<a>(x)(y)?)+", "xyx", ["a", nil, nil], ["x", "x", "y"]),
            ("(?P<a>é*)b", "aéébé", ["a"], ["éé"]),
        ] as [(String, String, [String?], [String?])])
    func groups(pattern: String, text: String, names: [String?], expected: [String?]) throws {
        let pattern = try TextPattern(pattern)
        #expect(pattern.groupNames == names)
        #expect(pattern.groups(in: text) == expected)
    }

    @Test("an empty pattern repeated a thousand million times matches at once")
    func emptyRepetitions() throws {
        #expect(try TextPattern("^(?:(?:(?:){1000}){1000}){1000}$").matches(""))
    }

    @Test func textThatDoesNotMatchHasNoGroups() throws {
        #expect(try TextPattern("(?P<a>x)y").groups(in: "xz") == nil)
    }

    @Test(
        "unsupported patterns are refused with a message",
        arguments: [
            ("a(?=b)", "ahead or behind"), ("(?<!a)b", "ahead or behind"), (#"(a)\1"#, "references to groups"),
            ("(?P<a>x)(?P<a>y)", "named a"), ("(", "missing )"), (")", "unexpected )"), ("[a", "missing ]"),
            ("*a", "nothing to repeat"), ("a**", "nothing to repeat"), ("[z-a]", "is invalid"),
            ("[[:x:]]", "not a character class"),
            (#"\pL"#, "not supported"), (#"\x4"#, "hexadecimal"), ("a\\", "ends with"), ("(?P<>x)", "name"),
            ("((x{1000}){1000}){1000}", "too large"), ("x{2,1}", "out of range"),
            (String(repeating: "(", count: 65), "nested too deep"), (String(repeating: "x", count: 4097), "too long"),
        ])
    func faults(pattern: String, message: String) {
        let fault = #expect(throws: PatternFault.self) { try TextPattern(pattern) }
        #expect(fault?.description.contains(message) == true)
    }

    @Test("conditions are combined as declared")
    func conditions() throws {
        let pattern = TextCondition.matches(try TextPattern("^a"))
        #expect(TextCondition.any([.equals("b"), pattern]).holds(for: "ab"))
        #expect(!TextCondition.all([.hasPrefix("a"), .not(pattern)]).holds(for: "ab"))
        #expect(TextCondition.all([.hasPrefix("a"), .hasSuffix("b")]).holds(for: "ab"))
        #expect(!TextCondition.any([]).holds(for: "a"))
        #expect(!TextCondition.equals("é").holds(for: "e\u{301}"))
    }
}
