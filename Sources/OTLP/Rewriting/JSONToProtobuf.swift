internal import Bytes

/// Reads JSON and writes the equivalent protobuf. A value that is not of its field's type costs the smallest part that
/// can be left out (docs/decisions/0019), which the scanner notes.
enum JSONToProtobuf {
    static func message(
        _ message: ExportSchema.Message, _ json: inout JSONScanner, into writer: inout WireWriter
    ) throws(JSONFault) {
        guard try json.openObject() else { return }
        let fields = message.fields
        while try json.nextMember() {
            let key = try json.tokens.string()
            try json.passColon()
            guard let field = field(named: key, among: fields) else {
                try json.skipValue()
                continue
            }
            let place = json.place
            guard field.isRepeated else {
                do throws(JSONFault) {
                    try value(field, &json, into: &writer)
                } catch {
                    guard let part = message.part(lostWith: field) else { throw error }
                    try json.leaveOut(part, from: place, error)
                }
                continue
            }
            guard let part = message.part(lostWithElementOf: field) else {
                guard try json.openArray() else { continue }
                while try json.nextElement() { try value(field, &json, into: &writer, isElement: true) }
                continue
            }
            guard try message.isEnvelope ? json.openArray() : json.openList(of: part) else { continue }
            while try json.nextElement() {
                let place = json.place
                do throws(JSONFault) {
                    try value(field, &json, into: &writer, isElement: true)
                } catch {
                    try json.leaveOut(part, from: place, error)
                }
            }
        }
    }

    private static func field(named key: JSONText, among fields: [ExportSchema.Field]) -> ExportSchema.Field? {
        if let index = fields.firstIndex(where: { $0.isNamed(key.bytes) }) { return fields[index] }
        guard key.hasEscapes || key.bytes.contains(UInt8(ascii: "_")) else { return nil }
        return self.key(of: key).withUnsafeBufferPointer { name in fields.first { $0.isNamed(name) } }
    }

    /// Keys are lowerCamelCase; snake_case is tolerated (R-JSON-01).
    static func key(of text: JSONText) -> [UInt8] {
        let key = text.unescaped()
        return key.contains(UInt8(ascii: "_")) ? JSONKey.lowerCamelCase(key) : key
    }

    /// One value in its field; nothing for null. A repeated number is written element by element, which every decoder
    /// accepts.
    /// - Parameter isElement: in an array null becomes an empty message, since leaving it out would move the others.
    private static func value(
        _ field: ExportSchema.Field, _ json: inout JSONScanner, into writer: inout WireWriter,
        isElement: Bool = false
    ) throws(JSONFault) {
        switch field.kind {
        case .message(let inner):
            if try json.tokens.takeNull() {
                if isElement { writer.field(field.number, []) }
                return
            }
            let before = writer.bytes.count
            let start = writer.begin(field.number)
            do throws(JSONFault) {
                if inner.isLevel {
                    try json.withinLevel { json throws(JSONFault) in try message(inner, &json, into: &writer) }
                } else {
                    try message(inner, &json, into: &writer)
                }
                try json.spend(writer.bytes.count - start)
            } catch {
                writer.cut(to: before)
                throw error
            }
            writer.end(start)
        case .string:
            guard let text = try json.tokens.stringOrNull() else { return }
            text.withMeaning { writer.field(field.number, UnsafeRawBufferPointer($0)) }
        case .bytes:
            _ = json.tokens.peekToken()
            let place = json.tokens.fault(.base64)
            guard let text = try json.tokens.stringOrNull() else { return }
            guard let bytes = text.withMeaning({ Base64.bytes(ofAnyForm: $0) }) else { throw place }
            writer.field(field.number, bytes)
        case .identifier:
            _ = json.tokens.peekToken()
            let place = json.tokens.fault(.identifier)
            guard let text = try json.tokens.stringOrNull() else { return }
            guard let bytes = hexadecimalBytes(text.unescaped()) else { throw place }
            writer.field(field.number, bytes)
        case .bool:
            if let flag = try json.tokens.bool() { writer.field(field.number, varint: flag ? 1 : 0) }
        case .enumeration(let names):
            if let number = try enumeration(names, &json) {
                writer.field(field.number, varint: UInt64(bitPattern: Int64(number)))
            }
        case .uint32:
            if let number = try json.tokens.integer(as: UInt32.self) {
                writer.field(field.number, varint: UInt64(number))
            }
        case .sint32:
            if let number = try json.tokens.integer(as: Int32.self) { writer.field(field.number, zigZag: number) }
        case .int64:
            guard let number = try json.tokens.integer(as: Int64.self) else { return }
            writer.field(field.number, varint: UInt64(bitPattern: number))
        case .uint64:
            if let number = try json.tokens.unsigned64() { writer.field(field.number, varint: number) }
        case .fixed32:
            if let number = try json.tokens.integer(as: UInt32.self) { writer.field(field.number, fixed32: number) }
        case .fixed64:
            if let number = try json.tokens.unsigned64() { writer.field(field.number, fixed64: number) }
        case .sfixed64:
            guard let number = try json.tokens.integer(as: Int64.self) else { return }
            writer.field(field.number, fixed64: UInt64(bitPattern: number))
        case .double:
            if let number = try json.tokens.double() { writer.field(field.number, fixed64: number.bitPattern) }
        }
    }

