/// How much an export of logs or traces holds, counted without looking into a single record.
package struct RecordCount: Equatable, Sendable {
    /// `ResourceLogs` or `ResourceSpans`.
    package var resources = 0
    /// Log records or spans.
    package var records = 0

    /// - Parameters:
    ///   - body: an `ExportLogsServiceRequest` or `ExportTraceServiceRequest`; read only during the call.
    ///   - limits: how deep it may be nested.
    /// - Throws: when it is malformed, as far as it is looked at.
    package init(
        _ body: UnsafeRawBufferPointer, as encoding: WireEncoding, limits: DecodingLimits = DecodingLimits()
    ) throws(DecodingFailure) {
        switch encoding {
        case .protobuf: try countProtobuf(body, depth: limits.depth)
        case .json: try countJSON(body, limits: limits)
        }
    }

    /// The field of the request, of a resource's telemetry and of a scope's that holds the next level; the same numbers
    /// in all three signals.
    private static let resourceField: UInt32 = 1
    private static let scopeField: UInt32 = 2
    private static let recordField: UInt32 = 2

    private mutating func countProtobuf(_ body: UnsafeRawBufferPointer, depth: Int) throws(DecodingFailure) {
        var request = WireScanner(body)
        while let resource = try request.next(Self.resourceField, depth: depth) {
            resources += 1
            var telemetry = WireScanner(resource)
            while let scope = try telemetry.next(Self.scopeField, depth: depth) {
                var scopeTelemetry = WireScanner(scope)
                while try scopeTelemetry.next(Self.recordField, depth: depth) != nil { records += 1 }
            }
        }
    }

    /// What the key is called that holds the next level, from the request inwards.
    private static let keys: [[[UInt8]]] = [
        ["resourceLogs", "resourceSpans"], ["scopeLogs", "scopeSpans"], ["logRecords", "spans"],
    ].map { $0.map { Array($0.utf8) } }

    private mutating func countJSON(_ body: UnsafeRawBufferPointer, limits: DecodingLimits) throws(DecodingFailure) {
        do {
            var json = try JSONScanner(body, limits: limits)
            try count(&json, level: 0)
            try json.finish()
        } catch {
            throw DecodingFailure(error)
        }
    }

    private mutating func count(_ json: inout JSONScanner, level: Int) throws(JSONFault) {
        guard try json.openObject() else { return }
        while try json.nextMember() {
            let key = try json.string().unescaped()
            try json.passColon()
            guard Self.keys[level].contains(key) else {
                try json.skipValue()
                continue
            }
            guard try json.openArray() else { continue }
            while try json.nextElement() {
                if level == 0 { resources += 1 }
                if level + 1 < Self.keys.count {
                    try count(&json, level: level + 1)
                } else {
                    records += 1
                    try json.skipValue()
                }
            }
        }
    }
}

extension WireScanner {
    /// The bytes of the next field of this number; others are skipped. Nil at the end.
    fileprivate mutating func next(
        _ number: UInt32, depth: Int
    ) throws(DecodingFailure) -> UnsafeRawBufferPointer? {
        while let field = try nextField() {
            if field.number == number, field.type == .lengthDelimited { return try bytes() }
            try skip(field, depth: depth)
        }
        return nil
    }
}
