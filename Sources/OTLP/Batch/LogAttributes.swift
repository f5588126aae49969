internal import Settings

/// One attribute of a log record, in place.
package struct LogAttribute {
    /// UTF-8 in JSON; in protobuf any bytes. Empty if not given.
    package var key: UnsafeRawBufferPointer
    package var value: LogValue
}

/// A decoded `AnyValue` as far as events read it.
package enum LogValue {
    case string(LogText)
    case int(Int64)
    case double(Double)
    case bool(Bool)
    /// An array, a map, bytes, or nothing.
    case other
}

/// A string value in the bytes of the export.
package struct LogText {
    /// In protobuf any bytes, UTF-8 or not; in JSON the text between the quotes.
    var raw: UnsafeRawBufferPointer
    /// Whether it contains a backslash.
    var hasEscapes: Bool

    /// Upper bound of its size in bytes.
    package var countBound: Int { raw.count }

    /// Calls `body` with the unescaped text; copies only if there are escapes.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        guard hasEscapes, let start = raw.baseAddress else { return body(raw) }
        let text = JSONText(
            start: start.assumingMemoryBound(to: UInt8.self), count: raw.count, hasEscapes: true)
        return text.unescaped().withUnsafeBytes(body)
    }
}

extension LogsBatch {
    /// Calls `body` for each attribute of a record, in the order received, duplicates included. The argument is valid
    /// during the call only.
    /// - Parameter losses: counts those that cannot be decoded, which are skipped.
    /// - Throws: `malformed` if the ends of attributes cannot be determined.
    package func forEachAttribute(
        of record: LogRecord, losses: inout DecodingLosses, _ body: (LogAttribute) -> Void
    ) throws(DecodingFailure) {
        switch encoding {
        case .protobuf: try forEachProtobufAttribute(of: record.attributes, &losses, body)
        case .json: try forEachJSONAttribute(of: record.attributes, &losses, body)
        }
    }

    private func forEachProtobufAttribute(
        of run: UnsafeRawBufferPointer, _ losses: inout DecodingLosses, _ body: (LogAttribute) -> Void
    ) throws(DecodingFailure) {
        var attributes = WireScanner(run)
        while let field = try attributes.nextField() {
            guard field.type == .lengthDelimited else { throw .malformed("protobuf: broken attributes") }
            let bytes = try attributes.bytes()
            do throws(DecodingFailure) {
                body(try protobufAttribute(bytes))
            } catch {
                // Invalid UTF-8 within a list or map does not matter for events.
                guard error.isOfPart || error == .notText else { throw error }
                losses.note(.attribute, error)
            }
        }
    }

    private func protobufAttribute(_ bytes: UnsafeRawBufferPointer) throws(DecodingFailure) -> LogAttribute {
        var attribute = LogAttribute(key: UnsafeRawBufferPointer(start: nil, count: 0), value: .other)
        var keyValue = WireScanner(bytes)
        while let field = try keyValue.nextField() {
            switch (field.number, field.type) {
            case (1, .lengthDelimited): attribute.key = try keyValue.bytes()
            case (2, .lengthDelimited): try readProtobuf(try keyValue.bytes(), into: &attribute.value)
            default: try keyValue.skip(field, depth: limits.maxAttributeDepth)
            }
        }
        return attribute
    }

    /// `AnyValue`, merged into what an earlier part of the same message set (R-PB-03).
    func readProtobuf(_ raw: UnsafeRawBufferPointer, into value: inout LogValue) throws(DecodingFailure) {
        var scanner = WireScanner(raw)
        while let field = try scanner.nextField() {
            switch (field.number, field.type) {
            case (1, .lengthDelimited): value = .string(LogText(raw: try scanner.bytes(), hasEscapes: false))
            case (2, .varint): value = .bool(try scanner.varint() != 0)
            case (3, .varint): value = .int(Int64(bitPattern: try scanner.varint()))
            case (4, .fixed64): value = .double(try scanner.double())
            case (5, .lengthDelimited):
                try MessageShape.arrayValue.validate(try scanner.bytes(), depth: limits.maxAttributeDepth)
                value = .other
            case (6, .lengthDelimited):
                try MessageShape.keyValueList.validate(try scanner.bytes(), depth: limits.maxAttributeDepth)
                value = .other
            case (7, .lengthDelimited):
                _ = try scanner.bytes()
                value = .other
            default: try scanner.skip(field, depth: limits.maxAttributeDepth)
            }
        }
    }

