package import Platform
internal import Settings
package import Storage

/// The running journal: takes entries, writes checkpoints. Created by `JournalRecovery.start`.
///
/// All operations may be called from any thread; only `close` blocks on the disk. Two threads do the work: one commits
/// entries, one writes checkpoints.
package final class ExportJournal: Sendable {
    private let settings: JournalSettings
    private let monitor: Monitor<JournalState>
    private let queue: Monitor<CheckpointQueue>
    private let threads: Monitor<[WorkerThread]>
    private let lock: Monitor<DirectoryLock?>

    init(
        settings: JournalSettings, monitor: Monitor<JournalState>, queue: Monitor<CheckpointQueue>,
        writer: JournalWriter, checkpoints: CheckpointWriter, lock: DirectoryLock
    ) throws(JournalOpenFailure) {
        self.settings = settings
        self.monitor = monitor
        self.queue = queue
        self.lock = Monitor(lock)
        threads = Monitor([])
        guard let first = WorkerThread({ writer.run() }), let second = WorkerThread({ checkpoints.run() }) else {
            throw .unusable(FileSystem.failure("start a thread", path: settings.state.path))
        }
        threads.withLock { $0 = [second, first] }
    }

    /// Queues an entry and returns at once; `body` is copied. If the answer is `queued`, its settlement follows through
    /// the handler given at start. The order of calls is the order of numbers.
    ///
    /// - Parameters:
    ///   - arrival, route, encoding: kept with the entry and handed back by recovery.
    ///   - entry: what the settlement carries back.
    package func append(
        arrival: UnixNanoseconds, route: UInt32, encoding: UInt8, body: UnsafeRawBufferPointer,
        entry: (any PendingEntry)? = nil
    ) -> AppendAnswer {
        let size = body.count + EntryGroup.headerBytes
        let (answer, isIdle) = monitor.withLock { state -> (AppendAnswer, Bool) in
            guard !state.isClosed else { return (.closed, false) }
            guard state.backlogBytes + size <= settings.state.maxBacklog else {
                state.counters.backlogRefusals &+= 1
                return (.backlogFull, false)
            }
            let group: EntryGroup
            if let last = state.queue.last, last.byteCount + size <= settings.groupLimit {
                group = last
            } else {
                group = state.spare ?? EntryGroup()
                state.spare = nil
                state.queue.append(group)
            }
            group.append(arrival: arrival, route: route, encoding: encoding, body: body, entry: entry)
            state.backlogBytes += size
            state.appended &+= 1
            let isIdle = state.isIdle
            state.isIdle = false
            return (.queued, isIdle)
        }
        if isIdle { monitor.signal() }
        return answer
    }

    /// Calls `completion` once everything appended before is settled, and what was committed survives a power failure:
    /// at once, on this thread, if nothing is outstanding, else later on the journal's thread. It gets a failure if the
    /// disk cannot sync; then a counter that is shown might fall after a power failure.
    package func sync(_ completion: @escaping @Sendable (StorageFailure?) -> Void) {
        enum Now {
            case durable
            case waits
            case closed
        }
        let now = monitor.withLock { state -> Now in
            if state.isDurable { return .durable }
            if state.isClosed { return .closed }
            state.syncWaiters.append((state.appended, completion))
            return .waits
        }
        switch now {
        case .durable: completion(nil)
        case .waits: monitor.signal()
        case .closed:
            completion(
                StorageFailure(
                    code: .closed, operation: "sync", path: settings.state.path, reason: "the journal is closed"))
        }
    }

    /// Writes changed records; from then on entries up to `covered` are not replayed. One transaction, synced.
    ///
    /// Collect the changes and the number of the last entry that they include under the same lock. Commits continue
    /// meanwhile; further calls wait for their turn. `completion` runs on the checkpoint thread. After a failure
    /// nothing is changed on disk and the changes are returned.
    ///
    /// - Parameter covered: the number of the last entry whose effect the records include, in full and with all before
    ///   it; at most the last settled number. A record that changed since the last checkpoint and is not in `changes`
    ///   would lose its increments.
    /// - Parameter erases: nothing that is deleted or replaced may stay in the file of the records; covered journal
    ///   files are removed as always. The file is rewritten, which takes time and its size once more.
    package func checkpoint(
        _ changes: consuming RecordChanges, covering covered: UInt64, erases: Bool = false,
        completion: @escaping @Sendable (CheckpointResult) -> Void
    ) {
        let job = CheckpointJob(changes: changes, covered: covered, erases: erases, completion: completion)
        let isTaken = queue.withLock { queue in
            guard !queue.isClosed else { return false }
            queue.jobs.append(job)
            return true
        }
        guard isTaken else {
            let failure = StorageFailure(
                code: .closed, operation: "write a checkpoint", path: settings.state.path,
                reason: "the journal is closed")
            completion(.failed(failure, job.changes))
            return
        }
        queue.signal()
    }

    /// Counters since the start, and current sizes.
    package var counters: JournalCounters {
        monitor.withLock { state in
            var counters = state.counters
            counters.backlogBytes = state.backlogBytes
            counters.journalBytes = state.journalBytes
            return counters
        }
    }

    /// Takes no more entries, writes the checkpoints and commits the queued entries, syncs, ends both threads and
    /// releases the lock. Blocks until all of that is done; call it from a thread that may block, not from a handler. A
    /// second call does nothing.
    package func close() {
        monitor.withLock { $0.isClosed = true }
        queue.withLock { $0.isClosed = true }
        queue.signal()
        let running = threads.withLock { threads in
            let running = threads
            threads = []
            return running
        }
        guard running.count == 2 else { return }
        running[0].join()
        monitor.withLock { $0.isEnding = true }
        monitor.signal()
        running[1].join()
        lock.withLock { $0 = nil }
    }
}
