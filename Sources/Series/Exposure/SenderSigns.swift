package import OTLP

/// Selects the streams that show that a sender is active, and the attributes that identify it.
package struct SignsOfLife: Sendable {
    /// Names of metrics, as OTLP has them.
    package var metrics: [[UInt8]]
    /// Keys of attributes; the first one is required.
    package var attributes: [[UInt8]]

    /// Streams remembered. 20,000.
    static let limit = 20_000
    /// How long an idle one is remembered, nanoseconds: 24 h, and 1 h while more than half of the room is taken.
    static let retention: (usual: UInt64, short: UInt64) = (24 * 3_600_000_000_000, 3_600_000_000_000)

    package init(metrics: [[UInt8]], attributes: [[UInt8]]) {
        self.metrics = metrics
        self.attributes = attributes
    }
}

/// What an active stream says of its sender.
package struct SignOfLife: Sendable {
    package var resource: Resource
    /// Those of `SignsOfLife.attributes` that the stream has.
    package var attributes: [Attribute]
    /// Arrival of its newest point that counted.
    package var lastSeen: UnixNanoseconds
}

/// The senders of the streams of `SignsOfLife`. Points of known streams cost nothing.
struct SenderSigns {
    private let wanted: SignsOfLife?
    private var attributes: [StreamID: [Attribute]] = [:]

    init(_ wanted: SignsOfLife?) { self.wanted = wanted }

    /// Adds a new or restored stream.
    mutating func note(_ stream: StreamID, of metric: MetricIdentity, _ attributes: [Attribute]) {
        guard let wanted, self.attributes.count < SignsOfLife.limit, wanted.metrics.contains(metric.name) else {
            return
        }
        let kept = attributes.filter { wanted.attributes.contains($0.key) }
        guard kept.contains(where: { $0.key == wanted.attributes.first }) else { return }
        self.attributes[stream] = kept
    }

    /// Removes a stream that is gone, or has been idle for longer than `retention`.
    mutating func forget(_ stream: StreamID) {
        if !attributes.isEmpty { attributes[stream] = nil }
    }

    /// How long an idle stream is remembered now, nanoseconds.
    var retention: UInt64 {
        attributes.count > SignsOfLife.limit / 2 ? SignsOfLife.retention.short : SignsOfLife.retention.usual
    }

    /// Streams remembered.
    var count: Int { attributes.count }

    func forEach(_ body: (StreamID, [Attribute]) -> Void) {
        for (stream, attributes) in attributes { body(stream, attributes) }
    }
}
