/// The structure of messages in an export that may never be decoded completely: which fields are strings, which are
/// messages. A message that a standard decoder would refuse is refused or lost, decoded or not (R-HTTP-14).
///
/// Field numbers: opentelemetry/proto/{common,resource}/v1, OTLP 1.11.
enum MessageShape {
    case keyValue
    case anyValue
    case arrayValue
    case keyValueList
    case entityReference

    /// The content of a length-delimited field.
    enum Content {
        case bytes
        case string
        case message(MessageShape)
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
        default: .bytes
        }
    }

    /// An array or a map, which `DecodingLimits.maxAttributeDepth` counts.
    private var isLevel: Bool {
        switch self {
        case .arrayValue, .keyValueList: true
        case .keyValue, .anyValue, .entityReference: false
        }
    }

    /// Checks `bytes` as a message of this structure, including its content.
    /// - Parameter depth: levels of arrays and maps that it may have, itself included.
    func validate(_ bytes: UnsafeRawBufferPointer, depth: Int) throws(DecodingFailure) {
        let depth = isLevel ? depth - 1 : depth
        guard depth >= 0 else { throw .tooDeep }
        var scanner = WireScanner(bytes)
        while let field = try scanner.nextField() {
            guard field.type == .lengthDelimited else {
                try scanner.skip(field, depth: depth)
                continue
            }
            switch content(of: field.number) {
            case .bytes: _ = try scanner.bytes()
            case .string: _ = try scanner.string()
            case .message(let shape): try shape.validate(try scanner.bytes(), depth: depth)
            }
        }
    }

    /// Checks a `KeyValue` that stays raw. A malformed one may stay too: it is left out when it is decoded.
    static func checkAttribute(_ bytes: UnsafeRawBufferPointer, depth: Int) throws(DecodingFailure) {
        do throws(DecodingFailure) {
            try MessageShape.keyValue.validate(bytes, depth: depth)
        } catch {
            guard error.isOfPart else { throw error }
        }
    }
}
