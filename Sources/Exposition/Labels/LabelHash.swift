internal import Bytes

/// Replaces a label's value by a hash: HMAC-SHA-256 (RFC 2104) with a secret key, cut to 64 bits.
///
/// Equal values give equal digits everywhere, so that series can still be joined. Without the key nobody can try a list
/// of names or addresses. Among a million values the chance of any collision is below 3e-8.
package struct LabelHash: Equatable, Sendable {
    private static let byteCount = 8

    private let hash: HMACSHA256

    /// - Parameter key: any length; the secret.
    package init(key: [UInt8]) { hash = HMACSHA256(key: key) }

    /// 16 lower-case hexadecimal digits; empty for an empty value, which means no value.
    func digits(of value: ArraySlice<UInt8>) -> [UInt8] {
        if value.isEmpty { return [] }
        return Hexadecimal.digits(of: Array(hash.code(of: value).prefix(Self.byteCount)))
    }
}
