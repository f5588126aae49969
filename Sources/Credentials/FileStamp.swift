private import Platform

/// Changes when a file is written or replaced.
package struct FileStamp: Equatable, Sendable {
    private let device: UInt64
    private let number: UInt64
    private let size: Int64
    private let seconds: Int64
    private let nanoseconds: Int64

    /// Nil if there is no such file. Follows links.
    package init?(of path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = UInt64(truncatingIfNeeded: status.st_dev)
        number = UInt64(truncatingIfNeeded: status.st_ino)
        size = Int64(truncatingIfNeeded: status.st_size)
        let modified = status.modificationTime
        seconds = Int64(truncatingIfNeeded: modified.tv_sec)
        nanoseconds = Int64(truncatingIfNeeded: modified.tv_nsec)
    }
}
