/// Rewrites an export without the groups in its outer messages, for protobuf-c, which refuses them.
///
/// Groups were removed from proto3, so this is the rare path: it copies the body once.
enum EnvelopeGroups {
    /// The body without groups, in the arena. Metrics are copied as they are: their scanner skips groups itself.
    static func removed(
        from body: UnsafeRawBufferPointer, into arena: Arena, depth: Int
    ) throws(DecodingFailure) -> UnsafeRawBufferPointer {
        var output: [UInt8] = []
        output.reserveCapacity(body.count)
        // The request holds resource metrics (1), which hold scope metrics (2).
        try copy(body, into: &output, nested: [1, 2], depth: depth)
        let result = try arena.allocate(output.count)
        result.copyBytes(from: output)
        return UnsafeRawBufferPointer(result)
    }

    /// Copies the fields of one message. `nested` names, level by level, the fields that are envelope messages too.
    private static func copy(
        _ message: UnsafeRawBufferPointer, into output: inout [UInt8], nested: [UInt32], depth: Int
    ) throws(DecodingFailure) {
        var scanner = WireScanner(message)
        while true {
            let start = UnsafeRawPointer(scanner.position)
            guard let field = try scanner.nextField() else { return }
            if field.type == .lengthDelimited, field.number == nested.first {
                var inner: [UInt8] = []
                try copy(try scanner.bytes(), into: &inner, nested: Array(nested.dropFirst()), depth: depth)
                append(varint: UInt64(field.number) << 3 | UInt64(WireType.lengthDelimited.rawValue), to: &output)
                append(varint: UInt64(inner.count), to: &output)
                output.append(contentsOf: inner)
                continue
            }
            try scanner.skip(field, depth: depth)
            guard field.type != .startGroup else { continue }
            output.append(
                contentsOf: UnsafeRawBufferPointer(start: start, count: UnsafeRawPointer(scanner.position) - start))
        }
    }

    private static func append(varint value: UInt64, to output: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            output.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        output.append(UInt8(rest))
    }
}
