/// Writes the protobuf wire format into a growing buffer.
struct MessageWriter {
    private(set) var bytes: [UInt8] = []

    mutating func tag(_ number: UInt32, _ type: WireType) { varint(UInt64(number) << 3 | UInt64(type.rawValue)) }

    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func fixed64(_ value: UInt64) { withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) } }

    mutating func fixed32(_ value: UInt32) { withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) } }

    /// A field of bytes, text or a message.
    mutating func field(_ number: UInt32, _ content: some Collection<UInt8>) {
        tag(number, .lengthDelimited)
        varint(UInt64(content.count))
        bytes.append(contentsOf: content)
    }

    /// Bytes without change.
    mutating func append(_ content: some Collection<UInt8>) { bytes.append(contentsOf: content) }

    /// A `KeyValue` in the field of this number.
    mutating func attribute(_ attribute: Attribute, field number: UInt32) {
        var pair = MessageWriter()
        pair.field(1, attribute.key)
        var value = MessageWriter()
        value.value(attribute.value)
        pair.field(2, value.bytes)
        field(number, pair.bytes)
    }

    /// The content of an `AnyValue`.
    mutating func value(_ value: AttributeValue) {
        switch value {
        case .empty: break
        case .string(let text): field(1, text)
        case .bool(let flag):
            tag(2, .varint)
            varint(flag ? 1 : 0)
        case .int(let number):
            tag(3, .varint)
            varint(UInt64(bitPattern: number))
        case .double(let number):
            tag(4, .fixed64)
            fixed64(number.bitPattern)
        case .array(let elements):
            var array = MessageWriter()
            for element in elements {
                var inner = MessageWriter()
                inner.value(element)
                array.field(1, inner.bytes)
            }
            field(5, array.bytes)
        case .keyValues(let attributes):
            var list = MessageWriter()
            for attribute in attributes { list.attribute(attribute, field: 1) }
            field(6, list.bytes)
        case .bytes(let content): field(7, content)
        }
    }
}
