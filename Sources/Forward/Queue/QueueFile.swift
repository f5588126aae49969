internal import NIOCore
internal import OTLP
internal import Storage

/// A queue's file: a row for each export, deleted once it is delivered.
///
/// Commits go to a write-ahead log without a sync, which is enough to survive the end of the process; `sync` makes them
/// survive a power failure. Deleted rows are overwritten (`secure_delete`), and `erase` empties the log.
final class QueueFile: QueueStore {
    /// The layout of the table; a file with another one is set aside.
    private static let schema: Int64 = 1
    private static let pageBytes = 4096
    /// More data points, log records or spans than any export has.
    private static let recordsLimit = Int64(Int32.max)
    /// More exports than any program takes.
    private static let numberLimit = Int64(1) << 62

    let depthAtStart: QueueDepth
    let lastNumber: UInt64
    private let connection: Connection
    private let insert: Statement
    private let delete: Statement
    private let find: Statement
    /// `find` without the body.
    private let findHead: Statement
    private let findBefore: Statement

    /// Opens or creates the file.
    /// - Throws: the reason; the caller may set aside a damaged file (`code`).
    init(path: String) throws(StorageFailure) {
        let operation = "open the queue"
        try Self.adoptLog(of: path)
        connection = try Connection(path: path, mode: .create, fileSystemName: nil)
        // Exclusive before the first read: then the log needs no shared memory.
        try connection.execute(
            """
            PRAGMA locking_mode=EXCLUSIVE; PRAGMA page_size=\(Self.pageBytes);
            PRAGMA auto_vacuum=INCREMENTAL; PRAGMA secure_delete=ON;
            PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-1024;
            PRAGMA cell_size_check=ON
            """, operation: operation)
        if try connection.integer("SELECT count(*) FROM sqlite_master", operation: operation) == 0 {
            try connection.execute(
                """
                BEGIN IMMEDIATE;
                CREATE TABLE export(
                    number INTEGER PRIMARY KEY, signal INTEGER NOT NULL, encoding INTEGER NOT NULL,
                    records INTEGER NOT NULL, size INTEGER NOT NULL, checksum INTEGER NOT NULL, body BLOB NOT NULL);
                PRAGMA user_version=\(Self.schema);
                COMMIT
                """, operation: operation)
            FileSystem.syncDirectory(FileSystem.directory(of: path))
        }
        guard try connection.integer("PRAGMA user_version", operation: operation) == Self.schema,
            try connection.quickCheck(operation: operation) == nil
        else { throw StorageFailure(code: .damaged, operation: operation, path: path, reason: "it contains no queue") }
        (depthAtStart, lastNumber) = try Self.content(of: connection, operation)
        insert = try Statement(
            connection,
            "INSERT INTO export(number, signal, encoding, records, size, checksum, body) VALUES(?, ?, ?, ?, ?, ?, ?)",
            operation: "queue exports")
        delete = try Statement(connection, "DELETE FROM export WHERE number=?", operation: "remove exports")
        find = try Statement(
            connection,
            "SELECT number, signal, encoding, records, checksum, body FROM export WHERE number>? ORDER BY number LIMIT 1",
            operation: "read the queue")
        findHead = try Statement(
            connection, "SELECT number, records, length(body) FROM export WHERE number>? ORDER BY number LIMIT 1",
            operation: "read the queue")
        findBefore = try Statement(
            connection, "SELECT number FROM export WHERE number<? ORDER BY number DESC LIMIT 1",
            operation: "read the queue")
    }

    /// Restores a missing file from its log, as far as possible.
    static func adoptLog(of path: String) throws(StorageFailure) {
        try OrphanedLog.adopt(of: path, pageBytes: pageBytes)
    }

    /// Counts what waits in a file that is not open, without reading all bytes.
    static func depth(at path: String) throws(StorageFailure) -> QueueDepth {
        let operation = "inspect the queue"
        let connection = try Connection(path: path, mode: .existing, fileSystemName: nil)
        try connection.execute("PRAGMA locking_mode=EXCLUSIVE", operation: operation)
        guard try connection.integer("PRAGMA user_version", operation: operation) == schema else {
            throw StorageFailure(code: .damaged, operation: operation, path: path, reason: "it contains no queue")
        }
        return try content(of: connection, operation).depth
    }