    private func forEachJSONAttribute(
        of text: UnsafeRawBufferPointer, _ losses: inout DecodingLosses, _ body: (LogAttribute) -> Void
    ) throws(DecodingFailure) {
        guard !text.isEmpty else { return }
        do {
            var json = try JSONScanner(text, limits: limits, origin: bodyStart)
            guard try json.openArray() else { return }
            while try json.nextElement() {
                let read = try json.orLeftOut(.attribute) { json throws(JSONFault) in try json.logAttribute() }
                guard let (key, value) = read else { continue }
                LogText(key).withBytes { body(LogAttribute(key: $0, value: value)) }
            }
            losses.add(json.losses)
        } catch {
            throw DecodingFailure(error)
        }
    }
}

extension LogText {
    /// Nil is the empty text.
    init(_ text: JSONText?) {
        raw = text.map { UnsafeRawBufferPointer($0.bytes) } ?? UnsafeRawBufferPointer(start: nil, count: 0)
        hasEscapes = text?.hasEscapes ?? false
    }
}

extension JSONScanner {
    /// `KeyValue`, its key as written.
    fileprivate mutating func logAttribute() throws(JSONFault) -> (key: JSONText?, value: LogValue) {
        var attribute: (key: JSONText?, value: LogValue) = (nil, .other)
        guard try openObject() else { return attribute }
        while let name = try nextKey() {
            switch name {
            case .key: attribute.key = try tokens.stringOrNull()
            case .value: attribute.value = try logValue()
            default: try skipValue()
            }
        }
        return attribute
    }

    /// `AnyValue`: the last member given wins (R-JSON-15).
    mutating func logValue() throws(JSONFault) -> LogValue {
        var value = LogValue.other
        guard try openObject() else { return value }
        while let key = try nextKey() {
            switch key {
            case .stringValue: value = try tokens.stringOrNull().map { .string(LogText($0)) } ?? .other
            case .boolValue: value = try tokens.bool().map(LogValue.bool) ?? .other
            case .intValue: value = try tokens.integer(as: Int64.self).map(LogValue.int) ?? .other
            case .doubleValue: value = try tokens.double().map(LogValue.double) ?? .other
            case .arrayValue, .kvlistValue:
                if try !tokens.takeNull() { try passNested(key) }
                value = .other
            case .bytesValue:
                try skipValue()
                value = .other
            default: try skipValue()
            }
        }
        return value
    }

    /// Skips an array or a map, all of whose values must be valid.
    private mutating func passNested(_ key: JSONKey) throws(JSONFault) {
        try forEachValues { json throws(JSONFault) in
            guard try json.openArray() else { return }
            while try json.nextElement() {
                if key == .arrayValue { _ = try json.logValue() } else { _ = try json.logAttribute() }
            }
        }
    }
}

extension LogValue {
    /// The value as a number, also if it is written as a string (as by clients before 2.1.122); `missing` for anything
    /// else.
    package var number: NumberValue {
        switch self {
        case .int(let number): return .int(number)
        case .double(let number): return .double(number)
        case .bool, .other: return .missing
        case .string(let text):
            // No number is longer.
            guard text.countBound <= 64 else { return .missing }
            return text.withBytes { bytes in
                let text = bytes.bindMemory(to: UInt8.self)
                guard let decimal = DecimalText(whole: text, .lenient) else { return .missing }
                if let integer = decimal.integer(as: Int64.self) { return .int(integer) }
                return decimal.double(of: text).map(NumberValue.double) ?? .missing
            }
        }
    }
}
