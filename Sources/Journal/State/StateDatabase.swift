internal import Storage

/// The file `state.db`: the records as of the last checkpoint.
///
/// One transaction a checkpoint, in a write-ahead log that is emptied after it, so at any moment the file is either the
/// state before or the state after. Used by one thread at a time.
final class StateDatabase {
    static let pageBytes = 4096

    let path: String
    private let fileSystemName: String?
    private var connection: Connection?
    private(set) var meta = StateMeta()

    /// Opens or creates the file.
    init(path: String, fileSystemName: String?) throws(StorageFailure) {
        self.path = path
        self.fileSystemName = fileSystemName
        _ = try opened()
    }

    /// Opens a connection with the settings that the state needs.
    static func connect(
        path: String, mode: Connection.Mode, fileSystemName: String?
    ) throws(StorageFailure) -> Connection {
        let connection = try Connection(path: path, mode: mode, fileSystemName: fileSystemName)
        let operation = "open the state"
        // Exclusive before the first read: then the log needs no shared memory and no lock at every transaction.
        try connection.execute(
            """
            PRAGMA locking_mode=EXCLUSIVE; PRAGMA page_size=\(pageBytes); PRAGMA auto_vacuum=INCREMENTAL;
            PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-1024
            """, operation: operation)
        guard try connection.text("PRAGMA journal_mode", operation: operation) == "wal" else {
            throw StorageFailure(code: .other, operation: operation, path: path, reason: "no write-ahead log")
        }
        return connection
    }

    /// Creates the tables of an empty file, in one transaction.
    static func createTables(_ connection: Connection, meta: StateMeta) throws(StorageFailure) {
        try transaction(connection) { () throws(StorageFailure) in
            try connection.execute(
                """
                CREATE TABLE record(
                    store INTEGER NOT NULL, kind INTEGER NOT NULL, id INTEGER NOT NULL, covered INTEGER NOT NULL,
                    checksum INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY(store, kind, id)) WITHOUT ROWID;
                PRAGMA user_version=\(StateMeta.currentSchema)
                """, operation: "create the state tables")
            try StateMeta.createTables(connection)
            try meta.write(connection)
        }
    }

    /// Writes a checkpoint.
    ///
    /// - Parameter erases: see `ExportJournal.checkpoint`; if erasing fails, the checkpoint has failed.
    /// - Returns: a failure of the clean-up after the commit, which loses nothing.
    /// - Throws: when nothing was written. The next call opens the file again.
    func write(
        _ changes: borrowing RecordChanges, covering covered: UInt64, erases: Bool = false
    ) throws(StorageFailure) -> StorageFailure? {
        let connection = try opened()
        var meta = self.meta
        meta.covered = max(meta.covered, covered)
        do throws(StorageFailure) {
            try connection.execute("BEGIN IMMEDIATE", operation: "write a checkpoint")
            try StateDatabase.apply(changes, to: connection, meta: &meta)
            try meta.write(connection)
            try connection.execute("COMMIT", operation: "write a checkpoint")
        } catch {
            // Whether a failed commit reached the log is unknown: the file is opened again before the next use.
            self.connection = nil
            throw error
        }
        self.meta = meta
        if erases { try erase(connection) }
        return tidy(connection)
    }

    /// Rewrites the whole file, so that it holds nothing but its tables, and empties the log.
    private func erase(_ connection: Connection) throws(StorageFailure) {
        do throws(StorageFailure) {
            // Temporary files could be anywhere, and the image may have no directory for them.
            try connection.execute(
                "PRAGMA temp_store=MEMORY; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)", operation: "erase records")
        } catch {
            self.connection = nil
            throw error
        }
    }

    /// Hands over all records in order. The file was checked before, so a failure here is one of the device.
    func forEachRecord<Failure: Error>(
        _ body: (JournalRecord) throws(Failure) -> Void
    ) throws(Failure) -> StorageFailure? {
        let statement: Statement
        do throws(StorageFailure) {
            statement = try Statement(
                try opened(), "SELECT \(StateRow.columns) FROM record ORDER BY store, kind, id",
                operation: "read the state")
        } catch {
            return error
        }
        while true {
            do throws(StorageFailure) {
                guard try statement.step() else { return nil }
            } catch {
                return error
            }
            guard let row = StateRow(statement) else {
                return StorageFailure(
                    code: .damaged, operation: "read the state", path: path,
                    reason: "a record changed while it was read")
            }
            try body(JournalRecord(store: row.store, kind: row.kind, id: row.id, value: row.value))
        }
    }

