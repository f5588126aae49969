/// Parses `[…]` and escapes that stand for a set of characters.
struct ScalarClassParser {
    private let scalars: [Unicode.Scalar]
    private(set) var position: Int

    private static let named: [String: [ClosedRange<UInt32>]] = [
        "alnum": [48...57, 65...90, 97...122], "alpha": [65...90, 97...122], "ascii": [0...127],
        "blank": [9...9, 32...32],
        "cntrl": [0...31, 127...127], "digit": [48...57], "graph": [33...126], "lower": [97...122], "print": [32...126],
        "punct": [33...47, 58...64, 91...96, 123...126], "space": [9...13, 32...32], "upper": [65...90],
        "word": [48...57, 65...90, 95...95, 97...122], "xdigit": [48...57, 65...70, 97...102],
    ]

    init(_ scalars: [Unicode.Scalar], at position: Int) {
        self.scalars = scalars
        self.position = position
    }

    private func fault(_ text: String) -> PatternFault { PatternFault(description: text) }

    private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func take(_ text: String) -> Bool {
        let wanted = Array(text.unicodeScalars)
        guard position <= scalars.count, scalars[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    /// After `[`.
    mutating func parse() throws(PatternFault) -> ScalarSet {
        var set = ScalarSet([], isNegated: take("^"))
        var isFirst = true
        while let scalar = next, isFirst || scalar != "]" {
            isFirst = false
            if take("[:") {
                set.ranges += try namedClass().withoutNegation.ranges
                continue
            }
            let low = try member()
            guard next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
                set.ranges += low.withoutNegation.ranges
                continue
            }
            position += 1
            guard let first = low.single, let last = try member().single, first <= last else {
                throw fault("a range in [] in the pattern is invalid")
            }
            set.ranges.append(first...last)
        }
        guard take("]") else { throw fault("missing ] in the pattern") }
        return set
    }

    private mutating func member() throws(PatternFault) -> ScalarSet {
        guard let scalar = next else { throw fault("missing ] in the pattern") }
        position += 1
        return scalar == "\\" ? try escape() : ScalarSet(scalar)
    }

    private mutating func namedClass() throws(PatternFault) -> ScalarSet {
        let isNegated = take("^")
        var name = ""
        while let scalar = next, scalar != ":", scalar != "]" {
            name.unicodeScalars.append(scalar)
            position += 1
        }
        guard take(":]"), let ranges = Self.named[name] else {
            throw fault("[:\(name):] is not a character class")
        }
        return ScalarSet(ranges, isNegated: isNegated)
    }

    /// After `\`.
    mutating func escape() throws(PatternFault) -> ScalarSet {
        guard let scalar = next else { throw fault("the pattern ends with \\") }
        position += 1
        switch scalar {
        case "d": return .digits
        case "D": return ScalarSet(ScalarSet.digits.ranges, isNegated: true)
        case "w": return .words
        case "W": return ScalarSet(ScalarSet.words.ranges, isNegated: true)
        case "s": return .spaces
        case "S": return ScalarSet(ScalarSet.spaces.ranges, isNegated: true)
        case "n": return ScalarSet("\n")
        case "t": return ScalarSet("\t")
        case "r": return ScalarSet("\r")
        case "f": return ScalarSet("\u{C}")
        case "v": return ScalarSet("\u{B}")
        case "a": return ScalarSet("\u{7}")
        case "x": return ScalarSet(try hexadecimal())
        case "1"..."9": throw fault("references to groups are not supported in patterns: \\\(scalar)")
        default:
            guard scalar.isASCII, !scalar.properties.isAlphabetic, !("0"..."9").contains(scalar) else {
                throw fault("\\\(scalar) is not supported in patterns")
            }
            return ScalarSet(scalar)
        }
    }

    /// `7F` or `{10FFFF}`.
    private mutating func hexadecimal() throws(PatternFault) -> Unicode.Scalar {
        let isBraced = take("{")
        var digits = ""
        while let scalar = next, scalar.properties.isASCIIHexDigit, digits.count < (isBraced ? 6 : 2) {
            digits.unicodeScalars.append(scalar)
            position += 1
        }
        guard !digits.isEmpty, isBraced ? take("}") : digits.count == 2, let value = UInt32(digits, radix: 16),
            let scalar = Unicode.Scalar(value)
        else { throw fault("\\x in the pattern must be followed by two hexadecimal digits or {…}") }
        return scalar
    }
}
