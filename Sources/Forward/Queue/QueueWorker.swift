internal import Platform
internal import Settings
internal import Storage

/// The thread of a queue: writes additions and removals, one transaction at a time, and hands out exports on request.
final class QueueWorker {
    /// The pause after a failure of the disk. 1 s.
    private static let pauseAfterFailure: UInt64 = 1_000_000_000
    /// The longest time that delivered exports stay in the log after they were written. 1 s if nothing waits, else 30
    /// s.
    private static let eraseInterval: UInt64 = 1_000_000_000
    private static let eraseIntervalWhileBusy: UInt64 = 30_000_000_000

    private let queue: ExportQueue
    private let store: any QueueStore
    private let syncInterval: UInt64
    /// When the oldest write since the last sync, or erasure, must be synced, or erased.
    private var syncDue: UInt64?
    private var lastErasure: UInt64 = 0
    private var hasLog = false

    init(_ queue: ExportQueue, _ store: any QueueStore) {
        self.queue = queue
        self.store = store
        syncInterval = queue.settings.syncInterval.nanoseconds
        hasLog = queue.depth.exports > 0
    }

    func run() {
        while true {
            if let work = queue.takeWork(until: deadline()) {
                let isWritten = write(work)
                for edit in work.edits { perform(edit) }
                if work.isClosed { break }
                if !isWritten { pause(nanoseconds: Self.pauseAfterFailure) }
                while handOutNext() {}
                queue.endDrainingIfDone()
            }
            tidy(now: monotonicTime())
        }
        if hasLog { attempt { () throws(StorageFailure) in try store.erase() } }
    }

    private func write(_ work: ExportQueue.Work) -> Bool {
        let (adding, numbersGone) = (work.adding, work.numbersGone)
        guard !adding.isEmpty || !numbersGone.isEmpty else { return true }
        do throws(StorageFailure) {
            try store.change(adding: adding, removing: numbersGone)
            hasLog = true
            if syncInterval == 0 { try store.sync() }
        } catch {
            queue.finish(work, error)
            return false
        }
        if syncDue == nil, syncInterval > 0, !adding.isEmpty { syncDue = monotonicTime() &+ syncInterval }
        queue.finish(work, nil)
        return true
    }

    private func perform(_ edit: ExportQueue.Edit) {
        hasLog = true
        let result = Result { () throws(StorageFailure) in
            try edit.edit.perform(on: store, isSent: queue.isSent, changed: queue.changed)
        }
        edit.completion(result)
    }

    /// - Returns: whether there may be more to hand out.
    private func handOutNext() -> Bool {
        guard let choice = queue.choice() else { return false }
        do throws(StorageFailure) {
            guard let number = try number(of: choice) else { return true }
            return try handOut(number, as: choice)
        } catch {
            queue.tell(error)
            // After a failed read, the disk gets a pause.
            pause(nanoseconds: Self.pauseAfterFailure)
            return false
        }
    }

    /// The number of the export that a choice means; nil if there is none after all.
    private func number(of choice: SendSchedule.Choice) throws(StorageFailure) -> UInt64? {
        let fresh = queue.freshNumbers
        switch choice {
        case .number(let number): return number
        case .oldest:
            // Those that were handed out already are not read for this.
            var number = fresh.after &+ 1
            while queue.wasHandedOut(number) { number &+= 1 }
            queue.pass(to: number &- 1)
            return number
        case .newest:
            var bound = fresh.through &+ 1
            while let number = try store.number(before: bound), number > fresh.after {
                if !queue.wasHandedOut(number) { return number }
                bound = number
            }
            queue.pass(to: fresh.through)
            return nil
        }
    }

    /// Hands out the export of this number, or, for the oldest one, the next that is in the store.
    /// - Returns: whether there may be more to hand out.
    private func handOut(_ number: UInt64, as choice: SendSchedule.Choice) throws(StorageFailure) -> Bool {
        let isExact = choice != .oldest
        do throws(StorageFailure) {
            switch try store.next(after: number &- 1) {
            case .intact(let queued) where queued.number == number || !isExact:
                if isExact || !queue.wasHandedOut(queued.number) {
                    queue.handOut(queued, as: choice)
                } else {
                    queue.pass(to: queued.number)
                }
            case .damaged(let damaged, let depth) where damaged == number || !isExact:
                dropUnreadable(damaged, depth, "its checksum does not match")
                if !isExact { queue.pass(to: damaged) }
            case .intact, .damaged: queue.lost(number)
            case nil:
                if isExact { queue.lost(number) } else { queue.pass(to: queue.freshNumbers.through) }
            }
            return true
        } catch {
            guard error.code == .damaged, let passed = passOver(after: number &- 1, error.reason) else { throw error }
            if isExact { queue.lost(number) } else { queue.pass(to: passed) }
            return true
        }
    }

    /// Drops an export that cannot be read, so that those behind it continue.
    /// - Returns: its number; nil if even that cannot be read.
    private func passOver(after number: UInt64, _ reason: String) -> UInt64? {
        let found = Result { () throws(StorageFailure) in try store.passOver(after: number) }
        guard case .success(let head?) = found else { return nil }
        dropUnreadable(head.number, head.depth, reason)
        return head.number
    }

    private func dropUnreadable(_ number: UInt64, _ depth: QueueDepth, _ reason: String) {
        queue.gaveUp(number, depth)
        queue.tell(
            StorageFailure(
                code: .damaged, operation: "read an export", path: queue.settings.path ?? "memory",
                reason: "\(reason); it is dropped"))
        attempt { () throws(StorageFailure) in try store.change(adding: [], removing: [number]) }
    }

    private func deadline() -> UInt64? {
        let erasure = hasLog ? lastErasure &+ eraseInterval : nil
        return [syncDue, erasure, queue.nextChange(after: monotonicTime())].compactMap { $0 }.min()
    }

    private var eraseInterval: UInt64 {
        queue.depth.exports == 0 ? Self.eraseInterval : Self.eraseIntervalWhileBusy
    }

    private func tidy(now: UInt64) {
        if hasLog, now >= lastErasure &+ eraseInterval {
            // This syncs, too: the log is copied into the file, and both are synced.
            lastErasure = now
            if attempt({ () throws(StorageFailure) in try store.erase() }) {
                hasLog = false
                syncDue = nil
            }
        }
        if let due = syncDue, now >= due {
            syncDue = nil
            attempt { () throws(StorageFailure) in try store.sync() }
        }
    }

    @discardableResult
    private func attempt(_ body: () throws(StorageFailure) -> Void) -> Bool {
        do throws(StorageFailure) {
            try body()
            return true
        } catch {
            queue.tell(error)
            return false
        }
    }
}
