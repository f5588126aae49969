internal import Settings

/// The points of an export, in tables by the kind of metric they belong to.
package struct PointTables: RowTables {
    package internal(set) var numbers: [NumberDataPoint] = []
    package internal(set) var histograms: [HistogramDataPoint] = []
    package internal(set) var exponentialHistograms: [ExponentialHistogramDataPoint] = []
    package internal(set) var summaries: [SummaryDataPoint] = []
    // The points refer to the rows of the tables below: rows of a removed point stay.

    /// Bucket counts of all histograms, explicit and exponential, one point after the other.
    package internal(set) var bucketCounts: [UInt64] = []
    /// Bounds of all explicit histograms.
    package internal(set) var explicitBounds: [Double] = []
    package internal(set) var quantiles: [QuantileValue] = []
    package internal(set) var exemplars: [Exemplar] = []

    /// What was lost of the export, points or not, in the order in which it was found.
    var losses = DecodingLosses()
    /// Memory that the tables may use; what the points belong to takes the rest.
    var tableLimit: Int
    /// That of the batch.
    let arena: Arena
    let limits: DecodingLimits

    init(limits: DecodingLimits, arena: Arena) {
        self.limits = limits
        self.arena = arena
        tableLimit = limits.maxDecodingMemory
    }

    /// All data points.
    package var count: Int { numbers.count + histograms.count + exponentialHistograms.count + summaries.count }

    var tableBytes: Int {
        let points =
            Self.bytes(of: numbers) + Self.bytes(of: histograms) + Self.bytes(of: exponentialHistograms)
            + Self.bytes(of: summaries)
        let parts =
            Self.bytes(of: bucketCounts) + Self.bytes(of: explicitBounds) + Self.bytes(of: quantiles)
            + Self.bytes(of: exemplars)
        return points + parts
    }

    mutating func clear() {
        losses = DecodingLosses()
        Self.clear(&numbers)
        Self.clear(&histograms)
        Self.clear(&exponentialHistograms)
        Self.clear(&summaries)
        Self.clear(&bucketCounts)
        Self.clear(&explicitBounds)
        Self.clear(&quantiles)
        Self.clear(&exemplars)
    }
}

// MARK: - Points of a metric

extension PointTables {
    /// The lengths of the tables of points.
    struct Marks {
        var numbers: Int
        var histograms: Int
        var exponentialHistograms: Int
        var summaries: Int
    }

    var marks: Marks {
        Marks(
            numbers: numbers.count, histograms: histograms.count, exponentialHistograms: exponentialHistograms.count,
            summaries: summaries.count)
    }

    /// Removes the points that were added after the marks.
    mutating func drop(from marks: Marks) {
        numbers.removeSubrange(marks.numbers...)
        histograms.removeSubrange(marks.histograms...)
        exponentialHistograms.removeSubrange(marks.exponentialHistograms...)
        summaries.removeSubrange(marks.summaries...)
    }

    /// The rows of the table that `RawMetric.points` indexes.
    func count(of kind: MetricKind) -> Int {
        switch kind {
        case .none: 0
        case .gauge, .sum: numbers.count
        case .histogram: histograms.count
        case .exponentialHistogram: exponentialHistograms.count
        case .summary: summaries.count
        }
    }

    /// Makes `metric` one of `kind` without points: points of an earlier member of its `data` oneof are removed.
    mutating func resetData(of metric: inout RawMetric, to kind: MetricKind) {
        dropPoints(of: &metric)
        metric.kind = kind
        metric.temporality = .unspecified
        metric.isMonotonic = false
        let first = count(of: kind)
        metric.points = first..<first
    }

    /// Removes the points of `metric`, which are the last rows of their table.
    mutating func dropPoints(of metric: inout RawMetric) {
        guard !metric.points.isEmpty else { return }
        let first = metric.points.lowerBound
        switch metric.kind {
        case .none: break
        case .gauge, .sum: numbers.removeSubrange(first...)
        case .histogram: histograms.removeSubrange(first...)
        case .exponentialHistogram: exponentialHistograms.removeSubrange(first...)
        case .summary: summaries.removeSubrange(first...)
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
