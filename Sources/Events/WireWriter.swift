/// Appends protobuf fields to bytes of the caller's.
///
/// https://protobuf.dev/programming-guides/encoding/
enum WireWriter {
    static func varint(_ value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    static func varint(_ number: UInt64, _ value: UInt64, to bytes: inout [UInt8]) {
        varint(number << 3, to: &bytes)
        varint(value, to: &bytes)
    }

    static func fixed64(_ number: UInt64, _ value: UInt64, to bytes: inout [UInt8]) {
        varint(number << 3 | 1, to: &bytes)
        word(value, to: &bytes)
    }

    static func word(_ value: UInt64, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    static func bytes(_ number: UInt64, _ content: some Collection<UInt8>, to bytes: inout [UInt8]) {
        varint(number << 3 | 2, to: &bytes)
        varint(UInt64(content.count), to: &bytes)
        bytes.append(contentsOf: content)
    }

    /// A `KeyValue` with a string, its length before it.
    static func label(_ key: [UInt8], _ value: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
        let anyValue = 1 + varintLength(value.count) + value.count
        varint(UInt64(1 + varintLength(key.count) + key.count + 1 + varintLength(anyValue) + anyValue), to: &bytes)
        self.bytes(1, key, to: &bytes)
        varint(2 << 3 | 2, to: &bytes)
        varint(UInt64(anyValue), to: &bytes)
        self.bytes(1, value, to: &bytes)
    }

    /// A `KeyValue` with a map of one entry, its length before it: the value, by the key of the attribute that it was taken
    /// from. The exporter shows the value, and knows by the key how it may be shown (docs/labels.md).
    static func label(
        _ key: [UInt8], _ value: UnsafeRawBufferPointer, from source: [UInt8], to bytes: inout [UInt8]
    ) {
        var entry: [UInt8] = []
        label(source, value, to: &entry)
        // The entry comes with its length: it only lacks its tag.
        let map = [1 << 3 | 2] + entry
        var anyValue: [UInt8] = []
        self.bytes(6, map, to: &anyValue)
        var keyValue: [UInt8] = []
        self.bytes(1, key, to: &keyValue)
        self.bytes(2, anyValue, to: &keyValue)
        varint(UInt64(keyValue.count), to: &bytes)
        bytes.append(contentsOf: keyValue)
    }

    private static func varintLength(_ value: Int) -> Int { max(1, (Int.bitWidth - value.leadingZeroBitCount + 6) / 7) }
}
