private import Platform

/// A write-ahead log whose database is missing or empty. SQLite would remove it, with everything that was committed to
/// it and not yet copied; beside a page of zeros it reads the log.
package enum OrphanedLog {
    /// Suffix of the log's name after that of its database.
    package static let suffix = "-wal"
    /// Bytes before the first frame: a log that is not longer is empty (https://sqlite.org/fileformat2.html#walformat).
    private static let headerBytes = 32

    /// Whether there is a log without its database: the database existed and was removed.
    package static func isLeft(of path: String) -> Bool {
        !FileSystem.isThere(path) && FileSystem.isThere(path + suffix)
    }

    /// Whether the log of a database is empty; false if that cannot be read.
    package static func isEmpty(of path: String) -> Bool {
        guard let bytes = try? FileSystem.size(path + suffix) ?? 0 else { return false }
        return bytes <= headerBytes
    }

    /// Creates the first page of a database that has nothing but a log. Pages that the log lacks are then found to be
    /// damaged. An empty log is left to SQLite.
    package static func adopt(of path: String, pageBytes: Int) throws(StorageFailure) {
        guard try (FileSystem.size(path) ?? 0) == 0, try (FileSystem.size(path + suffix) ?? 0) > headerBytes else {
            return
        }
        let operation = "read the log of a missing database"
        let file = try RegularFile.open(path, O_RDWR | O_CREAT, operation: operation)
        defer { close(file) }
        guard ftruncate(file, off_t(pageBytes)) == 0, fsync(file) == 0 else {
            throw FileSystem.failure(operation, path: path)
        }
        FileSystem.syncDirectory(FileSystem.directory(of: path))
    }
}
