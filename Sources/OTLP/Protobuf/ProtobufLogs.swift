internal import Settings

// opentelemetry.proto.logs.v1.LogRecord, read in place:
// https://github.com/open-telemetry/opentelemetry-proto/blob/v1.11.0/opentelemetry/proto/logs/v1/logs.proto
//
//     log record { 1 time, 5 body, 6 attributes, 11 observed_time, 12 event_name }

extension LogsBatch {
    /// Records that are no events leave theirs unread.
    static var decodesOwners: Bool { false }

    mutating func decodeItem(_ bytes: UnsafeRawBufferPointer, scope: Int32) throws(DecodingFailure) {
        try checkRoom(in: records)
        do throws(DecodingFailure) {
            records.append(try logRecord(bytes, scope: scope))
        } catch {
            try losses.leaveOut(.record, error)
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
                    if error == .notText { losses.note(.field, error) } else { try losses.leaveOut(.field, error) }
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
}
