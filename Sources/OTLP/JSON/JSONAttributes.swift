internal import Bytes
internal import Settings

/// Decodes attributes that `MetricsBatch` left in JSON.
///
/// Unlike there, values are checked: an attribute that was accepted there can be lost here. An empty text means that
/// the message was absent.
///
/// `origin` is the beginning of the body that contains the text.
enum JSONAttributes {
    /// The text of an array of `KeyValue`.
    static func attributes(
        ofArray raw: UnsafeRawBufferPointer, limits: DecodingLimits, origin: UnsafeRawPointer?
    ) throws(DecodingFailure) -> Decoded<[Attribute]> {
        try decode(raw, limits, origin, absent: []) { (json: inout JSONScanner) throws(JSONFault) in
            try json.attributes()
        }
    }

    /// The text of a `Resource`: { attributes: […], droppedAttributesCount }.
    static func resource(
        _ raw: UnsafeRawBufferPointer, limits: DecodingLimits, origin: UnsafeRawPointer?
    ) throws(DecodingFailure) -> Decoded<Resource> {
        try decode(raw, limits, origin, absent: Resource()) { (json: inout JSONScanner) throws(JSONFault) in
            var resource = Resource()
            guard try json.openObject() else { return resource }
            while let key = try json.nextKey() {
                switch key {
                case .attributes: resource.attributes = try json.attributes()
                case .droppedAttributesCount: try json.passCount()
                default: try json.skipValue()
                }
            }
            return resource
        }
    }

    /// The text of an `InstrumentationScope`: { name, version, attributes: […], droppedAttributesCount }.
    static func scope(
        _ raw: UnsafeRawBufferPointer, limits: DecodingLimits, origin: UnsafeRawPointer?
    ) throws(DecodingFailure) -> Decoded<Scope> {
        try decode(raw, limits, origin, absent: Scope()) { (json: inout JSONScanner) throws(JSONFault) in
            var scope = Scope()
            guard try json.openObject() else { return scope }
            while let key = try json.nextKey() {
                switch key {
                case .name: if try !json.leaveOutUnlessText() { scope.name = try json.ownedString() }
                case .version: if try !json.leaveOutUnlessText() { scope.version = try json.ownedString() }
                case .attributes: scope.attributes = try json.attributes()
                case .droppedAttributesCount: try json.passCount()
                default: try json.skipValue()
                }
            }
            return scope
        }
    }

    private static func decode<Value>(
        _ raw: UnsafeRawBufferPointer, _ limits: DecodingLimits, _ origin: UnsafeRawPointer?, absent: Value,
        _ body: (inout JSONScanner) throws(JSONFault) -> Value
    ) throws(DecodingFailure) -> Decoded<Value> {
        guard !raw.isEmpty else { return Decoded(content: absent) }
        do {
            var json = try JSONScanner(raw, limits: limits, origin: origin)
            let value = try body(&json)
            try json.tokens.finish()
            return Decoded(content: value, losses: json.losses)
        } catch {
            throw DecodingFailure(error)
        }
    }
}

// MARK: - KeyValue, AnyValue

// Depth is bounded by `withinLevel`.

extension JSONScanner {
    /// An array of `KeyValue`; those that cannot be decoded are left out.
    fileprivate mutating func attributes() throws(JSONFault) -> [Attribute] {
        var attributes: [Attribute] = []
        guard try openList(of: .attribute) else { return attributes }
        while try nextElement() {
            let attribute = try orLeftOut(.attribute) { json throws(JSONFault) in try json.keyValue() }
            if let attribute { attributes.append(attribute) }
        }
        return attributes
    }

    /// `droppedAttributesCount`, which is not used.
    fileprivate mutating func passCount() throws(JSONFault) {
        _ = try orLeftOut(.field) { json throws(JSONFault) in try json.tokens.integer(as: UInt32.self) }
    }

    /// `KeyValue`: { key, value }.
    private mutating func keyValue() throws(JSONFault) -> Attribute {
        try spend(MemoryLayout<Attribute>.stride)
        var attribute = Attribute(key: [], value: .empty)
        guard try openObject() else { return attribute }
        while let key = try nextKey() {
            switch key {
            case .key: attribute.key = try ownedString()
            case .value: attribute.value = try anyValue()
            default: try skipValue()
            }
        }
        return attribute
    }

    /// `AnyValue`: an object with one member. The last one given wins (R-JSON-15); null unsets only the member it is
    /// given for.
    private mutating func anyValue() throws(JSONFault) -> AttributeValue {
        try spend(Self.allocationCost)
        var value = AttributeValue.empty
        var member = JSONKey.unknown
        guard try openObject() else { return value }
        while let key = try nextKey() {
            switch key {
            case .stringValue, .boolValue, .intValue, .doubleValue, .bytesValue, .arrayValue, .kvlistValue:
                if let given = try anyValueMember(key) {
                    value = given
                    member = key
                } else if member == key {
                    value = .empty
                }
            default: try skipValue()
            }
        }
        return value
    }

    /// The value of a member of the oneof; nil for null.
    private mutating func anyValueMember(_ key: JSONKey) throws(JSONFault) -> AttributeValue? {
        if try tokens.takeNull() { return nil }
        switch key {
        case .stringValue: return .string(try ownedString())
        case .boolValue: return try tokens.bool().map(AttributeValue.bool)
        case .intValue: return try tokens.integer(as: Int64.self).map(AttributeValue.int)
        case .doubleValue: return try tokens.double().map(AttributeValue.double)
        case .bytesValue: return .bytes(try base64())
        case .arrayValue:
            var values: [AttributeValue] = []
            try forEachValues { json throws(JSONFault) in
                values = []
                guard try json.openArray() else { return }
                while try json.nextElement() { values.append(try json.anyValue()) }
            }
            return .array(values)
        default:
            var attributes: [Attribute] = []
            try forEachValues { json throws(JSONFault) in
                attributes = []
                guard try json.openArray() else { return }
                while try json.nextElement() { attributes.append(try json.keyValue()) }
            }
            return .keyValues(attributes)
        }
    }

    /// `ArrayValue` and `KeyValueList`: { values: […] }.
    /// - Parameter body: reads an array of elements, of which the last one given wins.
    mutating func forEachValues(
        _ body: (inout JSONScanner) throws(JSONFault) -> Void
    ) throws(JSONFault) {
        try withinLevel { json throws(JSONFault) in
            guard try json.openObject() else { return }
            while let key = try json.nextKey() {
                if key == .values { try body(&json) } else { try json.skipValue() }
            }
        }
    }

    /// An unescaped copy of a string; empty for null.
    fileprivate mutating func ownedString() throws(JSONFault) -> [UInt8] {
        guard let text = try tokens.stringOrNull() else { return [] }
        try spend(text.count + Self.allocationCost)
        return text.unescaped()
    }

    /// Base64 of either alphabet, padded or not (R-JSON-14).
    private mutating func base64() throws(JSONFault) -> [UInt8] {
        _ = tokens.peekToken()
        let place = tokens.fault(.base64)
        guard let text = try tokens.stringOrNull() else { return [] }
        try spend(text.count + Self.allocationCost)
        guard let bytes = text.withMeaning({ Base64.bytes(ofAnyForm: $0) }) else { throw place }
        return bytes
    }

    /// Approximate overhead of an allocation in bytes.
    private static var allocationCost: Int { 32 }
}
