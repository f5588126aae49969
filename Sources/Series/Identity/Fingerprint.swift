/// Stands for a sequence of bytes under a parent, so that the bytes are not kept (docs/decisions/0008).
struct Fingerprint: Equatable, Sendable {
    /// Two evaluations under independent keys, each below 2^61.
    var first: UInt64
    var second: UInt64

    /// For an `IndexTable`, which looks at the upper bits.
    var hash: UInt64 { first << 3 }
}

/// Computes fingerprints with a secret key, so that senders cannot choose two sequences with the same one.
///
/// Universal hashing with a proven bound: the sum of products of keyed words (NH, as in UMAC and VMAC), twice with the
/// key shifted; the sums of all blocks are the coefficients of a polynomial over the integers modulo 2^61 - 1,
/// evaluated at two points. For two given sequences of at most 1 KiB the chance of equal fingerprints is below 2^-116;
/// it grows with the square of their length in KiB.
struct FingerprintFunction: Sendable {
    /// For one block, and two more, since the second sum begins two words later.
    private let key: [UInt64]
    /// Where the polynomials are evaluated, below 2^61 - 1.
    private let points: (first: UInt64, second: UInt64)

    private static let blockBytes = 1024

    init(using generator: inout some RandomNumberGenerator) {
        var key: [UInt64] = []
        for _ in 0..<Self.blockBytes / 8 + 2 { key.append(generator.next()) }
        self.key = key
        points = (
            UInt64.random(in: 0..<MersenneField.prime, using: &generator),
            UInt64.random(in: 0..<MersenneField.prime, using: &generator)
        )
    }

    /// The fingerprint of `bytes` in the context of `parent`. Complexity: O(bytes).
    func callAsFunction(_ bytes: UnsafeRawBufferPointer, parent: UInt32) -> Fingerprint {
        var first = UInt64(parent)
        var second = UInt64(parent)
        let length = UInt64(truncatingIfNeeded: bytes.count)
        MersenneField.absorb(length, into: &first, at: points.first)
        MersenneField.absorb(length, into: &second, at: points.second)
        var offset = 0
        while offset < bytes.count {
            let end = min(offset + Self.blockBytes, bytes.count)
            let sums = sums(of: bytes, offset..<end)
            MersenneField.absorb(sums.first, into: &first, at: points.first)
            MersenneField.absorb(sums.second, into: &second, at: points.second)
            offset = end
        }
        return Fingerprint(first: MersenneField.reduced(first), second: MersenneField.reduced(second))
    }

    @inline(__always)
    private func sums(
        of bytes: UnsafeRawBufferPointer, _ block: Range<Int>
    ) -> (first: WideSum, second: WideSum) {
        var first = WideSum()
        var second = WideSum()
        guard let base = bytes.baseAddress else { return (first, second) }
        key.withUnsafeBufferPointer { key in
            var word = 0
            var offset = block.lowerBound
            while offset + 16 <= block.upperBound {
                let low = base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                let high = base.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
                first.add((low &+ key[word]).multipliedFullWidth(by: high &+ key[word + 1]))
                second.add((low &+ key[word + 2]).multipliedFullWidth(by: high &+ key[word + 3]))
                word += 2
                offset += 16
            }
            guard offset < block.upperBound else { return }
            let (low, high) = Self.tail(base, from: offset, to: block.upperBound)
            first.add((low &+ key[word]).multipliedFullWidth(by: high &+ key[word + 1]))
            second.add((low &+ key[word + 2]).multipliedFullWidth(by: high &+ key[word + 3]))
        }
        return (first, second)
    }

    /// Fewer than 16 bytes as two words. If bytes precede them, some of those are read again; since the length is part
    /// of the fingerprint, different sequences still give different words.
    @inline(__always)
    private static func tail(_ base: UnsafeRawPointer, from start: Int, to end: Int) -> (UInt64, UInt64) {
        if end >= 16 {
            return (
                base.loadUnaligned(fromByteOffset: end - 16, as: UInt64.self),
                base.loadUnaligned(fromByteOffset: end - 8, as: UInt64.self)
            )
        }
        var words: (UInt64, UInt64) = (0, 0)
        for offset in start..<end {
            let byte = UInt64(base.load(fromByteOffset: offset, as: UInt8.self))
            if offset - start < 8 { words.0 = words.0 << 8 | byte } else { words.1 = words.1 << 8 | byte }
        }
        return words
    }
}

/// A sum of 128-bit products, modulo 2^128.
private struct WideSum {
    var low: UInt64 = 0
    var high: UInt64 = 0

    @inline(__always)
    mutating func add(_ product: (high: UInt64, low: UInt64)) {
        let (sum, carries) = low.addingReportingOverflow(product.low)
        low = sum
        high = high &+ product.high &+ (carries ? 1 : 0)
    }
}

/// The integers modulo 2^61 - 1.
private enum MersenneField {
    static let prime: UInt64 = 1 << 61 - 1

    /// The polynomial gets one more coefficient.
    /// - Parameters:
    ///   - coefficient: below 2^61.
    ///   - value: of the polynomial so far, below 2^62.
    ///   - point: below 2^61.
    @inline(__always)
    static func absorb(_ coefficient: UInt64, into value: inout UInt64, at point: UInt64) {
        let product = value.multipliedFullWidth(by: point)
        let sum = (product.low & prime) &+ (product.low >> 61 | product.high << 3) &+ coefficient
        value = (sum & prime) &+ (sum >> 61)
    }

    /// The 128 bits as three coefficients.
    @inline(__always)
    static func absorb(_ sum: WideSum, into value: inout UInt64, at point: UInt64) {
        absorb(sum.low & prime, into: &value, at: point)
        absorb((sum.low >> 61 | sum.high << 3) & prime, into: &value, at: point)
        absorb(sum.high >> 58, into: &value, at: point)
    }

    /// The one representative below the prime.
    static func reduced(_ value: UInt64) -> UInt64 {
        let once = (value & prime) &+ (value >> 61)
        return once >= prime ? once - prime : once
    }
}
