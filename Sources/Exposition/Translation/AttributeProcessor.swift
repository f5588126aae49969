package import OTLP
internal import Series

/// Changes to attributes that the configuration asks for, between the stream as received, which keys its state, and the
/// names and labels it is shown with. Streams that become equal are one series with several writers.
package struct AttributeProcessor: Equatable, Sendable {
    /// Whose attributes are changed.
    package enum Target: Equatable, Sendable {
        case resource
        case dataPoints
    }

    /// When a value is set.
    package enum Condition: Equatable, Sendable {
        case missing
        case present
        case always
    }

    /// Where a value comes from.
    package enum Source: Equatable, Sendable {
        case value(AttributeValue)
        /// The attribute with this key; where there is none nothing is set.
        case attribute([UInt8])
    }

    /// One change. Keys are UTF-8 and not empty.
    package enum Action: Equatable, Sendable {
        case set(key: [UInt8], Condition, Source)
        case delete(key: [UInt8])
        /// The value becomes the SHA-256 of itself in hex: of the bytes of text, and of numbers as the Collector lays
        /// them out (8 bytes little-endian; a truth value is one byte). Lists and maps are hashed by their text.
        case hash(key: [UInt8])
    }

    package var target: Target
    /// In the order in which they are applied.
    package var actions: [Action]

    package init(target: Target, actions: [Action]) {
        self.target = target
        self.actions = actions
    }

    /// The stream as it is to be shown. Attributes stay sorted by key.
    static func process(_ stream: StreamIdentity, with processors: [AttributeProcessor]) -> StreamIdentity {
        var stream = stream
        stream.resource = process(stream.resource, with: processors)
        for processor in processors where processor.target == .dataPoints {
            processor.apply(to: &stream.attributes)
        }
        stream.attributes.sort { $0.key.lexicographicallyPrecedes($1.key) }
        return stream
    }

    static func process(_ resource: Resource, with processors: [AttributeProcessor]) -> Resource {
        var resource = resource
        for processor in processors where processor.target == .resource {
            processor.apply(to: &resource.attributes)
        }
        return resource
    }

    /// Changes attributes in place; those that are set anew come last.
    package func apply(to attributes: inout [Attribute]) {
        for action in actions {
            switch action {
            case .set(let key, let condition, let source):
                let isPresent = attributes.contains { $0.key == key }
                guard condition == .always || (condition == .present) == isPresent,
                    let value = Self.value(source, in: attributes)
                else { continue }
                attributes.removeAll { $0.key == key }
                attributes.append(Attribute(key: key, value: value))
            case .delete(let key): attributes.removeAll { $0.key == key }
            case .hash(let key):
                for index in attributes.indices where attributes[index].key == key {
                    attributes[index].value = .string(SHA256.hex(of: Self.bytes(of: attributes[index].value)))
                }
            }
        }
    }

    /// Of equal keys the last one counts.
    private static func value(_ source: Source, in attributes: [Attribute]) -> AttributeValue? {
        switch source {
        case .value(let value): value
        case .attribute(let key): attributes.last { $0.key == key }?.value
        }
    }

    private static func bytes(of value: AttributeValue) -> [UInt8] {
        switch value {
        case .string(let bytes), .bytes(let bytes): return bytes
        case .bool(let flag): return [flag ? 1 : 0]
        case .int(let number): return withUnsafeBytes(of: number.littleEndian) { Array($0) }
        case .double(let number): return withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) }
        case .empty, .array, .keyValues:
            var text: [UInt8] = []
            AttributeText.append(value, to: &text)
            return text
        }
    }
}
