internal import Bytes

#if os(Linux)
private import CCrypt
#endif

/// A password as stored in a password file.
package enum PasswordHash: Equatable, Sendable {
    case plain([UInt8])
    /// `{SHA}`, and `{SSHA}` with the salt that is appended to the password.
    case sha1(digest: [UInt8], salt: [UInt8])
    /// `$apr1$`, the default of Apache's `htpasswd`.
    case apacheMD5(text: [UInt8], salt: [UInt8])
    /// A hash of the system's crypt(3): bcrypt, SHA-256, SHA-512, MD5, yescrypt.
    case crypt(String)

    private static let sha1Bytes = 20

    /// Prefixes of crypt(3) hashes, and the lengths of the text after the last dollar sign.
    private static let cryptKinds = [
        ("$1$", 22), ("$2a$", 53), ("$2b$", 53), ("$2x$", 53), ("$2y$", 53), ("$5$", 43), ("$6$", 86), ("$y$", 43),
    ]

    /// In Apache's format; text that is not a known hash is a plain password, as in the Collector.
    /// - Throws: for a hash that is malformed or of a kind that is not supported. Used as a plain password, it would
    ///   admit everybody who has seen the file.
    package init(_ text: String) throws(CredentialFault) {
        if text.hasPrefix(ApacheMD5.prefix) {
            let parts = text.dropFirst(ApacheMD5.prefix.count).split(separator: "$", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[1].utf8.count == 22 else { throw CredentialFault("the hash is malformed") }
            self = .apacheMD5(text: Array(parts[1].utf8), salt: Array(parts[0].utf8))
        } else if text.hasPrefix("{SHA}") {
            guard let digest = Base64.bytes(of: text.dropFirst(5)), digest.count == Self.sha1Bytes else {
                throw CredentialFault("the hash is malformed")
            }
            self = .sha1(digest: digest, salt: [])
        } else if text.hasPrefix("{SSHA}") {
            guard let bytes = Base64.bytes(of: text.dropFirst(6)), bytes.count >= Self.sha1Bytes else {
                throw CredentialFault("the hash is malformed")
            }
            self = .sha1(digest: Array(bytes.prefix(Self.sha1Bytes)), salt: Array(bytes.dropFirst(Self.sha1Bytes)))
        } else if let (_, count) = Self.cryptKinds.first(where: { text.hasPrefix($0.0) }) {
            let last = text.utf8.split(separator: UInt8(ascii: "$"), omittingEmptySubsequences: false).last
            guard last?.count == count, Self.hasCost(text), Self.isCrypt(text) else {
                throw CredentialFault("the hash is malformed, or not supported here")
            }
            self = .crypt(text)
        } else if text.hasPrefix("$argon2") || text.hasPrefix("{CRYPT}") {
            throw CredentialFault("this type of hash is not supported; use bcrypt, as `htpasswd -B` does")
        } else {
            self = .plain(Array(text.utf8))
        }
    }

    /// Whether the cost of a bcrypt hash is valid; true for others.
    private static func hasCost(_ text: String) -> Bool {
        guard text.hasPrefix("$2") else { return true }
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[2].utf8.count == 2 && Int(parts[2]).map { (4...31).contains($0) } ?? false
    }

    /// Whether a check takes too long for an event loop.
    package var isSlow: Bool {
        switch self {
        case .plain, .sha1: false
        case .apacheMD5, .crypt: true
        }
    }

    /// Whether this is the password, compared in constant time.
    package func matches(_ password: [UInt8]) -> Bool {
        switch self {
        case .plain(let expected): ConstantTime.isEqual(expected, password)
        case .sha1(let digest, let salt): ConstantTime.isEqual(digest, SHA1.digest(of: password + salt))
        case .apacheMD5(let text, let salt): ConstantTime.isEqual(text, ApacheMD5.hash(password, salt: salt))
        case .crypt(let hash): Self.cryptMatches(hash, password)
        }
    }

    #if os(Linux)
    private static func isCrypt(_ hash: String) -> Bool {
        !hash.utf8.contains(0) && crypt_checksalt(hash) != CRYPT_SALT_INVALID
    }

    private static func cryptMatches(_ hash: String, _ password: [UInt8]) -> Bool {
        // C strings end at NUL, so the rest of the password would be ignored.
        guard !password.contains(0), let text = cryptText(hash, password) else { return false }
        return ConstantTime.isEqual(text, Array(hash.utf8))
    }

    private static func cryptText(_ setting: String, _ password: [UInt8]) -> [UInt8]? {
        let size = MemoryLayout<crypt_data>.size
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: MemoryLayout<crypt_data>.alignment)
        defer {
            memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
            memory.deallocate()
        }
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        let phrase = (password + [0]).map { CChar(bitPattern: $0) }
        guard let text = crypt_rn(phrase, setting, memory, Int32(size)) else { return nil }
        return String(cString: text).utf8.map { $0 }
    }
    #else
    private static func isCrypt(_ hash: String) -> Bool { false }

    private static func cryptMatches(_ hash: String, _ password: [UInt8]) -> Bool { false }
    #endif
}

/// Comparisons whose time does not depend on where the values differ.
package enum ConstantTime {
    /// The time may reveal only the lengths.
    package static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }
}
