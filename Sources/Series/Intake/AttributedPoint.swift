internal import OTLP

/// The part of a point of any kind that a lookup of its stream needs.
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
    /// Points in the tables, without those of kinds that are not decoded.
    var takenPointCount: Int { firstPoint(of: .summary) + points.summaries.count }

    /// Position of the first point of a kind if all tables follow each other.
    func firstPoint(of kind: MetricKind) -> Int {
        switch kind {
        case .none, .gauge, .sum: 0
        case .histogram: points.numbers.count
        case .exponentialHistogram: points.numbers.count + points.histograms.count
        case .summary: points.numbers.count + points.histograms.count + points.exponentialHistograms.count
        }
    }
}
