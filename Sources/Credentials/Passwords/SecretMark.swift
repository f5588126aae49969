internal import Bytes

/// Recognises a secret without storing it.
package struct SecretMark: Sendable {
    private let salt: [UInt8]
    private let digest: [UInt8]

    /// Creates a mark with its own key, so that marks cannot be compared with each other.
    package init(of secret: [UInt8]) {
        var generator = SystemRandomNumberGenerator()
        salt = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        digest = SHA1.digest(of: salt + secret)
    }

    /// Compared in constant time.
    package func matches(_ secret: [UInt8]) -> Bool { ConstantTime.isEqual(digest, SHA1.digest(of: salt + secret)) }
}
