/// Writes the protobuf wire format, field by field, behind what it wrote before.
///
/// Nothing here is generic: other modules call it as it is compiled here.
///
/// https://protobuf.dev/programming-guides/encoding/
package struct WireWriter: Sendable {
    /// The message so far.
    package var bytes: [UInt8]

    /// Writes behind `bytes`.
    package init(_ bytes: [UInt8] = []) { self.bytes = bytes }

    /// Forgets what was written; keeps the memory for the next message.
    package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    // MARK: Fields

    /// A number, a flag or an enumeration.
    package mutating func field(_ number: UInt32, varint value: UInt64) {
        tag(number, 0)
        varint(value)
    }

    /// A signed number with zig-zag encoding: near 0 it is short on either side.
    package mutating func field(_ number: UInt32, zigZag value: Int32) {
        field(number, varint: UInt64(UInt32(bitPattern: value << 1 ^ value >> 31)))
    }

    /// A 64-bit number or a double, by its bits.
    package mutating func field(_ number: UInt32, fixed64 value: UInt64) {
        tag(number, 1)
        word(value)
    }

    /// A 32-bit number of four bytes.
    package mutating func field(_ number: UInt32, fixed32 value: UInt32) {
        tag(number, 5)
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Bytes, or a message that is encoded already.
    package mutating func field(_ number: UInt32, _ content: [UInt8]) {
        tag(number, 2)
        varint(UInt64(content.count))
        bytes.append(contentsOf: content)
    }

    /// The same from memory.
    package mutating func field(_ number: UInt32, _ content: UnsafeRawBufferPointer) {
        tag(number, 2)
        varint(UInt64(content.count))
        bytes.append(contentsOf: content)
    }

    /// Text.
    package mutating func field(_ number: UInt32, _ text: String) {
        tag(number, 2)
        varint(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// A message, or the elements of a packed field, written by `write`.
    package mutating func field(_ number: UInt32, _ write: (inout WireWriter) -> Void) {
        let start = begin(number)
        write(&self)
        end(start)
    }

    // MARK: Messages in two steps, for callers that can fail between them

    /// Begins a message: what is written until `end` belongs to it.
    /// - Returns: where its content begins.
    package mutating func begin(_ number: UInt32) -> Int {
        tag(number, 2)
        bytes.append(0)
        return bytes.count
    }

    /// Ends the message whose content began at `start`: its length goes into the byte before that, and the content moves
    /// if the length takes more than the byte.
    package mutating func end(_ start: Int) {
        let length = bytes.count - start
        guard length >= 0x80 else { return bytes[start - 1] = UInt8(truncatingIfNeeded: length) }
        let extra = (Int.bitWidth - length.leadingZeroBitCount - 1) / 7
        for _ in 0..<extra { bytes.append(0) }
        bytes.withUnsafeMutableBytes { bytes in
            guard let content = bytes.baseAddress?.advanced(by: start) else { return }
            content.advanced(by: extra).copyMemory(from: content, byteCount: length)
            for place in 0...extra {
                let isLast = place == extra
                bytes[start - 1 + place] = UInt8(truncatingIfNeeded: length >> (7 * place)) & 0x7F | (isLast ? 0 : 0x80)
            }
        }
    }

    /// Takes back everything after the first `count` bytes.
    package mutating func cut(to count: Int) { bytes.removeSubrange(count...) }

    // MARK: Parts of fields

    /// A number, seven bits a byte, lowest first.
    package mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Eight bytes, lowest first.
    package mutating func word(_ value: UInt64) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Bytes as they are, such as fields that are encoded already.
    package mutating func append(_ content: [UInt8]) { bytes.append(contentsOf: content) }

    /// The same from memory.
    package mutating func append(_ content: UnsafeRawBufferPointer) { bytes.append(contentsOf: content) }

    private mutating func tag(_ number: UInt32, _ type: UInt64) { varint(UInt64(number) << 3 | type) }
}
