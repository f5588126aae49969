internal import Platform
internal import Storage

/// Entries that are committed together: one row of a journal file, one transaction, one delivery of settlements.
///
/// An entry in `bytes`, which the row stores compressed (numbers little-endian; its own number follows from its place):
///
///     arrival 8 | route 4 | encoding 1 | length of body 4 | body
final class EntryGroup {
    static let headerBytes = 17

    /// Capacity that is kept for the next group when the journal is quiet.
    private static let keptCapacity = 256 << 10

    private var storage: UnsafeMutableRawPointer
    private(set) var capacity: Int
    private(set) var byteCount = 0
    private(set) var bodyBytes = 0
    private(set) var entries: [(any PendingEntry)?] = []

    init() {
        capacity = 16 << 10
        storage = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit {
        storage.deallocate()
    }

    /// The number of entries.
    var count: Int { entries.count }

    /// The entries.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: storage, count: byteCount) }

    /// Copies an entry to the end.
    func append(
        arrival: UnixNanoseconds, route: UInt32, encoding: UInt8, body: UnsafeRawBufferPointer,
        entry: (any PendingEntry)?
    ) {
        reserve(byteCount + EntryGroup.headerBytes + body.count)
        let start = storage + byteCount
        start.storeBytes(of: arrival.littleEndian, as: UInt64.self)
        start.storeBytes(of: route.littleEndian, toByteOffset: 8, as: UInt32.self)
        start.storeBytes(of: encoding, toByteOffset: 12, as: UInt8.self)
        start.storeBytes(of: UInt32(truncatingIfNeeded: body.count).littleEndian, toByteOffset: 13, as: UInt32.self)
        if let source = body.baseAddress {
            (start + EntryGroup.headerBytes).copyMemory(from: source, byteCount: body.count)
        }
        byteCount += EntryGroup.headerBytes + body.count
        bodyBytes += body.count
        entries.append(entry)
    }

    /// Empties the group for its next use.
    func clear() {
        byteCount = 0
        bodyBytes = 0
        entries.removeAll(keepingCapacity: entries.count < 1024)
    }

    /// Whether the group holds much memory that a quiet journal does not need.
    var isLarge: Bool { capacity > EntryGroup.keptCapacity }

    private func reserve(_ wanted: Int) {
        guard wanted > capacity else { return }
        let larger = max(wanted, capacity * 2)
        let moved = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
        moved.copyMemory(from: storage, byteCount: byteCount)
        storage.deallocate()
        storage = moved
        capacity = larger
    }

    /// The checksum of a row.
    /// - Parameters:
    ///   - size: bytes of the uncompressed entries.
    ///   - bytes: the compressed entries.
    static func checksum(first: UInt64, count: Int, size: Int, bytes: UnsafeRawBufferPointer) -> UInt64 {
        var checksum = Checksum()
        checksum.add(first)
        checksum.add(UInt64(bitPattern: Int64(count)))
        checksum.add(UInt64(bitPattern: Int64(size)))
        checksum.add(bytes)
        return checksum.value
    }

    /// Hands over the entries of a row in order; false if the bytes do not hold `count` entries.
    static func read(
        _ bytes: UnsafeRawBufferPointer, first: UInt64, count: Int, _ body: (JournalEntry) -> Void
    ) -> Bool {
        var offset = 0
        for index in 0..<count {
            guard bytes.count - offset >= headerBytes else { return false }
            let length = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 13, as: UInt32.self)))
            guard bytes.count - offset - headerBytes >= length else { return false }
            let start = offset + headerBytes
            body(
                JournalEntry(
                    number: first &+ UInt64(index),
                    arrival: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)),
                    route: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt32.self)),
                    encoding: bytes[offset + 12],
                    body: UnsafeRawBufferPointer(rebasing: bytes[start..<start + length])))
            offset = start + length
        }
        return offset == bytes.count
    }
}
