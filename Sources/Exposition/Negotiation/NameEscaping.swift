/// How names outside `[a-zA-Z_:][a-zA-Z0-9_:]*` are escaped, as a scraper requests with `escaping=` (R-NEG-04).
package enum NameEscaping: String, Equatable, Sendable {
    /// Names are unchanged and quoted in text formats (R-TXT-08).
    case allowUTF8 = "allow-utf-8"
    /// Every other character becomes an underscore.
    case underscores
    /// `.` becomes `_dot_`, `_` and every other character two underscores.
    case dots
    /// Prefix `U__`, `_` doubled, every other character as its code point: `_2e_`.
    case values
}

/// Names that every reader of the formats accepts.
enum LegacyName {
    /// Whether a family may have the name without quotes.
    static func isFamilyName(_ name: [UInt8]) -> Bool {
        isName(name) { ASCII.isNameByte($0) || $0 == ASCII.underscore }
    }

    /// Whether a label may have the name without quotes.
    static func isLabelName(_ name: [UInt8]) -> Bool {
        isName(name) { ASCII.isLetterOrDigit($0) || $0 == ASCII.underscore }
    }

    private static func isName(_ name: [UInt8], _ isLegal: (UInt8) -> Bool) -> Bool {
        guard let first = name.first, !ASCII.isDigit(first) else { return false }
        return name.allSatisfy(isLegal)
    }
}

extension NameEscaping {
    /// The name of a family under this scheme; a legal name is unchanged under every scheme, as in Prometheus' own
    /// library.
    func familyName(_ name: [UInt8]) -> [UInt8] {
        if self == .allowUTF8 || LegacyName.isFamilyName(name) { return name }
        return escaped(name) { ASCII.isNameByte($0) }
    }

    /// The name of a label under this scheme. Unlike a family's it cannot contain a colon.
    func labelName(_ name: [UInt8]) -> [UInt8] {
        if self == .allowUTF8 || LegacyName.isLabelName(name) { return name }
        return escaped(name) { ASCII.isLetterOrDigit($0) }
    }

    /// R-NEG-07. `isKept` decides about ASCII except the underscore; a leading digit is not kept.
    private func escaped(_ name: [UInt8], isKept: (UInt8) -> Bool) -> [UInt8] {
        var result: [UInt8] = self == .values ? Array("U__".utf8) : []
        // Readers do not accept an empty name.
        if name.isEmpty { result.append(ASCII.underscore) }
        for (position, scalar) in String(decoding: name, as: UTF8.self).unicodeScalars.enumerated() {
            let byte = scalar.isASCII ? UInt8(scalar.value) : 0
            if scalar == "_" {
                result.append(contentsOf: (self == .underscores ? "_" : "__").utf8)
            } else if isKept(byte), position > 0 || !ASCII.isDigit(byte) {
                result.append(byte)
            } else {
                switch self {
                case .dots: result.append(contentsOf: (scalar == "." ? "_dot_" : "__").utf8)
                case .values: result.append(contentsOf: "_\(String(scalar.value, radix: 16))_".utf8)
                case .underscores, .allowUTF8: result.append(ASCII.underscore)
                }
            }
        }
        return result
    }
}
