package import Journal
internal import NIOCore

/// Exports that wait to be delivered, in the order in which they came.
///
/// All operations may be called from any thread and return at once, but for `close`; a thread of its own does the work.
/// What waits for the disk is written in one transaction. An export stays in the queue until `remove`, so that one that
/// was handed out before a crash is handed out again after it.
package final class ExportQueue: Sendable {
    fileprivate struct State {
        var appends: [Append] = []
        var removals: [QueuedExport] = []
        var edits: [Edit] = []
        /// What is left of exports that were changed after they were handed out, until they are removed; nil: nothing.
        var edited: [UInt64: ForwardedExport?] = [:]
        /// Who waits for an export; the last one is served first, so that few of them do the work.
        var receivers: [@Sendable (QueuedExport?) -> Void] = []
        /// Everything that is not removed, with what is not written yet.
        var depth: QueueDepth
        /// Exports that are neither delivered nor given up.
        var undelivered: Int
        var lastNumber: UInt64
        /// The last number that was written, or given up.
        var lastWritten: UInt64
        var lastHandedOut: UInt64 = 0
        var handedOutBytes = 0
        var isClosed = false

        /// - Parameter limit: see `QueueSettings.handedOutLimit`.
        func canHandOut(_ limit: Int) -> Bool {
            !receivers.isEmpty && lastHandedOut < lastWritten && handedOutBytes < limit && !isClosed
        }
    }

    fileprivate struct Append {
        let queued: QueuedExport
        let completion: @Sendable (QueueAnswer) -> Void
    }

    /// What is to be done with everything that waits.
    struct Edit {
        let edit: QueueEdit
        let completion: @Sendable (Result<QueueEdit.Report, JournalFailure>) -> Void
    }

    package let settings: QueueSettings
    private let monitor: Monitor<State>
    private let thread: Monitor<WorkerThread?>
    /// Told of what the disk refuses, on the queue's thread.
    private let failures: Monitor<(@Sendable (JournalFailure) -> Void)?>

    init(_ settings: QueueSettings, store: sending any QueueStore) {
        self.settings = settings
        monitor = Monitor(
            State(
                depth: store.depthAtStart, undelivered: store.depthAtStart.exports, lastNumber: store.lastNumber,
                lastWritten: store.lastNumber))
        thread = Monitor(nil)
        failures = Monitor(nil)
        let worker = QueueWorker(self, store)
        let started = WorkerThread { worker.run() }
        if started == nil { monitor.withLock { $0.isClosed = true } }
        thread.withLock { $0 = started }
    }

    /// Who hears of what the disk refuses. Called on the queue's thread.
    package func observeFailures(_ body: @escaping @Sendable (JournalFailure) -> Void) {
        failures.withLock { $0 = body }
    }

    /// How much waits, what is handed out included.
    package var depth: QueueDepth { monitor.withLock { $0.depth } }

    /// Whether everything is delivered or given up, although it may not be deleted yet.
    var isDone: Bool { monitor.withLock { $0.undelivered == 0 } }

    /// Queues an export. `completion` runs once it is decided: at once on this thread, or on the queue's thread.
    package func append(_ export: ForwardedExport, _ completion: @escaping @Sendable (QueueAnswer) -> Void) {
        let refusal = monitor.withLock { state -> QueueAnswer? in
            if state.isClosed { return .closed }
            guard hasRoom(for: export, in: state.depth) else { return .full }
            state.depth.add(export)
            state.undelivered += 1
            state.lastNumber &+= 1
            state.appends.append(
                Append(queued: QueuedExport(number: state.lastNumber, export: export), completion: completion))
            return nil
        }
        if let refusal { completion(refusal) } else { monitor.signal() }
    }

    private func hasRoom(for export: ForwardedExport, in depth: QueueDepth) -> Bool {
        if depth.exports == 0 { return true }
        return depth.bytes + export.body.readableBytes <= settings.bytesLimit
            && depth.exports < settings.exportsLimit ?? .max
            && depth.records + export.records <= settings.recordsLimit ?? .max
    }

    /// Waits for the next export; nil when the queue is closed.
    package func next() async -> QueuedExport? {
        await withCheckedContinuation { continuation in
            let isClosed = monitor.withLock { state in
                if state.isClosed { return true }
                state.receivers.append { continuation.resume(returning: $0) }
                return false
            }
            if isClosed { continuation.resume(returning: nil) } else { monitor.signal() }
        }
    }

    /// An export that was handed out is done with: it is deleted.
    package func remove(_ queued: QueuedExport) {
        monitor.withLock { state in
            state.removals.append(queued)
            state.undelivered -= 1
        }
        monitor.signal()
    }

    /// What an export that was handed out holds by now; nil: nothing is left of it.
    func current(_ queued: QueuedExport) -> ForwardedExport? {
        monitor.withLock { state in
            if let edited = state.edited[queued.number] { return edited }
            return queued.export
        }
    }

    /// Takes records out of everything that waits; what is on its way at this moment may arrive with them. `completion`
    /// runs on the queue's thread.
    func edit(
        _ edit: QueueEdit, _ completion: @escaping @Sendable (Result<QueueEdit.Report, JournalFailure>) -> Void
    ) {
        let isClosed = monitor.withLock { state in
            if !state.isClosed { state.edits.append(Edit(edit: edit, completion: completion)) }
            return state.isClosed
        }
        guard isClosed else { return monitor.signal() }
        completion(
            .failure(
                JournalFailure(
                    code: .closed, operation: "change the queue", path: settings.path ?? "memory",
                    reason: "the collector is stopping")))
    }

    /// Takes nothing more, ends `next` with nil, writes what is outstanding and ends the thread. Waits for the disk: not
    /// on an event loop. What is in a file stays there.
    package func close() {
        let receivers = monitor.withLock { state in
            state.isClosed = true
            defer { state.receivers = [] }
            return state.receivers
        }
        monitor.signal()
        for receive in receivers { receive(nil) }
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        running?.join()
    }
}

