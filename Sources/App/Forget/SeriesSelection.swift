internal import Patterns

/// Selects series by label matchers as in PromQL, all of which must match.
struct SeriesSelection: Sendable {
    /// What is wrong with the matchers.
    struct Fault: Error, Equatable, CustomStringConvertible {
        var description: String
    }

    struct Matcher: Sendable {
        enum Condition: Sendable {
            case equal(String)
            case pattern(TextPattern)
        }

        var name: String
        var condition: Condition
        /// `!=` and `!~`.
        var isNegated: Bool

        /// - Parameter value: empty if a series does not have the label.
        func matches(_ value: String) -> Bool {
            let isMatch =
                switch condition {
                case .equal(let text): text == value
                case .pattern(let pattern): pattern.matches(value)
                }
            return isMatch != isNegated
        }
    }

    let matchers: [Matcher]

    /// - Parameter arguments: each a matcher (`job="x"`), or a selector (`name`, `{…}`, `name{…}`).
    init(_ arguments: [String]) throws(Fault) {
        var matchers: [Matcher] = []
        for argument in arguments {
            var parser = SelectorParser(argument)
            matchers += try parser.parse()
        }
        // As in PromQL: a selector that also matches series without any of its labels would select everything.
        guard matchers.contains(where: { !$0.matches("") }) else {
            throw Fault(description: "at least one matcher must not match an empty label")
        }
        self.matchers = matchers
    }

    /// Whether there is a matcher on the metric name, which only series have.
    var asksForNames: Bool { matchers.contains { $0.name == "__name__" } }

    /// - Parameter value: the value of a label by name, empty if absent; `__name__` is the family's.
    func matches(_ value: (String) -> String) -> Bool {
        matchers.allSatisfy { $0.matches(value($0.name)) }
    }
}

/// Parses one argument.
private struct SelectorParser {
    private let text: [Unicode.Scalar]
    private var position = 0

    init(_ text: String) { self.text = Array(text.unicodeScalars) }

    mutating func parse() throws(SeriesSelection.Fault) -> [SeriesSelection.Matcher] {
        skipSpace()
        var matchers: [SeriesSelection.Matcher] = []
        if !take("{") {
            let name = try self.name()
            skipSpace()
            if let only = try condition(for: name) {
                try end()
                return [only]
            }
            matchers.append(SeriesSelection.Matcher(name: "__name__", condition: .equal(name), isNegated: false))
            guard take("{") else {
                try end()
                return matchers
            }
        }
        skipSpace()
        while !take("}") {
            let name = try self.name()
            skipSpace()
            if let matcher = try condition(for: name) {
                matchers.append(matcher)
            } else {
                // A quoted metric name is between the braces.
                matchers.append(SeriesSelection.Matcher(name: "__name__", condition: .equal(name), isNegated: false))
            }
            skipSpace()
            if take(",") { skipSpace() } else if next != "}" { throw fault("expected , or }") }
        }
        try end()
        return matchers
    }

    private var next: Unicode.Scalar? { position < text.count ? text[position] : nil }

    private func fault(_ problem: String) -> SeriesSelection.Fault {
        var argument = String.UnicodeScalarView()
        argument.append(contentsOf: text)
        return SeriesSelection.Fault(description: "\(problem) in the matcher \(String(argument))")
    }

    private mutating func take(_ token: String) -> Bool {
        let wanted = Array(token.unicodeScalars)
        guard text[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    private mutating func skipSpace() {
        while let scalar = next, scalar == " " || scalar == "\t" || scalar == "\n" { position += 1 }
    }

    private mutating func end() throws(SeriesSelection.Fault) {
        skipSpace()
        guard position == text.count else { throw fault("unexpected text after the end") }
    }

    /// A name, quoted if it has characters other than letters, digits, `_`, `:` and `.`.
    private mutating func name() throws(SeriesSelection.Fault) -> String {
        if next == "\"" || next == "'" { return try quoted() }
        var name = ""
        while let scalar = next, scalar.properties.isAlphabetic || "0123456789_:.".unicodeScalars.contains(scalar) {
            name.unicodeScalars.append(scalar)
            position += 1
        }
        guard !name.isEmpty else { throw fault("expected a name") }
        return name
    }

    /// Nil if no operator follows.
    private mutating func condition(for name: String) throws(SeriesSelection.Fault) -> SeriesSelection.Matcher? {
        let (isNegated, isPattern): (Bool, Bool)
        if take("=~") {
            (isNegated, isPattern) = (false, true)
        } else if take("!~") {
            (isNegated, isPattern) = (true, true)
        } else if take("!=") {
            (isNegated, isPattern) = (true, false)
        } else if take("=") {
            (isNegated, isPattern) = (false, false)
        } else {
            return nil
        }
        skipSpace()
        guard next == "\"" || next == "'" || next == "`" else {
            throw fault("expected a value in quotes (put the whole matcher in single quotes for the shell)")
        }
        let value = try quoted()
        guard isPattern else {
            return SeriesSelection.Matcher(name: name, condition: .equal(value), isNegated: isNegated)
        }
        do throws(PatternFault) {
            return SeriesSelection.Matcher(
                name: name, condition: .pattern(try TextPattern(value, matching: .whole)), isNegated: isNegated)
        } catch {
            throw fault(error.description)
        }
    }

    /// Escapes as in PromQL; none between backticks.
    private mutating func quoted() throws(SeriesSelection.Fault) -> String {
        guard let quote = next else { throw fault("expected a quote") }
        position += 1
        var value = ""
        while let scalar = next {
            position += 1
            if scalar == quote { return value }
            guard scalar == "\\", quote != "`" else {
                value.unicodeScalars.append(scalar)
                continue
            }
            guard let escaped = next else { break }
            position += 1
            switch escaped {
            case "n": value.append("\n")
            case "t": value.append("\t")
            case "r": value.append("\r")
            case "\\", "\"", "'": value.unicodeScalars.append(escaped)
            default: throw fault("unknown escape \\\(escaped)")
            }
        }
        throw fault("a quote is not closed")
    }
}
