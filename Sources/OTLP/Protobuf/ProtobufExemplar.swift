extension MetricsBatch {
    /// `opentelemetry.proto.metrics.v1.Exemplar`, entered behind those in `range`.
    ///
    /// Its attributes are checked here: whether anybody reads them later depends on the format of a scrape.
    @inline(never)
    mutating func appendProtobufExemplar(
        _ bytes: UnsafeRawBufferPointer, to range: inout Range<Int32>
    ) throws(DecodingFailure) {
        var exemplar = Exemplar()
        var attributes = FieldRun()
        var scanner = WireScanner(bytes)
        while true {
            let start = scanner.position
            guard let field = try scanner.nextField() else { break }
            switch (field.number, field.type) {
            case (7, .lengthDelimited):
                try MessageShape.keyValue.validate(try scanner.bytes(), depth: limits.depth)
                attributes.extend(from: start, to: scanner.position)
            case (2, .fixed64): exemplar.time = try scanner.fixed64()
            case (3, .fixed64): exemplar.value = .double(try scanner.double())
            case (6, .fixed64): exemplar.value = .int(Int64(bitPattern: try scanner.fixed64()))
            case (4, .lengthDelimited): exemplar.spanID = try scanner.bytes().identifier(byteCount: 8)
            case (5, .lengthDelimited): exemplar.traceID = try scanner.bytes().identifier(byteCount: 16)
            default: try scanner.skip(field, depth: limits.depth)
            }
        }
        exemplar.filteredAttributes = try attributes.joined(
            field: 7, of: bytes, arena: arena, depth: limits.depth)
        try append(exemplar, to: &range)
    }
}

extension UnsafeRawBufferPointer {
    /// These bytes as a trace or span id; empty if there is none in them. A wrong length is legal on the wire, but no
    /// id, as is one of zeros only (R-EX-01).
    func identifier(byteCount: Int) -> UnsafeRawBufferPointer {
        count == byteCount && contains { $0 != 0 } ? self : UnsafeRawBufferPointer(start: nil, count: 0)
    }
}
