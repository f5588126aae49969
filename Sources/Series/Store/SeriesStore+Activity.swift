package import OTLP

/// Which streams tell that somebody is alive, and what of them says who.
package struct SignsOfLife: Sendable {
    /// Names of metrics, as OTLP has them.
    package var metrics: [[UInt8]]
    /// Keys of attributes: the first one must be there.
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

/// What a stream that got a point says of its sender.
package struct SignOfLife: Sendable {
    package var resource: Resource
    /// Those of `SignsOfLife.attributes` that the stream has.
    package var attributes: [Attribute]
    /// Arrival of its newest point that counted.
    package var lastSeen: UnixNanoseconds
}

/// Who was alive lately. Costs nothing when points of known streams arrive.
extension SeriesStore {
    /// A stream is born or restored.
    mutating func noteSigns(of number: StreamID, metric: UInt32, _ attributes: [Attribute]) {
        guard let wanted = settings.signsOfLife, signs.count < SignsOfLife.limit,
            wanted.metrics.contains(metrics[metric].identity.name)
        else { return }
        let kept = attributes.filter { wanted.attributes.contains($0.key) }
        guard kept.contains(where: { $0.key == wanted.attributes.first }) else { return }
        signs[number] = kept
    }

    /// The streams of `SeriesSettings.signsOfLife` that got a point after `time`. Forgets those that have been idle for
    /// long.
    ///
    /// Complexity: O(streams remembered).
    package mutating func signsOfLife(after time: UnixNanoseconds) -> [SignOfLife] {
        let retention = SignsOfLife.retention
        let isFull = signs.count > SignsOfLife.limit / 2
        let idle = isFull ? retention.short : retention.usual
        var result: [SignOfLife] = []
        for (number, attributes) in signs {
            let record = streams[number]
            if record.lastSeen &+ idle < lastArrival {
                signs[number] = nil
            } else if record.lastSeen > time {
                let resource = resources[scopes[metrics[record.metric].scope].resource]
                result.append(SignOfLife(resource: resource, attributes: attributes, lastSeen: record.lastSeen))
            }
        }
        return result
    }
}
