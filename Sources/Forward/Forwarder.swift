internal import NIOCore
internal import OTLP
internal import Platform
package import Settings
package import Storage
internal import Synchronization

/// One exporter that forwards exports: a queue, and tasks that send its content.
///
///     take     -> ExportQueue       the export is on disk before its sender gets the response
///     next     -> ExportTransport   sent; a failed export stays in the queue and is retried, see `SendSchedule`
///     replace  -> ExportQueue       an export that is too large, in halves
///     remove   -> ExportQueue       delivered, or dropped, counted and reported
package final class Forwarder: Sendable {
    private struct State {
        var counts = ForwardCounts()
        /// Whether a failure was logged and not yet its end.
        var isFailing = false
        /// When a failure was logged last.
        var lastTold: ContinuousClock.Instant?
        var tasks: [Task<Void, Never>] = []
    }

    /// The exporter as the configuration names it.
    package let name: String
    private let queue: ExportQueue
    private let forward: ForwardSettings
    private let transports: [any ExportTransport]
    private let observer: any ForwardObserver
    private let state = Mutex(State())

    /// A failure that recurs sooner is only counted. 1 minute.
    private static let tellingInterval: Duration = .seconds(60)

    /// - Parameter transports: one for each export that may be sent at the same time.
    package init(
        name: String, queue: ExportQueue, retry: RetrySettings, forward: ForwardSettings = ForwardSettings(),
        transports: [any ExportTransport], observer: any ForwardObserver
    ) {
        self.name = name
        self.queue = queue
        self.forward = forward
        self.transports = transports
        self.observer = observer
        queue.schedule(retry, forward, consumers: transports.count)
        queue.observeFailures { observer.forward(.queueFailed($0), exporter: name) }
    }

    /// Starts sending.
    package func start() {
        let tasks = transports.map { transport in Task { await self.run(transport) } }
        state.withLock { $0.tasks = tasks }
    }

    /// Queues an export; see `ExportQueue.append`.
    package func take(_ export: ForwardedExport, _ completion: @escaping @Sendable (QueueAnswer) -> Void) {
        queue.append(export) { answer in
            if answer != .queued {
                self.state.withLock { $0.counts.refused[export.signal, default: 0] &+= UInt64(export.records) }
            }
            completion(answer)
        }
    }

    /// Removes records from queued exports; see `ExportQueue.edit`.
    package func edit(
        _ edit: QueueEdit, _ completion: @escaping @Sendable (Result<QueueEdit.Report, StorageFailure>) -> Void
    ) {
        queue.edit(edit, completion)
    }

    /// Counters since the start.
    package var counts: ForwardCounts { state.withLock { $0.counts } }
    /// The content of its queue.
    package var depth: QueueDepth { queue.depth }
    /// The limits of its queue.
    package var settings: QueueSettings { queue.settings }
    /// Exports that failed and wait for another attempt.
    package var failingExports: Int { queue.troubles.count }

    /// Sends queued exports for at most this time, while the destination takes them, then stops.
    /// - Returns: what is left; it is sent after the next start if the queue has a file.
    package func drain(within limit: Duration) async -> QueueDepth {
        let timer = Task {
            // Cancelled when everything is sent earlier.
            guard (try? await Task.sleep(for: limit)) != nil else { return }
            queue.endDraining()
        }
        // Nothing is sent before the start.
        if state.withLock({ $0.tasks.isEmpty }) { queue.endDraining() }
        await queue.drain()
        timer.cancel()
        let left = queue.depth
        for task in state.withLock({ $0.tasks }) { task.cancel() }
        for transport in transports { await transport.close() }
        return left
    }

    /// Ends the queue's thread. Blocks on the disk: not on an event loop.
    package func close() { queue.close() }
}

// MARK: - Sending

extension Forwarder {
    private func run(_ transport: any ExportTransport) async {
        while !Task.isCancelled, let queued = await queue.next() { await deliver(queued, transport) }
    }

