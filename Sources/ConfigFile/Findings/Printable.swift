/// Text from a file or the environment for a one-line message: control characters, line breaks and characters that
/// reorder text are written as `\u{..}`, and text beyond `limit` characters is cut.
func printable(_ text: String, limit: Int = 64) -> String {
    var result = ""
    for (count, scalar) in text.unicodeScalars.enumerated() {
        if count == limit {
            result += "..."
            break
        }
        if isUnprintable(scalar) {
            result += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
            result.unicodeScalars.append(scalar)
        }
    }
    return result
}

/// `printable` text in double quotes.
func quoted(_ text: String, limit: Int = 64) -> String {
    "\"\(printable(text, limit: limit))\""
}

private func isUnprintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7f..<0xa0, 0x2028...0x202e, 0x2066...0x2069, 0xfeff: true
    default: false
    }
}
