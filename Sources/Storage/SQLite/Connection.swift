private import CSQLite
private import Platform

/// One connection to an SQLite file, used by one thread at a time.
package final class Connection {
    /// Whether a missing file is created.
    package enum Mode {
        case create
        case existing
    }

    package let path: String
    let handle: OpaquePointer

    /// Opens the file with mode 0600; nothing is read yet.
    package init(path: String, mode: Mode, fileSystemName: String?) throws(StorageFailure) {
        self.path = path
        let flags =
            SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW
            | (mode == .create ? SQLITE_OPEN_CREATE : 0)
        // SQLite reports only that it may not use a file; and it would follow the umask, while its log gets the mode of
        // the main file.
        for suffix in ["", "-wal", "-shm", "-journal"] {
            try RegularFile.check(path + suffix, operation: Self.opening)
        }
        if mode == .create { close(try RegularFile.open(path, O_RDWR | O_CREAT, operation: Self.opening)) }
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(FileSystem.resolvingDirectory(of: path), &opened, flags, fileSystemName)
        guard code == SQLITE_OK, let opened else {
            let failure = Connection.failure(opened, code, operation: Self.opening, path: path)
            sqlite3_close_v2(opened)
            throw failure
        }
        handle = opened
        sqlite3_extended_result_codes(opened, 1)
        // A user may inspect a file with a shell at the moment of a start.
        sqlite3_busy_timeout(opened, 2_000)
    }

    private static let opening = "open the database"

    deinit {
        sqlite3_close_v2(handle)
    }

    /// Runs statements whose rows are not needed.
    package func execute(_ sql: String, operation: String) throws(StorageFailure) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code, operation: operation) }
    }

    /// The first column of the first row, or nil when there is no row.
    package func integer(_ sql: String, operation: String) throws(StorageFailure) -> Int64? {
        let statement = try Statement(self, sql, operation: operation)
        return try statement.step() ? statement.integer(0) : nil
    }

    /// The first column of the first row as text.
    package func text(_ sql: String, operation: String) throws(StorageFailure) -> String? {
        let statement = try Statement(self, sql, operation: operation)
        return try statement.step() ? statement.text(0) : nil
    }

    /// SQLite's report on the structure of the file; nil: it is sound.
    /// - Throws: when pages could not be read, which SQLite reports like damage.
    package func quickCheck(operation: String) throws(StorageFailure) -> String? {
        let verdict = try text("PRAGMA quick_check(1)", operation: operation) ?? "no verdict"
        if verdict == "ok" { return nil }
        guard let place = verdict.firstRange(of: "error code=") else { return verdict }
        let code = Int32(verdict[place.upperBound...].prefix { $0.isNumber }) ?? 0
        guard [SQLITE_IOERR, SQLITE_NOMEM, SQLITE_FULL, SQLITE_CANTOPEN].contains(code & 0xff) else { return verdict }
        throw failure(code, operation: operation)
    }

    /// Leaves the write-ahead log in place when the connection ends.
    package func keepLogOnClose() {
        csqlite_keep_log_on_close(handle)
    }

    /// The rows changed by the last statement.
    package var changes: Int { Int(sqlite3_changes(handle)) }

    /// Whether a transaction is open.
    package var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// Makes the bytes of the main file (first time) and of the write-ahead log survive a power failure.
    package func syncFiles(mainFile: Bool) throws(StorageFailure) {
        if mainFile { try sync(SQLITE_FCNTL_FILE_POINTER) }
        try sync(SQLITE_FCNTL_JOURNAL_POINTER)
    }

    private func sync(_ which: Int32) throws(StorageFailure) {
        var file: UnsafeMutablePointer<sqlite3_file>?
        let found = withUnsafeMutablePointer(to: &file) { sqlite3_file_control(handle, "main", which, $0) }
        guard found == SQLITE_OK, let file, let sync = file.pointee.pMethods?.pointee.xSync else { return }
        let code = sync(file, SQLITE_SYNC_NORMAL)
        guard code == SQLITE_OK else { throw failure(code, operation: "sync") }
    }

    /// The failure of the last call on this connection.
    func failure(_ code: Int32, operation: String) -> StorageFailure {
        Connection.failure(handle, code, operation: operation, path: path)
    }

    private static func failure(
        _ handle: OpaquePointer?, _ code: Int32, operation: String, path: String
    ) -> StorageFailure {
        var systemError = handle.map { sqlite3_system_errno($0) } ?? 0
        // SQLite's system error may come from cleaning up after the failed call; the log's file knows better.
        if let handle, code & 0xff == SQLITE_IOERR { systemError = lastSystemError(handle) ?? systemError }
        var reason = String(cString: sqlite3_errstr(code))
        if let handle, sqlite3_errcode(handle) & 0xff == code & 0xff, let text = sqlite3_errmsg(handle) {
            reason = String(cString: text)
        }
        let isSystemFault = [SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_FULL].contains(code & 0xff)
        if isSystemFault, systemError != 0, let text = strerror(systemError) {
            reason += " (\(String(cString: text)))"
        }
        return StorageFailure(
            code: failureCode(code, systemError: isSystemFault ? systemError : 0), operation: operation, path: path,
            reason: reason)
    }

    private static func lastSystemError(_ handle: OpaquePointer) -> Int32? {
        for which in [SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER] {
            var file: UnsafeMutablePointer<sqlite3_file>?
            let found = withUnsafeMutablePointer(to: &file) { sqlite3_file_control(handle, "main", which, $0) }
            guard found == SQLITE_OK, let file, let control = file.pointee.pMethods?.pointee.xFileControl else {
                continue
            }
            var number: Int32 = 0
            if control(file, SQLITE_FCNTL_LAST_ERRNO, &number) == SQLITE_OK, number != 0 { return number }
        }
        return nil
    }

    // SQLITE_IOERR_DATA, a macro that Swift does not import.
    private static let wrongChecksum = SQLITE_IOERR | 32 << 8

    private static func failureCode(_ code: Int32, systemError: Int32) -> StorageFailure.Code {
        switch code & 0xff {
        case SQLITE_FULL, SQLITE_TOOBIG: return .full
        case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH: return .readOnly
        // A plain error means that a table does not have its declared columns: the statements themselves are correct.
        case SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_SCHEMA, SQLITE_FORMAT, SQLITE_ERROR, SQLITE_MISMATCH: return .damaged
        case SQLITE_BUSY, SQLITE_LOCKED: return .busy
        // Not SQLITE_IOERR_CORRUPTFS: that is any read that ends with EIO, and the next one may succeed.
        case SQLITE_IOERR where code == wrongChecksum: return .damaged
        case SQLITE_IOERR, SQLITE_CANTOPEN:
            if code & 0xff == SQLITE_IOERR, systemError == 0 { return .io }
            return StorageFailure.Code(systemError: systemError)
        default: return .other
        }
    }
}