    private static func content(
        of connection: Connection, _ operation: String
    ) throws(StorageFailure) -> (depth: QueueDepth, lastNumber: UInt64) {
        // Values beyond any export are damage, and must not make the sums overflow.
        let sum = try Statement(
            connection,
            "SELECT count(*), coalesce(sum(iif(records BETWEEN 0 AND \(recordsLimit), records, 0)), 0), "
                + "coalesce(sum(length(body)), 0), coalesce(max(number), 0), coalesce(min(number), 1) FROM export",
            operation: operation)
        _ = try sum.step()
        guard sum.integer(4) > 0, sum.integer(3) <= numberLimit else {
            throw StorageFailure(
                code: .damaged, operation: operation, path: connection.path, reason: "its numbers are damaged")
        }
        var depth = QueueDepth()
        (depth.exports, depth.records, depth.bytes) = (
            Int(clamping: sum.integer(0)), Int(clamping: sum.integer(1)), Int(clamping: sum.integer(2))
        )
        return (depth, sum.unsigned(3))
    }

    func change(adding: [QueuedExport], removing: [UInt64]) throws(StorageFailure) {
        try connection.execute("BEGIN IMMEDIATE", operation: "change the queue")
        do throws(StorageFailure) {
            for number in removing {
                delete.bind(number, at: 1)
                try delete.run()
            }
            for queued in adding { try add(queued) }
            try connection.execute("COMMIT", operation: "change the queue")
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

    private func add(_ queued: QueuedExport) throws(StorageFailure) {
        let export = queued.export
        let result = export.body.withUnsafeReadableBytes { bytes in
            Result { () throws(StorageFailure) in
                insert.bind(queued.number, at: 1)
                insert.bind(Int64(export.signal.queueCode), at: 2)
                insert.bind(Int64(export.encoding.rawValue), at: 3)
                insert.bind(Int64(export.records), at: 4)
                insert.bind(Int64(bytes.count), at: 5)
                insert.bind(Self.checksum(queued.number, export.signal, export.encoding, bytes), at: 6)
                insert.bind(bytes, at: 7)
                try insert.run()
            }
        }
        try result.get()
    }

    func next(after number: UInt64) throws(StorageFailure) -> StoredExport? {
        defer { find.reset() }
        find.bind(number, at: 1)
        guard try find.step() else { return nil }
        let found = find.unsigned(0)
        let bytes = find.bytes(5)
        guard let signal = Signal(queueCode: find.integer(1)), let records = Self.records(find.integer(3)),
            let encoding = UInt8(exactly: find.integer(2)).flatMap(WireEncoding.init),
            Self.checksum(found, signal, encoding, bytes) == find.unsigned(4)
        else {
            return .damaged(found, Self.depth(records: find.integer(3), bytes: Int64(bytes.count)))
        }
        return .intact(
            QueuedExport(
                number: found,
                export: ForwardedExport(
                    signal: signal, encoding: encoding, records: records,
                    body: ByteBuffer(bytes: bytes))))
    }

    func number(before number: UInt64) throws(StorageFailure) -> UInt64? {
        defer { findBefore.reset() }
        findBefore.bind(number, at: 1)
        return try findBefore.step() ? findBefore.unsigned(0) : nil
    }

    func passOver(after number: UInt64) throws(StorageFailure) -> (number: UInt64, depth: QueueDepth)? {
        defer { findHead.reset() }
        findHead.bind(number, at: 1)
        guard try findHead.step() else { return nil }
        return (findHead.unsigned(0), Self.depth(records: findHead.integer(1), bytes: findHead.integer(2)))
    }

    private static func records(_ value: Int64) -> Int? { (0...recordsLimit).contains(value) ? Int(value) : nil }

    /// The size of an export as counted when the file was opened.
    private static func depth(records: Int64, bytes: Int64) -> QueueDepth {
        var depth = QueueDepth()
        (depth.exports, depth.records, depth.bytes) = (1, Self.records(records) ?? 0, Int(clamping: bytes))
        return depth
    }

    func sync() throws(StorageFailure) { try connection.syncFiles(mainFile: false) }

    func erase() throws(StorageFailure) {
        try connection.execute(
            "PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)", operation: "vacuum the queue")
    }

    private static func checksum(
        _ number: UInt64, _ signal: Signal, _ encoding: WireEncoding, _ body: UnsafeRawBufferPointer
    ) -> UInt64 {
        var checksum = Checksum()
        checksum.add(number)
        checksum.add(UInt64(signal.queueCode) << 8 | UInt64(encoding.rawValue))
        checksum.add(body)
        return checksum.value
    }
}

extension Signal {
    /// The number of a signal in queue files; never reused for another.
    fileprivate var queueCode: UInt8 {
        switch self {
        case .metrics: 1
        case .logs: 2
        case .traces: 3
        }
    }

    fileprivate init?(queueCode: Int64) {
        guard let signal = Self.allCases.first(where: { Int64($0.queueCode) == queueCode }) else { return nil }
        self = signal
    }
}
