internal import Settings

extension PointTables {
    /// `opentelemetry.proto.metrics.v1.Exemplar`, added after those in `range`. One that cannot be decoded, or has
    /// attributes that are not UTF-8, is left out.
    @inline(never)
    mutating func appendProtobufExemplar(
        _ bytes: UnsafeRawBufferPointer, to range: inout Range<Int32>
    ) throws(DecodingFailure) {
        let exemplar: Exemplar
        do throws(DecodingFailure) {
            exemplar = try protobufExemplar(bytes)
        } catch {
            guard error == .notText else { return try losses.leaveOut(.exemplar, error) }
            return losses.note(.exemplar, error)
        }
        try append(exemplar, to: &range)
    }

    /// Its attributes are checked here: whether they are decoded later depends on the format of a scrape.
    private mutating func protobufExemplar(_ bytes: UnsafeRawBufferPointer) throws(DecodingFailure) -> Exemplar {
        var exemplar = Exemplar()
        var attributes = FieldRun()
        var scanner = WireScanner(bytes)
        while true {
            let start = scanner.position
            guard let field = try scanner.nextField() else { break }
            switch (field.number, field.type) {
            case (7, .lengthDelimited):
                try MessageShape.checkAttribute(try scanner.bytes(), depth: limits.maxAttributeDepth)
                attributes.extend(from: start, to: scanner.position)
            case (2, .fixed64): exemplar.time = try scanner.fixed64()
            case (3, .fixed64): exemplar.value = .double(try scanner.double())
            case (6, .fixed64): exemplar.value = .int(Int64(bitPattern: try scanner.fixed64()))
            case (4, .lengthDelimited): exemplar.spanID = identifier(try scanner.bytes(), byteCount: 8)
            case (5, .lengthDelimited): exemplar.traceID = identifier(try scanner.bytes(), byteCount: 16)
            default: try scanner.skip(field, depth: limits.maxAttributeDepth)
            }
        }
        exemplar.filteredAttributes = try attributes.joined(
            field: 7, of: bytes, arena: arena, depth: limits.maxAttributeDepth)
        return exemplar
    }

    /// A trace or span id; empty if absent, all zero (R-EX-01), or of another length; that one is left out.
    private mutating func identifier(_ bytes: UnsafeRawBufferPointer, byteCount: Int) -> UnsafeRawBufferPointer {
        if bytes.count == byteCount, bytes.contains(where: { $0 != 0 }) { return bytes }
        if bytes.count != byteCount, !bytes.isEmpty {
            losses.note(.identifier, .malformed("protobuf: a trace id has 16 bytes, a span id 8"))
        }
        return UnsafeRawBufferPointer(start: nil, count: 0)
    }
}
