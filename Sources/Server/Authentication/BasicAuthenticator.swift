internal import Bytes
package import Credentials
private import Synchronization

/// Authenticates by user and password (RFC 7617; the Collector's basicauth).
package final class BasicAuthenticator: Authenticator {
    private static let scheme = "Basic "
    private static let challenge = "Basic realm=\"odometer\", charset=\"UTF-8\""
    private static let missing = AuthenticationRefusal(
        "the header Authorization is missing; send user and password as \"Basic BASE64\" in it", challenge: challenge)
    private static let malformed = AuthenticationRefusal(
        "the header Authorization is not of the form \"Basic BASE64\" with user:password in Base64",
        challenge: challenge)
    private static let wrong = AuthenticationRefusal("the user or password is wrong", challenge: challenge)

    private let table: PasswordTable
    package let hasSlowChecks: Bool
    /// Users whose slow check succeeded, with the mark that makes the next check quick.
    private let known: Mutex<[String: SecretMark]> = Mutex([:])

    /// - Parameter table: the users.
    package init(_ table: PasswordTable) {
        self.table = table
        hasSlowChecks = table.hasSlowHashes
    }

    /// Decides at once, unless the user's password has a slow hash and was not verified before.
    package func verdict(_ header: (_ name: String) -> String?) -> AuthenticationVerdict {
        guard let value = header("Authorization"), !value.isEmpty else { return .refused(Self.missing) }
        guard let (user, password) = Self.credentials(value) else { return .refused(Self.malformed) }
        guard let hash = table[user] else { return .refused(Self.wrong) }
        guard hash.isSlow else { return hash.matches(password) ? .accepted : .refused(Self.wrong) }
        if known.withLock({ $0[user] })?.matches(password) == true { return .accepted }
        return .pending {
            guard hash.matches(password) else { return Self.wrong }
            let mark = SecretMark(of: password)
            self.known.withLock { $0[user] = mark }
            return nil
        }
    }

    /// User and password; nil if the value is malformed.
    private static func credentials(_ value: String) -> (user: String, password: [UInt8])? {
        guard value.utf8.count > scheme.utf8.count,
            value.prefix(scheme.utf8.count).lowercased() == scheme.lowercased(),
            let bytes = Base64.bytes(of: value.dropFirst(scheme.utf8.count)),
            let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            let user = String(validating: bytes[..<colon], as: UTF8.self)
        else { return nil }
        return (user, Array(bytes[(colon + 1)...]))
    }
}
