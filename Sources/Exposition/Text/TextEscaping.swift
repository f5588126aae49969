/// The escapes of label values in the text formats (R-TXT-03).
enum TextEscaping {
    private static let backslash = UInt8(ascii: "\\")
    private static let quote = UInt8(ascii: "\"")
    private static let newline = UInt8(ascii: "\n")

    /// Appends a label value with backslash, quote and newline escaped.
    static func appendLabelValue(_ value: ArraySlice<UInt8>, to text: inout [UInt8]) {
        // The stretches between escaped bytes go as a whole: almost every value is one stretch.
        var rest = value
        while let position = rest.firstIndex(where: { $0 == backslash || $0 == quote || $0 == newline }) {
            text.append(contentsOf: rest[..<position])
            text.append(backslash)
            text.append(rest[position] == newline ? UInt8(ascii: "n") : rest[position])
            rest = rest[(position + 1)...]
        }
        text.append(contentsOf: rest)
    }
}
