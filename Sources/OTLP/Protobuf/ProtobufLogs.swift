internal import Settings

// opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest, read in place:
// https://github.com/open-telemetry/opentelemetry-proto/blob/v1.11.0/opentelemetry/proto/logs/v1/logs.proto
//
//     request 1 resource_logs { 1 resource, 2 scope_logs { 1 scope, 2 log_records, 3 schema_url }, 3 schema_url }
//     log record { 1 time, 5 body, 6 attributes, 11 observed_time, 12 event_name }

extension LogsBatch {
    mutating func decodeProtobuf(_ body: UnsafeRawBufferPointer) throws(DecodingFailure) {
        var request = WireScanner(body)
        while let field = try request.nextField() {
            if field == Self.resourceLogs {
                try appendResourceLogs(try request.bytes())
            } else {
                try request.skip(field, depth: limits.maxAttributeDepth)
            }
        }
    }

    private static let resourceLogs = WireField(number: 1, type: .lengthDelimited)

    private mutating func appendResourceLogs(_ bytes: UnsafeRawBufferPointer) throws(DecodingFailure) {
        try checkRoom(in: resources)
        let index = resources.count
        resources.append(RawResource(bytes: UnsafeRawBufferPointer(start: nil, count: 0)))
        var scanner = WireScanner(bytes)
        while let field = try scanner.nextField() {
            switch (field.number, field.type) {
            case (1, .lengthDelimited):
                resources[index].bytes = try merged(resources[index].bytes, try scanner.bytes())
            case (2, .lengthDelimited): try appendScopeLogs(try scanner.bytes(), resource: Int32(index))
            case (3, .lengthDelimited): _ = try scanner.string()
            default: try scanner.skip(field, depth: limits.maxAttributeDepth)
            }
        }
    }

    private mutating func appendScopeLogs(
        _ bytes: UnsafeRawBufferPointer, resource: Int32
    ) throws(DecodingFailure) {
        try checkRoom(in: scopes)
        let index = scopes.count
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        scopes.append(RawScope(resource: resource, bytes: nothing, schemaURL: nothing))
        var scanner = WireScanner(bytes)
        while let field = try scanner.nextField() {
            switch (field.number, field.type) {
            case (1, .lengthDelimited): scopes[index].bytes = try merged(scopes[index].bytes, try scanner.bytes())
            case (2, .lengthDelimited):
                try checkRoom(in: records)
                let bytes = try scanner.bytes()
                do throws(DecodingFailure) {
                    records.append(try logRecord(bytes, scope: Int32(index)))
                } catch {
                    try leaveOut(.record, error)
                }
            case (3, .lengthDelimited): scopes[index].schemaURL = try scanner.string()
            default: try scanner.skip(field, depth: limits.maxAttributeDepth)
            }
        }
    }

    /// A record counts without a field that cannot be decoded, if the end of the field is known.
    private mutating func logRecord(_ bytes: UnsafeRawBufferPointer, scope: Int32) throws(DecodingFailure) -> LogRecord
    {
        var record = LogRecord(scope: scope)
        var body = LogValue.other
        var attributes = FieldRun()
        var scanner = WireScanner(bytes)
        while true {
            let start = scanner.position
            guard let field = try scanner.nextField() else { break }
            switch (field.number, field.type) {
            case (6, .lengthDelimited): try attributes.take(from: start, &scanner)
            case (1, .fixed64): record.time = try scanner.fixed64()
            case (11, .fixed64): record.observedTime = try scanner.fixed64()
            case (5, .lengthDelimited):
                let value = try scanner.bytes()
                do throws(DecodingFailure) {
                    try readProtobuf(value, into: &body)
                } catch {
                    if error == .notText { losses.note(.field, error) } else { try leaveOut(.field, error) }
                }
            case (12, .lengthDelimited):
                let name = try scanner.bytes()
                if UTF8Validation.isValid(name) { record.eventName = name } else { losses.note(.field, .notText) }
            default: try scanner.skip(field, depth: limits.maxAttributeDepth)
            }
        }
        if case .string(let text) = body { record.body = text.raw }
        record.attributes = try attributes.joined(field: 6, of: bytes, arena: arena, depth: limits.maxAttributeDepth)
        return record
    }

    /// A singular message sent in parts is the concatenation of the parts (R-PB-03).
    private func merged(
        _ earlier: UnsafeRawBufferPointer, _ part: UnsafeRawBufferPointer
    ) throws(DecodingFailure) -> UnsafeRawBufferPointer {
        // A field that is cut off by its part must not continue in the next part.
        var scanner = WireScanner(part)
        while let field = try scanner.nextField() { try scanner.skip(field, depth: limits.maxAttributeDepth) }
        return earlier.isEmpty ? part : try arena.concatenated([earlier, part])
    }
}
