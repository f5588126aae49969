private import Synchronization

/// Bearer tokens from the configuration or a file. Thread-safe.
package final class BearerTokens: Sendable {
    private let scheme: String
    private let path: String?
    private let values: Mutex<[[UInt8]]>

    /// - Parameters:
    ///   - scheme: in front of each token, with a space between; empty: the token alone.
    ///   - tokens: none of them empty.
    package init(scheme: String, tokens: [String]) {
        self.scheme = scheme
        path = nil
        values = Mutex(tokens.map { Self.value($0.utf8, scheme: scheme) })
    }

    /// Reads the tokens of a file, one on each line. Blocks.
    /// - Throws: why there are none.
    package init(scheme: String, path: String) throws(CredentialFault) {
        self.scheme = scheme
        self.path = path
        values = Mutex(try Self.read(path, scheme: scheme))
    }

    /// Whether this is the header value for one of the tokens, compared in constant time.
    package func accepts(_ value: String) -> Bool {
        let value = Array(value.utf8)
        return values.withLock { $0.reduce(false) { ConstantTime.isEqual($1, value) || $0 } }
    }

    /// The header value that an exporter sends: the scheme and the first token.
    package var headerValue: String {
        values.withLock { values in String(decoding: values.first ?? [], as: UTF8.self) }
    }

    /// Reloads the file. Blocks.
    /// - Returns: whether its content has changed.
    /// - Throws: why it cannot be used; the old tokens stay.
    package func reload() throws(CredentialFault) -> Bool {
        guard let path else { return false }
        let read = try Self.read(path, scheme: scheme)
        return values.withLock { values in
            defer { values = read }
            return values != read
        }
    }

    private static func read(_ path: String, scheme: String) throws(CredentialFault) -> [[UInt8]] {
        let lines = try CredentialFile.bytes(of: path).split(separator: UInt8(ascii: "\n"))
        let tokens = lines.compactMap { line -> [UInt8]? in
            let token = line.drop { $0 <= 0x20 }.reversed().drop { $0 <= 0x20 }
            return token.isEmpty ? nil : value(token.reversed(), scheme: scheme)
        }
        // An empty token would admit every client that sends an empty one.
        guard !tokens.isEmpty else { throw CredentialFault("\(path) contains no token") }
        return tokens
    }

    private static func value(_ token: some Sequence<UInt8>, scheme: String) -> [UInt8] {
        scheme.isEmpty ? Array(token) : Array(scheme.utf8) + [0x20] + token
    }
}
