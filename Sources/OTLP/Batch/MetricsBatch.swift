package import Settings

/// One metrics export, flat: what crosses the border from `OTLP` to `Series`.
///
/// A batch is made once and decodes one export after the other, so that its memory is used again. Identity stays in
/// raw bytes (resource, scope, attributes): a known series is found by them without decoding a string.
/// Not thread-safe: one owner at a time.
package struct MetricsBatch: ExportBatch, ~Copyable {
    package internal(set) var encoding: WireEncoding = .protobuf
    package internal(set) var resources: [RawResource] = []
    package internal(set) var scopes: [RawScope] = []
    /// What of the export could not be read. Its points are in no table; attributes count only once they are read.
    package internal(set) var losses = DecodingLosses()
    var bodyStart: UnsafeRawPointer?
    /// How long the body is.
    var bodyBytes = 0
    package internal(set) var metrics: [RawMetric] = []
    package internal(set) var numberPoints: [NumberDataPoint] = []
    package internal(set) var histogramPoints: [HistogramDataPoint] = []
    package internal(set) var exponentialHistogramPoints: [ExponentialHistogramDataPoint] = []
    package internal(set) var summaryPoints: [SummaryDataPoint] = []
    // Rows of the tables below are reached through the points only: those of a point that was taken back stay.

    /// Bucket counts of all histograms, explicit and exponential, one point after the other.
    package internal(set) var bucketCounts: [UInt64] = []
    /// Bounds of all explicit histograms.
    package internal(set) var explicitBounds: [Double] = []
    package internal(set) var quantiles: [QuantileValue] = []
    package internal(set) var exemplars: [Exemplar] = []

    /// Where the decoders put what does not lie in the body: unescaped text, the protobuf envelope.
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

    /// Decodes `body`, replacing what the batch held.
    ///
    /// A part that cannot be read is left out and noted in `losses`; without a metric that can be read the export is
    /// malformed. Attributes, resources and scopes are not looked into: `AttributeReader` does that for those that are
    /// new, and may still find them malformed. The batch points into `body`, which the caller keeps alive and unchanged for as
    /// long as it reads the batch. After an error the batch is empty.
    package mutating func decode(_ body: UnsafeRawBufferPointer, as encoding: WireEncoding) throws(DecodingFailure) {
        try replace(with: body, as: encoding)
        bodyBytes = body.count
        guard metrics.isEmpty, losses[.metric] > 0 else { return }
        // Nothing is left of it that could be taken.
        let failure = DecodingFailure.malformed(losses.reason)
        clear()
        throw failure
    }

    /// Reads what the batch left raw, as long as the batch holds the export.
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

    /// Empties a table; its memory is kept for the next export unless this one was out of the ordinary.
    private static func clear<Row>(_ table: inout [Row]) {
        let keptBytes = 1 << 20
        table.removeAll(keepingCapacity: table.capacity * MemoryLayout<Row>.stride <= keptBytes)
    }
}

// @unchecked: it cannot be copied and nobody else knows its arena, so moving it to another thread is safe.
extension MetricsBatch: @unchecked Sendable {}
