internal import Settings

/// `opentelemetry.proto.common.v1`: attributes, resources and scopes, decoded completely. With a scanner that limits
/// the depth: protobuf-c would follow any nesting until the stack overflows.
///
/// An attribute that is malformed, or nested too deep, is left out. A string value that is not UTF-8 is noted and kept:
/// its points do not count, but the rest of the export does. A key that is not UTF-8 is malformed, like any other
/// string (R-PB-05).
enum ProtobufAttributes {
    /// The state of decoding.
    private struct Progress {
        /// Bytes that decoded values may still use: a few bytes on the wire make a value of many.
        var memory: Int
        var isText = true
        var losses = DecodingLosses()
    }

    /// The attributes of a point: a run of length-delimited `KeyValue` fields with their tags.
    static func attributes(
        ofRun raw: UnsafeRawBufferPointer, limits: DecodingLimits
    ) throws(DecodingFailure) -> Decoded<[Attribute]> {
        var result: [Attribute] = []
        var progress = Progress(memory: limits.maxDecodingMemory)
        var scanner = WireScanner(raw)
        while let field = try scanner.nextField() {
            guard field.type == .lengthDelimited else { throw .malformed("protobuf: broken attributes") }
            try append(try scanner.bytes(), to: &result, limits, &progress)
        }
        return Decoded(content: result, isText: progress.isText, losses: progress.losses)
    }

    /// `opentelemetry.proto.resource.v1.Resource`.
    static func resource(
        _ raw: UnsafeRawBufferPointer, limits: DecodingLimits
    ) throws(DecodingFailure) -> Decoded<Resource> {
        var result = Resource()
        var progress = Progress(memory: limits.maxDecodingMemory)
        var scanner = WireScanner(raw)
        while let field = try scanner.nextField() {
            switch (field.number, field.type) {
            case (1, .lengthDelimited):
                try append(try scanner.bytes(), to: &result.attributes, limits, &progress)
            case (3, .lengthDelimited):
                let reference = try scanner.bytes()
                do throws(DecodingFailure) {
                    try MessageShape.entityReference.validate(reference, depth: limits.maxAttributeDepth)
                } catch {
                    guard error.isOfPart else { throw error }
                    progress.losses.note(.field, error)
                }
            default: try scanner.skip(field, depth: limits.maxAttributeDepth)
            }
        }
        return Decoded(content: result, isText: progress.isText, losses: progress.losses)
    }

    /// `opentelemetry.proto.common.v1.InstrumentationScope`.
    static func scope(
        _ raw: UnsafeRawBufferPointer, limits: DecodingLimits
    ) throws(DecodingFailure) -> Decoded<Scope> {
        var result = Scope()
        var progress = Progress(memory: limits.maxDecodingMemory)
        var scanner = WireScanner(raw)
        while let field = try scanner.nextField() {
            switch (field.number, field.type) {
            case (1, .lengthDelimited): result.name = Array(try scanner.string())
            case (2, .lengthDelimited): result.version = Array(try scanner.string())
            case (3, .lengthDelimited):
                try append(try scanner.bytes(), to: &result.attributes, limits, &progress)
            default: try scanner.skip(field, depth: limits.maxAttributeDepth)
            }
        }
        return Decoded(content: result, isText: progress.isText, losses: progress.losses)
    }

    /// Appends a `KeyValue`, unless it cannot be decoded.
    private static func append(
        _ raw: UnsafeRawBufferPointer, to attributes: inout [Attribute], _ limits: DecodingLimits,
        _ progress: inout Progress
    ) throws(DecodingFailure) {
        let isText = progress.isText
        do throws(DecodingFailure) {
            attributes.append(try keyValue(raw, depth: limits.maxAttributeDepth, progress: &progress))
        } catch {
            guard error.isOfPart else { throw error }
            progress.isText = isText
            progress.losses.note(.attribute, error)
        }
    }

