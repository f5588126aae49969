package import Storage

/// The records that a checkpoint writes or deletes: one buffer of bytes and a small row for each.
///
/// A record is named by (store, kind, id), whose meaning only the caller knows. A name may occur only once in a value
/// of this type; the order does not matter, ascending order is fastest.
package struct RecordChanges: Sendable {
    struct Row: Sendable {
        var id: UInt64
        var offset: Int
        /// Bytes, or -1 for a deletion.
        var length: Int32
        var store: UInt16
        var kind: UInt16
        /// Where in `tails` the rest of the value is; -1 when there is none.
        var tail: Int32 = -1
    }

    var bytes: [UInt8] = []
    var rows: [Row] = []
    /// Bytes that stay in the owner's array, which is shared, not copied.
    var tails: [ArraySlice<UInt8>] = []

    /// No change.
    package init() {}

    /// The number of records written or deleted.
    package var count: Int { rows.count }

    /// Whether there is nothing to write.
    package var isEmpty: Bool { rows.isEmpty }

    /// Reserves capacity, so that appending does not move existing bytes.
    package mutating func reserve(records: Int, bytes byteCount: Int) {
        rows.reserveCapacity(records)
        bytes.reserveCapacity(byteCount)
    }

    /// Writes this record: `value` is copied. At most 2 GiB.
    package mutating func write(store: UInt16, kind: UInt16, id: UInt64, value: UnsafeRawBufferPointer) {
        rows.append(Row(id: id, offset: bytes.count, length: Int32(clamping: value.count), store: store, kind: kind))
        bytes.append(contentsOf: value)
    }

    /// Writes this record: `value` is copied, `tail` follows it and shares the caller's array.
    package mutating func write(
        store: UInt16, kind: UInt16, id: UInt64, value: UnsafeRawBufferPointer, tail: ArraySlice<UInt8>
    ) {
        write(store: store, kind: kind, id: id, value: value)
        guard !tail.isEmpty, let index = Int32(exactly: tails.count) else { return }
        rows[rows.count - 1].tail = index
        tails.append(tail)
    }

    /// The value of a row; the bytes are valid during the call.
    func withValue<Result>(of row: Row, scratch: inout [UInt8], _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let head = row.offset..<row.offset + Int(row.length)
        guard row.tail >= 0 else {
            return bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[head])) }
        }
        scratch.removeAll(keepingCapacity: true)
        scratch += bytes[head]
        scratch += tails[Int(row.tail)]
        return scratch.withUnsafeBytes(body)
    }

    /// Writes this record: `body` appends its bytes to the buffer, which saves a copy.
    package mutating func write(store: UInt16, kind: UInt16, id: UInt64, appending body: (inout [UInt8]) -> Void) {
        let offset = bytes.count
        body(&bytes)
        let length = Int32(clamping: max(0, bytes.count - offset))
        rows.append(Row(id: id, offset: offset, length: length, store: store, kind: kind))
    }

    /// Deletes this record; it need not exist.
    package mutating func delete(store: UInt16, kind: UInt16, id: UInt64) {
        rows.append(Row(id: id, offset: bytes.count, length: -1, store: store, kind: kind))
    }
}

extension RecordChanges {
    /// The name of each record written or deleted.
    package func forEachName(_ body: (_ store: UInt16, _ kind: UInt16, _ id: UInt64) -> Void) {
        for row in rows { body(row.store, row.kind, row.id) }
    }
}

/// The result of a checkpoint.
package enum CheckpointResult: Sendable {
    /// Durable: entries up to the given number are no longer replayed.
    case written(records: Int, duration: Duration)
    /// Nothing changed on disk. The changes are returned: merge them with the next ones.
    case failed(StorageFailure, RecordChanges)
}

/// One record as recovery finds it. `value` is valid only during the call that hands it over.
package struct JournalRecord {
    package let store: UInt16
    package let kind: UInt16
    package let id: UInt64
    package let value: UnsafeRawBufferPointer
}
