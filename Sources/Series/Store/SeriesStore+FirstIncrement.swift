internal import OTLP

/// Newborn counters and histograms are shown to Prometheus as 0 first (docs/semantics.md, S13). What is shown
/// depends on a time bounded at birth and on the time of the scrape, never on what one scrape saw before (R-OM-18).
extension SeriesStore {
    /// Takes the time of an arrival or a scrape. When the clock was set back, all series show their values from here on:
    /// otherwise one that has shown its value could show 0 again, or one could stay 0 for as long as the clock lags.
    mutating func noteTime(_ now: UnixNanoseconds) {
        if firstIncrement.take(now) { return }
        for number in exposed.numbers { exposed.setZeroUntil(of: number, to: 0) }
        firstIncrement.latestZeroUntil = 0
        for number in streams.indices { changes.markTotal(StreamID(row: number)) }
    }

    /// The zero-until time of a series born with this point; 0 when it shows its value at once.
    ///
    /// A cumulative series shows its value at once when part of it may have been counted before this state was created,
    /// here or by another collector: its first increment is not known. So does one that returns, whose tombstone must
    /// still be there.
    /// - Parameter identity: the stream's canonical hash.
    func zeroUntil<Value>(of arrival: PointArrival<Value>, identity: UInt64) -> UnixNanoseconds {
        guard settings.firstSampleZero else { return 0 }
        switch arrival.context.rule.counting {
        case .deltas: break
        case .sumWriters, .latestWriter:
            // A start that equals the time says that the true start is not known (R-CUM-05).
            guard arrival.startTime != 0, arrival.startTime != arrival.time, arrival.startTime >= settings.createdAt,
                !tombstones.holds(identity: identity, startTime: arrival.startTime)
            else { return 0 }
        case nil: return 0
        }
        let (time, overflow) = firstIncrement.newestTime.addingReportingOverflow(firstIncrement.zeroDuration)
        return overflow ? 0 : time
    }

    /// Whether the reader sees 0 instead of the value now.
    func showsZero(_ record: SeriesRecord, to reader: SnapshotReader) -> Bool {
        reader == .prometheus && settings.firstSampleZero && record.zeroUntil > firstIncrement.newestTime
    }
}

extension StreamRule {
    /// How a counter or a histogram counts; nil for everything else.
    fileprivate var counting: DistributionRule.Counting? {
        switch self {
        case .countDeltas: .deltas
        case .sumWriters: .sumWriters
        case .latestWriter: .latestWriter
        case .distribution(let rule): rule.counting
        case .newest, .newestAdded, .addDeltas, .summary, .reject: nil
        }
    }
}

extension SeriesSample {
    /// The same series before its first increment. Its time lies before that of the value by the least that Prometheus
    /// tells apart.
    var beforeFirstIncrement: SeriesSample {
        var sample = self
        sample.value = value.zero
        sample.exemplars = []
        sample.time = time > ExposedTime.step ? time - ExposedTime.step : time
        return sample
    }
}

extension SeriesValue {
    /// The value that has counted nothing yet, with the same lines: a histogram keeps its bounds, and has a sum when the
    /// value has one (R-OM-17); an exponential one keeps its scale.
    fileprivate var zero: SeriesValue {
        switch self {
        case .number: return .int(0)
        case .histogram(let value):
            return .histogram(
                HistogramValue(
                    bounds: value.bounds, counts: value.counts.map { _ in 0 }, count: 0, sum: value.sum.map { _ in 0 }))
        case .nativeHistogram(let value):
            return .nativeHistogram(
                NativeHistogramValue(
                    scale: value.scale, zeroThreshold: value.zeroThreshold, count: 0, sum: value.sum.map { _ in 0 }))
        case .summary: return self
        }
    }
}
