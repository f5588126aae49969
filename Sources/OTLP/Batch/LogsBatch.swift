package import Settings

/// One logs export, flat: the input of `Events`.
///
/// A batch is created once and decodes one export after the other, so that its memory is reused. Records are not
/// copied: bodies and attributes, which may be prompts, stay in the received bytes. Not thread-safe: one owner at a
/// time.
package struct LogsBatch: ExportBatch, ~Copyable {
    package internal(set) var encoding: WireEncoding = .protobuf
    package internal(set) var resources: [RawResource] = []
    package internal(set) var scopes: [RawScope] = []
    /// Parts of the export that could not be decoded; attributes are included once they are read.
    package internal(set) var losses = DecodingLosses()
    var bodyStart: UnsafeRawPointer?
    package internal(set) var records: [LogRecord] = []

    /// Memory of decoders for data that is not in the body: unescaped text, attributes in several pieces.
    let arena: Arena
    let limits: DecodingLimits

    package init(limits: DecodingLimits = DecodingLimits()) {
        self.limits = limits
        arena = Arena(limit: limits.maxDecodingMemory)
    }

    var tableBytes: Int { Self.bytes(of: resources) + Self.bytes(of: scopes) + Self.bytes(of: records) }

    /// Decodes `body`, an `ExportLogsServiceRequest`, replacing the previous export.
    ///
    /// A part that cannot be decoded is left out and noted in `losses`. Attributes are checked as far as
    /// `forEachAttribute` reads them; resources and scopes are not checked. The batch points into `body`, which the
    /// caller keeps alive and unchanged for as long as it reads the batch. After an error the batch is empty.
    package mutating func decode(_ body: UnsafeRawBufferPointer, as encoding: WireEncoding) throws(DecodingFailure) {
        try replace(with: body, as: encoding)
    }

    /// Decodes what the batch left raw, as long as the batch holds the export.
    package func attributeReader(limits: DecodingLimits) -> AttributeReader { reader(limits: limits) }

    /// Removes the export: from now on the batch has no pointers.
    package mutating func clear() {
        losses = DecodingLosses()
        bodyStart = nil
        resources.removeAll(keepingCapacity: true)
        scopes.removeAll(keepingCapacity: true)
        // Kept for the next export unless this one was unusually large.
        records.removeAll(keepingCapacity: records.capacity <= Self.keptRecords)
        arena.reset()
    }

    /// Records for which memory is kept. 8192.
    private static let keptRecords = 8192
}

// @unchecked: it cannot be copied and no other code uses its arena, so moving it to another thread is safe.
extension LogsBatch: @unchecked Sendable {}

/// The fields of `opentelemetry.proto.logs.v1.LogRecord` that events need. Buffers live as long as those of
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
    /// The body if it is a string; else empty. Not checked for UTF-8.
    package var body = UnsafeRawBufferPointer(start: nil, count: 0)
    /// As `NumberDataPoint.attributes`; `LogsBatch.attributes(of:)` reads them.
    package var attributes = UnsafeRawBufferPointer(start: nil, count: 0)

    package init(scope: Int32) { self.scope = scope }
}
