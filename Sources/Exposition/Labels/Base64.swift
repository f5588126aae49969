/// Standard base64 with padding (RFC 4648, section 4).
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func append(_ bytes: [UInt8], to text: inout [UInt8]) {
        text.reserveCapacity(text.count + (bytes.count + 2) / 3 * 4)
        var position = 0
        while position < bytes.count {
            let taken = min(3, bytes.count - position)
            var group: UInt32 = 0
            for offset in 0..<3 {
                group = group << 8 | (offset < taken ? UInt32(bytes[position + offset]) : 0)
            }
            for character in 0..<4 {
                // One byte fills two characters, two bytes three.
                let isPadding = character > taken
                text.append(
                    isPadding ? UInt8(ascii: "=") : alphabet[Int(group >> UInt32(6 * (3 - character)) & 0x3F)])
            }
            position += taken
        }
    }
}
