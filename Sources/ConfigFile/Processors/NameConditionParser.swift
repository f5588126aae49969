internal import Patterns

/// Parses OTTL conditions on the name of a metric: comparisons, `IsMatch`, `HasPrefix`, `HasSuffix`, `not`, `and`,
/// `or`, parentheses, `true` and `false`.
struct NameConditionParser {
    /// What is wrong with a condition.
    struct Fault: Error, Equatable {
        let description: String
    }

    private enum Token: Equatable {
        case word(String)
        case text(String)
        /// `==`, `!=`, `(`, `)`, `,`.
        case sign(String)
    }

    /// Characters of a condition, and levels of parentheses.
    private static let lengthLimit = 4096
    private static let depthLimit = 64

    private var tokens: [Token] = []
    private var position = 0
    private var depth = 0

    /// - Throws: the part of the condition that is not supported.
    static func parse(_ text: String) throws(Fault) -> TextCondition {
        guard text.unicodeScalars.count <= lengthLimit else { throw Fault(description: "is too long") }
        var parser = NameConditionParser()
        try parser.readTokens(Array(text.unicodeScalars))
        let condition = try parser.alternatives()
        guard parser.position == parser.tokens.count else { throw parser.unexpected() }
        return condition
    }

    private var next: Token? { position < tokens.count ? tokens[position] : nil }

    private mutating func take(_ token: Token) -> Bool {
        guard next == token else { return false }
        position += 1
        return true
    }

    private func unexpected() -> Fault {
        switch next {
        case .word(let text), .sign(let text):
            Fault(description: "reads more than the metric's name at \(quoted(text))")
        case .text(let text): Fault(description: "is invalid at \(quoted(text))")
        case nil: Fault(description: "ends too early")
        }
    }

    private mutating func alternatives() throws(Fault) -> TextCondition {
        var conditions = [try sequence()]
        while take(.word("or")) { conditions.append(try sequence()) }
        return conditions.count == 1 ? conditions[0] : .any(conditions)
    }

    private mutating func sequence() throws(Fault) -> TextCondition {
        var conditions = [try single()]
        while take(.word("and")) { conditions.append(try single()) }
        return conditions.count == 1 ? conditions[0] : .all(conditions)
    }

    private mutating func single() throws(Fault) -> TextCondition {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else { throw Fault(description: "has too many parentheses") }
        if take(.word("not")) { return .not(try single()) }
        if take(.sign("(")) {
            let condition = try alternatives()
            guard take(.sign(")")) else { throw unexpected() }
            return condition
        }
        if take(.word("true")) { return .all([]) }
        if take(.word("false")) { return .any([]) }
        if case .word(let function) = next, ["IsMatch", "HasPrefix", "HasSuffix"].contains(function) {
            position += 1
            return try call(function)
        }
        return try comparison()
    }

    private mutating func call(_ function: String) throws(Fault) -> TextCondition {
        guard take(.sign("(")), takeName(), take(.sign(",")), case .text(let text) = next else { throw unexpected() }
        position += 1
        guard take(.sign(")")) else { throw unexpected() }
        switch function {
        case "HasPrefix": return .hasPrefix(text)
        case "HasSuffix": return .hasSuffix(text)
        default: break
        }
        do throws(PatternFault) {
            return .matches(try TextPattern(text))
        } catch {
            throw Fault(description: "has an invalid regular expression: \(error)")
        }
    }

    /// `name == "x"`, or the other way round.
    private mutating func comparison() throws(Fault) -> TextCondition {
        var text: String?
        if case .text(let first) = next {
            text = first
            position += 1
        } else if !takeName() {
            throw unexpected()
        }
        let isEqual: Bool
        if take(.sign("==")) {
            isEqual = true
        } else if take(.sign("!=")) {
            isEqual = false
        } else {
            throw unexpected()
        }
        if text != nil {
            guard takeName() else { throw unexpected() }
        } else if case .text(let second) = next {
            text = second
            position += 1
        }
        guard let text else { throw unexpected() }
        return isEqual ? .equals(text) : .not(.equals(text))
    }

    private mutating func takeName() -> Bool { take(.word("name")) || take(.word("metric.name")) }

    private mutating func readTokens(_ scalars: [Unicode.Scalar]) throws(Fault) {
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            switch scalar {
            case " ", "\t", "\n", "\r": index += 1
            case "\"": tokens.append(.text(try Self.quotedText(scalars, &index)))
            case "=", "!", "<", ">":
                let isPair = index + 1 < scalars.count && scalars[index + 1] == "="
                tokens.append(.sign(isPair ? "\(scalar)=" : "\(scalar)"))
                index += isPair ? 2 : 1
            case _ where scalar.properties.isAlphabetic || "_.0123456789".unicodeScalars.contains(scalar):
                var word = String.UnicodeScalarView()
                while index < scalars.count,
                    scalars[index].properties.isAlphabetic || "_.0123456789".unicodeScalars.contains(scalars[index])
                {
                    word.append(scalars[index])
                    index += 1
                }
                tokens.append(.word(String(word)))
            default:
                tokens.append(.sign(String(scalar)))
                index += 1
            }
        }
    }

    private static func quotedText(_ scalars: [Unicode.Scalar], _ index: inout Int) throws(Fault) -> String {
        var text = String.UnicodeScalarView()
        index += 1
        while index < scalars.count {
            let scalar = scalars[index]
            index += 1
            if scalar == "\"" { return String(text) }
            guard scalar == "\\" else {
                text.append(scalar)
                continue
            }
            guard index < scalars.count else { break }
            switch scalars[index] {
            case "\\", "\"": text.append(scalars[index])
            case "n": text.append("\n")
            case "t": text.append("\t")
            case "r": text.append("\r")
            default:
                throw Fault(
                    description: "has an unknown escape \\\(scalars[index]); a backslash in quotes is written twice")
            }
            index += 1
        }
        throw Fault(description: "has a quote that is not closed")
    }
}
