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
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        let bytes = Array("\(user):\(password)".utf8)
        var text = "Basic "
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for index in 0..<4 {
                text.append(index <= group.count ? alphabet[Int(bits >> UInt32(18 - 6 * index) & 63)] : "=")
            }
        }
        return text
    }
}
