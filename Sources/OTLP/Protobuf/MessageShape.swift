/// The messages inside an export that nothing reads in full yet, as far as their validity goes: which fields are
/// strings, which are messages. A message that a standard decoder would refuse is refused, read or not (R-HTTP-14).
///
/// Field numbers: opentelemetry/proto/{common,resource,metrics}/v1, OTLP 1.11.
enum MessageShape {
    case keyValue
    case anyValue
    case arrayValue
    case keyValueList
    case entityReference
    case exemplar
    case histogramPoint
    case exponentialHistogramPoint
    case exponentialBuckets
    case summaryPoint
    case quantile

    /// What a length-delimited field holds.
    enum Content {
        case bytes
        case string
        case message(MessageShape)
        case packedVarints
        case packedFixed64
    }

    func content(of field: UInt32) -> Content {
        switch (self, field) {
        case (.keyValue, 1), (.anyValue, 1): .string
        case (.keyValue, 2): .message(.anyValue)
        case (.anyValue, 5): .message(.arrayValue)
        case (.anyValue, 6): .message(.keyValueList)
        case (.arrayValue, 1): .message(.anyValue)
        case (.keyValueList, 1): .message(.keyValue)
        case (.entityReference, 1...4): .string
        case (.exemplar, 7): .message(.keyValue)
        case (.histogramPoint, 9): .message(.keyValue)
        case (.histogramPoint, 8): .message(.exemplar)
        case (.histogramPoint, 6), (.histogramPoint, 7): .packedFixed64
        case (.exponentialHistogramPoint, 1): .message(.keyValue)
        case (.exponentialHistogramPoint, 8), (.exponentialHistogramPoint, 9): .message(.exponentialBuckets)
        case (.exponentialHistogramPoint, 11): .message(.exemplar)
        case (.exponentialBuckets, 2): .packedVarints
        case (.summaryPoint, 7): .message(.keyValue)
        case (.summaryPoint, 6): .message(.quantile)
        default: .bytes
        }
    }

    /// Checks `bytes` as a message of this shape, all it holds included.
    /// - Parameter depth: levels of messages that may still follow.
    func validate(_ bytes: UnsafeRawBufferPointer, depth: Int) throws(DecodingFailure) {
        guard depth > 0 else { throw .malformed("protobuf: messages nested too deep") }
        var scanner = WireScanner(bytes)
        while let field = try scanner.nextField() {
            guard field.type == .lengthDelimited else {
                try scanner.skip(field, depth: depth)
                continue
            }
            switch content(of: field.number) {
            case .bytes: _ = try scanner.bytes()
            case .string: _ = try scanner.string()
            case .message(let shape): try shape.validate(try scanner.bytes(), depth: depth - 1)
            case .packedVarints:
                var packed = WireScanner(try scanner.bytes())
                while !packed.isAtEnd { _ = try packed.varint() }
            case .packedFixed64:
                guard try scanner.bytes().count % 8 == 0 else {
                    throw .malformed("protobuf: a packed field has a broken length")
                }
            }
        }
    }
}
