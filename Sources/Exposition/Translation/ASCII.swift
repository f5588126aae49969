/// The classes of bytes that names are made of. Every byte of a multi-byte UTF-8 sequence is in none of them.
enum ASCII {
    static let underscore = UInt8(ascii: "_")

    static func isDigit(_ byte: UInt8) -> Bool {
        byte &- UInt8(ascii: "0") < 10
    }

    static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        // Setting the bit that tells the cases apart makes the letters one range.
        isDigit(byte) || (byte | 0x20) &- UInt8(ascii: "a") < 26
    }

    /// What may stand in a metric name and does not part its tokens (R-NAME-04).
    static func isNameByte(_ byte: UInt8) -> Bool {
        isLetterOrDigit(byte) || byte == UInt8(ascii: ":")
    }

    /// All but the first byte of a character beyond ASCII.
    static func isContinuation(_ byte: UInt8) -> Bool {
        byte & 0xC0 == 0x80
    }
}
