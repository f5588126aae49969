internal import Platform
internal import Settings
internal import Storage

/// The journal thread: commits queued entries, group by group, and syncs when it is due.
final class JournalWriter {
    private let settings: JournalSettings
    private let monitor: Monitor<JournalState>
    private let observer: any JournalObserver
    private let settled: SettlementHandler
    private let mark: CommitMark
    private let syncNanoseconds: UInt64

    private var file: JournalFile?
    private lazy var packer = GroupPacker()
    private var nextSequence: UInt64
    private var lastNumber: UInt64
    /// When the oldest unsynced commit happened.
    private var unsyncedSince: UInt64?
    private var failuresInARow = 0
    /// Entries of the last group, and when it was committed.
    private var lastGroupCount = 0
    private var lastCommit: UInt64 = 0

    init(
        settings: JournalSettings, monitor: Monitor<JournalState>, observer: any JournalObserver,
        settled: @escaping SettlementHandler, mark: CommitMark, nextSequence: UInt64, lastNumber: UInt64
    ) {
        self.settings = settings
        self.monitor = monitor
        self.observer = observer
        self.settled = settled
        self.mark = mark
        self.nextSequence = nextSequence
        self.lastNumber = lastNumber
        syncNanoseconds = settings.state.syncInterval.nanoseconds
    }

    private enum Work {
        case commit
        case sync
        case rotate
        case end
    }

    /// Runs until the journal is closed and everything queued is settled.
    func run() {
        while true {
            let deadline = unsyncedSince.map { $0 &+ syncNanoseconds }
            if let deadline, monotonicTime() >= deadline {
                trim()
                sync()
                continue
            }
            switch monitor.wait(until: deadline, { JournalWriter.nextWork(&$0) }) {
            case nil:
                trim()
                sync()
            case .sync?: sync()
            case .commit?:
                gather()
                if let group = monitor.withLock({ $0.queue.isEmpty ? nil : $0.queue.removeFirst() }) { commit(group) }
            case .rotate?: rotate()
            case .end?:
                end()
                return
            }
        }
    }

    private static func nextWork(_ state: inout JournalState) -> Work? {
        state.isIdle = false
        if let waiter = state.syncWaiters.first, waiter.after <= state.settled { return .sync }
        if state.isRotationWanted { return .rotate }
        if !state.queue.isEmpty { return .commit }
        if state.isEnding { return .end }
        state.isIdle = true
        return nil
    }

    /// Releases the memory of a large group, at most once in a sync interval.
    private func trim() {
        _ = monitor.withLock { state -> EntryGroup? in
            guard let spare = state.spare, spare.isLarge else { return nil }
            state.spare = nil
            return spare
        }
    }

    // MARK: Commit

    /// Lets a group fill up while several senders are busy: they wait for their responses anyway, and one commit for
    /// all costs little more than one for each. A single or quiet sender does not wait.
    private func gather() {
        guard lastGroupCount > 1, monotonicTime() &- lastCommit < JournalWriter.busyNanoseconds else { return }
        let isFilling = monitor.withLock { $0.queue.count == 1 && !$0.isClosed && $0.syncWaiters.isEmpty }
        if isFilling { pause(nanoseconds: JournalWriter.gatherNanoseconds) }
    }

    /// How long a group may fill up.
    private static let gatherNanoseconds: UInt64 = 300_000
    /// Commits this close to each other mean that senders are busy.
    private static let busyNanoseconds: UInt64 = 2_000_000

    private func commit(_ group: EntryGroup) {
        let start = monotonicTime()
        let first = lastNumber &+ 1
        do throws(StorageFailure) {
            let file = try currentFile()
            try file.write(group, first: first, packer: packer)
            if unsyncedSince == nil { unsyncedSince = start }
            if syncNanoseconds == 0 { try syncFile() }
            lastNumber = lastNumber &+ UInt64(group.count)
            failuresInARow = 0
            lastGroupCount = group.count
            lastCommit = monotonicTime()
            writeMark()
            let duration = Duration.since(start)
            let isDue = account(group, fileBytes: file.byteCount)
            settle(group) { .success(first &+ UInt64($0)) }
            observer.journal(.committed(entries: group.count, bytes: group.bodyBytes, duration: duration))
            if isDue { observer.journal(.checkpointDue(.journalSize)) }
        } catch {
            failed(error)
            monitor.withLock { state in
                state.backlogBytes -= group.byteCount
                state.settled &+= UInt64(group.count)
                state.counters.commitFailures &+= 1
            }
            settle(group) { _ in .failure(error) }
            observer.journal(.commitFailed(error, entries: group.count))
        }
        group.clear()
        // A group of a single large body is not kept.
        if group.capacity <= 2 * settings.groupLimit { monitor.withLock { $0.spare = $0.spare ?? group } }
    }