    private func deliver(_ queued: QueuedExport, _ transport: any ExportTransport) async {
        // `odometer forget` may have changed it meanwhile.
        guard let export = queue.current(queued) else {
            queue.remove(queued, isDelivered: false)
            return
        }
        switch await transport.send(export) {
        case .delivered(let rejected, let message):
            delivered(export, rejected: rejected, message: message)
            reportRecovery(isClear: queue.remove(queued))
        case .partlyStored(let dropped, let refusal):
            partlyStored(export, dropped: dropped, refusal)
            reportRecovery(isClear: queue.remove(queued))
        case .refused(let refusal):
            drop(export, .refused, refusal)
            queue.remove(queued, isDelivered: false)
        case .tooLarge(let refusal):
            if let halves = export.halves() {
                state.withLock { $0.counts.splitExports &+= 1 }
                observer.forward(.split(signal: export.signal, records: export.records, refusal), exporter: name)
                queue.replace(queued, by: halves)
            } else {
                drop(export, .tooLarge, refusal)
                queue.remove(queued, isDelivered: false)
            }
        case .failed(let failure):
            // A shutdown is no failure of the destination.
            if !Task.isCancelled { failed(queued, export, failure) }
        }
    }

    private func failed(_ queued: QueuedExport, _ export: ForwardedExport, _ failure: SendFailure) {
        state.withLock { $0.counts.failedAttempts &+= 1 }
        let reason: DropReason
        switch queue.failed(queued, failure) {
        case .waits: return reportFailure(failure.reason)
        case .expired: reason = .expired
        case .exhausted: reason = .exhausted
        }
        reportFailure(failure.reason)
        let isAnswer = ["HTTP ", "gRPC status "].contains { failure.reason.hasPrefix($0) }
        drop(export, reason, Refusal(isAnswer ? String(failure.reason.prefix { $0 != ":" }) : "", failure.reason))
        queue.remove(queued, isDelivered: false)
    }

    private func delivered(_ export: ForwardedExport, rejected: Int, message: String) {
        let rejected = min(max(0, rejected), export.records)
        state.withLock { state in
            state.counts.sent[export.signal, default: 0] &+= UInt64(export.records - rejected)
            if rejected > 0 { state.counts.rejected[export.signal, default: 0] &+= UInt64(rejected) }
        }
        if rejected > 0 || !message.isEmpty {
            observer.forward(
                .rejected(signal: export.signal, records: rejected, message: message), exporter: name)
        }
    }

    private func partlyStored(_ export: ForwardedExport, dropped: Int?, _ refusal: Refusal) {
        let (reason, lost): (DropReason, Int) =
            dropped.map { (.refused, min(max(0, $0), export.records)) } ?? (.partlyStored, export.records)
        state.withLock { state in
            state.counts.sent[export.signal, default: 0] &+= UInt64(export.records - lost)
            state.counts.dropped[reason, default: [:]][export.signal, default: 0] &+= UInt64(lost)
        }
        observer.forward(
            .partlyStored(signal: export.signal, records: export.records, dropped: dropped.map { _ in lost }, refusal),
            exporter: name)
    }

    private func drop(_ export: ForwardedExport, _ reason: DropReason, _ refusal: Refusal) {
        state.withLock { $0.counts.dropped[reason, default: [:]][export.signal, default: 0] &+= UInt64(export.records) }
        observer.forward(.dropped(reason, signal: export.signal, records: export.records, refusal), exporter: name)
    }
}

// MARK: - Telling

extension Forwarder {
    /// Logs that an attempt failed, once, and at intervals how many exports still wait.
    private func reportFailure(_ reason: String) {
        let now = ContinuousClock.now
        let isNew = state.withLock { state in
            // A destination that fails again and again must not flood the log.
            guard !state.isFailing, state.lastTold.map({ now - $0 >= Self.tellingInterval }) ?? true else {
                return false
            }
            state.isFailing = true
            state.lastTold = now
            return true
        }
        if isNew { observer.forward(.failing(reason: reason), exporter: name) } else { reportWaiting() }
    }

    /// An export was delivered.
    /// - Parameter isClear: whether no failed export waits; the end of the failure is logged only then.
    private func reportRecovery(isClear: Bool) {
        guard isClear else { return reportWaiting() }
        let wasFailing = state.withLock { state in
            defer { state.isFailing = false }
            return state.isFailing
        }
        if wasFailing { observer.forward(.recovered, exporter: name) }
    }

    private func reportWaiting() {
        let now = ContinuousClock.now
        let isDue = state.withLock { state in
            guard let last = state.lastTold, now - last >= forward.reportInterval else { return false }
            state.lastTold = now
            state.isFailing = true
            return true
        }
        guard isDue else { return }
        let (count, oldest) = queue.troubles
        guard let oldest else { return }
        observer.forward(
            .waiting(exports: count, time: .since(oldest.begin), attempts: oldest.attempts, reason: oldest.reason),
            exporter: name)
    }
}
