/// The escapes of label values in the text formats (R-TXT-03).
enum TextEscaping {
    private static let backslash = UInt8(ascii: "\\")
    private static let quote = UInt8(ascii: "\"")
    private static let newline = UInt8(ascii: "\n")

    /// Appends a label value with backslash, quote and newline escaped.
    static func appendLabelValue(_ value: ArraySlice<UInt8>, to text: inout [UInt8]) {
        // Runs between escaped bytes are copied as a whole: almost every value is one run.
        var rest = value
        while let position = rest.firstIndex(where: { $0 == backslash || $0 == quote || $0 == newline }) {
            text.append(contentsOf: rest[..<position])
            text.append(backslash)
            text.append(rest[position] == newline ? UInt8(ascii: "n") : rest[position])
            rest = rest[(position + 1)...]
        }
        text.append(contentsOf: rest)
    }

    /// Appends a label value or a quoted name with its quotes.
    static func appendQuoted(_ value: [UInt8], to text: inout [UInt8]) {
        text.append(quote)
        appendLabelValue(value[...], to: &text)
        text.append(quote)
    }

    /// Appends HELP text: the text format escapes backslash and newline (R-TXT-03), OpenMetrics quotes as well
    /// (R-OM-07).
    static func appendHelp(_ help: [UInt8], isOpenMetrics: Bool, to text: inout [UInt8]) {
        if isOpenMetrics { return appendLabelValue(help[...], to: &text) }
        for byte in help {
            if byte == newline {
                text.append(backslash)
                text.append(UInt8(ascii: "n"))
            } else {
                if byte == backslash { text.append(backslash) }
                text.append(byte)
            }
        }
    }
}
