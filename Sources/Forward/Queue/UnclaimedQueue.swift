internal import Platform
package import Storage

/// A queue on disk whose exporter is no longer in a pipeline of the configuration: it was removed or renamed. It does
/// not grow, nothing of it is sent, and an exporter of the same name continues with it.
package struct UnclaimedQueue: Sendable, Equatable {
    /// The name of the exporter.
    package let exporter: String
    package let path: String
    /// Its content; nil: the file cannot be read.
    package let depth: QueueDepth?

    /// The queues of a directory without one of these exporters, by name. Empty ones are removed instead. Blocks on the
    /// disk; no other process may have the files open.
    package static func all(in directory: String, besides exporters: [String]) -> [UnclaimedQueue] {
        let claimed = Set(exporters.map(QueueSettings.fileName(ofExporter:)))
        return names(in: directory).compactMap { name in
            guard !claimed.contains(name), let exporter = QueueSettings.exporter(ofFileName: name) else { return nil }
            let path = "\(directory)/\(name)"
            let queue = UnclaimedQueue(exporter: exporter, path: path, depth: depth(at: path))
            guard queue.depth?.exports == 0 else { return queue }
            // If one cannot be removed, it is empty at the next start as well.
            _ = Result { () throws(StorageFailure) in try queue.remove() }
            return nil
        }
    }

    /// The names of files that may be queues, including those of which only the log is left.
    private static func names(in directory: String) -> [String] {
        let names = Set((try? FileSystem.names(in: directory)) ?? [])
        let gone = names.filter { $0.hasSuffix(OrphanedLog.suffix) }.map { $0.dropLast(OrphanedLog.suffix.count) }
        let made = gone.map(String.init).filter { name in
            let path = "\(directory)/\(name)"
            guard !names.contains(name), QueueSettings.exporter(ofFileName: name) != nil else { return false }
            // A file that cannot be restored is reported as unreadable.
            _ = Result { () throws(StorageFailure) in try QueueFile.adoptLog(of: path) }
            return !OrphanedLog.isEmpty(of: path)
        }
        return names.union(made).sorted()
    }

    /// Removes the queue with its content.
    package func remove() throws(StorageFailure) {
        for suffix in ["", "-wal", "-shm"] { try FileSystem.remove(path + suffix) }
        FileSystem.syncDirectory(FileSystem.directory(of: path))
    }

    static func depth(at path: String) -> QueueDepth? {
        let result = Result { () throws(StorageFailure) in try QueueFile.depth(at: path) }
        guard case .success(let depth) = result else { return nil }
        return depth
    }
}

/// The unclaimed queues of a collector that runs. Thread-safe.
package final class UnclaimedQueues: Sendable {
    private let queues: Monitor<[UnclaimedQueue]>

    package init(_ queues: [UnclaimedQueue]) { self.queues = Monitor(queues) }

    /// Counts the content of one again.
    func refresh(_ queue: UnclaimedQueue) {
        let counted = queue.counted()
        queues.withLock { queues in
            for index in queues.indices where queues[index].path == queue.path { queues[index] = counted }
        }
    }

    /// By the names of their exporters.
    package var all: [UnclaimedQueue] { queues.withLock { $0 } }

    /// Removes one with its content; it leaves `all` only after it is removed from the disk. Blocks on the disk.
    package func remove(_ queue: UnclaimedQueue) throws(StorageFailure) {
        try queue.remove()
        queues.withLock { $0.removeAll { $0.path == queue.path } }
    }
}
