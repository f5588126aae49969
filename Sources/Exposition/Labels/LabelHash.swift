/// What stands for a label's value that nobody shall read: HMAC-SHA-256 (RFC 2104) under a secret, cut to 64 bits.
///
/// Equal values give equal digits wherever they stand, so that series can still be joined. Without the secret nobody can
/// try a list of names or addresses. Among a million values the chance that any two meet is below 3e-8.
package struct LabelHash: Equatable, Sendable {
    private static let digitCount = 16

    /// SHA-256 after the block made of the key, for the inner and the outer hash.
    private let inner: SHA256.State
    private let outer: SHA256.State

    /// - Parameter key: any length; as secret as the values are to be.
    package init(key: [UInt8]) {
        var block =
            key.count > SHA256.blockBytes ? SHA256.bytes(SHA256.finish(key[...], after: 0, in: SHA256.initial)) : key
        block.append(contentsOf: repeatElement(0, count: SHA256.blockBytes - block.count))
        inner = Self.state(after: block, mask: 0x36)
        outer = Self.state(after: block, mask: 0x5C)
    }

    private static func state(after block: [UInt8], mask: UInt8) -> SHA256.State {
        var state = SHA256.initial
        SHA256.take(block.map { $0 ^ mask }[...], into: &state)
        return state
    }

    /// 16 lower-case hexadecimal digits; empty for an empty value, which says that there is none.
    func digits(of value: ArraySlice<UInt8>) -> [UInt8] {
        if value.isEmpty { return [] }
        return Array(SHA256.hex(code(of: value)).prefix(Self.digitCount))
    }

    /// The whole code.
    func code(of value: ArraySlice<UInt8>) -> SHA256.State {
        let message = SHA256.finish(value, after: SHA256.blockBytes, in: inner)
        return SHA256.finish(SHA256.bytes(message)[...], after: SHA256.blockBytes, in: outer)
    }
}
