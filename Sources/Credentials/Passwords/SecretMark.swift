internal import Bytes

/// Tells whether a secret is the same again, without keeping it.
package struct SecretMark: Sendable {
    private let salt: [UInt8]
    private let digest: [UInt8]

    /// Takes a mark that no other process, and no other mark, can be compared with.
    package init(of secret: [UInt8]) {
        var generator = SystemRandomNumberGenerator()
        salt = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        digest = SHA1.digest(of: salt + secret)
    }

    /// In a time that does not tell where it differs.
    package func matches(_ secret: [UInt8]) -> Bool { ConstantTime.isEqual(digest, SHA1.digest(of: salt + secret)) }
}