    /// Counts a committed group; true if a checkpoint is due because of it.
    private func account(_ group: EntryGroup, fileBytes: Int) -> Bool {
        monitor.withLock { state in
            state.backlogBytes -= group.byteCount
            state.settled &+= UInt64(group.count)
            state.isUnsynced = unsyncedSince != nil
            state.currentBytes = fileBytes
            state.counters.commits &+= 1
            state.counters.entries &+= UInt64(group.count)
            state.counters.bytes &+= UInt64(group.bodyBytes)
            state.counters.lastNumber = lastNumber
            guard !state.isCheckpointDueTold, state.journalBytes > settings.state.maxJournal else { return false }
            state.isCheckpointDueTold = true
            return true
        }
    }

    private func settle(_ group: EntryGroup, _ outcome: (Int) -> Result<UInt64, StorageFailure>) {
        settled(group.entries.enumerated().map { Settlement(outcome: outcome($0.offset), entry: $0.element) })
    }

    private func currentFile() throws(StorageFailure) -> JournalFile {
        if let file { return file }
        let name = JournalFileName(sequence: nextSequence, after: lastNumber)
        let made = try JournalFile(directory: settings.state.path, name: name, fileSystemName: settings.fileSystemName)
        nextSequence &+= 1
        file = made
        return made
    }

    /// After a failed commit: a full disk gets a second attempt with the same file, any other failure a new file, since
    /// the content of this one is unknown.
    private func failed(_ failure: StorageFailure) {
        failuresInARow += 1
        if failure.code != .full || failuresInARow > 1 || syncNanoseconds == 0 { retire() }
    }

    private func writeMark() {
        do throws(StorageFailure) {
            try mark.write(lastNumber)
        } catch {
            observer.journal(.housekeepingFailed(error))
        }
    }

    // MARK: Sync

    private func sync() {
        let failure = Result { () throws(StorageFailure) in try syncFile() }.failure
        if let failure {
            let number = lastNumber
            monitor.withLock { state in
                state.unsafeNumber = number
                state.syncFailure = failure
            }
            retire()
            observer.journal(.checkpointDue(.failedSync))
        }
        completeWaiters()
    }

    private func syncFile() throws(StorageFailure) {
        guard let file, unsyncedSince != nil else { return }
        let start = monotonicTime()
        unsyncedSince = nil
        do throws(StorageFailure) {
            try file.sync()
        } catch {
            monitor.withLock { state in
                state.isUnsynced = false
                state.counters.syncFailures &+= 1
            }
            observer.journal(.syncFailed(error))
            throw error
        }
        monitor.withLock { state in
            state.isUnsynced = false
            state.counters.syncs &+= 1
        }
        observer.journal(.synced(duration: .since(start)))
    }

    private func completeWaiters() {
        let (waiters, failure) = monitor.withLock { state in
            let isReady = { (waiter: (after: UInt64, completion: @Sendable (StorageFailure?) -> Void)) in
                waiter.after <= state.settled
            }
            let ready = state.syncWaiters.filter(isReady)
            state.syncWaiters.removeAll(where: isReady)
            return (ready, state.unsafeNumber > state.counters.coveredNumber ? state.syncFailure : nil)
        }
        for waiter in waiters { waiter.completion(failure) }
    }

    // MARK: Files

    /// Ends the current file; the next commit creates a new one.
    private func retire() {
        unsyncedSince = nil
        guard let ended = file else { return }
        file = nil
        let through = lastNumber
        let isEmpty = through == ended.name.after
        monitor.withLock { state in
            state.isUnsynced = false
            state.currentBytes = 0
            if !isEmpty {
                state.retired.append(
                    RetiredFile(path: ended.path, through: through, bytes: ended.byteCount, isDamaged: false))
            }
        }
        if isEmpty { JournalFile.removeQuietly(ended.path) }
    }

    private func rotate() {
        if file != nil, file?.name.after != lastNumber {
            sync()
            retire()
        }
        monitor.withLock { $0.isRotationWanted = false }
        monitor.signal()
    }

    private func end() {
        sync()
        retire()
    }
}

extension Result {
    /// The failure, if there is one.
    fileprivate var failure: Failure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}
