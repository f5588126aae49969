/// A failed operation of a disk or database. The state afterwards is documented where it is thrown.
package struct JournalFailure: Error, Sendable, Equatable, CustomStringConvertible {
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
        /// The journal was closed.
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

/// Why a state directory cannot be opened. Damage is never a reason; see `RecoveryFinding`.
package enum JournalOpenFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// Another process uses this directory.
    case held(path: String, byProcess: Int32?)
    /// A newer version of the program wrote the state; this one must not change it.
    case newerSchema(path: String, found: Int, known: Int)
    /// The directory or a file cannot be created, opened or written.
    case unusable(JournalFailure)

    /// One sentence for the user.
    package var description: String {
        switch self {
        case .held(let path, let process?):
            "the state directory \(path) is in use by process \(process): stop it or choose another directory"
        case .held(let path, nil):
            "the state directory \(path) is in use by another process: stop it or choose another directory"
        case .newerSchema(let path, let found, let known):
            "\(path) has schema version \(found), this program knows up to \(known): run the newer program"
        case .unusable(let failure):
            failure.description
        }
    }
}
