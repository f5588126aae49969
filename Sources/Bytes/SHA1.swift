/// SHA-1 (RFC 3174). For password files that use it, and to compare secrets without storing them; not for signatures.
package enum SHA1: BlockDigest {
    /// Three words are not used.
    static let initial = SIMD8<UInt32>(
        0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0, 0, 0, 0)
    static let wordCount = 5
    static let isBigEndian = true
    static let scheduleCount = 80

    /// The digest of a whole message, 20 bytes.
    package static func digest(of message: [UInt8]) -> [UInt8] { wholeDigest(of: message) }

    static func mix(_ schedule: UnsafeMutableBufferPointer<UInt32>, into state: inout SIMD8<UInt32>) {
        for index in 16..<80 {
            let word = schedule[index - 3] ^ schedule[index - 8] ^ schedule[index - 14] ^ schedule[index - 16]
            schedule.initializeElement(at: index, to: word.rotatedLeft(1))
        }
        var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
        for index in 0..<80 {
            let (function, constant): (UInt32, UInt32) =
                switch index {
                case ..<20: (b & c | ~b & d, 0x5A82_7999)
                case ..<40: (b ^ c ^ d, 0x6ED9_EBA1)
                case ..<60: (b & c | b & d | c & d, 0x8F1B_BCDC)
                default: (b ^ c ^ d, 0xCA62_C1D6)
                }
            let next = a.rotatedLeft(5) &+ function &+ e &+ constant &+ schedule[index]
            (e, d, c, b, a) = (d, c, b.rotatedLeft(30), a, next)
        }
        state &+= SIMD8(a, b, c, d, e, 0, 0, 0)
    }
}
