/// Reads RE2's syntax: characters, `.`, `[a-z]`, `[[:alpha:]]`, `\d \w \s \b` and their opposites, `^ $ \A \z`, groups
/// with and without names, `|`, greedy and lazy repetitions, `\Q…\E`, and the flags i, m, s and U.
struct PatternParser {
    /// Characters of a pattern, levels of groups, and times of a repetition (as in RE2).
    private static let lengthLimit = 4096
    private static let depthLimit = 64
    private static let repetitionLimit = 1000

    struct Flags {
        var ignoresCase = false
        var dotMatchesLineEnd = false
        /// `^` and `$` also stand for the ends of lines.
        var isMultiline = false
        /// `*` matches as little as possible and `*?` as much.
        var isLazy = false
    }

    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var depth = 0
    private var flags = Flags()
    private(set) var groupNames: [String?] = []

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    mutating func parse() throws(PatternFault) -> PatternNode {
        guard scalars.count <= Self.lengthLimit else { throw fault("the pattern is too long") }
        let node = try alternatives()
        guard position == scalars.count else { throw fault("unexpected ) in the pattern") }
        return node
    }

    private func fault(_ text: String) -> PatternFault { PatternFault(description: text) }

    private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func take(_ text: String) -> Bool {
        let wanted = Array(text.unicodeScalars)
        guard scalars[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    private mutating func alternatives() throws(PatternFault) -> PatternNode {
        var nodes = [try sequence()]
        while take("|") { nodes.append(try sequence()) }
        return nodes.count == 1 ? nodes[0] : .alternatives(nodes)
    }

    private mutating func sequence() throws(PatternFault) -> PatternNode {
        var nodes: [PatternNode] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            if take("\\Q") {
                var quoted: [PatternNode] = []
                while next != nil, !take("\\E") { quoted.append(.one(literal())) }
                // What follows repeats the last character.
                if let last = quoted.popLast() { quoted.append(try repeated(last)) }
                nodes += quoted
                continue
            }
            if let node = try atom() { nodes.append(try repeated(node)) }
        }
        return .sequence(nodes)
    }

    /// The next character, which stands for itself.
    private mutating func literal() -> ScalarSet {
        defer { position += 1 }
        return ScalarSet(scalars[position], ignoresCase: flags.ignoresCase)
    }

    /// Nil for flags, which match nothing.
    private mutating func atom() throws(PatternFault) -> PatternNode? {
        guard let scalar = next else { throw fault("the pattern ends too early") }
        switch scalar {
        case "(": return try group()
        case "[":
            var parser = ScalarClassParser(scalars, at: position + 1)
            var set = try parser.parse()
            position = parser.position
            set.ignoresCase = flags.ignoresCase
            return .one(set)
        case "*", "+", "?": throw fault("nothing to repeat before \(scalar) in the pattern")
        default: break
        }
        position += 1
        switch scalar {
        case ".": return .one(ScalarSet(flags.dotMatchesLineEnd ? [] : [10...10], isNegated: true))
        case "^": return .at(flags.isMultiline ? .lineStart : .textStart)
        case "$": return .at(flags.isMultiline ? .lineEnd : .textEnd)
        case "\\": return try escape()
        default:
            position -= 1
            return .one(literal())
        }
    }

    private mutating func escape() throws(PatternFault) -> PatternNode {
        switch next {
        case "A":
            position += 1
            return .at(.textStart)
        case "z":
            position += 1
            return .at(.textEnd)
        case "b":
            position += 1
            return .at(.wordEdge)
        case "B":
            position += 1
            return .at(.noWordEdge)
        default: break
        }
        var parser = ScalarClassParser(scalars, at: position)
        var set = try parser.escape()
        position = parser.position
        set.ignoresCase = flags.ignoresCase
        return .one(set)
    }

    /// `(…)`, `(?:…)`, `(?P<name>…)`, `(?<name>…)`, `(?i)`, `(?i:…)`.
    private mutating func group() throws(PatternFault) -> PatternNode? {
        position += 1
        let outerFlags = flags
        var number: Int?
        if next == "?" {
            if take("?P<") || !isLookbehind && take("?<") {
                number = groupNames.count
                groupNames.append(try groupName())
            } else {
                position += 1
                guard try flagsOpenGroup() else { return nil }
            }
        } else {
            number = groupNames.count
            groupNames.append(nil)
        }
        depth += 1
        guard depth <= Self.depthLimit else { throw fault("groups in the pattern are nested too deep") }
        let node = try alternatives()
        depth -= 1
        guard take(")") else { throw fault("missing ) in the pattern") }
        flags = outerFlags
        return number.map { .group($0, node) } ?? node
    }

    private var isLookbehind: Bool {
        position + 2 < scalars.count && (scalars[position + 2] == "=" || scalars[position + 2] == "!")
    }

    private mutating func groupName() throws(PatternFault) -> String {
        var name = ""
        while let scalar = next, ScalarSet.words.contains(scalar) {
            name.unicodeScalars.append(scalar)
            position += 1
        }
        guard !name.isEmpty, take(">") else { throw fault("expected a group name as in (?P<name>…) in the pattern") }
        guard !groupNames.contains(name) else { throw fault("two groups of the pattern are named \(name)") }
        return name
    }

    /// After `(?`: reads flags up to `)` or `:`.
    /// - Returns: whether a group follows.
    private mutating func flagsOpenGroup() throws(PatternFault) -> Bool {
        var isSet = true
        while let scalar = next {
            position += 1
            switch scalar {
            case "i": flags.ignoresCase = isSet
            case "m": flags.isMultiline = isSet
            case "s": flags.dotMatchesLineEnd = isSet
            case "U": flags.isLazy = isSet
            case "-" where isSet: isSet = false
            case ":": return true
            case ")": return false
            case "=", "!", "<", ">", "#":
                throw fault("patterns that look ahead or behind are not supported: (?\(scalar)")
            default: throw fault("groups of this kind are not supported in patterns: (?\(scalar)")
            }
        }
        throw fault("missing ) in the pattern")
    }

    private mutating func repeated(_ node: PatternNode) throws(PatternFault) -> PatternNode {
        let least: Int
        let most: Int?
        switch next {
        case "*": (least, most) = (0, nil)
        case "+": (least, most) = (1, nil)
        case "?": (least, most) = (0, 1)
        case "{":
            guard let counts = try counts() else { return node }
            (least, most) = counts
            position -= 1
        default: return node
        }
        position += 1
        let isLazy = take("?")
        let result = PatternNode.repeated(node, least: least, most: most, isGreedy: isLazy == flags.isLazy)
        if let scalar = next, "*+?".unicodeScalars.contains(scalar) {
            throw fault("nothing to repeat before \(scalar) in the pattern")
        }
        return result
    }

    /// `{2}`, `{2,}`, `{2,5}`; anything else between braces stands for itself.
    private mutating func counts() throws(PatternFault) -> (least: Int, most: Int?)? {
        let start = position
        position += 1
        guard let least = number() else {
            position = start
            return nil
        }
        var most: Int? = least
        if take(",") { most = number() }
        guard take("}") else {
            position = start
            return nil
        }
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
}
