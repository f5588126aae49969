/// What a pattern says.
indirect enum LabelPatternNode: Sendable {
    case one(CharacterSet)
    case sequence([LabelPatternNode])
    case alternatives([LabelPatternNode])
    /// `most` nil: without end.
    case repeated(LabelPatternNode, least: Int, most: Int?)
}

/// Reads a pattern: characters, `.`, `[a-z]`, `\d \w \s` and their opposites, groups, `|`, `* + ? {n,m}`, `^` at the
/// beginning and `$` at the end (which change nothing: patterns match whole values), `(?i)` at the beginning.
struct LabelPatternParser {
    /// Bytes of a pattern, levels of groups, and times of a repetition (as in RE2).
    private static let lengthLimit = 4096
    private static let depthLimit = 64
    private static let repetitionLimit = 1000

    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var depth = 0
    private(set) var ignoresCase = false

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    mutating func parse() throws(LabelPattern.Fault) -> LabelPatternNode {
        guard scalars.count <= Self.lengthLimit else { throw fault("the pattern is too long") }
        if take("(?i)") { ignoresCase = true }
        _ = take("^")
        let node = try alternatives()
        guard position == scalars.count else { throw fault("unexpected ) in the pattern") }
        return node
    }

    private func fault(_ text: String) -> LabelPattern.Fault { LabelPattern.Fault(description: text) }

    private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func take(_ text: String) -> Bool {
        let wanted = Array(text.unicodeScalars)
        guard scalars[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    private mutating func alternatives() throws(LabelPattern.Fault) -> LabelPatternNode {
        var nodes = [try sequence()]
        while take("|") { nodes.append(try sequence()) }
        return nodes.count == 1 ? nodes[0] : .alternatives(nodes)
    }

    private mutating func sequence() throws(LabelPattern.Fault) -> LabelPatternNode {
        var nodes: [LabelPatternNode] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            if scalar == "$", position == scalars.count - 1 {
                position += 1
                break
            }
            nodes.append(try repeated(try atom()))
        }
        return .sequence(nodes)
    }

    private mutating func atom() throws(LabelPattern.Fault) -> LabelPatternNode {
        guard let scalar = next else { throw fault("the pattern ends too early") }
        position += 1
        switch scalar {
        case "(":
            if next == "?", !take("?:") { throw fault("groups of this kind are not supported in patterns: (?") }
            depth += 1
            guard depth <= Self.depthLimit else { throw fault("too many groups within each other in the pattern") }
            let node = try alternatives()
            depth -= 1
            guard take(")") else { throw fault("missing ) in the pattern") }
            return node
        case ".": return .one(CharacterSet([10...10], isNegated: true))
        case "[": return .one(try characterClass())
        case "\\": return .one(try escape())
        case "*", "+", "?": throw fault("nothing to repeat before \(scalar) in the pattern")
        case "^", "$": throw fault("\(scalar) is supported only around a whole pattern")
        default: return .one(CharacterSet(scalar))
        }
    }

    private mutating func repeated(_ node: LabelPatternNode) throws(LabelPattern.Fault) -> LabelPatternNode {
        let result: LabelPatternNode
        switch next {
        case "*": result = .repeated(node, least: 0, most: nil)
        case "+": result = .repeated(node, least: 1, most: nil)
        case "?": result = .repeated(node, least: 0, most: 1)
        case "{":
            guard let (least, most) = try counts() else {
                return node
            }
            _ = take("?")
            return .repeated(node, least: least, most: most)
        default: return node
        }
        position += 1
        // Whether a repetition is greedy makes no difference to a whole match.
        _ = take("?")
        if let scalar = next, "*+?".unicodeScalars.contains(scalar) {
            throw fault("nothing to repeat before \(scalar) in the pattern")
        }
        return result
    }

    /// `{2}`, `{2,}`, `{2,5}`.
    private mutating func counts() throws(LabelPattern.Fault) -> (least: Int, most: Int?)? {
        position += 1
        guard let least = number() else { throw fault("no number after { in the pattern; write \\{ for the character") }
        var most: Int? = least
        if take(",") { most = number() }
        guard take("}") else { throw fault("missing } in the pattern") }
        guard least <= Self.repetitionLimit, most ?? 0 <= Self.repetitionLimit, most ?? least >= least else {
            throw fault("a repetition in the pattern is out of range")
        }
        return (least, most)
    }

    private mutating func number() -> Int? {
        var digits = ""
        while let scalar = next, ("0"..."9").contains(scalar), digits.count < 6 {
            digits.unicodeScalars.append(scalar)
            position += 1
        }
        return Int(digits)
    }

    private mutating func characterClass() throws(LabelPattern.Fault) -> CharacterSet {
        var set = CharacterSet([], isNegated: take("^"))
        var isFirst = true
        while let scalar = next, isFirst || scalar != "]" {
            isFirst = false
            position += 1
            let low: CharacterSet
            if scalar == "\\" { low = try escape() } else { low = CharacterSet(scalar) }
            guard next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
                guard !low.isNegated else { throw fault("\\D, \\W and \\S are not supported in [] in patterns") }
                set.ranges += low.ranges
                continue
            }
            position += 1
            guard let end = next else { break }
            position += 1
            let high: CharacterSet
            if end == "\\" { high = try escape() } else { high = CharacterSet(end) }
            guard low.ranges.count == 1, high.ranges.count == 1, let first = low.ranges.first,
                let last = high.ranges.first,
                first.count == 1, last.count == 1, first.lowerBound <= last.lowerBound
            else { throw fault("a range in [] in the pattern makes no sense") }
            set.ranges.append(first.lowerBound...last.lowerBound)
        }
        guard take("]") else { throw fault("missing ] in the pattern") }
        return set
    }

    private mutating func escape() throws(LabelPattern.Fault) -> CharacterSet {
        guard let scalar = next else { throw fault("the pattern ends with \\") }
        position += 1
        let digits: [ClosedRange<UInt32>] = [48...57]
        let words: [ClosedRange<UInt32>] = digits + [65...90, 95...95, 97...122]
        let spaces: [ClosedRange<UInt32>] = [9...10, 12...13, 32...32]
        switch scalar {
        case "d": return CharacterSet(digits)
        case "D": return CharacterSet(digits, isNegated: true)
        case "w": return CharacterSet(words)
        case "W": return CharacterSet(words, isNegated: true)
        case "s": return CharacterSet(spaces)
        case "S": return CharacterSet(spaces, isNegated: true)
        case "n": return CharacterSet("\n")
        case "t": return CharacterSet("\t")
        case "r": return CharacterSet("\r")
        default:
            guard scalar.isASCII, !scalar.properties.isAlphabetic, !("0"..."9").contains(scalar) else {
                throw fault("\\\(scalar) is not supported in patterns")
            }
            return CharacterSet(scalar)
        }
    }
}
