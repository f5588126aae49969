import Settings
import Testing

@testable import Series

@Test(
    "patterns match whole names, * any characters",
    arguments: [
        ("system.*", "system.cpu.time", true), ("system.*", "systems", false), ("*", "", true),
        ("a*b*c", "aXbYc", true),
        ("a*b*c", "abbc", true), ("a*b*c", "acb", false), ("", "a", false), ("a", "a", true),
        ("*.total", "x.total", true),
        ("*aab", "aaaaab", true), ("a**", "a", true), ("*", "a", true), ("a", "b", false), ("a", "ab", false),
        ("*b", "ab", true), ("*b", "ba", false),
        ("a.b", "axb", false), ("", "", true),
    ])
func patternsMatchWholeNames(pattern: String, name: String, expected: Bool) {
    #expect(WriterRules.matches(Array(pattern.utf8), Array(name.utf8)) == expected)
}

@Test("rules of the configuration precede built-in ones")
func userRulesComeFirst() {
    let rules = WriterRules([WriterRule(metric: "system.cpu.*", mode: .sum)])
    #expect(rules.mode(for: Array("system.cpu.time".utf8)) == .sum)
    #expect(rules.mode(for: Array("system.disk.io".utf8)) == .latest)
    #expect(rules.mode(for: Array("claude_code.cost.usage".utf8)) == .sum)
}

@Test("matching a pattern takes bounded time")
func patternsCannotMakeEndlessWork() {
    let pattern = String(repeating: "*a", count: 500) + "b"
    #expect(!WriterRules.matches(Array(pattern.utf8), Array(repeating: UInt8(ascii: "a"), count: 2000)))
}
