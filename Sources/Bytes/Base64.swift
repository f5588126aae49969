/// Base64 (RFC 4648).
package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Appends the characters of the standard alphabet that stand for `bytes`.
    package static func append(_ bytes: UnsafeRawBufferPointer, isPadded: Bool = true, to text: inout [UInt8]) {
        text.reserveCapacity(text.count + (bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            // One byte fills two characters, two bytes three.
            for place in 0...group.count { text.append(alphabet[Int(bits >> UInt32(18 - 6 * place) & 0x3F)]) }
            if isPadded { text.append(contentsOf: repeatElement(UInt8(ascii: "="), count: 3 - group.count)) }
        }
    }

    /// The bytes that `text` stands for in the standard alphabet with its padding, the only form that credentials have;
    /// nil for what is malformed.
    package static func bytes(of text: some StringProtocol) -> [UInt8]? {
        Array(text.utf8).withUnsafeBufferPointer { text in
            guard text.count % 4 == 0, !text.contains(UInt8(ascii: "-")), !text.contains(UInt8(ascii: "_")) else {
                return nil
            }
            guard let (bytes, left) = decoded(text), left == 0 else { return nil }
            return bytes
        }
    }

    /// The bytes that `text` stands for in the standard or the URL-safe alphabet, padded or not; nil for what is
    /// malformed. Bits left over in the last character are ignored.
    package static func bytes(ofAnyForm text: UnsafeBufferPointer<UInt8>) -> [UInt8]? { decoded(text)?.bytes }

    /// - Returns: the bytes, and the bits of the last character that belong to none.
    private static func decoded(_ text: UnsafeBufferPointer<UInt8>) -> (bytes: [UInt8], left: UInt32)? {
        var count = text.count
        while count > 0, text.count - count < 2, text[count - 1] == UInt8(ascii: "=") { count -= 1 }
        guard count % 4 != 1, count == text.count || text.count % 4 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count / 4 * 3 + 2)
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        for character in text[..<count] {
            guard let value = value(of: character) else { return nil }
            bits = bits << 6 | value
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
            }
        }
        return (bytes, bits & (1 << bitCount - 1))
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
