/// A failed operation of a disk or database. The state afterwards is documented where it is thrown.
package struct StorageFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The class of the failure, which decides how it is handled.
    package enum Code: String, Sendable {
        /// The disk, the quota or the limit on file sizes is exhausted. It ends when there is room again.
        case full
        /// The file system or the directory cannot be written.
        case readOnly = "read_only"
        /// The device failed now; the content of the file is unknown.
        case io
        /// The content of the file is not what was written.
        case damaged
        /// Another process holds the file.
        case busy
        /// It was closed.
        case closed
        /// Anything else.
        case other
    }

    package let code: Code

    /// Whether SQLite or a checksum says that the file is not what was written: it may be set aside. A failing device
    /// says nothing about the file, which may be readable at the next attempt.
    package var isDamage: Bool { code == .damaged }

    /// The operation, as in "commit entries".
    package let operation: String

    /// The file it happened on.
    package let path: String

    /// The message of the system or SQLite.
    package let reason: String

    package init(code: Code, operation: String, path: String, reason: String) {
        self.code = code
        self.operation = operation
        self.path = path
        self.reason = reason
    }

    /// One sentence for the log.
    package var description: String {
        "cannot \(operation) in \(path): \(reason)"
    }
}
