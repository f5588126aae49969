internal import Settings

/// Points decoded in place: what changes from export to export is decoded, what identifies the series stays raw.
extension PointTables {
    /// `opentelemetry.proto.metrics.v1.NumberDataPoint`.
    mutating func protobufNumberPoint(_ bytes: UnsafeRawBufferPointer) throws(DecodingFailure) -> NumberDataPoint {
        var point = NumberDataPoint()
        var attributes = FieldRun()
        var scanner = WireScanner(bytes)
        while true {
            let start = scanner.position
            guard let field = try scanner.nextField() else { break }
            switch (field.number, field.type) {
            case (7, .lengthDelimited): try attributes.take(from: start, &scanner)
            case (2, .fixed64): point.startTime = try scanner.fixed64()
            case (3, .fixed64): point.time = try scanner.fixed64()
            case (4, .fixed64): point.value = .double(try scanner.double())
            case (6, .fixed64): point.value = .int(Int64(bitPattern: try scanner.fixed64()))
            case (5, .lengthDelimited): try appendProtobufExemplar(try scanner.bytes(), to: &point.exemplars)
            case (8, .varint): point.flags = UInt32(truncatingIfNeeded: try scanner.varint())
            default: try scanner.skip(field, depth: limits.maxAttributeDepth)
            }
        }
        point.attributes = try attributes.joined(field: 7, of: bytes, arena: arena, depth: limits.maxAttributeDepth)
        return point
    }
}
