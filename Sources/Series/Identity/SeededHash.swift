/// A 64-bit hash of bytes with a secret seed, so that senders cannot choose keys that collide.
///
/// Multiply-and-fold over 16 bytes a step, in four independent lanes over long input, since a multiplication has a
/// latency of several cycles. Not cryptographic. Only windows and tombstones are identified by the hash alone.
struct SeededHash: Sendable {
    private let seed: UInt64
    private let secret: UInt64

    init(using generator: inout some RandomNumberGenerator) {
        seed = generator.next()
        // An odd multiplier with about half its bits set, for any generator.
        secret = generator.next() & 0x5555_5555_5555_5555 | 0xA0A0_A0A0_A0A0_A0A1
    }

    /// Restores a function from its `parts`.
    init(parts: (seed: UInt64, secret: UInt64)) { (seed, secret) = parts }

    /// Its parameters. They are in the state directory, since hashes are stored there.
    var parts: (seed: UInt64, secret: UInt64) { (seed, secret) }

    @inline(__always)
    private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }

    /// The hash of `bytes` in the context of `parent`.
    func callAsFunction(_ bytes: UnsafeRawBufferPointer, parent: UInt64 = 0) -> UInt64 {
        var state = SeededHash.fold(seed ^ parent, secret) ^ UInt64(truncatingIfNeeded: bytes.count)
        // Empty buffers may have no address.
        guard let base = bytes.baseAddress else { return finished(SeededHash.fold(seed, state)) }
        var offset = 0
        let count = bytes.count
        if count > 64 {
            var lanes = (state, state ^ secret, ~state, ~state ^ secret)
            while count - offset > 64 {
                lanes.0 = step(base, offset, lanes.0)
                lanes.1 = step(base, offset + 16, lanes.1)
                lanes.2 = step(base, offset + 32, lanes.2)
                lanes.3 = step(base, offset + 48, lanes.3)
                offset += 64
            }
            state = SeededHash.fold(lanes.0 ^ seed, lanes.1) ^ SeededHash.fold(lanes.2 ^ seed, lanes.3)
        }
        while count - offset > 16 {
            state = step(base, offset, state)
            offset += 16
        }
        if count >= 16 {
            state = step(base, count - 16, state)
        } else {
            let tail = SeededHash.shortTail(base, count)
            state = SeededHash.fold(tail.0 ^ seed, tail.1 ^ state)
        }
        return finished(state)
    }

    @inline(__always)
    private func finished(_ state: UInt64) -> UInt64 { SeededHash.fold(state ^ secret, seed ^ 0x9E37_79B9_7F4A_7C15) }

    /// The hash of one word.
    func word(_ word: UInt64) -> UInt64 { SeededHash.fold(word ^ seed, secret) }

    @inline(__always)
    private func step(_ base: UnsafeRawPointer, _ offset: Int, _ state: UInt64) -> UInt64 {
        let low = base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        let high = base.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
        return SeededHash.fold(low ^ secret, high ^ state)
    }

    /// Fewer than 16 bytes as two words.
    @inline(__always)
    private static func shortTail(_ base: UnsafeRawPointer, _ count: Int) -> (UInt64, UInt64) {
        if count >= 8 {
            return (
                base.loadUnaligned(as: UInt64.self),
                base.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
            )
        }
        if count >= 4 {
            return (
                UInt64(base.loadUnaligned(as: UInt32.self)),
                UInt64(base.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self))
            )
        }
        var word: UInt64 = 0
        for index in 0..<count {
            word = word << 8 | UInt64(base.load(fromByteOffset: index, as: UInt8.self))
        }
        return (word, 0)
    }
}
