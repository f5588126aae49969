internal import Settings
internal import Storage

/// Opens `state.db` in any condition: as it is if sound, or with its valid records in a new file.
struct StateRecovery {
    private(set) var findings: [RecoveryFinding] = []
    /// No state file was there.
    private(set) var isMissing = false
    /// The last entry that a record handed over may include.
    private(set) var covered: UInt64 = 0
    /// No record could be recovered: entries below the first one found are not reported as missing a second time.
    private(set) var isLost = false

    private let directory: String
    private let path: String
    private let fileSystemName: String?
    private let damagedSuffix: String

    init(settings: JournalSettings, damagedSuffix: String) {
        directory = settings.state.path
        path = settings.state.path + "/state.db"
        fileSystemName = settings.fileSystemName
        self.damagedSuffix = damagedSuffix
    }

    /// The state file, ready for use; findings are in the properties.
    mutating func open() throws(JournalOpenFailure) -> StateDatabase {
        do throws(StorageFailure) {
            // A copy that was finished but not yet renamed.
            try RegularFile.check(path + ".new", operation: "replace the state with its copy")
            if FileSystem.isThere(path + ".new") { try replace() }
            try removePart()
            try OrphanedLog.adopt(of: path, pageBytes: StateDatabase.pageBytes)
            isMissing = try (FileSystem.size(path) ?? 0) == 0
        } catch {
            throw .unusable(error)
        }
        if !isMissing { try check() }
        do throws(StorageFailure) {
            let state = try StateDatabase(path: path, fileSystemName: fileSystemName)
            covered = max(covered, state.meta.covered)
            return state
        } catch {
            throw .unusable(error)
        }
    }

    /// The result of reading every row.
    private struct Check {
        var meta: StateMeta?
        var isSound = false
        var isEmpty = false
        var reason = ""
    }

    private mutating func check() throws(JournalOpenFailure) {
        var result = try verdict()
        // Setting a file aside is final, so it is checked twice: a device may return wrong data once.
        if !result.isSound && !result.isEmpty { result = try verdict() }
        if let found = result.meta?.schema, found > StateMeta.currentSchema {
            throw .newerSchema(path: path, found: Int(found), known: Int(StateMeta.currentSchema))
        }
        isMissing = result.isEmpty
        guard !result.isSound && !result.isEmpty else { return }
        do throws(StorageFailure) {
            try salvage(result)
        } catch {
            throw .unusable(error)
        }
    }

    private func verdict() throws(JournalOpenFailure) -> Check {
        do throws(StorageFailure) {
            return try examine()
        } catch {
            guard error.isDamage else { throw .unusable(error) }
            return Check(reason: error.reason)
        }
    }

    private func examine() throws(StorageFailure) -> Check {
        let connection = try StateDatabase.connect(path: path, mode: .existing, fileSystemName: fileSystemName)
        connection.keepLogOnClose()
        let operation = "check the state"
        var check = Check()
        let (meta, isWhole) = try StateMeta.read(connection)
        check.meta = meta
        if let meta, meta.schema > StateMeta.currentSchema { return check }
        let tables = try connection.integer("SELECT count(*) FROM sqlite_master", operation: operation)
        let pages = try connection.integer("PRAGMA page_count", operation: operation) ?? 0
        if tables == 0, pages <= 2 {
            check.isEmpty = true
            return check
        }
        if let meta, isWhole, meta.schema < StateMeta.currentSchema {
            try migrate(connection, from: meta)
            check.meta = try StateMeta.read(connection).meta
        }
        if let fault = try connection.quickCheck(operation: operation) {
            check.reason = fault
            return check
        }
        guard let meta = check.meta, isWhole else {
            check.reason = "the metadata of the file is damaged"
            return check
        }
        var count: UInt64 = 0
        var digest: UInt64 = 0
        let rows = try Statement(connection, "SELECT \(StateRow.columns) FROM record", operation: operation)
        while try rows.step() {
            guard let row = StateRow(rows) else {
                check.reason = "the checksum of a record does not match"
                return check
            }
            count &+= 1
            digest &+= row.checksum
        }
        check.isSound = count == meta.count && digest == meta.digest
        check.reason = "the records are not those of the last checkpoint"
        return check
    }

