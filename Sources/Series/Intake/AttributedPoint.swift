internal import OTLP

/// A point of any kind, as far as its stream is looked up.
protocol AttributedPoint {
    /// The attributes as received.
    var rawAttributes: UnsafeRawBufferPointer { get }
}

extension NumberDataPoint: AttributedPoint {
    var rawAttributes: UnsafeRawBufferPointer { attributes }
}

extension HistogramDataPoint: AttributedPoint {
    var rawAttributes: UnsafeRawBufferPointer { header.attributes }
}

extension ExponentialHistogramDataPoint: AttributedPoint {
    var rawAttributes: UnsafeRawBufferPointer { header.attributes }
}

extension SummaryDataPoint: AttributedPoint {
    var rawAttributes: UnsafeRawBufferPointer { header.attributes }
}

extension MetricsBatch {
    /// Points in the tables; those of kinds that were not taken apart are not among them.
    var takenPointCount: Int { firstPoint(of: .summary) + points.summaries.count }

    /// Where the table of a kind begins when all tables stand one after the other.
    func firstPoint(of kind: MetricKind) -> Int {
        switch kind {
        case .none, .gauge, .sum: 0
        case .histogram: points.numbers.count
        case .exponentialHistogram: points.numbers.count + points.histograms.count
        case .summary: points.numbers.count + points.histograms.count + points.exponentialHistograms.count
        }
    }
}
