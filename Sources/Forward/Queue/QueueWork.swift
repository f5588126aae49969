internal import Platform
internal import Storage

/// The work of a queue's thread, and its results.
extension ExportQueue {
    /// Everything to do.
    struct Work {
        var appends: [QueueState.Append] = []
        var removing: [QueuedExport] = []
        var replacements: [QueueState.Replacement] = []
        /// After the rest.
        var edits: [Edit] = []
        var isClosed = false

        /// Exports to write.
        var adding: [QueuedExport] { appends.map(\.queued) + replacements.flatMap(\.parts) }
        /// Numbers to delete.
        var numbersGone: [UInt64] { (removing + replacements.map(\.queued)).map(\.number) }
    }

    /// Waits until there is work; nil when the deadline passes before.
    func takeWork(until deadline: UInt64?) -> Work? {
        monitor.wait(until: deadline) { state in
            let now = monotonicTime()
            guard
                !state.appends.isEmpty || !state.removals.isEmpty || !state.replacements.isEmpty
                    || !state.edits.isEmpty || state.isClosed || state.isNextChangeStale
                    || state.choice(limit: self.settings.handedOutLimit, now: now) != nil || state.isDrained(now: now)
            else { return nil }
            return state.takeWork()
        }
    }

    /// The work is on disk, or `failure` says why not: then new exports are refused, and the rest is retried with the
    /// next work.
    func finish(_ work: Work, _ failure: StorageFailure?) {
        monitor.withLock { state in
            state.lastWritten = max(state.lastWritten, work.adding.last?.number ?? 0)
            if failure == nil {
                for queued in work.removing { state.settle(queued) }
                for replacement in work.replacements { state.settle(replacement) }
            } else {
                for append in work.appends {
                    state.depth.subtract(append.queued.export)
                    state.undelivered -= 1
                }
                state.removals = work.removing + state.removals
                state.replacements = work.replacements + state.replacements
            }
        }
        if let failure { tell(failure) }
        let answer = failure.map { QueueAnswer.failed($0.description) } ?? .queued
        for append in work.appends { append.completion(answer) }
    }

    /// Ends `drain` when nothing can be sent any more.
    func endDrainingIfDone() {
        if monitor.withLock({ $0.isDrained(now: monotonicTime()) }) { endDraining() }
    }

    /// The time after which there may be work without another call.
    func nextChange(after now: UInt64) -> UInt64? { monitor.withLock { $0.nextChange(after: now) } }

    /// Whether an export only waits to be deleted.
    func isSent(_ number: UInt64) -> Bool {
        monitor.withLock { state in state.removals.contains { $0.number == number } }
    }

    /// An export was changed on disk; `rest` is nil if nothing is left of it.
    func changed(_ queued: QueuedExport, _ rest: ForwardedExport?) {
        monitor.withLock { state in
            state.depth.subtract(queued.export)
            if let rest { state.depth.add(rest) }
            if state.handedOut.contains(queued.number) {
                state.edited[queued.number] = .some(rest)
            } else if rest == nil {
                state.undelivered -= 1
                state.schedule.forget(queued.number)
                state.skip(queued.number)
            }
        }
    }

    /// A damaged export was removed from the queue.
    func gaveUp(_ number: UInt64, _ depth: QueueDepth) {
        monitor.withLock { state in
            state.schedule.forget(number)
            state.skip(number)
            state.undelivered -= 1
            state.depth.subtract(exports: depth.exports, records: depth.records, bytes: depth.bytes)
        }
    }

    /// The export to hand out; nil if no caller waits, or nothing can be sent now.
    func choice() -> SendSchedule.Choice? {
        monitor.withLock { $0.choice(limit: settings.handedOutLimit, now: monotonicTime()) }
    }

    /// The range of numbers with exports that were not handed out yet.
    var freshNumbers: (after: UInt64, through: UInt64) { monitor.withLock { ($0.cursor, $0.lastWritten) } }

    /// Whether an export beyond the first of `freshNumbers` was handed out already.
    func wasHandedOut(_ number: UInt64) -> Bool { monitor.withLock { $0.ahead.contains(number) } }

    /// No export up to this number is still to be handed out for the first time.
    func pass(to number: UInt64) { monitor.withLock { $0.pass(to: number) } }

    /// An export to be handed out is not in the store.
    func lost(_ number: UInt64) {
        monitor.withLock { state in
            state.schedule.forget(number)
            state.skip(number)
        }
    }

    func handOut(_ queued: QueuedExport, as choice: SendSchedule.Choice) {
        let receive = monitor.withLock { state -> (@Sendable (QueuedExport?) -> Void)? in
            guard let receive = state.receivers.popLast() else { return nil }
            state.handOut(queued, as: choice, now: monotonicTime())
            return receive
        }
        receive?(queued)
    }

    func tell(_ failure: StorageFailure) { failures.withLock { $0 }?(failure) }
}

extension QueueState {
    /// Takes all work; parts get their numbers.
    fileprivate mutating func takeWork() -> ExportQueue.Work {
        var work = ExportQueue.Work(appends: appends, removing: removals, edits: edits, isClosed: isClosed)
        for var replacement in replacements {
            // An export that was changed meanwhile is sent again as it is now; the parts may contain removed records.
            guard edited[replacement.queued.number] == nil else {
                release(replacement.queued)
                schedule.hurry(replacement.queued.number)
                continue
            }
            for index in replacement.parts.indices {
                lastNumber &+= 1
                replacement.parts[index] = QueuedExport(number: lastNumber, export: replacement.parts[index].export)
            }
            work.replacements.append(replacement)
        }
        (appends, edits, removals, replacements) = ([], [], [], [])
        isNextChangeStale = false
        return work
    }
}
