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
    package internal(set) var losses: DecodingLosses {
        get { points.losses }
        set { points.losses = newValue }
    }
    var bodyStart: UnsafeRawPointer?
    /// Length of the body.
    var bodyBytes = 0
    package internal(set) var metrics: [RawMetric] = []
    package internal(set) var points: PointTables

    /// Memory of decoders for data that is not in the body: unescaped text, messages sent in parts.
    let arena: Arena
    let limits: DecodingLimits

    package init(limits: DecodingLimits = DecodingLimits()) {
        self.limits = limits
        arena = Arena(limit: limits.maxDecodingMemory)
        points = PointTables(limits: limits, arena: arena)
    }

    /// All data points of the export.
    package var pointCount: Int { points.count }

    /// Bytes of the rows of what points belong to.
    var ownerBytes: Int { Self.bytes(of: resources) + Self.bytes(of: scopes) + Self.bytes(of: metrics) }

    var tableBytes: Int { ownerBytes + points.tableBytes }

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
        bodyStart = nil
        bodyBytes = 0
        Self.clear(&resources)
        Self.clear(&scopes)
        Self.clear(&metrics)
        points.clear()
        arena.reset()
    }
}

// @unchecked: it cannot be copied and no other code uses its arena, so moving it to another thread is safe.
extension MetricsBatch: @unchecked Sendable {}
