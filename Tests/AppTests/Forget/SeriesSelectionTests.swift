import Testing

@testable import App

@Suite struct SeriesSelectionTests {
    private func matches(_ arguments: String..., labels: [String: String]) throws -> Bool {
        try SeriesSelection(arguments).matches { labels[$0] ?? "" }
    }

    @Test(
        "matchers are parsed as in PromQL",
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

    @Test("all matchers must match")
    func allHaveToMatch() throws {
        #expect(try matches(#"a="x""#, #"b="y""#, labels: ["a": "x", "b": "y"]))
        #expect(try !matches(#"a="x""#, #"b="y""#, labels: ["a": "x"]))
    }

    @Test(
        "invalid matchers are refused",
        arguments: [
            "", "{", "{}", #"a="x"#, #"a="\q""#, #"{a="x"}y"#, #"{a="x" b="y"}"#, #"a=~"[z-a]""#, #"a=~"*""#,
            #"a=~"x{1001}""#, #"a=~"((x{1000}){1000}){1000}""#, #"a=~"\\pL""#, #"a=~"(?=x)""#, #"a=~"x**""#,
            #"!="x""#,
            #"a!="x""#, #"a=~".*""#,
        ])
    func mistakes(text: String) {
        #expect(throws: SeriesSelection.Fault.self) { try SeriesSelection([text]) }
    }
}
