package import Settings

/// One logs export, flat: what crosses the border from `OTLP` to `Events`.
///
/// A batch is made once and decodes one export after the other, so that its memory is used again. Nothing of a record is
/// copied: bodies and attributes, which may be prompts, stay in the bytes they came in.
/// Not thread-safe: one owner at a time.
package struct LogsBatch: ExportBatch, ~Copyable {
    package internal(set) var encoding: WireEncoding = .protobuf
    package internal(set) var resources: [RawResource] = []
    package internal(set) var scopes: [RawScope] = []
    /// What of the export could not be read; attributes count only once they are read.
    package internal(set) var losses = DecodingLosses()
    var bodyStart: UnsafeRawPointer?
    package internal(set) var records: [LogRecord] = []

    /// Where the decoders put what does not lie in the body: unescaped text, attributes that lay apart.
    let arena: Arena
    let limits: DecodingLimits

    package init(limits: DecodingLimits = DecodingLimits()) {
        self.limits = limits
        arena = Arena(limit: limits.maxDecodingMemory)
    }

    var tableBytes: Int { Self.bytes(of: resources) + Self.bytes(of: scopes) + Self.bytes(of: records) }

    /// Decodes `body`, an `ExportLogsServiceRequest`, replacing what the batch held.
    ///
    /// A part that cannot be read is left out and noted in `losses`. Attributes are checked as far as they are read by
    /// `forEachAttribute`; resources and scopes are not looked into. The batch points into `body`, which the caller keeps alive and unchanged for as long as it reads the batch. After an
    /// error the batch is empty.
    package mutating func decode(_ body: UnsafeRawBufferPointer, as encoding: WireEncoding) throws(DecodingFailure) {
        try replace(with: body, as: encoding)
    }

    /// Reads what the batch left raw, as long as the batch holds the export.
    package func attributeReader(limits: DecodingLimits) -> AttributeReader { reader(limits: limits) }

    /// Forgets the export: from here on the batch points nowhere.
    package mutating func clear() {
        losses = DecodingLosses()
        bodyStart = nil
        resources.removeAll(keepingCapacity: true)
        scopes.removeAll(keepingCapacity: true)
        // Kept for the next export unless this one was out of the ordinary.
        records.removeAll(keepingCapacity: records.capacity <= Self.keptRecords)
        arena.reset()
    }

    /// Records that memory is kept for. 8192.
    private static let keptRecords = 8192
}

// @unchecked: it cannot be copied and nobody else knows its arena, so moving it to another thread is safe.
extension LogsBatch: @unchecked Sendable {}

/// `opentelemetry.proto.logs.v1.LogRecord`, as far as events are made of it. Buffers live as long as those of
/// `RawMetric`.
package struct LogRecord {
    /// Index into `LogsBatch.scopes`.
    package var scope: Int32
    /// 0 when not given.
    package var time: UnixNanoseconds = 0
    /// 0 when not given.
    package var observedTime: UnixNanoseconds = 0
    /// The `event_name` field; empty when not given.
    package var eventName = UnsafeRawBufferPointer(start: nil, count: 0)
    /// The body where it is a string; else empty. Not checked for UTF-8.
    package var body = UnsafeRawBufferPointer(start: nil, count: 0)
    /// As `NumberDataPoint.attributes`; `LogsBatch.attributes(of:)` reads them.
    package var attributes = UnsafeRawBufferPointer(start: nil, count: 0)

    package init(scope: Int32) { self.scope = scope }
}
