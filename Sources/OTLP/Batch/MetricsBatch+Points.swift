/// The tables of points, by the kind of metric they belong to.
extension MetricsBatch {
    /// The rows of the table that `RawMetric.points` indexes.
    func pointCount(of kind: MetricKind) -> Int {
        switch kind {
        case .none: 0
        case .gauge, .sum: numberPoints.count
        case .histogram: histogramPoints.count
        case .exponentialHistogram: exponentialHistogramPoints.count
        case .summary: summaryPoints.count
        }
    }

    /// Makes `metric` one of `kind` without points: points of an earlier member of its `data` oneof are removed.
    mutating func resetData(of metric: inout RawMetric, to kind: MetricKind) {
        dropPoints(of: &metric)
        metric.kind = kind
        metric.temporality = .unspecified
        metric.isMonotonic = false
        let first = pointCount(of: kind)
        metric.points = first..<first
    }

    /// Removes the points of `metric`, which are the last rows of their table.
    mutating func dropPoints(of metric: inout RawMetric) {
        guard !metric.points.isEmpty else { return }
        let first = metric.points.lowerBound
        switch metric.kind {
        case .none: break
        case .gauge, .sum: numberPoints.removeSubrange(first...)
        case .histogram: histogramPoints.removeSubrange(first...)
        case .exponentialHistogram: exponentialHistogramPoints.removeSubrange(first...)
        case .summary: summaryPoints.removeSubrange(first...)
        }
        metric.points = first..<first
    }

    /// Exemplars accepted of one point; at most one of each bucket is shown. 1,000.
    static let pointExemplars = 1_000

    /// Adds an exemplar of the point whose exemplars so far are `range`, empty or the last rows of the table. Beyond
    /// `pointExemplars` it is left out.
    mutating func append(_ exemplar: Exemplar, to range: inout Range<Int32>) throws(DecodingFailure) {
        guard range.count < Self.pointExemplars else {
            return losses.note(.exemplar, .malformed("a point has more than \(Self.pointExemplars) exemplars"))
        }
        try checkRoom(in: exemplars)
        guard let index = Int32(exactly: exemplars.count), index < .max else { throw arena.exhausted }
        exemplars.append(exemplar)
        range = (range.isEmpty ? index : range.lowerBound)..<index + 1
    }
}
