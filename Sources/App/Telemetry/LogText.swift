/// Writes text into log lines so that it stays within its line and its field, whatever a client sent.
enum LogText {
    /// Bytes of one message or value, before escaping. Default 1024; longer text is cut.
    static let textLimit = 1024

    /// Appends text with control characters and line breaks escaped.
    static func appendEscaped(_ text: String, to line: inout [UInt8]) {
        append(text, to: &line) { _ in nil }
    }

    /// Text in double quotes, escaped as in JSON.
    static func appendQuoted(_ text: String, to line: inout [UInt8]) {
        line.append(UInt8(ascii: "\""))
        append(text, to: &line) { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            default: nil
            }
        }
        line.append(UInt8(ascii: "\""))
    }

    /// Whether a value needs no quotes in a `key=value` line.
    static func isBare(_ text: String) -> Bool {
        !text.isEmpty
            && text.unicodeScalars.allSatisfy { scalar in
                scalar != " " && scalar != "\"" && scalar != "=" && scalar != "\\" && !isHarmful(scalar)
            }
    }

    private static func append(_ text: String, to line: inout [UInt8], escape: (Unicode.Scalar) -> String?) {
        var count = 0
        for scalar in text.unicodeScalars {
            let width = UTF8.width(scalar)
            guard count + width <= textLimit else {
                line += "...".utf8
                return
            }
            count += width
            if let escaped = escape(scalar) ?? control(scalar) {
                line += escaped.utf8
            } else {
                line += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            }
        }
    }

    private static func control(_ scalar: Unicode.Scalar) -> String? {
        guard isHarmful(scalar) else {
            return nil
        }
        switch scalar {
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        default:
            let digits = String(scalar.value, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
        }
    }

    /// Characters that would end the line, control a terminal, or change the order of text.
    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7f..<0xa0, 0x2028...0x202e, 0x2066...0x2069, 0xfeff: true
        default: false
        }
    }
}