// MARK: - What the thread takes and gives

extension ExportQueue {
    /// What there is to do.
    struct Work {
        var adding: [QueuedExport] = []
        fileprivate var appends: [Append] = []
        var removing: [QueuedExport] = []
        /// After the rest.
        var edits: [Edit] = []
        var isClosed = false
    }

    /// Waits until there is something to do; nil when the deadline passes before.
    func takeWork(until deadline: UInt64?) -> Work? {
        monitor.wait(until: deadline) { state in
            guard
                !state.appends.isEmpty || !state.removals.isEmpty || !state.edits.isEmpty || state.isClosed
                    || state.canHandOut(self.settings.handedOutLimit)
            else { return nil }
            let work = Work(
                adding: state.appends.map(\.queued), appends: state.appends, removing: state.removals,
                edits: state.edits, isClosed: state.isClosed)
            state.appends = []
            state.edits = []
            state.removals = []
            return work
        }
    }

    /// The work is on disk, or `failure` says why not: then what was to be added is refused, and what was to be removed
    /// is tried again with the next work.
    func finish(_ work: Work, _ failure: JournalFailure?) {
        monitor.withLock { state in
            for queued in work.adding {
                state.lastWritten = max(state.lastWritten, queued.number)
                guard failure != nil else { continue }
                state.depth.subtract(queued.export)
                state.undelivered -= 1
            }
            if failure == nil {
                for queued in work.removing { state.settle(queued) }
            } else {
                state.removals = work.removing + state.removals
            }
        }
        if let failure { tell(failure) }
        let answer = failure.map { QueueAnswer.failed($0.description) } ?? .queued
        for append in work.appends { append.completion(answer) }
    }

    /// Whether an export only waits to be deleted.
    func isSent(_ number: UInt64) -> Bool {
        monitor.withLock { state in state.removals.contains { $0.number == number } }
    }

    /// An export was changed on disk; nothing is left of it where `rest` is nil.
    func changed(_ queued: QueuedExport, _ rest: ForwardedExport?) {
        monitor.withLock { state in
            state.depth.subtract(queued.export)
            if let rest { state.depth.add(rest) }
            if queued.number <= state.lastHandedOut {
                state.edited[queued.number] = .some(rest)
            } else if rest == nil {
                state.undelivered -= 1
            }
        }
    }

    /// A damaged export is out of the queue.
    func gaveUp(_ number: UInt64, _ depth: QueueDepth) {
        monitor.withLock { state in
            state.lastHandedOut = max(state.lastHandedOut, number)
            state.undelivered -= 1
            state.depth.subtract(exports: depth.exports, records: depth.records, bytes: depth.bytes)
        }
    }

    /// The number behind which the next export is to be handed out; nil when nobody wants one.
    func wanted() -> UInt64? {
        monitor.withLock { $0.canHandOut(settings.handedOutLimit) ? $0.lastHandedOut : nil }
    }

    /// Nothing follows this number in the store.
    func foundNothing(after number: UInt64) {
        monitor.withLock { $0.lastHandedOut = max($0.lastHandedOut, $0.lastWritten) }
    }

    func handOut(_ queued: QueuedExport) {
        let receive = monitor.withLock { state -> (@Sendable (QueuedExport?) -> Void)? in
            guard let receive = state.receivers.popLast() else { return nil }
            state.lastHandedOut = queued.number
            state.handedOutBytes += queued.export.body.readableBytes
            return receive
        }
        receive?(queued)
    }

    func tell(_ failure: JournalFailure) { failures.withLock { $0 }?(failure) }
}

extension ExportQueue.State {
    fileprivate mutating func settle(_ queued: QueuedExport) {
        if let edited = edited.removeValue(forKey: queued.number) {
            if let edited { depth.subtract(edited) }
        } else {
            depth.subtract(queued.export)
        }
        handedOutBytes -= queued.export.body.readableBytes
    }
}
