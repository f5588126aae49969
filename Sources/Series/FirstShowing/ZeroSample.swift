internal import OTLP

extension StreamRule {
    /// How a counter or a histogram counts; nil for everything else.
    var counting: DistributionRule.Counting? {
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
    /// The same series before its first increment. Its time is earlier than that of the value by the smallest
    /// difference that Prometheus distinguishes.
    var beforeFirstIncrement: SeriesSample {
        var sample = self
        sample.value = value.zero
        sample.exemplars = []
        sample.time = time > ExposedTime.step ? time - ExposedTime.step : time
        return sample
    }
}

extension SeriesValue {
    /// The value 0 with the same lines: a histogram keeps its bounds, and has a sum if the value has one (R-OM-17); an
    /// exponential one keeps its scale.
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
