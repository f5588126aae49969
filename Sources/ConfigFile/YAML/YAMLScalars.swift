/// The values of plain scalars in YAML 1.2's core schema, as in the Collector's parser.
enum YAMLScalars {
    /// Whether a plain scalar is null, a truth value or a number rather than text.
    static func isTyped(_ text: String) -> Bool {
        isNull(text) || flag(text) != nil || integer(text) != nil || Double(text) != nil
    }

    /// Nothing, `~` or `null`.
    static func isNull(_ text: String) -> Bool {
        ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// `true` and `false` in their three spellings; `yes` and `on` are text.
    static func flag(_ text: String) -> Bool? {
        switch text {
        case "true", "True", "TRUE": true
        case "false", "False", "FALSE": false
        default: nil
        }
    }

    /// A whole number: decimal, `0x`, `0o` (also `0` and digits), `0b`, with `_` between digits, or a float without
    /// a fraction such as `2e6`. Nil for everything else and for what does not fit into an Int.
    static func integer(_ text: String) -> Int? {
        var digits = Substring(text)
        let isNegative = digits.first == "-"
        if isNegative || digits.first == "+" {
            digits.removeFirst()
        }
        guard let first = digits.utf8.first, first >= UInt8(ascii: "0"), first <= UInt8(ascii: "9") else {
            return nil
        }
        let (radix, body) = radix(of: digits.filter { $0 != "_" })
        // The standard library's parser would accept a second sign.
        guard let start = body.utf8.first, start != UInt8(ascii: "+"), start != UInt8(ascii: "-") else {
            return nil
        }
        if let value = Int((isNegative ? "-" : "") + body, radix: radix) {
            return value
        }
        guard radix == 10, let value = Double((isNegative ? "-" : "") + body) else {
            return nil
        }
        return Int(exactly: value)
    }

    private static func radix(of digits: String) -> (Int, String) {
        let prefix = digits.prefix(2).lowercased()
        switch prefix {
        case "0x": return (16, String(digits.dropFirst(2)))
        case "0o": return (8, String(digits.dropFirst(2)))
        case "0b": return (2, String(digits.dropFirst(2)))
        default:
            let isOctal =
                digits.utf8.count > 1 && digits.utf8.first == UInt8(ascii: "0")
                && digits.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }
            return (isOctal ? 8 : 10, digits)
        }
    }
}
