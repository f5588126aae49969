/// A 64-bit checksum without a seed: equal bytes have equal sums on every machine and in every version.
///
/// Words of 8 bytes (little-endian) are folded by 64 x 64 -> 128 bit multiplication in two lanes, which runs at memory
/// speed and lets a changed bit reach every bit of the sum. It guards against damage, not against an adversary.
struct Checksum {
    private static let multiplierA: UInt64 = 0x9E37_79B9_7F4A_7C15
    private static let multiplierB: UInt64 = 0xD6E8_FEB8_6659_FD93

    private var laneA: UInt64 = 0x243F_6A88_85A3_08D3
    private var laneB: UInt64 = 0x1319_8A2E_0370_7344

    /// Takes in a number.
    @inline(__always)
    mutating func add(_ word: UInt64) {
        laneA = Checksum.fold(laneA ^ word, Checksum.multiplierA)
    }

    /// Takes in bytes, and how many they are.
    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        while offset &+ 16 <= bytes.count {
            let first = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            let second = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self))
            laneA = Checksum.fold(laneA ^ first, Checksum.multiplierA)
            laneB = Checksum.fold(laneB ^ second, Checksum.multiplierB)
            offset &+= 16
        }
        var rest: UInt64 = 0
        var shift: UInt64 = 0
        while offset < bytes.count {
            rest |= UInt64(bytes[offset]) &<< shift
            shift &+= 8
            offset &+= 1
            if shift == 64 {
                add(rest)
                rest = 0
                shift = 0
            }
        }
        add(rest)
        add(UInt64(bytes.count))
    }

    /// The sum of everything taken in so far, in order.
    var value: UInt64 {
        Checksum.fold(laneA ^ Checksum.multiplierB, Checksum.multiplierA)
            ^ Checksum.fold(laneB ^ Checksum.multiplierA, Checksum.multiplierB)
    }

    @inline(__always)
    private static func fold(_ word: UInt64, _ multiplier: UInt64) -> UInt64 {
        let product = word.multipliedFullWidth(by: multiplier)
        // The word itself is kept in, so that a product of zero does not forget what came before.
        return (product.high ^ product.low) &+ word
    }
}
