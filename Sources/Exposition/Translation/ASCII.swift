/// The classes of bytes in names. The bytes of a multi-byte UTF-8 sequence are in none of them.
enum ASCII {
    static let underscore = UInt8(ascii: "_")

    static func isDigit(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10
    }

    static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        // Setting the bit that distinguishes the cases makes the letters one range.
        isDigit(byte) || (byte | 0x20) &- UInt8(ascii: "a") < 26
    }

    /// A byte that a metric name may contain and that does not separate tokens (R-NAME-04).
    static func isNameByte(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || byte == UInt8(ascii: ":")
    }

    /// All but the first byte of a character beyond ASCII.
    static func isContinuation(_ byte: UInt8) -> Bool {
        byte & 0xC0 == 0x80
    }
}
