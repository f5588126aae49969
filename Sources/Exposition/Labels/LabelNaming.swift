/// Converts attribute keys to label names (R-LAB-02, R-LAB-03, R-LAB-05).
///
/// The result is never a name with a meaning to a collector, Prometheus or the format itself. It matches
/// `[a-zA-Z_][a-zA-Z0-9_]*`, unless UTF-8 is kept.
struct LabelNaming {
    private static let digitPrefix = Array("key_".utf8)
    private static let reservedPrefix = Array("exported_".utf8)
    private static let scopePrefix = Array("otel_scope_".utf8)

    /// Names that this program or the formats use; an attribute must not have them.
    private static let reserved: [[UInt8]] = ["job", "instance", "le", "quantile"].map { Array($0.utf8) }

    /// Whether names are unchanged; see `TranslationSettings`.
    let keepsUTF8: Bool

    /// Appends the label name of an attribute of a point or resource. `key` is not empty, UTF-8.
    func appendName(ofAttribute key: [UInt8], to text: inout [UInt8]) {
        let start = text.count
        if keepsUTF8 {
            // A name that becomes reserved when a format escapes it is not allowed either.
            _ = Self.appendSanitized(key, to: &text)
            let isReserved = Self.isReserved(text[start...])
            text.replaceSubrange(start..., with: (isReserved ? Self.reservedPrefix + key : key).withoutNUL())
            return
        }
        let isUsable = Self.appendSanitized(key, to: &text)
        if !isUsable {
            // The Collector drops the point. Code points keep such keys (in languages other than English) distinct.
            text.removeSubrange(start...)
            Self.appendCodePoints(of: key, to: &text)
        } else if ASCII.isDigit(text[start]) {
            text.insert(contentsOf: Self.digitPrefix, at: start)
        } else if Self.isReserved(text[start...]) {
            text.insert(contentsOf: Self.reservedPrefix, at: start)
        }
    }

    /// The label name of a constant label. `key` is not empty, UTF-8.
    ///
    /// The Collector keeps it and lets the format escape it; there it cannot begin with a digit.
    func name(ofConstant key: [UInt8]) -> [UInt8] {
        var name: [UInt8] = []
        appendName(ofAttribute: key, to: &name)
        guard !keepsUTF8, let first = key.first, ASCII.isDigit(first) else { return name }
        return [ASCII.underscore] + name.dropFirst(Self.digitPrefix.count + 1)
    }

    /// Appends the label name of a scope's attribute. `key` is not empty, UTF-8.
    func appendName(ofScopeAttribute key: [UInt8], to text: inout [UInt8]) {
        text.append(contentsOf: Self.scopePrefix)
        if keepsUTF8 {
            text.append(contentsOf: key.withoutNUL())
        } else {
            _ = Self.appendSanitized(key, to: &text)
        }
    }

    /// Makes an attribute's name differ from that of a constant label: prefix `exported_` (R-LAB-11).
    /// - Parameter start: the beginning of the name in `text`; it extends to the end.
    static func avoid(_ taken: ConstantLabels, nameAt start: Int, in text: inout [UInt8]) {
        while taken.contains(text[start...]) { text.insert(contentsOf: reservedPrefix, at: start) }
    }

    /// The same for a name that this program uses.
    static func avoid(_ taken: [UInt8], nameAt start: Int, in text: inout [UInt8]) {
        if text[start...].elementsEqual(taken) { text.insert(contentsOf: reservedPrefix, at: start) }
    }

    /// Whether a label needs no quotes in the text formats.
    static func isClassic(_ name: ArraySlice<UInt8>) -> Bool {
        guard let first = name.first, !ASCII.isDigit(first) else { return false }
        return name.allSatisfy { ASCII.isLetterOrDigit($0) || $0 == ASCII.underscore }
    }

    /// Replaces each character that a label name cannot contain by an underscore; runs of them stay, as in the
    /// Collector. Returns whether there is any letter or digit.
    private static func appendSanitized(_ key: [UInt8], to text: inout [UInt8]) -> Bool {
        var isUsable = false
        for byte in key {
            if ASCII.isLetterOrDigit(byte) {
                isUsable = true
                text.append(byte)
            } else if !ASCII.isContinuation(byte) {
                text.append(ASCII.underscore)
            }
        }
        return isUsable
    }

    /// `key_` and the hexadecimal code points, with underscores between them.
    private static func appendCodePoints(of key: [UInt8], to text: inout [UInt8]) {
        text.append(contentsOf: digitPrefix.dropLast())
        for scalar in String(decoding: key, as: UTF8.self).unicodeScalars {
            text.append(ASCII.underscore)
            text.append(contentsOf: String(scalar.value, radix: 16).utf8)
        }
    }

    private static func isReserved(_ name: ArraySlice<UInt8>) -> Bool {
        switch name.first {
        case ASCII.underscore: name.dropFirst().first == ASCII.underscore
        case UInt8(ascii: "o"): name.starts(with: scopePrefix)
        case UInt8(ascii: "j"), UInt8(ascii: "i"), UInt8(ascii: "l"), UInt8(ascii: "q"):
            reserved.contains { name.elementsEqual($0) }
        default: false
        }
    }
}

/// The labels that are added for the resource and the scope of a series.
enum AddedLabel {
    static let job = Array("job".utf8)
    static let instance = Array("instance".utf8)
    /// Only if the policy has it.
    static let user = Array("user".utf8)
    static let scopeName = Array("otel_scope_name".utf8)
    static let scopeVersion = Array("otel_scope_version".utf8)
    static let scopeSchemaURL = Array("otel_scope_schema_url".utf8)

    static let ofScope = [scopeName, scopeVersion, scopeSchemaURL]
    static let count = 6
}
