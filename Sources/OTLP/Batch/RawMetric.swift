/// A `Metric` message without its points: the header in raw bytes and the kind of its points.
///
/// All buffers are valid until the batch that holds them decodes the next export or is released.
package struct RawMetric {
    /// Index into `MetricsBatch.scopes`.
    package var scope: Int32
    /// UTF-8, already checked; may contain NUL.
    package var name: UnsafeRawBufferPointer
    /// UTF-8, already checked.
    package var description: UnsafeRawBufferPointer
    /// UTF-8, already checked.
    package var unit: UnsafeRawBufferPointer
    package var kind: MetricKind
    package var temporality: Temporality
    package var isMonotonic: Bool
    /// The metric's points: indices into the batch's table for `kind`.
    package var points: Range<Int>
    /// `metadata` as received (R-PB-08), in the form of `NumberDataPoint.attributes`.
    package var metadata: UnsafeRawBufferPointer = .init(start: nil, count: 0)

    package init(
        scope: Int32,
        name: UnsafeRawBufferPointer = .init(start: nil, count: 0),
        description: UnsafeRawBufferPointer = .init(start: nil, count: 0),
        unit: UnsafeRawBufferPointer = .init(start: nil, count: 0),
        kind: MetricKind = .none, temporality: Temporality = .unspecified, isMonotonic: Bool = false,
        points: Range<Int> = 0..<0
    ) {
        self.scope = scope
        self.name = name
        self.description = description
        self.unit = unit
        self.kind = kind
        self.temporality = temporality
        self.isMonotonic = isMonotonic
        self.points = points
    }
}

/// The `data` oneof of a metric.
package enum MetricKind: UInt8, Sendable {
    /// No data at all: the metric has no points.
    case none
    case gauge
    case sum
    case histogram
    case exponentialHistogram
    case summary
}

/// Whether points have the growth since the last one or the total since the start.
package enum Temporality: UInt8, Sendable {
    /// Not given: such sums are rejected (R-DM-04).
    case unspecified = 0
    case delta = 1
    case cumulative = 2

    /// From the number on the wire. A number that OTLP does not define is treated as cumulative, as in the Collector
    /// (R-JSON-10).
    init(wireNumber: Int32) {
        switch wireNumber {
        case 0: self = .unspecified
        case 1: self = .delta
        default: self = .cumulative
        }
    }
}
