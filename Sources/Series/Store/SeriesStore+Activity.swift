package import OTLP

/// Who was alive lately.
extension SeriesStore {
    /// What a stream that got a point says of its sender.
    package struct Activity: Sendable {
        package var resource: Resource
        package var attributes: [Attribute]
        /// Arrival of its newest point that counted.
        package var lastSeen: UnixNanoseconds
    }

    /// The streams of these metrics that got a point after `time`, at most `limit` of them. Costs nothing when points
    /// arrive.
    ///
    /// Complexity: O(streams), a look each, and a decoding for each that is returned.
    package func activity(ofMetrics names: [[UInt8]], after time: UnixNanoseconds, limit: Int) -> [Activity] {
        var isAsked: [UInt32: Bool] = [:]
        var result: [Activity] = []
        for record in streams where record.lastSeen > time && record.metric != StreamRecord.none {
            let metric = metrics[record.metric]
            let known = isAsked[record.metric]
            guard known ?? names.contains(metric.identity.name) else {
                isAsked[record.metric] = false
                continue
            }
            if known == nil { isAsked[record.metric] = true }
            guard result.count < limit else { break }
            guard let encoding = WireEncoding(rawValue: UInt8(streamAliases.parent(of: record.alias) & 1)) else {
                continue
            }
            let attributes = streamAliases.bytes(of: record.alias).withUnsafeBytes {
                canonicalAttributes($0, encoding: encoding)
            }
            guard let attributes else { continue }
            result.append(
                Activity(
                    resource: resources[scopes[metric.scope].resource], attributes: attributes,
                    lastSeen: record.lastSeen))
        }
        return result
    }
}
