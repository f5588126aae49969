/// A decoded `KeyValue`. Keys and strings are UTF-8 bytes, not `String`: identity is byte for byte, never by canonical
/// equivalence.
package struct Attribute: Equatable, Sendable {
    package var key: [UInt8]
    package var value: AttributeValue

    package init(key: [UInt8], value: AttributeValue) {
        self.key = key
        self.value = value
    }
}

/// A decoded `AnyValue`.
package indirect enum AttributeValue: Equatable, Sendable {
    /// No member of the oneof is set.
    case empty
    /// Valid UTF-8; may contain NUL.
    case string([UInt8])
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case bytes([UInt8])
    case array([AttributeValue])
    case keyValues([Attribute])
}

/// A decoded `Resource`.
package struct Resource: Equatable, Sendable {
    package var attributes: [Attribute]

    package init(attributes: [Attribute] = []) {
        self.attributes = attributes
    }
}

/// A decoded `InstrumentationScope` with the schema URL of its scope metrics.
package struct Scope: Equatable, Sendable {
    package var name: [UInt8]
    package var version: [UInt8]
    package var schemaURL: [UInt8]
    package var attributes: [Attribute]

    package init(name: [UInt8] = [], version: [UInt8] = [], schemaURL: [UInt8] = [], attributes: [Attribute] = []) {
        self.name = name
        self.version = version
        self.schemaURL = schemaURL
        self.attributes = attributes
    }
}
