internal import Bytes

/// Credentials for servers: a header, read for every export since it may be reloaded.
package struct ClientCredentials: Sendable {
    package let name: String
    /// The header's current value. A secret: never logged.
    package let value: @Sendable () -> String

    package init(name: String, value: @escaping @Sendable () -> String) {
        self.name = name
        self.value = value
    }

    /// The value of `Authorization` for a user and a password (RFC 7617).
    package static func basic(user: String, password: String) -> String {
        var text = Array("Basic ".utf8)
        Array("\(user):\(password)".utf8).withUnsafeBytes { Base64.append($0, to: &text) }
        return String(decoding: text, as: UTF8.self)
    }
}
