/// Unicode white space in UTF-8, which the Collector trims from a unit.
enum WhiteSpace {
    static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = text
        while let length = leadingLength(of: rest) { rest = rest.dropFirst(length) }
        while let length = trailingLength(of: rest) { rest = rest.dropLast(length) }
        return rest
    }

    /// The length in bytes of leading white space, nil if `text` starts with something else.
    private static func leadingLength(of text: ArraySlice<UInt8>) -> Int? {
        (1...3).first { isWhiteSpace(text.prefix($0), length: $0) }
    }

    private static func trailingLength(of text: ArraySlice<UInt8>) -> Int? {
        (1...3).first { isWhiteSpace(text.suffix($0), length: $0) }
    }

    /// Whether the bytes are one white space character of `length` bytes.
    private static func isWhiteSpace(_ bytes: ArraySlice<UInt8>, length: Int) -> Bool {
        guard bytes.count == length else { return false }
        let code = bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        switch code {
        case 0x09...0x0D, 0x20: return true
        // U+0085, U+00A0.
        case 0xC285, 0xC2A0: return true
        // U+1680, U+2000..U+200A, U+2028, U+2029, U+202F, U+205F, U+3000.
        case 0xE19A80, 0xE28080...0xE2808A, 0xE280A8, 0xE280A9, 0xE280AF, 0xE2819F, 0xE38080: return true
        default: return false
        }
    }
}
