/// Why a record of the state directory cannot be used. The store is unchanged then.
package enum StateFault: Error, Hashable, Sendable {
    /// The record is too short or too long.
    case truncated
    /// An unknown tag, kind or version.
    case unknownTag
    /// An impossible number: an index beyond all limits, buckets that do not match their bounds.
    case outOfRange
    /// It refers to a missing record.
    case orphan
    /// Attributes that cannot be decoded.
    case malformed
    /// The configuration no longer shows such a series.
    case notShown(RejectionReason)
}

/// Reads what `StateWriter` wrote. The bytes passed a checksum, but are not trusted: every length is checked against
/// the remaining bytes, so no record causes an allocation of more than a small multiple of its size.
struct StateReader {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    /// Whether it reads the `others` of a writer, which have none themselves: bounds the recursion.
    var isWithinOthers = false
    /// Shares the memory of equal bounds.
    var bounds: BoundsCache

    /// - Parameter bytes: valid for as long as the reader is used.
    init(_ bytes: UnsafeRawBufferPointer, bounds: BoundsCache = BoundsCache()) {
        self.bytes = bytes
        self.bounds = bounds
    }

    var remaining: Int { bytes.count - position }

    mutating func byte() throws(StateFault) -> UInt8 {
        guard position < bytes.count else { throw .truncated }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func flag() throws(StateFault) -> Bool {
        switch try byte() {
        case 0: false
        case 1: true
        default: throw .unknownTag
        }
    }

    mutating func tag<Tag: RawRepresentable<UInt8>>(_ type: Tag.Type) throws(StateFault) -> Tag {
        guard let tag = Tag(rawValue: try byte()) else { throw .unknownTag }
        return tag
    }

    mutating func number() throws(StateFault) -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            let bits = UInt64(next & 0x7F)
            guard shift < 63 || (shift == 63 && bits <= 1) else { throw .outOfRange }
            result |= bits << shift
            if next & 0x80 == 0 { return result }
            shift += 7
        }
    }

    mutating func number32() throws(StateFault) -> UInt32 {
        guard let number = UInt32(exactly: try number()) else { throw .outOfRange }
        return number
    }

    mutating func signed() throws(StateFault) -> Int64 {
        let number = try number()
        return Int64(bitPattern: number >> 1) ^ -Int64(bitPattern: number & 1)
    }

    mutating func difference(from other: UInt64) throws(StateFault) -> UInt64 {
        other &+ UInt64(bitPattern: try signed())
    }

    mutating func fixed() throws(StateFault) -> UInt64 {
        guard remaining >= 8 else { throw .truncated }
        defer { position += 8 }
        return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    }

    mutating func double() throws(StateFault) -> Double { Double(bitPattern: try fixed()) }

    /// A number of elements of at least `size` bytes each.
    mutating func count(ofAtLeast size: Int) throws(StateFault) -> Int {
        let count = try number()
        guard count <= UInt64(remaining / size) else { throw .truncated }
        return Int(count)
    }

    /// A byte string within the record; valid as long as the bytes of the record.
    mutating func slice() throws(StateFault) -> UnsafeRawBufferPointer {
        let count = try count(ofAtLeast: 1)
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    }

    mutating func string() throws(StateFault) -> [UInt8] { [UInt8](try slice()) }

    mutating func optional<Value: StateCoded>(_ type: Value.Type) throws(StateFault) -> Value? {
        try flag() ? try Value(from: &self) : nil
    }

    mutating func list<Element: StateCoded>(of type: Element.Type) throws(StateFault) -> [Element] {
        var elements: [Element] = []
        let count = try count(ofAtLeast: 1)
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try Element(from: &self)) }
        return elements
    }

    /// The record must end here.
    func end() throws(StateFault) {
        guard remaining == 0 else { throw .truncated }
    }
}
