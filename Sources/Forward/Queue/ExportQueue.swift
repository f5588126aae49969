internal import NIOCore
internal import Platform
internal import Settings
package import Storage

/// Exports that wait to be delivered. They are handed out in the order of arrival, except for failed ones: those wait
/// in the store, and are handed out again when `SendSchedule` says so.
///
/// All operations except `close` may be called from any thread and return at once; a separate thread does the work.
/// Everything that waits for the disk is written in one transaction. An export stays in the queue until `remove`, so
/// that one that was handed out before a crash is handed out again after it.
package final class ExportQueue: Sendable {
    /// A change to all queued exports.
    struct Edit {
        let edit: QueueEdit
        let completion: @Sendable (Result<QueueEdit.Report, StorageFailure>) -> Void
    }

    package let settings: QueueSettings
    let monitor: Monitor<QueueState>
    private let thread: Monitor<WorkerThread?>
    /// Receives failures of the disk, on the queue's thread.
    let failures: Monitor<(@Sendable (StorageFailure) -> Void)?>

    init(_ settings: QueueSettings, store: sending any QueueStore) {
        self.settings = settings
        monitor = Monitor(QueueState(depth: store.depthAtStart, lastNumber: store.lastNumber))
        thread = Monitor(nil)
        failures = Monitor(nil)
        let worker = QueueWorker(self, store)
        let started = WorkerThread { worker.run() }
        if started == nil { monitor.withLock { $0.isClosed = true } }
        thread.withLock { $0 = started }
    }

    /// Sets when failed exports are handed out again; called before the first one is handed out.
    /// - Parameter consumers: exports that may be handed out at once.
    func schedule(_ retry: RetrySettings, _ forward: ForwardSettings, consumers: Int) {
        monitor.withLock { $0.schedule = SendSchedule(retry, forward, consumers: consumers) }
    }

    /// Sets the receiver of disk failures. It is called on the queue's thread.
    package func observeFailures(_ body: @escaping @Sendable (StorageFailure) -> Void) {
        failures.withLock { $0 = body }
    }

    /// The content of the queue, including what is handed out.
    package var depth: QueueDepth { monitor.withLock { $0.depth } }

    /// Whether everything is delivered or dropped, although it may not be deleted yet.
    var isDone: Bool { monitor.withLock { $0.undelivered == 0 } }

    /// Queues an export. `completion` runs once it is decided: at once on this thread, or on the queue's thread.
    package func append(_ export: ForwardedExport, _ completion: @escaping @Sendable (QueueAnswer) -> Void) {
        let refusal = monitor.withLock { state -> QueueAnswer? in
            if state.isClosed { return .closed }
            guard hasRoom(for: export, in: state.depth) else { return .full }
            state.depth.add(export)
            state.undelivered += 1
            state.lastNumber &+= 1
            let queued = QueuedExport(number: state.lastNumber, export: export)
            state.appends.append(QueueState.Append(queued: queued, completion: completion))
            return nil
        }
        if let refusal { completion(refusal) } else { monitor.signal() }
    }

    private func hasRoom(for export: ForwardedExport, in depth: QueueDepth) -> Bool {
        if depth.exports == 0 { return true }
        return depth.bytes + export.body.readableBytes <= settings.sending.maxBytes
            && depth.exports < settings.sending.maxRequests ?? .max
            && depth.records + export.records <= settings.sending.maxItems ?? .max
    }

    /// Waits for the next export; nil when the queue is closed.
    package func next() async -> QueuedExport? {
        await withCheckedContinuation { continuation in
            let isClosed = monitor.withLock { state in
                if state.isClosed { return true }
                state.receivers.append { continuation.resume(returning: $0) }
                state.isNextChangeStale = true
                return false
            }
            if isClosed { continuation.resume(returning: nil) } else { monitor.signal() }
        }
    }

    /// Deletes an export that was handed out and is finished.
    /// - Parameter isDelivered: whether the destination took it.
    /// - Returns: whether no other failed export waits.
    @discardableResult
    package func remove(_ queued: QueuedExport, isDelivered: Bool = true) -> Bool {
        let isClear = monitor.withLock { state in
            state.removals.append(queued)
            state.undelivered -= 1
            state.schedule.ended(queued.number, isDelivered: isDelivered, now: monotonicTime())
            return state.schedule.isClear
        }
        monitor.signal()
        return isClear
    }

    /// The destination refused an export that was handed out because of its size: parts replace it, in one transaction,
    /// and are handed out before all others.
    func replace(_ queued: QueuedExport, by parts: [ForwardedExport]) {
        monitor.withLock { state in
            state.schedule.ended(queued.number, isDelivered: false, now: monotonicTime())
            state.replacements.append(
                QueueState.Replacement(queued: queued, parts: parts.map { QueuedExport(number: 0, export: $0) }))
        }
        monitor.signal()
    }

    /// An attempt to send an export failed. If the verdict is `waits`, the export is back in the queue; otherwise the
    /// caller has to remove it.
    func failed(_ queued: QueuedExport, _ failure: SendFailure) -> SendSchedule.Verdict {
        let verdict = monitor.withLock { state in
            let verdict = state.schedule.failed(
                queued.number, failure, now: monotonicTime(), random: .random(in: 0...1))
            if verdict == .waits { state.release(queued) }
            state.isNextChangeStale = true
            return verdict
        }
        monitor.signal()
        return verdict
    }

    /// How many failed exports wait for another attempt, and the state of the one that has waited longest.
    var troubles: (count: Int, oldest: SendSchedule.Trouble?) {
        monitor.withLock { ($0.schedule.troubles.count, $0.schedule.oldestTrouble) }
    }

    /// Hands out what can be sent soon, and returns when none of it is left; nothing is handed out afterwards.
    func drain() async {
        await withCheckedContinuation { continuation in
            let isOver = monitor.withLock { state in
                state.isDraining = true
                if state.isClosed || state.isStopped { return true }
                state.drained.append { continuation.resume() }
                return false
            }
            if isOver { continuation.resume() } else { monitor.signal() }
        }
    }

    /// Stops handing out, and ends `drain`.
    func endDraining() {
        let drained = monitor.withLock { state in
            state.isStopped = true
            defer { state.drained = [] }
            return state.drained
        }
        for end in drained { end() }
    }

    /// The current content of an export that was handed out; nil: nothing is left of it.
    func current(_ queued: QueuedExport) -> ForwardedExport? {
        monitor.withLock { state in
            if let edited = state.edited[queued.number] { return edited }
            return queued.export
        }
    }

    /// Removes records from everything that waits; an export that is being sent may still arrive with them.
    /// `completion` runs on the queue's thread.
    func edit(
        _ edit: QueueEdit, _ completion: @escaping @Sendable (Result<QueueEdit.Report, StorageFailure>) -> Void
    ) {
        let isClosed = monitor.withLock { state in
            if !state.isClosed { state.edits.append(Edit(edit: edit, completion: completion)) }
            return state.isClosed
        }
        guard isClosed else { return monitor.signal() }
        completion(
            .failure(
                StorageFailure(
                    code: .closed, operation: "change the queue", path: settings.path ?? "memory",
                    reason: "the collector is stopping")))
    }

    /// Takes nothing more, ends `next` with nil, writes what is outstanding and ends the thread. Blocks on the disk:
    /// not on an event loop. The content of a file stays.
    package func close() {
        let receivers = monitor.withLock { state in
            state.isClosed = true
            defer { state.receivers = [] }
            return state.receivers
        }
        monitor.signal()
        for receive in receivers { receive(nil) }
        endDraining()
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        running?.join()
    }
}
