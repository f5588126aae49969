/// A regular expression in RE2's syntax, as PromQL and the OpenTelemetry Collector have them.
///
/// Matched without backtracking: no pattern and no text cause unbounded work (docs/decisions/0009). Characters are
/// Unicode scalars. Complexity of a match: O(text x instructions).
package struct TextPattern: Sendable {
    /// Instructions of one pattern, with repetitions written out. Patterns with more are refused.
    package static let instructionLimit = 10_000

    /// What the pattern has to match.
    package enum Extent: Sendable {
        /// Some part of the text, as in the Collector.
        case part
        /// The whole text, as in PromQL.
        case whole
    }

    /// The pattern as it was written.
    package let source: String
    /// The names of the groups in the order in which they open; nil for one without a name.
    package let groupNames: [String?]

    private let program: [PatternInstruction]
    private let extent: Extent

    /// - Throws: what is wrong with the pattern, or which part of RE2's syntax is not supported.
    package init(_ source: String, matching extent: Extent = .part) throws(PatternFault) {
        var parser = PatternParser(source)
        let node = try parser.parse()
        var compiler = PatternCompiler()
        self.source = source
        self.extent = extent
        groupNames = parser.groupNames
        program = try compiler.compile(node)
    }

    /// Whether the text matches.
    package func matches(_ text: String) -> Bool {
        var search = PatternSearch(program: program, text: Array(text.unicodeScalars), slotCount: 0)
        return search.run(whole: extent == .whole) != nil
    }

    /// Whether UTF-8 text matches.
    package func matches(_ text: [UInt8]) -> Bool { matches(String(decoding: text, as: UTF8.self)) }

    /// The text of the groups at the first match, in order; of matches at the same place the one that Perl would find.
    /// - Returns: nil without a match; an element is nil for a group that took no part.
    package func groups(in text: String) -> [String?]? {
        let scalars = Array(text.unicodeScalars)
        var search = PatternSearch(program: program, text: scalars, slotCount: 2 * groupNames.count)
        guard let slots = search.run(whole: extent == .whole) else { return nil }
        return groupNames.indices.map { group in
            let (start, end) = (slots[2 * group], slots[2 * group + 1])
            guard start >= 0, end >= start else { return nil }
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars[start..<end])
            return String(view)
        }
    }
}

extension TextPattern: Equatable {
    /// Patterns are equal if their text is equal.
    package static func == (a: TextPattern, b: TextPattern) -> Bool { a.source == b.source && a.extent == b.extent }
}
