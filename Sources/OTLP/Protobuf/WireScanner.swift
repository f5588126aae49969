/// Reads the protobuf wire format from borrowed bytes, field by field. Never reads past `end`, never traps on input.
///
/// https://protobuf.dev/programming-guides/encoding/
struct WireScanner {
    private var cursor: UnsafePointer<UInt8>
    private let end: UnsafePointer<UInt8>

    /// `bytes` stays alive and unchanged while the scanner, and what it returned, is used.
    @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer) {
        if let base = bytes.baseAddress {
            cursor = base.assumingMemoryBound(to: UInt8.self)
            end = cursor + bytes.count
        } else {
            cursor = WireScanner.nothing
            end = cursor
        }
    }

    /// A valid address for scanners of empty buffers; nothing is ever read from it.
    // nonisolated(unsafe): never written, never freed.
    private nonisolated(unsafe) static let nothing = UnsafePointer(UnsafeMutablePointer<UInt8>.allocate(capacity: 1))

    @inline(__always)
    var isAtEnd: Bool { cursor == end }

    @inline(__always)
    var position: UnsafePointer<UInt8> { cursor }

    /// The next field's number and wire type; nil at the end of the message.
    @inline(__always)
    mutating func nextField() throws(DecodingFailure) -> WireField? {
        guard cursor != end else { return nil }
        let first = cursor[0]
        let tag: UInt32
        if first < 0x80 {
            tag = UInt32(first)
            cursor += 1
        } else {
            tag = try longTag()
        }
        guard tag >> 3 != 0, let type = WireType(rawValue: UInt8(tag & 7)) else {
            throw .malformed("protobuf: field number 0 or unknown wire type")
        }
        return WireField(number: tag >> 3, type: type)
    }

    /// Tags take at most five bytes and 32 bits (R-PB-04).
    private mutating func longTag() throws(DecodingFailure) -> UInt32 {
        let start = cursor
        let value = try varint()
        guard cursor - start <= 5, let tag = UInt32(exactly: value) else {
            throw .malformed("protobuf: over-long tag")
        }
        return tag
    }

    @inline(__always)
    mutating func varint() throws(DecodingFailure) -> UInt64 {
        if cursor != end, cursor[0] < 0x80 {
            let value = UInt64(cursor[0])
            cursor += 1
            return value
        }
        return try longVarint()
    }

    private mutating func longVarint() throws(DecodingFailure) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while cursor != end {
            let byte = cursor[0]
            cursor += 1
            if shift == 63, byte > 1 { throw .malformed("protobuf: over-long varint") }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw .malformed("protobuf: truncated varint")
    }

    @inline(__always)
    mutating func fixed64() throws(DecodingFailure) -> UInt64 {
        guard end - cursor >= 8 else { throw .malformed("protobuf: truncated fixed64") }
        let value = UnsafeRawPointer(cursor).loadUnaligned(as: UInt64.self)
        cursor += 8
        return UInt64(littleEndian: value)
    }

    @inline(__always)
    mutating func double() throws(DecodingFailure) -> Double { Double(bitPattern: try fixed64()) }

    /// A zig-zag encoded integer (R-PB-06); of a longer varint the low 32 bits are used.
    @inline(__always)
    mutating func sint32() throws(DecodingFailure) -> Int32 {
        let encoded = UInt32(truncatingIfNeeded: try varint())
        return Int32(bitPattern: encoded >> 1 ^ (0 &- (encoded & 1)))
    }

    /// The elements of a repeated fixed64 or double in one field, packed or not (R-PB-02), to be read with `fixed64` or
    /// `double` to the end.
    @inline(__always)
    mutating func fixed64Words(of field: WireField) throws(DecodingFailure) -> WireScanner {
        guard field.type == .lengthDelimited else {
            let start = cursor
            try skipFixed(8)
            return WireScanner(UnsafeRawBufferPointer(start: start, count: 8))
        }
        let packed = try bytes()
        guard packed.count % 8 == 0 else { throw .malformed("protobuf: a packed field has a broken length") }
        return WireScanner(packed)
    }

    /// The number of words in `fixed64Words`.
    var fixed64Count: Int { (end - cursor) / 8 }

    @inline(__always)
    mutating func bytes() throws(DecodingFailure) -> UnsafeRawBufferPointer {
        let length = try varint()
        guard length <= UInt64(end - cursor) else { throw .malformed("protobuf: a length runs past the end") }
        let slice = UnsafeRawBufferPointer(start: cursor, count: Int(length))
        cursor += Int(length)
        return slice
    }

    /// A `string` field: valid UTF-8 (R-PB-05).
    @inline(__always)
    mutating func string() throws(DecodingFailure) -> UnsafeRawBufferPointer {
        let slice = try bytes()
        guard UTF8Validation.isValid(slice) else { throw .notText }
        return slice
    }

    /// Skips the value of an unknown field, groups included (R-PB-01).
    mutating func skip(_ field: WireField, depth: Int) throws(DecodingFailure) {
        switch field.type {
        case .varint: _ = try varint()
        case .fixed64: try skipFixed(8)
        case .lengthDelimited: _ = try bytes()
        case .fixed32: try skipFixed(4)
        case .startGroup: try skipGroup(field.number, depth: depth)
        case .endGroup: throw .malformed("protobuf: a group ends that did not start")
        }
    }

    private mutating func skipFixed(_ count: Int) throws(DecodingFailure) {
        guard end - cursor >= count else { throw .malformed("protobuf: truncated fixed-width field") }
        cursor += count
    }

    private mutating func skipGroup(_ number: UInt32, depth: Int) throws(DecodingFailure) {
        guard depth > 0 else { throw .tooDeep }
        while let field = try nextField() {
            if field.type == .endGroup {
                guard field.number == number else { throw .malformed("protobuf: a group ends that did not start") }
                return
            }
            try skip(field, depth: depth - 1)
        }
        throw .malformed("protobuf: truncated group")
    }
}

/// The tag of one field.
struct WireField: Equatable {
    var number: UInt32
    var type: WireType
}

enum WireType: UInt8 {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case startGroup = 3
    case endGroup = 4
    case fixed32 = 5
}
