package import Journal

/// What opening a queue found that somebody should know.
package enum QueueFinding: Sendable, Equatable {
    /// The file could not be read and was set aside under this name; what it held is not delivered.
    case setAside(path: String, reason: String)
    /// The file is gone, and a log that holds nothing is left of it: what waited in it, if anything did, is not delivered.
    case missing(path: String)
    /// The file cannot be used now, though it may hold what was acknowledged: the queue must not begin without it.
    case unusable(JournalFailure)
}

extension ExportQueue {
    /// Opens the queue, with what it held. Damage never prevents that.
    /// - Parameter now: for the name of a file that is set aside, nanoseconds of Unix time.
    package static func open(_ settings: QueueSettings, now: UnixNanoseconds) -> (ExportQueue, [QueueFinding]) {
        guard let path = settings.path else { return (ExportQueue(settings, store: MemoryStore()), []) }
        // What a log holds is in the queue when that is open.
        let isGone = OrphanedLog.isLeft(of: path) && OrphanedLog.isEmpty(of: path)
        do throws(JournalFailure) {
            return (ExportQueue(settings, store: try opened(path)), isGone ? [.missing(path: path)] : [])
        } catch {
            guard error.isDamage else { return (ExportQueue(settings, store: MemoryStore()), [.unusable(error)]) }
            return openAnew(settings, path: path, damage: error, now: now)
        }
    }

    /// A file is set aside for good, so it is looked at once more before: what a device gave once may be wrong.
    private static func opened(_ path: String) throws(JournalFailure) -> QueueFile {
        do throws(JournalFailure) {
            return try QueueFile(path: path)
        } catch {
            guard error.isDamage else { throw error }
            return try QueueFile(path: path)
        }
    }

    private static func openAnew(
        _ settings: QueueSettings, path: String, damage: JournalFailure, now: UnixNanoseconds
    ) -> (ExportQueue, [QueueFinding]) {
        let target = path + ".damaged-" + FileSystem.compactTime(now)
        do throws(JournalFailure) {
            try FileSystem.move(path, to: target)
            try FileSystem.move(path + "-wal", to: target + "-wal")
            FileSystem.syncDirectory(FileSystem.directory(of: path))
            let store = try QueueFile(path: path)
            return (ExportQueue(settings, store: store), [.setAside(path: target, reason: damage.reason)])
        } catch {
            return (ExportQueue(settings, store: MemoryStore()), [.unusable(error)])
        }
    }
}
