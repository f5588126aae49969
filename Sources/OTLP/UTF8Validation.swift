/// Whether bytes are well-formed UTF-8 (Unicode 15, table 3-7).
enum UTF8Validation {
    /// Cost: eight bytes a step over ASCII.
    static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        var position = 0
        let count = bytes.count
        while position < count {
            while count - position >= 8,
                base.loadUnaligned(fromByteOffset: position, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
            {
                position += 8
            }
            guard position < count else { return true }
            if bytes[position] < 0x80 {
                position += 1
                continue
            }
            let length = sequenceLength(bytes, at: position)
            if length == 0 { return false }
            position += length
        }
        return true
    }

    /// The length of the well-formed multi-byte sequence at `position`, 0 when there is none.
    static func sequenceLength(_ bytes: UnsafeRawBufferPointer, at position: Int) -> Int {
        let lead = bytes[position]
        let left = bytes.count - position
        func isTail(_ offset: Int) -> Bool { bytes[position + offset] & 0xC0 == 0x80 }
        switch lead {
        case 0xC2...0xDF:
            return left >= 2 && isTail(1) ? 2 : 0
        case 0xE0...0xEF:
            guard left >= 3, isTail(1), isTail(2) else { return 0 }
            let second = bytes[position + 1]
            if lead == 0xE0, second < 0xA0 { return 0 }  // over-long
            if lead == 0xED, second > 0x9F { return 0 }  // surrogates
            return 3
        case 0xF0...0xF4:
            guard left >= 4, isTail(1), isTail(2), isTail(3) else { return 0 }
            let second = bytes[position + 1]
            if lead == 0xF0, second < 0x90 { return 0 }  // over-long
            if lead == 0xF4, second > 0x8F { return 0 }  // beyond U+10FFFF
            return 4
        default:
            return 0
        }
    }
}
