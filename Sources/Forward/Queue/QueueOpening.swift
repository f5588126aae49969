package import Platform
package import Storage

/// A problem found while opening a queue.
package enum QueueFinding: Sendable, Equatable {
    /// The file could not be read and was set aside under this name; what it held is not delivered.
    case setAside(path: String, reason: String)
    /// The file is missing, and its log is empty: what waited in it, if anything, is not delivered.
    case missing(path: String)
    /// The file cannot be used now, though it may hold acknowledged exports: the queue must not start without it.
    case unusable(StorageFailure)
}

extension ExportQueue {
    /// Opens the queue with its content. Damage never prevents that.
    /// - Parameter now: for the name of a file that is set aside, nanoseconds of Unix time.
    package static func open(_ settings: QueueSettings, now: UnixNanoseconds) -> (ExportQueue, [QueueFinding]) {
        guard let path = settings.path else { return (ExportQueue(settings, store: MemoryStore()), []) }
        // The content of a log is in the queue once that is open.
        let isGone = OrphanedLog.isLeft(of: path) && OrphanedLog.isEmpty(of: path)
        do throws(StorageFailure) {
            return (ExportQueue(settings, store: try opened(path)), isGone ? [.missing(path: path)] : [])
        } catch {
            guard error.isDamage else { return (ExportQueue(settings, store: MemoryStore()), [.unusable(error)]) }
            return openAnew(settings, path: path, damage: error, now: now)
        }
    }

    /// Setting a file aside is final, so it is checked twice: a device may return wrong data once.
    private static func opened(_ path: String) throws(StorageFailure) -> QueueFile {
        do throws(StorageFailure) {
            return try QueueFile(path: path)
        } catch {
            guard error.isDamage else { throw error }
            return try QueueFile(path: path)
        }
    }

    private static func openAnew(
        _ settings: QueueSettings, path: String, damage: StorageFailure, now: UnixNanoseconds
    ) -> (ExportQueue, [QueueFinding]) {
        let target = path + ".damaged-" + FileSystem.compactTime(now)
        do throws(StorageFailure) {
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
