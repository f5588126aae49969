package import OTLP
internal import Settings

/// The owner of a session.
package struct SessionOwner: Hashable, Sendable {
    /// The gauges of owners: the number of active sessions, and the time of the newest event or metric.
    package static let activeMetric = "claude_code.sessions.active"
    package static let lastSeenMetric = "claude_code.session.last_seen.timestamp"
    /// Their labels.
    package static let serviceLabel = "service"
    static let userLabel = "user"

    /// The resource, as a protobuf message.
    package let resource: [UInt8]
    /// service.name; may be empty.
    var service: [UInt8]
    /// Candidates for the label `user`, the best first; may be empty.
    var users: [SourcedText]

    /// The attributes of the gauges.
    package var attributes: [Attribute] {
        var attributes: [Attribute] = []
        if !service.isEmpty {
            attributes.append(Attribute(key: Array(Self.serviceLabel.utf8), value: .string(service)))
        }
        if !users.isEmpty {
            var map = users.map { Attribute(key: $0.key, value: .string($0.text)) }
            var marks = HashMarks()
            for user in users { marks[user.key] = user.hashes }
            map += marks.attributes
            attributes.append(Attribute(key: Array(Self.userLabel.utf8), value: .keyValues(map)))
        }
        return attributes
    }

    /// The attributes that `ofStream` reads, the session first.
    /// - Parameter userAttributes: see `EventSettings.userAttributes`.
    package static func attributes(
        userAttributes: [String] = UserAttributes.all
    ) -> [String] { ["session.id"] + userAttributes }

    /// The owner of a stream with these attributes, and the hash of its session; nil if it has no session.
    /// - Parameter settings: the attributes that identify users, and what is kept of a resource.
    package static func ofStream(
        _ attributes: [Attribute], resource: Resource, _ settings: EventSettings = EventSettings()
    ) -> (session: UInt64, owner: SessionOwner)? {
        func text(_ key: String) -> [UInt8]? {
            let key = Array(key.utf8)
            guard case .string(let text)? = attributes.last(where: { $0.key == key })?.value, !text.isEmpty else {
                return nil
            }
            return text
        }
        guard let session = text("session.id") else { return nil }
        let content = EventResource(resource, keepsAll: settings.keepsResource)
        let users = settings.userAttributes.compactMap { key in
            text(key).map { SourcedText(key: Array(key.utf8), text: $0) }
        }
        return (
            session.withUnsafeBytes { ByteHash.of($0) },
            SessionOwner(
                resource: content.message, service: content.service,
                users: settings.keepsAllUserAttributes ? users : Array(users.prefix(1)))
        )
    }
}

/// Text with the key of its attribute.
struct SourcedText: Hashable, Sendable {
    var key: [UInt8]
    var text: [UInt8]
    /// See `HashMarks`.
    var hashes = 0
}