    /// Closes the file; the log becomes part of it.
    func close() {
        connection = nil
    }

    private func opened() throws(StorageFailure) -> Connection {
        if let connection { return connection }
        let made = try StateDatabase.connect(path: path, mode: .create, fileSystemName: fileSystemName)
        let tables = try made.integer("SELECT count(*) FROM sqlite_master", operation: "open the state")
        if tables == 0 {
            try StateDatabase.createTables(made, meta: StateMeta())
            FileSystem.syncDirectory(FileSystem.directory(of: path))
        }
        guard let meta = try StateMeta.read(made).meta else {
            throw StorageFailure(
                code: .damaged, operation: "open the state", path: path, reason: "it contains no state")
        }
        self.meta = meta
        connection = made
        return made
    }

    private static func apply(
        _ changes: borrowing RecordChanges, to connection: Connection, meta: inout StateMeta
    ) throws(StorageFailure) {
        let operation = "write a checkpoint"
        let find = try Statement(
            connection, "SELECT checksum FROM record WHERE store=? AND kind=? AND id=?", operation: operation)
        let write = try Statement(
            connection, "INSERT OR REPLACE INTO record(\(StateRow.columns)) VALUES(?, ?, ?, ?, ?, ?)",
            operation: operation)
        let delete = try Statement(
            connection, "DELETE FROM record WHERE store=? AND kind=? AND id=?", operation: operation)
        let covered = meta.covered
        var scratch: [UInt8] = []
        for index in order(changes.rows) {
            let row = changes.rows[index]
            bindKey(find, row)
            if try find.step() {
                meta.digest &-= find.unsigned(0)
                meta.count &-= 1
            }
            find.reset()
            if row.length < 0 {
                bindKey(delete, row)
                try delete.run()
                continue
            }
            let written = changes.withValue(of: row, scratch: &scratch) { value in
                let checksum = StateRow.checksum(
                    store: row.store, kind: row.kind, id: row.id, covered: covered, value: value)
                bindKey(write, row)
                write.bind(covered, at: 4)
                write.bind(checksum, at: 5)
                write.bind(value, at: 6)
                return Result { () throws(StorageFailure) in
                    try write.run()
                    return checksum
                }
            }
            meta.digest &+= try written.get()
            meta.count &+= 1
        }
    }

    private static func bindKey(_ statement: Statement, _ row: RecordChanges.Row) {
        statement.bind(Int64(row.store), at: 1)
        statement.bind(Int64(row.kind), at: 2)
        statement.bind(row.id, at: 3)
    }

    /// Sorted, so that neighbours in the file are written one after the other.
    private static func order(_ rows: [RecordChanges.Row]) -> [Int] {
        func isBefore(_ left: RecordChanges.Row, _ right: RecordChanges.Row) -> Bool {
            (left.store, left.kind, Int64(bitPattern: left.id)) < (right.store, right.kind, Int64(bitPattern: right.id))
        }
        let indices = Array(rows.indices)
        let isSorted = indices.dropFirst().allSatisfy { isBefore(rows[$0 - 1], rows[$0]) }
        return isSorted ? indices : indices.sorted { isBefore(rows[$0], rows[$1]) }
    }

    /// Frees the pages of deleted records if they are many, and empties the log.
    private func tidy(_ connection: Connection) -> StorageFailure? {
        let operation = "vacuum the state"
        do throws(StorageFailure) {
            let pages = try connection.integer("PRAGMA page_count", operation: operation) ?? 0
            let free = try connection.integer("PRAGMA freelist_count", operation: operation) ?? 0
            if free > max(256, pages / 4) {
                try connection.execute("PRAGMA incremental_vacuum(\(free / 2))", operation: operation)
            }
            try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)", operation: operation)
            return nil
        } catch {
            self.connection = nil
            return error
        }
    }

    /// Runs `body` and commits, or rolls back.
    static func transaction(
        _ connection: Connection, _ body: () throws(StorageFailure) -> Void
    ) throws(StorageFailure) {
        try connection.execute("BEGIN IMMEDIATE", operation: "write the state")
        do throws(StorageFailure) {
            try body()
            try connection.execute("COMMIT", operation: "write the state")
        } catch {
            if connection.isInTransaction {
                // The first failure is the one to report.
                _ = Result { () throws(StorageFailure) in
                    try connection.execute("ROLLBACK", operation: "roll back")
                }
            }
            throw error
        }
    }
}
