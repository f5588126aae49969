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
    static let suffix = "-wal"

    /// Makes the first page of a database that has nothing but a log. What the log lacks is found to be damaged then.
    package static func adopt(of path: String, pageBytes: Int) throws(JournalFailure) {
        guard (FileSystem.size(path) ?? 0) == 0, (FileSystem.size(path + suffix) ?? 0) > 0 else { return }
        let operation = "read the log of a missing database"
        let file = try RegularFile.open(path, O_RDWR | O_CREAT, operation: operation)
        defer { close(file) }
        guard ftruncate(file, off_t(pageBytes)) == 0, fsync(file) == 0 else {
            throw FileSystem.failure(operation, path: path)
        }
        FileSystem.syncDirectory(FileSystem.directory(of: path))
    }
}
