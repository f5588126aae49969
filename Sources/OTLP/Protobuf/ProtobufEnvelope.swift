internal import Settings

// The envelope of an export, read in place and once; it has the same numbers in all signals:
// https://github.com/open-telemetry/opentelemetry-proto/blob/v1.11.0/opentelemetry/proto/metrics/v1/metrics.proto
//
//     request 1 { 1 resource, 2 { 1 scope, 2 metrics or records, 3 schema_url }, 3 schema_url }
//
// Fields come in any order, so that each part is entered into its table first and completed at its end. Unknown fields
// are skipped, and so are known ones of another wire type (R-PB-01). An error costs the export.

extension ExportBatch where Self: ~Copyable {
    mutating func decodeProtobuf(_ body: UnsafeRawBufferPointer) throws(DecodingFailure) {
        var request = WireScanner(body)
        while let field = try request.nextField() {
            if field == WireField(number: 1, type: .lengthDelimited) {
                try appendResource(try request.bytes())
            } else {
                try request.skip(field, depth: limits.maxAttributeDepth)
            }
        }
    }

    private mutating func appendResource(_ bytes: UnsafeRawBufferPointer) throws(DecodingFailure) {
        try checkRoom(in: resources)
        guard let index = Int32(exactly: resources.count) else { throw arena.exhausted }
        resources.append(RawResource(bytes: UnsafeRawBufferPointer(start: nil, count: 0)))
        var resource = MessageParts()
        var scanner = WireScanner(bytes)
        while let field = try scanner.nextField() {
            switch (field.number, field.type) {
            case (1, .lengthDelimited): try take(try scanner.bytes(), into: &resource)
            case (2, .lengthDelimited): try appendScope(try scanner.bytes(), resource: index)
            case (3, .lengthDelimited): _ = try scanner.string()
            default: try scanner.skip(field, depth: limits.maxAttributeDepth)
            }
        }
        resources[Int(index)].bytes = try joined(resource, of: bytes)
    }

    private mutating func appendScope(
        _ bytes: UnsafeRawBufferPointer, resource: Int32
    ) throws(DecodingFailure) {
        try checkRoom(in: scopes)
        guard let index = Int32(exactly: scopes.count) else { throw arena.exhausted }
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        scopes.append(RawScope(resource: resource, bytes: nothing, schemaURL: nothing))
        var scope = MessageParts()
        var scanner = WireScanner(bytes)
        while let field = try scanner.nextField() {
            switch (field.number, field.type) {
            case (1, .lengthDelimited): try take(try scanner.bytes(), into: &scope)
            case (2, .lengthDelimited): try decodeItem(try scanner.bytes(), scope: index)
            case (3, .lengthDelimited): scopes[Int(index)].schemaURL = try scanner.string()
            default: try scanner.skip(field, depth: limits.maxAttributeDepth)
            }
        }
        scopes[Int(index)].bytes = try joined(scope, of: bytes)
    }

    @inline(__always)
    private func take(_ part: UnsafeRawBufferPointer, into parts: inout MessageParts) throws(DecodingFailure) {
        if !Self.decodesOwners { try checkFields(of: part) }
        parts.count += 1
        parts.last = part
    }

    /// The resource or scope of a message: field 1. Sent in parts, it is the concatenation of the parts (R-PB-03), which
    /// are copied together once.
    private func joined(
        _ parts: MessageParts, of message: UnsafeRawBufferPointer
    ) throws(DecodingFailure) -> UnsafeRawBufferPointer {
        guard parts.count > 1 else { return parts.last }
        var pieces: [UnsafeRawBufferPointer] = []
        var scanner = WireScanner(message)
        while let field = try scanner.nextField() {
            guard field == WireField(number: 1, type: .lengthDelimited) else {
                try scanner.skip(field, depth: limits.maxAttributeDepth)
                continue
            }
            let piece = try scanner.bytes()
            // A field that is cut off by its part must not continue in the next part.
            try checkFields(of: piece)
            pieces.append(piece)
        }
        return try arena.concatenated(pieces)
    }

    /// Checks that a message consists of whole fields.
    private func checkFields(of message: UnsafeRawBufferPointer) throws(DecodingFailure) {
        var scanner = WireScanner(message)
        while let field = try scanner.nextField() { try scanner.skip(field, depth: limits.maxAttributeDepth) }
    }
}

/// The parts of a singular message that were read so far.
private struct MessageParts {
    var count = 0
    var last = UnsafeRawBufferPointer(start: nil, count: 0)
}
