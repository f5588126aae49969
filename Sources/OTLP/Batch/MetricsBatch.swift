package import Settings

/// One metrics export, flat: the input of `Series`.
///
/// A batch is created once and decodes one export after the other, so that its memory is reused. Identity stays in raw
/// bytes (resource, scope, attributes): a known series is found by them without decoding a string. Not thread-safe: one
/// owner at a time.
package struct MetricsBatch: ExportBatch, ~Copyable {
    package internal(set) var encoding: WireEncoding = .protobuf
    package internal(set) var resources: [RawResource] = []
    package internal(set) var scopes: [RawScope] = []
    /// Parts of the export that could not be decoded. Their points are in no table; attributes follow once read.
    package internal(set) var losses = DecodingLosses()
    var bodyStart: UnsafeRawPointer?
    /// Length of the body.
    var bodyBytes = 0
    package internal(set) var metrics: [RawMetric] = []
    package internal(set) var numberPoints: [NumberDataPoint] = []
    package internal(set) var histogramPoints: [HistogramDataPoint] = []
    package internal(set) var exponentialHistogramPoints: [ExponentialHistogramDataPoint] = []
    package internal(set) var summaryPoints: [SummaryDataPoint] = []
    // The points refer to the rows of the tables below: rows of a removed point stay.

    /// Bucket counts of all histograms, explicit and exponential, one point after the other.
    package internal(set) var bucketCounts: [UInt64] = []
    /// Bounds of all explicit histograms.
    package internal(set) var explicitBounds: [Double] = []
    package internal(set) var quantiles: [QuantileValue] = []
    package internal(set) var exemplars: [Exemplar] = []

    /// Memory of decoders for data that is not in the body: unescaped text, messages sent in parts.
    let arena: Arena
    let limits: DecodingLimits

    package init(limits: DecodingLimits = DecodingLimits()) {
        self.limits = limits
        self.arena = Arena(limit: limits.maxDecodingMemory)
    }

    /// All data points of the export.
    package var pointCount: Int {
        numberPoints.count + histogramPoints.count + exponentialHistogramPoints.count + summaryPoints.count
    }

    var tableBytes: Int {
        let owners = Self.bytes(of: resources) + Self.bytes(of: scopes) + Self.bytes(of: metrics)
        let points =
            Self.bytes(of: numberPoints) + Self.bytes(of: histogramPoints) + Self.bytes(of: exponentialHistogramPoints)
            + Self.bytes(of: summaryPoints)
        let parts =
            Self.bytes(of: bucketCounts) + Self.bytes(of: explicitBounds) + Self.bytes(of: quantiles)
            + Self.bytes(of: exemplars)
        return owners + points + parts
    }

    /// Decodes `body`, replacing the previous export.
    ///
    /// A part that cannot be decoded is left out and noted in `losses`; without any valid metric the export is
    /// malformed. Attributes, resources and scopes are not checked: `AttributeReader` does that for new ones, and may
    /// find them malformed. The batch points into `body`, which the caller keeps alive and unchanged for as long as it
    /// reads the batch. After an error the batch is empty.
    package mutating func decode(_ body: UnsafeRawBufferPointer, as encoding: WireEncoding) throws(DecodingFailure) {
        try replace(with: body, as: encoding)
        bodyBytes = body.count
        guard metrics.isEmpty, losses[.metric] > 0 else { return }
        // Nothing valid is left.
        let failure = DecodingFailure.malformed(losses.reason)
        clear()
        throw failure
    }

    /// Decodes what the batch left raw, as long as the batch holds the export.
    package func attributeReader(limits: DecodingLimits) -> AttributeReader { reader(limits: limits) }

    mutating func clear() {
        losses = DecodingLosses()
        bodyStart = nil
        bodyBytes = 0
        Self.clear(&resources)
        Self.clear(&scopes)
        Self.clear(&metrics)
        Self.clear(&numberPoints)
        Self.clear(&histogramPoints)
        Self.clear(&exponentialHistogramPoints)
        Self.clear(&summaryPoints)
        Self.clear(&bucketCounts)
        Self.clear(&explicitBounds)
        Self.clear(&quantiles)
        Self.clear(&exemplars)
        arena.reset()
    }

    /// Empties a table; its memory is kept for the next export unless this one was unusually large.
    private static func clear<Row>(_ table: inout [Row]) {
        let keptBytes = 1 << 20
        table.removeAll(keepingCapacity: table.capacity * MemoryLayout<Row>.stride <= keptBytes)
    }
}

// @unchecked: it cannot be copied and no other code uses its arena, so moving it to another thread is safe.
extension MetricsBatch: @unchecked Sendable {}
