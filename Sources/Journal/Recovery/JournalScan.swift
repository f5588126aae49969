internal import Settings
internal import Storage

/// The content of the journal files: valid groups, their order, and what is missing between them.
struct JournalScan {
    /// A group with a correct checksum.
    struct Group {
        let file: Int
        let first: UInt64
        let count: Int
        /// Entries of it above this number are void, because a later file used their numbers again.
        let limit: UInt64
        let checksum: UInt64

        var last: UInt64 { first &+ UInt64(count) &- 1 }
    }

    /// An existing journal file.
    struct File {
        let name: JournalFileName
        let path: String
        var through: UInt64
        var bytes = 0
        var reason: String?
    }

    private(set) var files: [File] = []
    private(set) var groups: [Group] = []

    private let fileSystemName: String?

    /// Reads all files.
    ///
    /// - Throws: when a file cannot be opened or another program holds it; damage is not thrown.
    init(settings: JournalSettings) throws(StorageFailure) {
        fileSystemName = settings.fileSystemName
        let all = try FileSystem.names(in: settings.state.path)
        var names = all.compactMap { JournalFileName($0) }
        for name in all where name.hasSuffix(OrphanedLog.suffix) {
            guard let file = JournalFileName(String(name.dropLast(OrphanedLog.suffix.count))) else { continue }
            try OrphanedLog.adopt(of: settings.state.path + "/" + file.text, pageBytes: JournalFile.pageBytes)
            if !names.contains(file), FileSystem.isThere(settings.state.path + "/" + file.text) { names.append(file) }
        }
        for name in names.sorted(by: { ($0.sequence, $0.after) < ($1.sequence, $1.after) }) {
            files.append(File(name: name, path: settings.state.path + "/" + name.text, through: name.after))
        }
        for index in files.indices { try scan(index) }
    }

    private mutating func scan(_ index: Int) throws(StorageFailure) {
        let limit = index + 1 < files.count ? files[(index + 1)...].map(\.name.after).min() ?? .max : .max
        try RegularFile.check(files[index].path, operation: "read the journal")
        if try FileSystem.size(files[index].path) == 0 { return }
        var seen: Set<UInt64> = []
        var found: [Group] = []
        // A damaged group is read once more, in the other direction: dropping it is final.
        for direction in ["ASC", "DESC"] {
            files[index].reason = nil
            do throws(StorageFailure) {
                let connection = try JournalScan.connect(files[index].path, fileSystemName)
                let tables = try connection.integer("SELECT count(*) FROM sqlite_master", operation: "read")
                if tables == 0 { return }
                let rows = try Statement(
                    connection, "SELECT first, count, size, checksum, bytes FROM entries ORDER BY first \(direction)",
                    operation: "read the journal")
                while try rows.step() {
                    let first = rows.unsigned(0)
                    let count = rows.integer(1)
                    let size = rows.integer(2)
                    let bytes = rows.bytes(4)
                    guard !seen.contains(first) else { continue }
                    guard count > 0, count <= size, first > files[index].name.after,
                        !first.addingReportingOverflow(UInt64(count)).overflow,
                        rows.unsigned(3)
                            == EntryGroup.checksum(first: first, count: Int(count), size: Int(size), bytes: bytes)
                    else {
                        files[index].reason = "the checksum of a group does not match"
                        continue
                    }
                    seen.insert(first)
                    found.append(
                        Group(
                            file: index, first: first, count: Int(count), limit: limit, checksum: rows.unsigned(3)))
                    files[index].bytes += bytes.count
                }
            } catch {
                guard error.isDamage else { throw error }
                files[index].reason = error.reason
            }
            if files[index].reason == nil { break }
        }
        found.sort { $0.first < $1.first }
        files[index].through = min(limit, max(files[index].name.after, found.last?.last ?? 0))
        groups.append(contentsOf: found.filter { $0.first <= limit })
    }

    static func connect(_ path: String, _ fileSystemName: String?) throws(StorageFailure) -> Connection {
        let connection = try Connection(path: path, mode: .existing, fileSystemName: fileSystemName)
        connection.keepLogOnClose()
        try connection.execute(
            "PRAGMA locking_mode=EXCLUSIVE; PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-512",
            operation: "read the journal")
        return connection
    }

    /// Hands over every entry above `covered` once, in order.
    ///
    /// - Returns: what could not be read a second time.
    func forEachEntry<Failure: Error>(
        above covered: UInt64, _ body: (JournalEntry) throws(Failure) -> Void
    ) throws(Failure) -> StorageFailure? {
        var last = covered
        var current: (file: Int, rows: Statement)?
        for group in groups where group.last > last {
            do throws(StorageFailure) {
                if current?.file != group.file {
                    let connection = try JournalScan.connect(files[group.file].path, fileSystemName)
                    current = (
                        group.file,
                        try Statement(
                            connection, "SELECT bytes, size FROM entries WHERE first=?", operation: "read the journal")
                    )
                }
                guard let rows = current?.rows else { continue }
                rows.reset()
                rows.bind(group.first, at: 1)
                let isThere = try rows.step()
                let (size, bytes) = (rows.integer(1), rows.bytes(0))
                let sum = EntryGroup.checksum(first: group.first, count: group.count, size: Int(size), bytes: bytes)
                guard isThere, sum == group.checksum else {
                    return StorageFailure(
                        code: .io, operation: "read the journal", path: files[group.file].path,
                        reason: "a group changed while it was read")
                }
            } catch {
                return error
            }
            guard let rows = current?.rows else { continue }
            var thrown: Failure?
            _ = GroupUnpacking.unpack(rows.bytes(0), size: Int(rows.integer(1))) { bytes in
                EntryGroup.read(bytes, first: group.first, count: group.count) { entry in
                    guard thrown == nil, entry.number > last, entry.number <= group.limit else { return }
                    last = entry.number
                    do throws(Failure) {
                        try body(entry)
                    } catch {
                        thrown = error
                    }
                }
            }
            if let thrown { throw thrown }
        }
        return nil
    }

    /// The numbers that are missing between `covered` and the end, and the last existing number.
    func gaps(above covered: UInt64) -> (missing: UInt64, last: UInt64) {
        var missing: UInt64 = 0
        var last = covered
        for group in groups where min(group.last, group.limit) > last {
            if group.first > last &+ 1 { missing &+= group.first &- last &- 1 }
            last = min(group.last, group.limit)
        }
        return (missing, last)
    }
}
