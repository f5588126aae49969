#if canImport(Glibc)
private import Glibc
#elseif canImport(Musl)
private import Musl
#else
private import Darwin
#endif

/// A write-ahead log whose database is gone or empty. SQLite would remove it, with all that was committed to it and not
/// yet copied; beside a page of zeros it reads the log.
package enum OrphanedLog {
    /// Of the name of a log, behind that of its database.
    package static let suffix = "-wal"
    /// Bytes before the first frame: a log of no more holds nothing (https://sqlite.org/fileformat2.html#walformat).
    private static let headerBytes = 32

    /// Whether a log is left without its database: there was one, and somebody took it away.
    package static func isLeft(of path: String) -> Bool {
        !FileSystem.isThere(path) && FileSystem.isThere(path + suffix)
    }

    /// Whether the log of a database holds nothing; false where that cannot be told.
    package static func isEmpty(of path: String) -> Bool {
        guard let bytes = try? FileSystem.size(path + suffix) ?? 0 else { return false }
        return bytes <= headerBytes
    }

    /// Makes the first page of a database that has nothing but a log. What the log lacks is found to be damaged then. A
    /// log that holds nothing is left to SQLite.
    package static func adopt(of path: String, pageBytes: Int) throws(JournalFailure) {
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