    private func migrate(_ connection: Connection, from meta: StateMeta) throws(StorageFailure) {
        try StateDatabase.transaction(connection) { () throws(StorageFailure) in
            var meta = meta
            while meta.schema < StateMeta.currentSchema, let step = StateMeta.migrations[meta.schema] {
                try step(connection)
                meta.schema += 1
            }
            try meta.write(connection)
        }
    }

    // MARK: Damage

    private mutating func salvage(_ check: Check) throws(StorageFailure) {
        let part = path + ".part"
        var meta = StateMeta()
        do {
            let target = try StateDatabase.connect(path: part, mode: .create, fileSystemName: fileSystemName)
            try StateDatabase.createTables(target, meta: meta)
            try StateDatabase.transaction(target) { () throws(StorageFailure) in
                meta = try copyRows(into: target)
                // With no record left, every remaining entry may be counted.
                if meta.count > 0 { meta.covered = max(meta.covered, check.meta?.covered ?? 0) }
                try meta.write(target)
            }
            try target.execute("PRAGMA wal_checkpoint(TRUNCATE)", operation: "copy the state")
        }
        try FileSystem.move(part, to: path + ".new")
        FileSystem.syncDirectory(directory)
        try replace()
        isLost = meta.count == 0
        reportDamage(check, kept: meta.count)
    }

    private mutating func reportDamage(_ check: Check, kept: UInt64) {
        let aside = path + damagedSuffix
        findings.append(
            RecoveryFinding(
                kind: .stateDamaged, count: 1, path: aside,
                description: "\(path) is damaged (\(check.reason)); it is kept as \(aside)"))
        let known = check.meta?.count
        let lost = known.map { $0 > kept ? $0 - kept : 0 }
        if lost != 0 {
            let number = lost.map { "\($0) records" } ?? "an unknown number of records"
            findings.append(
                RecoveryFinding(
                    kind: .recordsLost, count: lost ?? 0, path: aside,
                    description: "\(number) of \(path) are lost, \(kept) are kept"))
        }
    }

    /// Copies every row with a correct checksum: forwards up to a page that cannot be read, then backwards.
    private func copyRows(into target: Connection) throws(StorageFailure) -> StateMeta {
        var meta = StateMeta()
        let insert = try Statement(
            target, "INSERT OR IGNORE INTO record(\(StateRow.columns)) VALUES(?, ?, ?, ?, ?, ?)",
            operation: "copy the state")
        for direction in ["ASC", "DESC"] {
            var rows: Statement?
            do throws(StorageFailure) {
                let source = try StateDatabase.connect(path: path, mode: .existing, fileSystemName: fileSystemName)
                source.keepLogOnClose()
                let order = "store \(direction), kind \(direction), id \(direction)"
                rows = try Statement(
                    source, "SELECT \(StateRow.columns) FROM record ORDER BY \(order)", operation: "read the state")
            } catch {
                guard error.isDamage else { throw error }
                continue
            }
            var reachedEnd = false
            while let rows, let isRow = try StateRecovery.next(rows) {
                guard isRow else {
                    reachedEnd = true
                    break
                }
                guard let row = StateRow(rows) else { continue }
                insert.bind(Int64(row.store), at: 1)
                insert.bind(Int64(row.kind), at: 2)
                insert.bind(row.id, at: 3)
                insert.bind(row.covered, at: 4)
                insert.bind(row.checksum, at: 5)
                insert.bind(row.value, at: 6)
                try insert.run()
                guard target.changes == 1 else { continue }
                meta.count &+= 1
                meta.digest &+= row.checksum
                meta.covered = max(meta.covered, row.covered)
            }
            if reachedEnd { break }
        }
        return meta
    }

    /// Whether there is a row; nil when it is damaged.
    private static func next(_ rows: Statement) throws(StorageFailure) -> Bool? {
        do throws(StorageFailure) {
            return try rows.step()
        } catch {
            guard error.isDamage else { throw error }
            return nil
        }
    }

    /// Sets the state file aside and renames the finished copy.
    private func replace() throws(StorageFailure) {
        try FileSystem.move(path + "-wal", to: path + damagedSuffix + "-wal")
        try FileSystem.move(path, to: path + damagedSuffix)
        try FileSystem.move(path + ".new", to: path)
        FileSystem.syncDirectory(directory)
    }

    private func removePart() throws(StorageFailure) {
        for suffix in [".part-wal", ".part-journal", ".part", ".new-wal"] { try FileSystem.remove(path + suffix) }
    }
}
