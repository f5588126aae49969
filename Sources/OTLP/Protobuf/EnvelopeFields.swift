internal import Bytes

/// The outer messages of an export as protobuf-c can read them: it refuses groups and known fields of another wire
/// type, which a decoder has to skip (R-PB-01), and cuts over-long tags, which are malformed (R-PB-04).
enum EnvelopeFields {
    /// The known fields of one of the outer messages; all of them are length-delimited.
    private struct Level {
        var fields: ClosedRange<UInt32>
        /// The field that holds the messages of the next level.
        var nested: UInt32?
    }

    /// ExportMetricsServiceRequest, ResourceMetrics, ScopeMetrics.
    private static let levels = [
        Level(fields: 1...1, nested: 1), Level(fields: 1...3, nested: 2), Level(fields: 1...3, nested: nil),
    ]

    /// The body if it has only known fields, else a copy of these in the arena; that is the rare case. Metrics are
    /// unchanged: their scanner skips unknown fields.
    /// - Throws: `malformed` if the outer messages are not protobuf, `tooLarge` if the arena has no room.
    static func known(
        in body: UnsafeRawBufferPointer, arena: Arena, depth: Int
    ) throws(DecodingFailure) -> UnsafeRawBufferPointer {
        if try isKnown(body, levels[...], depth: depth) { return body }
        var output = WireWriter()
        output.bytes.reserveCapacity(body.count)
        try copy(body, levels[...], into: &output, depth: depth)
        let result = try arena.allocate(output.bytes.count)
        result.copyBytes(from: output.bytes)
        return UnsafeRawBufferPointer(result)
    }

    /// Whether a message and those in it have only known fields.
    private static func isKnown(
        _ message: UnsafeRawBufferPointer, _ levels: ArraySlice<Level>, depth: Int
    ) throws(DecodingFailure) -> Bool {
        guard let level = levels.first else { return true }
        var result = true
        var scanner = WireScanner(message)
        while let field = try scanner.nextField() {
            guard field.type == .lengthDelimited, level.fields.contains(field.number) else {
                result = false
                try scanner.skip(field, depth: depth)
                continue
            }
            let content = try scanner.bytes()
            if field.number == level.nested, try !isKnown(content, levels.dropFirst(), depth: depth) { result = false }
        }
        return result
    }

    /// Copies the known fields of a message that `isKnown` has gone through.
    private static func copy(
        _ message: UnsafeRawBufferPointer, _ levels: ArraySlice<Level>, into output: inout WireWriter, depth: Int
    ) throws(DecodingFailure) {
        guard let level = levels.first else { return }
        var scanner = WireScanner(message)
        while let field = try scanner.nextField() {
            guard field.type == .lengthDelimited, level.fields.contains(field.number) else {
                try scanner.skip(field, depth: depth)
                continue
            }
            let content = try scanner.bytes()
            if field.number == level.nested {
                let start = output.begin(field.number)
                try copy(content, levels.dropFirst(), into: &output, depth: depth)
                output.end(start)
            } else {
                output.field(field.number, content)
            }
        }
    }
}
