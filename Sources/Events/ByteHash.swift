/// A 64-bit hash that is the same in every process: the identity of an event must survive a restart.
///
/// FNV-1a, with a mixed result (SplitMix64). Without a seed: a client that makes two of its own events collide loses
/// one.
struct ByteHash {
    private var state: UInt64 = 0xCBF2_9CE4_8422_2325

    @inline(__always)
    mutating func combine(_ bytes: UnsafeRawBufferPointer) {
        for byte in bytes { combine(byte) }
        // The end of a part is hashed, too; no byte of UTF-8 has this value.
        combine(0xFF as UInt8)
    }

    @inline(__always)
    mutating func combine(_ number: UInt64) {
        withUnsafeBytes(of: number.littleEndian) { combine($0) }
    }

    @inline(__always)
    private mutating func combine(_ byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }

    var value: UInt64 {
        var mixed = state &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    static func of(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = ByteHash()
        hash.combine(bytes)
        return hash.value
    }
}