    /// A number, or one of the names.
    private static func enumeration(_ names: [String], _ json: inout JSONScanner) throws(JSONFault) -> Int32? {
        guard json.tokens.peekToken() == UInt8(ascii: "\"") else { return try json.tokens.integer(as: Int32.self) }
        let place = json.tokens.fault(.expectedInteger)
        let text = try json.tokens.string().unescaped()
        if let index = names.firstIndex(where: { $0.utf8.elementsEqual(text) }) { return Int32(index) }
        guard let number = Int32(String(decoding: text, as: UTF8.self)) else { throw place }
        return number
    }

    private static func hexadecimalBytes(_ digits: [UInt8]) -> [UInt8]? {
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = Hexadecimal.value(of: digits[index]), let low = Hexadecimal.value(of: digits[index + 1])
            else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }
}

extension ExportSchema.Message {
    /// Whether it is only an envelope: an error in it is an error of the export.
    var isEnvelope: Bool {
        switch self {
        case .logs, .resourceLogs, .scopeLogs, .traces, .resourceSpans, .scopeSpans, .metrics, .resourceMetrics,
            .scopeMetrics:
            true
        default: false
        }
    }

    /// An array or a map of an attribute, which `DecodingLimits.maxAttributeDepth` counts.
    var isLevel: Bool {
        switch self {
        case .arrayValue, .keyValueList: true
        default: false
        }
    }

    /// What is lost with one field that cannot be decoded; nil: the whole message.
    func part(lostWith field: ExportSchema.Field) -> ExportPart? {
        if case .identifier = field.kind { return .identifier }
        switch self {
        case .logs, .resourceLogs, .scopeLogs, .traces, .resourceSpans, .scopeSpans, .metrics, .resourceMetrics,
            .scopeMetrics:
            if case .string = field.kind { return .field }
            return nil
        case .histogramPoint, .exponentialPoint: return [11, 12].contains(field.number) ? .field : nil
        case .resource, .entityReference, .scope, .logRecord, .span, .spanEvent, .spanLink, .spanStatus: return .field
        default: return nil
        }
    }

    /// What is lost with one element of a repeated field that cannot be decoded; nil: the whole message.
    func part(lostWithElementOf field: ExportSchema.Field) -> ExportPart? {
        guard case .message(let inner) = field.kind else { return part(lostWith: field) }
        switch (self, inner) {
        case (.keyValueList, _): return nil
        case (_, .keyValue): return .attribute
        case (_, .exemplar): return .exemplar
        case (_, .logRecord), (_, .span): return .record
        case (_, .numberPoint), (_, .histogramPoint), (_, .exponentialPoint), (_, .summaryPoint): return .point
        case (_, .metric): return .metric
        case (_, .spanEvent), (_, .spanLink), (_, .entityReference): return .field
        default: return nil
        }
    }
}
