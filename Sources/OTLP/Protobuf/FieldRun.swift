/// The run of one repeated message field in a message, tags included, for decoding it later: attributes, metadata,
/// buckets. Encoders write such fields side by side; if other fields are in between, the pieces are copied together.
///
/// A singular message given in parts is read from its run part by part, which merges them (R-PB-03).
struct FieldRun {
    private var start: UnsafePointer<UInt8>?
    private var end: UnsafePointer<UInt8>?
    private var isScattered = false

    /// Adds the field whose tag began at `start`; the scanner is after the tag, and then after the field.
    @inline(__always)
    mutating func take(
        from start: UnsafePointer<UInt8>, _ scanner: inout WireScanner
    ) throws(DecodingFailure) {
        _ = try scanner.bytes()
        extend(from: start, to: scanner.position)
    }

    @inline(__always)
    mutating func extend(from fieldStart: UnsafePointer<UInt8>, to fieldEnd: UnsafePointer<UInt8>) {
        if start == nil {
            start = fieldStart
        } else if end != fieldStart {
            isScattered = true
        }
        end = fieldEnd
    }

    /// The run, of length-delimited fields only; empty if the field is absent.
    @inline(__always)
    func joined(
        field number: UInt32, of message: UnsafeRawBufferPointer, arena: Arena, depth: Int
    ) throws(DecodingFailure) -> UnsafeRawBufferPointer {
        guard let start, let end else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        if isScattered { return try gathered(field: number, of: message, arena: arena, depth: depth) }
        return UnsafeRawBufferPointer(start: start, count: end - start)
    }

    private func gathered(
        field number: UInt32, of message: UnsafeRawBufferPointer, arena: Arena, depth: Int
    ) throws(DecodingFailure) -> UnsafeRawBufferPointer {
        var pieces: [UnsafeRawBufferPointer] = []
        var scanner = WireScanner(message)
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
