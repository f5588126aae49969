internal import Storage

/// One row of the table `record`, valid until the statement's next step.
struct StateRow {
    static let columns = "store, kind, id, covered, checksum, bytes"

    let store: UInt16
    let kind: UInt16
    let id: UInt64
    /// The last entry that this record includes.
    let covered: UInt64
    let checksum: UInt64
    let value: UnsafeRawBufferPointer

    /// Nil when the row's checksum is wrong.
    init?(_ statement: Statement) {
        guard let store = UInt16(exactly: statement.integer(0)), let kind = UInt16(exactly: statement.integer(1)) else {
            return nil
        }
        self.store = store
        self.kind = kind
        id = statement.unsigned(2)
        covered = statement.unsigned(3)
        checksum = statement.unsigned(4)
        value = statement.bytes(5)
        let sum = StateRow.checksum(store: store, kind: kind, id: id, covered: covered, value: value)
        guard sum == checksum else { return nil }
    }

    static func checksum(
        store: UInt16, kind: UInt16, id: UInt64, covered: UInt64, value: UnsafeRawBufferPointer
    ) -> UInt64 {
        var checksum = Checksum()
        checksum.add(UInt64(store) | UInt64(kind) &<< 16)
        checksum.add(id)
        checksum.add(covered)
        checksum.add(value)
        return checksum.value
    }
}
