internal import Storage

/// The name of a journal file, `journal-<sequence>-<after>.db`: it holds entries with numbers above `after`.
///
/// The name cannot be damaged with the content. An entry of an earlier file whose number is above the `after` of a
/// later one is void: its commit or sync had failed, and the number was used again.
struct JournalFileName: Equatable {
    let sequence: UInt64
    let after: UInt64

    init(sequence: UInt64, after: UInt64) {
        self.sequence = sequence
        self.after = after
    }

    /// No journal reaches this number; a name with more is not a journal's.
    private static let limit: UInt64 = 1 << 62

    /// Nil if the text is not such a name.
    init?(_ text: String) {
        guard text.hasPrefix("journal-"), text.hasSuffix(".db") else { return nil }
        let parts = text.dropFirst("journal-".count).dropLast(".db".count).split(
            separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let sequence = UInt64(parts[0]), let after = UInt64(parts[1]),
            max(sequence, after) < JournalFileName.limit
        else { return nil }
        self.init(sequence: sequence, after: after)
    }

    /// The name in the directory.
    var text: String { "journal-\(sequence)-\(after).db" }
}

/// The journal file being written: rows are only added, and every byte is written once, to its write-ahead log.
final class JournalFile {
    /// Larger pages mean fewer writes for large bodies (180 KB: 327 us of CPU with 4 KiB, 260 us with 8 KiB), smaller
    /// ones fewer bytes for a group of one small body.
    static let pageBytes = 8192

    let name: JournalFileName
    let path: String
    private let connection: Connection
    private let insert: Statement
    /// Approximate bytes of the file: every commit also writes the page it ends on and the first one. At least a share
    /// of the uncompressed bytes.
    private(set) var byteCount = 0
    private var isMainFileSynced = false
    private let directory: String

    /// Creates the file.
    ///
    /// - Throws: when it cannot be created; an incomplete file is removed.
    init(directory: String, name: JournalFileName, fileSystemName: String?) throws(StorageFailure) {
        let path = directory + "/" + name.text
        do throws(StorageFailure) {
            let connection = try Connection(path: path, mode: .create, fileSystemName: fileSystemName)
            let operation = "create a journal file"
            connection.keepLogOnClose()
            // SQLite syncs nothing here: `sync` does it when it is due, and never checkpoints the log into the main
            // file.
            try connection.execute(
                """
                PRAGMA locking_mode=EXCLUSIVE; PRAGMA page_size=\(JournalFile.pageBytes); PRAGMA synchronous=OFF;
                PRAGMA journal_mode=MEMORY; PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;
                PRAGMA cache_size=-512;
                CREATE TABLE entries(
                    first INTEGER PRIMARY KEY, count INTEGER NOT NULL, size INTEGER NOT NULL, checksum INTEGER NOT NULL,
                    bytes BLOB NOT NULL)
                """, operation: operation)
            guard try connection.text("PRAGMA journal_mode", operation: operation) == "wal" else {
                throw StorageFailure(code: .other, operation: operation, path: path, reason: "no write-ahead log")
            }
            insert = try Statement(
                connection, "INSERT INTO entries(first, count, size, checksum, bytes) VALUES(?, ?, ?, ?, ?)",
                operation: "commit entries")
            self.connection = connection
        } catch {
            JournalFile.removeQuietly(path)
            throw error
        }
        self.name = name
        self.path = path
        self.directory = directory
    }

    /// Commits a group: it survives the end of the process, but not a power failure.
    func write(_ group: EntryGroup, first: UInt64, packer: GroupPacker?) throws(StorageFailure) {
        let size = group.byteCount
        guard let bytes = packer?.pack(group.bytes) else {
            throw StorageFailure(code: .other, operation: "compress entries", path: path, reason: "out of memory")
        }
        insert.bind(first, at: 1)
        insert.bind(Int64(group.count), at: 2)
        insert.bind(Int64(size), at: 3)
        insert.bind(EntryGroup.checksum(first: first, count: group.count, size: size, bytes: bytes), at: 4)
        insert.bind(bytes, at: 5)
        try insert.run()
        // Well compressed entries also have to be replayed one day.
        byteCount += max(bytes.count + 2 * JournalFile.pageBytes, size / JournalFile.packingShare)
    }

    /// A journal is full when it reaches its limit in written bytes, or this many times its limit in uncompressed
    /// bytes.
    private static let packingShare = 2

    /// Makes everything committed survive a power failure.
    func sync() throws(StorageFailure) {
        try connection.syncFiles(mainFile: !isMainFileSynced)
        if !isMainFileSynced { FileSystem.syncDirectory(directory) }
        isMainFileSynced = true
    }

    /// Removes a file with its companions.
    static func remove(_ path: String) throws(StorageFailure) {
        // The main file is removed last: without it the others would not be found.
        try FileSystem.remove(path + "-journal")
        try FileSystem.remove(path + "-wal")
        try FileSystem.remove(path)
    }

    /// Removes a file that is no longer needed; if that fails, the next start tries again.
    static func removeQuietly(_ path: String) {
        for suffix in ["-journal", "-wal", ""] {
            _ = Result { () throws(StorageFailure) in try FileSystem.remove(path + suffix) }
        }
    }
}
