package import Journal

/// A queue on disk whose exporter no pipeline of the configuration leads to any more: it was removed or renamed. It
/// grows no further, nothing of it is sent, and an exporter of the same name takes it up again.
package struct UnclaimedQueue: Sendable, Equatable {
    /// What the exporter was called.
    package let exporter: String
    package let path: String
    /// What waits in it; nil: the file cannot be read.
    package let depth: QueueDepth?

    /// The queues of a directory that none of these exporters has, by their names. Those in which nothing waits are
    /// removed instead. Waits for the disk; nobody else may have the files open.
    package static func all(in directory: String, besides exporters: [String]) -> [UnclaimedQueue] {
        let claimed = Set(exporters.map(QueueSettings.fileName(ofExporter:)))
        return names(in: directory).compactMap { name in
            guard !claimed.contains(name), let exporter = QueueSettings.exporter(ofFileName: name) else { return nil }
            let path = "\(directory)/\(name)"
            let queue = UnclaimedQueue(exporter: exporter, path: path, depth: depth(at: path))
            guard queue.depth?.exports == 0 else { return queue }
            // One that cannot be removed is empty at the next start as well.
            _ = Result { () throws(JournalFailure) in try queue.remove() }
            return nil
        }
    }

    /// The names of files that may be queues, also of those of which only the log is left.
    private static func names(in directory: String) -> [String] {
        let names = Set((try? FileSystem.names(in: directory)) ?? [])
        let gone = names.filter { $0.hasSuffix(OrphanedLog.suffix) }.map { $0.dropLast(OrphanedLog.suffix.count) }
        let made = gone.map(String.init).filter { name in
            let path = "\(directory)/\(name)"
            guard !names.contains(name), QueueSettings.exporter(ofFileName: name) != nil else { return false }
            // A file that cannot be made is told of as one that cannot be read.
            _ = Result { () throws(JournalFailure) in try QueueFile.adoptLog(of: path) }
            return !OrphanedLog.isEmpty(of: path)
        }
        return names.union(made).sorted()
    }

    /// Removes the queue with everything that waits in it.
    package func remove() throws(JournalFailure) {
        for suffix in ["", "-wal", "-shm"] { try FileSystem.remove(path + suffix) }
        FileSystem.syncDirectory(FileSystem.directory(of: path))
    }

    static func depth(at path: String) -> QueueDepth? {
        let result = Result { () throws(JournalFailure) in try QueueFile.depth(at: path) }
        guard case .success(let depth) = result else { return nil }
        return depth
    }
}

/// The unclaimed queues of a collector that runs. Thread-safe.
package final class UnclaimedQueues: Sendable {
    private let queues: Monitor<[UnclaimedQueue]>

    package init(_ queues: [UnclaimedQueue]) { self.queues = Monitor(queues) }

    /// Counts anew what waits in one.
    func refresh(_ queue: UnclaimedQueue) {
        let counted = queue.counted()
        queues.withLock { queues in
            for index in queues.indices where queues[index].path == queue.path { queues[index] = counted }
        }
    }

    /// By the names of their exporters.
    package var all: [UnclaimedQueue] { queues.withLock { $0 } }

    /// Removes one with everything that waits in it; it is gone from `all` only when it is from the disk. Waits for the
    /// disk.
    package func remove(_ queue: UnclaimedQueue) throws(JournalFailure) {
        try queue.remove()
        queues.withLock { $0.removeAll { $0.path == queue.path } }
    }
}
