internal import OTLP

/// Restores a state under another configuration.
extension StreamState {
    /// The state under the rule of the current configuration. Only `writers: sum | latest` can have changed: everything
    /// else is part of the identity of the metric.
    /// - Parameters:
    ///   - startTime: when the exposed total started.
    ///   - lastSeen: of the stream.
    /// - Returns: nil for the state of another kind of metric.
    func following(
        _ rule: StreamRule, startTime: UnixNanoseconds, lastSeen: UnixNanoseconds
    ) -> StreamState? {
        switch (rule, self) {
        case (.countDeltas, .accumulating), (.addDeltas, .accumulating), (.sumWriters, .writers),
            (.latestWriter, .newest), (.newest, .newest), (.newestAdded, .newest), (.summary, .summary):
            self
        case (.sumWriters, .newest(let newest)):
            .writers(
                CumulativeWriters(
                    CumulativeWriter(
                        startTime: startTime, time: newest.time, value: newest.value,
                        arrival: UInt32(truncatingIfNeeded: lastSeen / 1_000_000_000))))
        case (.latestWriter, .writers(let writers)):
            .newest(writers.newest)
        case (.distribution(let rule), .histogram(let box)) where rule.shape == .buckets:
            box.value.following(rule).map { .histogram(Boxed($0)) }
        case (.distribution(let rule), .exponential(let box)) where rule.shape == .exponential:
            box.value.following(rule).map { .exponential(Boxed($0)) }
        default: nil
        }
    }
}

extension CumulativeWriters<SampleValue> {
    /// The newest point of all writers.
    fileprivate var newest: NewestPoint {
        var result: NewestPoint?
        forEach { writer in
            if let result, result.time >= writer.time { return }
            result = NewestPoint(value: writer.value, time: writer.time, sequence: 0, isAdded: false)
        }
        guard let result else { preconditionFailure("a stream has a writer") }
        return result
    }
}

extension DistributionStream {
    fileprivate func following(_ rule: DistributionRule) -> DistributionStream? {
        switch (rule.counting, counting) {
        case (.deltas, .deltas), (.sumWriters, .writers), (.latestWriter, .latest): return self
        case (.sumWriters, .latest(let writer)):
            return DistributionStream(counting: .writers(CumulativeWriters(writer)), layout: layout)
        case (.latestWriter, .writers(let writers)):
            var newest: CumulativeWriter<Value>?
            writers.forEach { writer in
                if let newest, newest.newestTime >= writer.newestTime { return }
                newest = writer
            }
            return newest.map { writer in
                let only = CumulativeWriter(
                    startTime: writer.startTime, time: writer.newest.time, value: writer.newest.value,
                    arrival: writer.arrival)
                return DistributionStream(counting: .latest(only), layout: layout)
            }
        default: return nil
        }
    }
}
