internal import OTLP

/// Appends protobuf fields to the caller's bytes.
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

    /// A `KeyValue` with a map, after its length: values by the keys of their attributes, the best first. The exporter
    /// shows one of them, and applies the label policy by its key (docs/labels.md).
    static func label(_ key: [UInt8], _ users: [SourcedText], to bytes: inout [UInt8]) {
        var map: [UInt8] = []
        for user in users {
            // The entry includes its length: only its tag is missing.
            map.append(1 << 3 | 2)
            user.text.withUnsafeBytes { label(user.key, $0, to: &map) }
        }
        for user in users where user.hashes > 0 {
            map.append(1 << 3 | 2)
            mark(user.key, user.hashes, to: &map)
        }
        var anyValue: [UInt8] = []
        self.bytes(6, map, to: &anyValue)
        var keyValue: [UInt8] = []
        self.bytes(1, key, to: &keyValue)
        self.bytes(2, anyValue, to: &keyValue)
        varint(UInt64(keyValue.count), to: &bytes)
        bytes.append(contentsOf: keyValue)
    }

    /// A mark of `HashMarks` as a `KeyValue`, its length before it.
    static func mark(_ key: [UInt8], _ hashes: Int, to bytes: inout [UInt8]) {
        var anyValue: [UInt8] = []
        varint(3, UInt64(hashes), to: &anyValue)
        var keyValue: [UInt8] = []
        self.bytes(1, HashMarks.prefix + key, to: &keyValue)
        self.bytes(2, anyValue, to: &keyValue)
        varint(UInt64(keyValue.count), to: &bytes)
        bytes.append(contentsOf: keyValue)
    }

    private static func varintLength(_ value: Int) -> Int { max(1, (Int.bitWidth - value.leadingZeroBitCount + 6) / 7) }
}
