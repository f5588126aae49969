internal import Bytes

/// Who we are, for servers that want to know: a header, asked for anew with every export since it may be renewed.
package struct ClientCredentials: Sendable {
    package let name: String
    /// The header's value now. A secret: never told.
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
