/// Points read in place: what changes from export to export is decoded, what identifies the series stays raw.
enum ProtobufPoint {
    /// `opentelemetry.proto.metrics.v1.NumberDataPoint`.
    static func number(
        _ bytes: UnsafeRawBufferPointer, arena: Arena, depth: Int
    ) throws(DecodingFailure) -> NumberDataPoint {
        var point = NumberDataPoint()
        var attributes = AttributeRun()
        var scanner = WireScanner(bytes)
        while true {
            let start = scanner.position
            guard let field = try scanner.nextField() else { break }
            switch (field.number, field.type) {
            case (7, .lengthDelimited):
                _ = try scanner.bytes()
                attributes.extend(from: start, to: scanner.position)
            case (2, .fixed64): point.startTime = try scanner.fixed64()
            case (3, .fixed64): point.time = try scanner.fixed64()
            case (4, .fixed64): point.value = .double(Double(bitPattern: try scanner.fixed64()))
            case (6, .fixed64): point.value = .int(Int64(bitPattern: try scanner.fixed64()))
            case (5, .lengthDelimited): try MessageShape.exemplar.validate(try scanner.bytes(), depth: depth)
            case (8, .varint): point.flags = UInt32(truncatingIfNeeded: try scanner.varint())
            default: try scanner.skip(field, depth: depth)
            }
        }
        point.attributes = try attributes.joined(field: 7, of: bytes, arena: arena, depth: depth)
        return point
    }
}

/// The run of `attributes` fields in a point. Encoders write them side by side; when other fields lie between, the
/// pieces are copied together.
private struct AttributeRun {
    private var start: UnsafePointer<UInt8>?
    private var end: UnsafePointer<UInt8>?
    private var isScattered = false

    @inline(__always)
    mutating func extend(from fieldStart: UnsafePointer<UInt8>, to fieldEnd: UnsafePointer<UInt8>) {
        if start == nil {
            start = fieldStart
        } else if end != fieldStart {
            isScattered = true
        }
        end = fieldEnd
    }

    @inline(__always)
    func joined(
        field number: UInt32, of point: UnsafeRawBufferPointer, arena: Arena, depth: Int
    ) throws(DecodingFailure) -> UnsafeRawBufferPointer {
        guard let start, let end else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        if isScattered { return try gathered(field: number, of: point, arena: arena, depth: depth) }
        return UnsafeRawBufferPointer(start: start, count: end - start)
    }

    private func gathered(
        field number: UInt32, of point: UnsafeRawBufferPointer, arena: Arena, depth: Int
    ) throws(DecodingFailure) -> UnsafeRawBufferPointer {
        var pieces: [UnsafeRawBufferPointer] = []
        var scanner = WireScanner(point)
        while true {
            let start = scanner.position
            guard let field = try scanner.nextField() else { break }
            try scanner.skip(field, depth: depth)
            if field == WireField(number: number, type: .lengthDelimited) {
                pieces.append(UnsafeRawBufferPointer(start: start, count: scanner.position - start))
            }
        }
        return try arena.concatenated(pieces)
    }
}
