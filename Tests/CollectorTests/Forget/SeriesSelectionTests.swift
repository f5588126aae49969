import Testing

@testable import Collector

@Suite struct SeriesSelectionTests {
    private func matches(_ arguments: String..., labels: [String: String]) throws -> Bool {
        try SeriesSelection(arguments).matches { labels[$0] ?? "" }
    }

    @Test(
        "matchers are read as PromQL reads them",
        arguments: [
            (#"a="x""#, true), (#"a = 'x'"#, true), ("a=`x`", true), (#"{a="x"}"#, true), (#"{a="x",}"#, true),
            (#"{a="x", b!="y"}"#, true), (#"{a="x", b!="z"}"#, false), (#"n{a="x"}"#, true), (#"m{a="x"}"#, false),
            ("n", true), ("m", false), (#"{"n", "a"="x"}"#, true), (#"{__name__=~"n|m",a!~"y.*"}"#, true),
            (#"{a=~"x", c=""}"#, true), (#"{a=~"x", c!=""}"#, false), (#"a=~".""#, true), (#"a=~"""#, nil),
        ] as [(String, Bool?)])
    func selectors(text: String, expected: Bool?) throws {
        let labels = ["__name__": "n", "a": "x", "b": "z"]
        if let expected {
            #expect(try matches(text, labels: labels) == expected)
        } else {
            #expect(throws: SeriesSelection.Fault.self) { try matches(text, labels: labels) }
        }
    }

    @Test("all matchers have to match")
    func allHaveToMatch() throws {
        #expect(try matches(#"a="x""#, #"b="y""#, labels: ["a": "x", "b": "y"]))
        #expect(try !matches(#"a="x""#, #"b="y""#, labels: ["a": "x"]))
    }

    @Test(
        "what is no matcher is refused",
        arguments: [
            "", "{", "{}", #"a="x"#, #"a="\q""#, #"{a="x"}y"#, #"{a="x" b="y"}"#, #"a=~"[z-a]""#, #"a=~"*""#,
            #"a=~"x{1001}""#, #"a=~"((x{1000}){1000}){1000}""#, #"a=~"\\pL""#, #"a=~"(?P<n>x)""#, #"a=~"x**""#,
            #"!="x""#,
            #"a!="x""#, #"a=~".*""#,
        ])
    func mistakes(text: String) {
        #expect(throws: SeriesSelection.Fault.self) { try SeriesSelection([text]) }
    }

    @Test(
        "patterns match whole values",
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
        #expect(try LabelPattern(pattern).matches(text.unicodeScalars) == expected)
    }

    @Test("a hostile pattern takes time that grows with the value, not without end")
    func hostilePattern() throws {
        let pattern = try LabelPattern("(a|a|a*)*(a+)+(a*)*b")
        let start = ContinuousClock.now
        #expect(!pattern.matches(String(repeating: "a", count: 4096).unicodeScalars))
        #expect(ContinuousClock.now - start < .seconds(5))
    }
}
