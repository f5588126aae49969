import Testing

@testable import Series

@Suite struct FingerprintTests {
    private var generator = SeededRandom(seed: 7)
    private let fingerprint: FingerprintFunction

    init() {
        fingerprint = FingerprintFunction(using: &generator)
    }

    private func of(_ bytes: [UInt8], parent: UInt32 = 0) -> Fingerprint {
        bytes.withUnsafeBytes { fingerprint($0, parent: parent) }
    }

    /// Lengths around the sizes of words and blocks.
    static let lengths =
        Array(0...34) + [63, 64, 65, 1007, 1008, 1015, 1023, 1024, 1025, 1031, 1040, 2047, 2048, 2049, 3000]

    @Test("every bit of every byte changes both halves", arguments: lengths)
    func everyBitCounts(length: Int) {
        var bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        let original = of(bytes)
        #expect(of(bytes) == original)
        for index in bytes.indices {
            for bit in 0..<8 {
                bytes[index] ^= 1 << UInt8(bit)
                let changed = of(bytes)
                #expect(
                    changed.first != original.first && changed.second != original.second, "byte \(index), bit \(bit)")
                bytes[index] ^= 1 << UInt8(bit)
            }
        }
    }

    @Test func lengthsAndParentsTellApart() {
        var seen: [UInt64: String] = [:]
        for length in 0...3000 {
            for parent: UInt32 in [0, 1, 2, .max] {
                let print = of([UInt8](repeating: 0, count: length), parent: parent)
                let other = seen.updateValue("\(length) zeros under \(parent)", forKey: print.first ^ print.second << 3)
                #expect(other == nil, "\(length) zeros under \(parent), and \(other ?? "")")
            }
        }
    }

    @Test("swapped blocks, pairs and words change the fingerprint")
    func orderCounts() {
        var random = SeededRandom(seed: 50)
        let bytes = (0..<4096).map { _ in UInt8.random(in: 0...255, using: &random) }
        let original = of(bytes)
        for size in [8, 16, 1024] {
            var swapped = bytes
            for offset in 0..<size { swapped.swapAt(offset, offset + size) }
            #expect(of(swapped) != original, "pieces of \(size) bytes")
        }
    }

    @Test("another key gives other fingerprints")
    func keysDiffer() {
        var generator = SeededRandom(seed: 8)
        let other = FingerprintFunction(using: &generator)
        let bytes = Array("session.id".utf8)
        #expect(bytes.withUnsafeBytes { other($0, parent: 0) } != of(bytes))
    }

    @Test("equals the same computation in plain arithmetic", arguments: lengths)
    func matchesReference(length: Int) {
        var bytes: [UInt8] = []
        var random = SeededRandom(seed: UInt64(length))
        for _ in 0..<length { bytes.append(UInt8.random(in: 0...255, using: &random)) }
        var generator = SeededRandom(seed: 7)
        let reference = ReferenceFingerprint(using: &generator)
        let (first, second) = reference.fingerprint(bytes, parent: 5)
        let ours = of(bytes, parent: 5)
        #expect(UInt128(ours.first) == first && UInt128(ours.second) == second)
    }
}

/// The definition, word by word, without optimisations.
private struct ReferenceFingerprint {
    private let key: [UInt64]
    private let points: [UInt128]
    private static let prime: UInt128 = 1 << 61 - 1

    init(using generator: inout some RandomNumberGenerator) {
        var key: [UInt64] = []
        for _ in 0..<130 { key.append(generator.next()) }
        self.key = key
        var points: [UInt128] = []
        for _ in 0..<2 { points.append(UInt128(UInt64.random(in: 0..<UInt64(Self.prime), using: &generator))) }
        self.points = points
    }

    func fingerprint(_ bytes: [UInt8], parent: UInt32) -> (UInt128, UInt128) {
        var results = [UInt128(parent), UInt128(parent)]
        for half in 0..<2 {
            absorb(UInt128(bytes.count), into: &results[half], at: points[half])
            for start in stride(from: 0, to: bytes.count, by: 1024) {
                let block = words(bytes, start..<min(start + 1024, bytes.count))
                var sum: UInt128 = 0
                for pair in stride(from: 0, to: block.count, by: 2) {
                    let low = block[pair] &+ key[pair + 2 * half]
                    let high = block[pair + 1] &+ key[pair + 1 + 2 * half]
                    sum &+= UInt128(low) * UInt128(high)
                }
                for shift in [0, 61, 122] {
                    absorb(sum >> UInt128(shift) & Self.prime, into: &results[half], at: points[half])
                }
            }
        }
        return (results[0], results[1])
    }

    private func absorb(_ coefficient: UInt128, into value: inout UInt128, at point: UInt128) {
        value = (value * point + coefficient) % Self.prime
    }

    /// Little-endian words; the last pair ends with the last byte.
    private func words(_ bytes: [UInt8], _ block: Range<Int>) -> [UInt64] {
        var words: [UInt64] = []
        for start in stride(from: block.lowerBound, to: block.upperBound, by: 16) {
            let isShort = start + 16 > block.upperBound
            if isShort, block.upperBound < 16 {
                let rest = bytes[start..<block.upperBound]
                words.append(rest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
                words.append(rest.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) })
            } else {
                let from = isShort ? block.upperBound - 16 : start
                for word in [from, from + 8] {
                    words.append((0..<8).reduce(0) { $0 | UInt64(bytes[word + $1]) << UInt64(8 * $1) })
                }
            }
        }
        return words
    }
}
