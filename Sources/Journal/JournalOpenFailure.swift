package import Storage

/// Why a state directory cannot be opened. Damage is never a reason; see `RecoveryFinding`.
package enum JournalOpenFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// Another process uses this directory.
    case held(path: String, byProcess: Int32?)
    /// A newer version of the program wrote the state; this one must not change it.
    case newerSchema(path: String, found: Int, known: Int)
    /// The directory or a file cannot be created, opened or written.
    case unusable(StorageFailure)

    /// One sentence for the user.
    package var description: String {
        switch self {
        case .held(let path, let process): LockFailure.held(path: path, byProcess: process).description
        case .newerSchema(let path, let found, let known):
            "\(path) has schema version \(found), this program knows up to \(known): run the newer program"
        case .unusable(let failure):
            failure.description
        }
    }

    /// The lock on it cannot be taken.
    package init(_ failure: LockFailure) {
        switch failure {
        case .held(let path, let process): self = .held(path: path, byProcess: process)
        case .unusable(let failure): self = .unusable(failure)
        }
    }
}
