internal import Bytes

/// What stands for a label's value that nobody shall read: HMAC-SHA-256 (RFC 2104) under a secret, cut to 64 bits.
///
/// Equal values give equal digits wherever they stand, so that series can still be joined. Without the secret nobody can
/// try a list of names or addresses. Among a million values the chance that any two meet is below 3e-8.
package struct LabelHash: Equatable, Sendable {
    private static let byteCount = 8

    private let hash: HMACSHA256

    /// - Parameter key: any length; as secret as the values are to be.
    package init(key: [UInt8]) { hash = HMACSHA256(key: key) }

    /// 16 lower-case hexadecimal digits; empty for an empty value, which says that there is none.
    func digits(of value: ArraySlice<UInt8>) -> [UInt8] {
        if value.isEmpty { return [] }
        return Hexadecimal.digits(of: Array(hash.code(of: value).prefix(Self.byteCount)))
    }
}
