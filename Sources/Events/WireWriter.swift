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

    private static func varintLength(_ value: Int) -> Int { max(1, (Int.bitWidth - value.leadingZeroBitCount + 6) / 7) }
}
