package import OTLP

/// Whose a session is.
package struct SessionOwner: Hashable, Sendable {
    /// The resource, as a protobuf message.
    var resource: [UInt8]
    /// service.name; may be empty.
    var service: [UInt8]
    /// As the label `user`; may be empty.
    var user: [UInt8]
    /// The key of the attribute that says so.
    var userKey: [UInt8]

    /// The attributes that `ofStream` looks at, the session first.
    /// - Parameter userAttributes: see `EventSettings.userAttributes`.
    package static func attributes(
        userAttributes: [String] = EventSettings.defaultUserAttributes
    ) -> [String] { ["session.id"] + userAttributes }

    /// The owner of a stream with these attributes, and what stands for its session; nil when it is of no session.
    /// - Parameter userAttributes: see `EventSettings.userAttributes`.
    package static func ofStream(
        _ attributes: [Attribute], resource: Resource,
        userAttributes: [String] = EventSettings.defaultUserAttributes
    ) -> (session: UInt64, owner: SessionOwner)? {
        func text(_ key: String) -> [UInt8]? {
            let key = Array(key.utf8)
            guard case .string(let text)? = attributes.last(where: { $0.key == key })?.value, !text.isEmpty else {
                return nil
            }
            return text
        }
        guard let session = text("session.id") else { return nil }
        let content = EventResource(resource)
        let user = userAttributes.lazy.compactMap { key in text(key).map { (key: key, text: $0) } }.first
        return (
            session.withUnsafeBytes { ByteHash.of($0) },
            SessionOwner(
                resource: content.message, service: content.service, user: user?.text ?? [],
                userKey: Array((user?.key ?? "").utf8))
        )
    }
}
