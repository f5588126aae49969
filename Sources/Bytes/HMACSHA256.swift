/// HMAC-SHA-256 (RFC 2104) under one key.
package struct HMACSHA256: Equatable, Sendable {
    /// SHA-256 after the block made of the key, for the inner and the outer hash.
    private let inner: SHA256.State
    private let outer: SHA256.State

    /// - Parameter key: any length.
    package init(key: [UInt8]) {
        var block = key.count > SHA256.blockBytes ? SHA256.digest(of: key) : key
        block.append(contentsOf: repeatElement(0, count: SHA256.blockBytes - block.count))
        inner = Self.state(after: block, mask: 0x36)
        outer = Self.state(after: block, mask: 0x5C)
    }

    private static func state(after block: [UInt8], mask: UInt8) -> SHA256.State {
        var state = SHA256.initial
        SHA256.take(block.map { $0 ^ mask }[...], into: &state)
        return state
    }

    /// The code of a message, 32 bytes.
    package func code(of message: ArraySlice<UInt8>) -> [UInt8] {
        let hash = SHA256.finish(message, after: SHA256.blockBytes, in: inner)
        return SHA256.bytes(SHA256.finish(SHA256.bytes(hash)[...], after: SHA256.blockBytes, in: outer))
    }
}
