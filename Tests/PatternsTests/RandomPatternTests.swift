import Testing

@testable import Patterns

/// Compares the engine with that of the standard library, which backtracks: both find what Perl finds.
@Suite struct RandomPatternTests {
    /// A pattern of few different characters, so that matches are likely.
    private struct Generator {
        var random: SeededRandom

        /// - Returns: the pattern, and whether it can match the empty string.
        mutating func pattern(depth: Int) -> (text: String, isNullable: Bool) {
            switch Int.random(in: 0..<(depth > 0 ? 9 : 4), using: &random) {
            case 0: return ("a", false)
            case 1: return ("b", false)
            case 2: return (["[ab]", "[^a]", ".", "c"].randomElement(using: &random) ?? "c", false)
            case 3: return (["^", "$", "\\b", "a?"].randomElement(using: &random) ?? "", true)
            case 4, 5:
                let (first, second) = (pattern(depth: depth - 1), pattern(depth: depth - 1))
                return (first.text + second.text, first.isNullable && second.isNullable)
            case 6:
                let (first, second) = (pattern(depth: depth - 1), pattern(depth: depth - 1))
                return ("(?:\(first.text)|\(second.text))", first.isNullable || second.isNullable)
            default:
                let inner = pattern(depth: depth - 1)
                // Engines differ in empty iterations of a loop.
                guard !inner.isNullable else { return inner }
                let sign =
                    ["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{1,}?"].randomElement(using: &random) ?? "*"
                return ("(?:\(inner.text))\(sign)", !sign.hasPrefix("+") && !sign.hasPrefix("{"))
            }
        }

        mutating func text() -> String {
            String((0..<Int.random(in: 0..<8, using: &random)).map { _ in "abc ".randomElement(using: &random) ?? "a" })
        }
    }

    @Test("random patterns find the same in random text as a backtracking engine", arguments: 0..<4)
    func enginesAgree(seed: UInt64) throws {
        var generator = Generator(random: SeededRandom(seed: seed))
        var matches = 0
        for _ in 0..<500 {
            let (left, right) = (generator.pattern(depth: 4).text, generator.pattern(depth: 3).text)
            let source = "(?P<x>\(left))(?P<y>\(right))"
            let ours = try TextPattern(source)
            let theirs = try Regex(
                source.replacing("(?P<", with: "(?<"), as: (Substring, x: Substring, y: Substring).self
            )
            .matchingSemantics(.unicodeScalar).wordBoundaryKind(.simple)
            for _ in 0..<8 {
                let text = generator.text()
                let expected = try theirs.firstMatch(in: text).map { [String($0.x), String($0.y)] }
                #expect(ours.groups(in: text) == expected, "\(source) in \(text)")
                #expect(ours.matches(text) == (expected != nil), "\(source) in \(text)")
                let whole = try TextPattern(source, matching: .whole).matches(text)
                #expect(whole == (try theirs.wholeMatch(in: text) != nil), "\(source) is \(text)")
                if expected != nil { matches += 1 }
            }
        }
        #expect((500...3500).contains(matches))
    }
}
