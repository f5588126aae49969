/// A 64-bit checksum without a seed: equal bytes have equal sums on every machine and in every version.
///
/// Words of 8 bytes (little-endian) are folded by 64 x 64 -> 128 bit multiplication in four lanes, which runs at memory
/// speed and lets a changed bit reach every bit of the sum. It guards against damage, not against an adversary.
package struct Checksum {
    /// The checksum of no bytes.
    package init() {}

    private static let multiplierA: UInt64 = 0x9E37_79B9_7F4A_7C15
    private static let multiplierB: UInt64 = 0xD6E8_FEB8_6659_FD93

    private var laneA: UInt64 = 0x243F_6A88_85A3_08D3
    private var laneB: UInt64 = 0x1319_8A2E_0370_7344
    private var laneC: UInt64 = 0xA409_3822_299F_31D0
    private var laneD: UInt64 = 0x082E_FA98_EC4E_6C89

    /// Adds a number.
    @inline(__always)
    package mutating func add(_ word: UInt64) {
        laneA = Checksum.fold(laneA ^ word, Checksum.multiplierA)
    }

    /// Adds bytes and their count.
    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        // The lanes are independent, so the processor multiplies for all of them at once.
        var (first, second, third, fourth) = (laneA, laneB, laneC, laneD)
        while offset &+ 32 <= bytes.count {
            first = Checksum.fold(first ^ Checksum.word(bytes, offset), Checksum.multiplierA)
            second = Checksum.fold(second ^ Checksum.word(bytes, offset &+ 8), Checksum.multiplierB)
            third = Checksum.fold(third ^ Checksum.word(bytes, offset &+ 16), Checksum.multiplierA)
            fourth = Checksum.fold(fourth ^ Checksum.word(bytes, offset &+ 24), Checksum.multiplierB)
            offset &+= 32
        }
        (laneA, laneB, laneC, laneD) = (first, second, third, fourth)
        while offset &+ 8 <= bytes.count {
            add(Checksum.word(bytes, offset))
            offset &+= 8
        }
        var rest: UInt64 = 0
        var shift: UInt64 = 0
        while offset < bytes.count {
            rest |= UInt64(bytes[offset]) &<< shift
            shift &+= 8
            offset &+= 1
        }
        add(rest)
        add(UInt64(bytes.count))
    }

    /// The sum of everything added so far, in order.
    package var value: UInt64 {
        var sum = Checksum.fold(laneA ^ Checksum.multiplierB, Checksum.multiplierA)
        sum = Checksum.fold(sum ^ laneB, Checksum.multiplierB)
        sum = Checksum.fold(sum ^ laneC, Checksum.multiplierB)
        sum = Checksum.fold(sum ^ laneD, Checksum.multiplierB)
        return sum
    }

    @inline(__always)
    private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    @inline(__always)
    private static func fold(_ word: UInt64, _ multiplier: UInt64) -> UInt64 {
        let product = word.multipliedFullWidth(by: multiplier)
        // The word itself is added, so that a product of zero does not erase what came before.
        return (product.high ^ product.low) &+ word
    }
}
