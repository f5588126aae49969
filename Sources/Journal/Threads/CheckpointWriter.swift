internal import Platform
internal import Storage

/// The checkpoint thread: writes changed records to the state file and removes the journal files they cover.
final class CheckpointWriter {
    private let settings: JournalSettings
    private let monitor: Monitor<JournalState>
    private let queue: Monitor<CheckpointQueue>
    private let observer: any JournalObserver
    private let state: StateDatabase
    private let damagedSuffix: String

    init(
        settings: JournalSettings, monitor: Monitor<JournalState>, queue: Monitor<CheckpointQueue>,
        observer: any JournalObserver, state: StateDatabase, damagedSuffix: String
    ) {
        self.settings = settings
        self.monitor = monitor
        self.queue = queue
        self.observer = observer
        self.state = state
        self.damagedSuffix = damagedSuffix
    }

    private enum Work {
        case checkpoint(CheckpointJob)
        case end
    }

    /// Runs until the journal is closed and every requested checkpoint is done.
    func run() {
        while true {
            let work = queue.wait { (queue: inout CheckpointQueue) -> Work? in
                if !queue.jobs.isEmpty { return .checkpoint(queue.jobs.removeFirst()) }
                return queue.isClosed ? .end : nil
            }
            guard case .checkpoint(let job)? = work else {
                state.close()
                return
            }
            perform(job)
        }
    }

    private func perform(_ job: CheckpointJob) {
        let start = monotonicTime()
        // First a new journal file, so that this or the next checkpoint covers the previous one completely.
        monitor.withLock { $0.isRotationWanted = true }
        monitor.signal()
        _ = monitor.wait { $0.isRotationWanted ? nil : true }
        // A number that was never used would void the entries that get it later.
        let covered = min(job.covered, monitor.withLock { $0.counters.lastNumber })
        do throws(StorageFailure) {
            let cleanUp = try state.write(job.changes, covering: covered, erases: job.erases)
            let duration = Duration.since(start)
            monitor.withLock { state in
                state.isCheckpointDueTold = false
                state.counters.checkpoints &+= 1
                state.counters.records &+= UInt64(job.changes.count)
                state.counters.coveredNumber = max(state.counters.coveredNumber, covered)
            }
            if let cleanUp { observer.journal(.housekeepingFailed(cleanUp)) }
            removeCovered(covered)
            observer.journal(
                .checkpointWritten(records: job.changes.count, bytes: job.changes.bytes.count, duration: duration))
            job.completion(.written(records: job.changes.count, duration: duration))
        } catch {
            monitor.withLock { state in
                state.isCheckpointDueTold = false
                state.counters.checkpointFailures &+= 1
            }
            observer.journal(.checkpointFailed(error))
            job.completion(.failed(error, job.changes))
        }
    }

    private func removeCovered(_ covered: UInt64) {
        let files = monitor.withLock { state in
            let files = state.retired.filter { $0.through <= covered }
            state.retired.removeAll { $0.through <= covered }
            return files
        }
        for file in files {
            do throws(StorageFailure) {
                if file.isDamaged {
                    try FileSystem.move(file.path + "-wal", to: file.path + damagedSuffix + "-wal")
                    try FileSystem.move(file.path, to: file.path + damagedSuffix)
                } else {
                    try JournalFile.remove(file.path)
                }
            } catch {
                // The next start finds that it is covered and removes it.
                observer.journal(.housekeepingFailed(error))
            }
        }
    }
}
