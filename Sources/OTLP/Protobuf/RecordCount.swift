/// How much an export of logs or traces holds, counted without looking into a single record.
package struct RecordCount: Equatable, Sendable {
    /// `ResourceLogs` or `ResourceSpans`.
    package var resources = 0
    /// Log records or spans.
    package var records = 0

    /// The field of the request, of a resource's telemetry and of a scope's that holds the next level; the same numbers
    /// in all three signals.
    private static let resourceField: UInt32 = 1
    private static let scopeField: UInt32 = 2
    private static let recordField: UInt32 = 2

    /// - Parameter body: an `ExportLogsServiceRequest` or `ExportTraceServiceRequest` in protobuf.
    /// - Throws: when it is malformed, as far as it is looked at.
    package init(protobuf body: UnsafeRawBufferPointer) throws(DecodingFailure) {
        var request = WireScanner(body)
        while let resource = try request.next(Self.resourceField) {
            resources += 1
            var telemetry = WireScanner(resource)
            while let scope = try telemetry.next(Self.scopeField) {
                var scopeTelemetry = WireScanner(scope)
                while try scopeTelemetry.next(Self.recordField) != nil { records += 1 }
            }
        }
    }
}

extension WireScanner {
    /// The bytes of the next field of this number; others are skipped. Nil at the end.
    fileprivate mutating func next(_ number: UInt32) throws(DecodingFailure) -> UnsafeRawBufferPointer? {
        while let field = try nextField() {
            if field.number == number, field.type == .lengthDelimited { return try bytes() }
            // Groups are as deep here as anywhere.
            try skip(field, depth: DecodingLimits().depth)
        }
        return nil
    }
}
