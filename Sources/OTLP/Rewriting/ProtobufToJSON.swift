internal import Bytes

/// Reads protobuf and writes the JSON it stands for, without blanks. An attribute or body that is nested too deep is left
/// out.
struct ProtobufToJSON {
    private(set) var bytes: [UInt8] = []
    /// Arrays and maps of an attribute that may still be nested.
    private var depth: Int

    init(depth: Int) { self.depth = depth }

    /// Fields come in the order of the schema. Of a field that is not repeated the last value counts.
    mutating func message(_ message: ExportSchema.Message, _ content: UnsafeRawBufferPointer) throws(DecodingFailure) {
        let outer = depth
        if message.isLevel { depth -= 1 }
        defer { depth = outer }
        guard depth >= 0 else { throw .tooDeep }
        let found = try Self.values(in: content, depth: depth)
        append("{")
        var isFirst = true
        for field in message.fields {
            guard let values = found[field.number], let last = values.last else { continue }
            guard field.isRepeated else {
                try orLeftOut(message.part(lostWith: field), &isFirst) { (json, isFirst) throws(DecodingFailure) in
                    json.key(field, &isFirst)
                    try json.value(field, last)
                }
                continue
            }
            key(field, &isFirst)
            append("[")
            var isFirstElement = true
            for each in values {
                let part = message.part(lostWithElementOf: field)
                try orLeftOut(part, &isFirstElement) { (json, isFirst) throws(DecodingFailure) in
                    try json.elements(field, each, &isFirst)
                }
            }
            append("]")
        }
        append("}")
    }

    private mutating func key(_ field: ExportSchema.Field, _ isFirst: inout Bool) {
        if !isFirst { append(",") }
        isFirst = false
        append("\"\(field.name)\":")
    }

    /// Takes back what was written of a part that is nested too deep.
    private mutating func orLeftOut(
        _ part: ExportPart?, _ isFirst: inout Bool,
        _ write: (inout ProtobufToJSON, inout Bool) throws(DecodingFailure) -> Void
    ) throws(DecodingFailure) {
        let (start, wasFirst) = (bytes.count, isFirst)
        do throws(DecodingFailure) {
            try write(&self, &isFirst)
        } catch {
            guard error == .tooDeep, part != nil else { throw error }
            bytes.removeSubrange(start...)
            isFirst = wasFirst
        }
    }

    /// What stands on the wire for one value.
    private enum Wire {
        case varint(UInt64)
        case fixed32(UInt32)
        case fixed64(UInt64)
        case bytes(UnsafeRawBufferPointer)
    }

    private static func values(
        in content: UnsafeRawBufferPointer, depth: Int
    ) throws(DecodingFailure) -> [UInt32: [Wire]] {
        var values: [UInt32: [Wire]] = [:]
        var scanner = WireScanner(content)
        while let field = try scanner.nextField() {
            switch field.type {
            case .varint: values[field.number, default: []].append(.varint(try scanner.varint()))
            case .fixed64: values[field.number, default: []].append(.fixed64(try scanner.fixed64()))
            case .fixed32: values[field.number, default: []].append(.fixed32(try scanner.fixed32()))
            case .lengthDelimited: values[field.number, default: []].append(.bytes(try scanner.bytes()))
            case .startGroup, .endGroup: try scanner.skip(field, depth: depth)
            }
        }
        return values
    }

    /// The elements of a repeated field: one, or as many as are packed.
    private mutating func elements(
        _ field: ExportSchema.Field, _ wire: Wire, _ isFirst: inout Bool
    ) throws(DecodingFailure) {
        guard case .bytes(let packed) = wire, !field.kind.isLengthDelimited else {
            if !isFirst { append(",") }
            isFirst = false
            return try value(field, wire)
        }
        var scanner = WireScanner(packed)
        while !scanner.isAtEnd {
            if !isFirst { append(",") }
            isFirst = false
            let isFixed =
                switch field.kind {
                case .fixed64, .sfixed64, .double: true
                default: false
                }
            try value(field, isFixed ? .fixed64(try scanner.fixed64()) : .varint(try scanner.varint()))
        }
    }

    private mutating func value(_ field: ExportSchema.Field, _ wire: Wire) throws(DecodingFailure) {
        switch (field.kind, wire) {
        case (.message(let inner), .bytes(let content)): try message(inner, content)
        case (.string, .bytes(let content)):
            guard UTF8Validation.isValid(content) else { throw .notText }
            string(content)
        case (.bytes, .bytes(let content)): base64(content)
        case (.identifier, .bytes(let content)): hexadecimal(content)
        case (.bool, .varint(let number)): append(number == 0 ? "false" : "true")
        case (.enumeration, .varint(let number)): append("\(Int32(truncatingIfNeeded: number))")
        case (.uint32, .varint(let number)): append("\(UInt32(truncatingIfNeeded: number))")
        case (.fixed32, .fixed32(let number)): append("\(number)")
        case (.sint32, .varint(let number)):
            let encoded = UInt32(truncatingIfNeeded: number)
            append("\(Int32(bitPattern: encoded >> 1 ^ (0 &- (encoded & 1))))")
        case (.int64, .varint(let number)): append("\"\(Int64(bitPattern: number))\"")
        case (.uint64, .varint(let number)), (.fixed64, .fixed64(let number)): append("\"\(number)\"")
        case (.sfixed64, .fixed64(let number)): append("\"\(Int64(bitPattern: number))\"")
        case (.double, .fixed64(let number)): double(Double(bitPattern: number))
        default: throw .malformed("protobuf: a field has a type that is not its own")
        }
    }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func double(_ number: Double) {
        if number.isFinite { return append("\(number)") }
        append(number.isNaN ? "\"NaN\"" : number < 0 ? "\"-Infinity\"" : "\"Infinity\"")
    }

    /// Quotes, backslashes and control characters escaped (RFC 8259, 7).
    private mutating func string(_ text: UnsafeRawBufferPointer) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x0A: append("\\n")
            case 0x0D: append("\\r")
            case 0x09: append("\\t")
            case 0..<0x20, 0x7F:
                append("\\u00")
                bytes.append(contentsOf: Hexadecimal.digits(of: [byte]))
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func hexadecimal(_ content: UnsafeRawBufferPointer) {
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: Hexadecimal.digits(of: content))
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func base64(_ content: UnsafeRawBufferPointer) {
        bytes.append(UInt8(ascii: "\""))
        Base64.append(content, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }
}

extension ExportSchema.Kind {
    fileprivate var isLengthDelimited: Bool {
        switch self {
        case .string, .bytes, .identifier, .message: true
        default: false
        }
    }
}

extension WireScanner {
    fileprivate mutating func fixed32() throws(DecodingFailure) -> UInt32 {
        let start = position
        try skip(WireField(number: 1, type: .fixed32), depth: 1)
        return UInt32(littleEndian: UnsafeRawPointer(start).loadUnaligned(as: UInt32.self))
    }
}
