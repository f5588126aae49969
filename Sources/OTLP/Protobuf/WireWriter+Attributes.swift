package import Bytes

extension WireWriter {
    /// A `KeyValue` in the field of this number.
    package mutating func field(_ number: UInt32, _ attribute: Attribute) {
        field(number) { pair in
            pair.field(1, attribute.key)
            pair.field(2) { $0.content(of: attribute.value) }
        }
    }

    /// The content of an `AnyValue`. The depth is that of the value: readers limit it.
    private mutating func content(of value: AttributeValue) {
        switch value {
        case .empty: break
        case .string(let text): field(1, text)
        case .bool(let flag): field(2, varint: flag ? 1 : 0)
        case .int(let number): field(3, varint: UInt64(bitPattern: number))
        case .double(let number): field(4, fixed64: number.bitPattern)
        case .array(let elements):
            field(5) { array in
                for element in elements { array.field(1) { $0.content(of: element) } }
            }
        case .keyValues(let attributes):
            field(6) { list in
                for attribute in attributes { list.field(1, attribute) }
            }
        case .bytes(let content): field(7, content)
        }
    }
}