    /// `KeyValue`.
    /// - Parameter depth: levels of arrays and maps that the value may have.
    private static func keyValue(
        _ raw: UnsafeRawBufferPointer, depth: Int, progress: inout Progress
    ) throws(DecodingFailure) -> Attribute {
        try spend(MemoryLayout<Attribute>.stride + raw.count, of: &progress)
        var result = Attribute(key: [], value: .empty)
        var scanner = WireScanner(raw)
        while let field = try scanner.nextField() {
            switch (field.number, field.type) {
            case (1, .lengthDelimited): result.key = Array(try scanner.string())
            case (2, .lengthDelimited):
                try read(try scanner.bytes(), into: &result.value, depth: depth, progress: &progress)
            default: try scanner.skip(field, depth: depth)
            }
        }
        return result
    }

    /// `AnyValue`, merged into what an earlier part of the same message set (R-PB-03).
    private static func read(
        _ raw: UnsafeRawBufferPointer, into value: inout AttributeValue, depth: Int, progress: inout Progress
    ) throws(DecodingFailure) {
        try spend(allocationCost + raw.count, of: &progress)
        var scanner = WireScanner(raw)
        while let field = try scanner.nextField() {
            switch (field.number, field.type) {
            case (1, .lengthDelimited):
                let text = try scanner.bytes()
                if !UTF8Validation.isValid(text) { progress.isText = false }
                value = .string(Array(text))
            case (2, .varint): value = .bool(try scanner.varint() != 0)
            case (3, .varint): value = .int(Int64(bitPattern: try scanner.varint()))
            case (4, .fixed64): value = .double(Double(bitPattern: try scanner.fixed64()))
            case (5, .lengthDelimited):
                try readArray(try scanner.bytes(), into: &value, depth: depth, progress: &progress)
            case (6, .lengthDelimited):
                try readKeyValues(try scanner.bytes(), into: &value, depth: depth, progress: &progress)
            case (7, .lengthDelimited): value = .bytes(Array(try scanner.bytes()))
            default: try scanner.skip(field, depth: depth)
            }
        }
    }

    /// `ArrayValue`.
    private static func readArray(
        _ raw: UnsafeRawBufferPointer, into value: inout AttributeValue, depth: Int, progress: inout Progress
    ) throws(DecodingFailure) {
        var elements: [AttributeValue] = []
        if case .array(let earlier) = value { elements = earlier }
        // Held once, so that appending does not copy: a value may be sent in very many parts.
        value = .empty
        try forEachElement(of: raw, depth: depth) { bytes throws(DecodingFailure) in
            var element = AttributeValue.empty
            try read(bytes, into: &element, depth: depth - 1, progress: &progress)
            elements.append(element)
        }
        value = .array(elements)
    }

    /// `KeyValueList`.
    private static func readKeyValues(
        _ raw: UnsafeRawBufferPointer, into value: inout AttributeValue, depth: Int, progress: inout Progress
    ) throws(DecodingFailure) {
        var entries: [Attribute] = []
        if case .keyValues(let earlier) = value { entries = earlier }
        value = .empty
        try forEachElement(of: raw, depth: depth) { bytes throws(DecodingFailure) in
            entries.append(try keyValue(bytes, depth: depth - 1, progress: &progress))
        }
        value = .keyValues(entries)
    }

    /// Calls `body` for the elements of an `ArrayValue` or a `KeyValueList`: both have them in field 1.
    private static func forEachElement(
        of raw: UnsafeRawBufferPointer, depth: Int,
        _ body: (UnsafeRawBufferPointer) throws(DecodingFailure) -> Void
    ) throws(DecodingFailure) {
        guard depth > 0 else { throw .tooDeep }
        var scanner = WireScanner(raw)
        while let field = try scanner.nextField() {
            if field == WireField(number: 1, type: .lengthDelimited) {
                try body(try scanner.bytes())
            } else {
                try scanner.skip(field, depth: depth)
            }
        }
    }

    /// Approximate overhead of a value in bytes.
    private static let allocationCost = 64

    private static func spend(_ count: Int, of progress: inout Progress) throws(DecodingFailure) {
        guard progress.memory >= count else {
            throw .tooLarge("decoding this export needs more memory than the limit allows")
        }
        progress.memory -= count
    }
}
