package import Journal
internal import NIOCore
internal import OTLP
internal import Synchronization

/// One exporter that passes exports on: a queue, and tasks that send what is in it.
///
///     take     -> ExportQueue       the export is on disk before its sender is told so
///     next     -> ExportTransport   sent, and again with growing intervals while the destination cannot take it
///     remove   -> ExportQueue       delivered, or given up, counted and told
package final class Forwarder: Sendable {
    private struct State {
        var counts = ForwardCounts()
        /// Whether the trouble was told and not yet its end.
        var isFailing = false
        /// When trouble was told last.
        var lastTold: ContinuousClock.Instant?
        var isDraining = false
        /// Everything is sent, or the destination does not take it, or the time is over.
        var isDrained = false
        /// No attempt before this time: the destination asked for it.
        var pausedUntil: ContinuousClock.Instant?
        var tasks: [Int: Task<Void, Never>] = [:]
        /// Tasks that wait for their next attempt.
        var waiting: Set<Int> = []
        var drained: [CheckedContinuation<Void, Never>] = []
    }

    /// The exporter as the configuration names it.
    package let name: String
    private let queue: ExportQueue
    private let retry: RetrySettings
    private let transports: [any ExportTransport]
    private let observer: any ForwardObserver
    private let state = Mutex(State())

    /// The longest that a destination may ask to be left alone. 1 hour.
    private static let retryAfterLimit: Duration = .seconds(3600)
    /// Trouble that comes back sooner is only counted. 1 minute.
    private static let tellingInterval: Duration = .seconds(60)

    /// - Parameter transports: one for each export that may be on its way at the same time.
    package init(
        name: String, queue: ExportQueue, retry: RetrySettings, transports: [any ExportTransport],
        observer: any ForwardObserver
    ) {
        self.name = name
        self.queue = queue
        self.retry = retry
        self.transports = transports
        self.observer = observer
        queue.observeFailures { observer.forward(.queueFailed($0), exporter: name) }
    }

    /// Begins to send.
    package func start() {
        for (index, transport) in transports.enumerated() {
            let task = Task { await self.run(index, transport) }
            state.withLock { $0.tasks[index] = task }
        }
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

    /// Takes records out of what waits; see `ExportQueue.edit`.
    package func edit(
        _ edit: QueueEdit, _ completion: @escaping @Sendable (Result<QueueEdit.Report, JournalFailure>) -> Void
    ) {
        queue.edit(edit, completion)
    }

    /// What it counted since the start.
    package var counts: ForwardCounts { state.withLock { $0.counts } }
    /// What waits in its queue.
    package var depth: QueueDepth { queue.depth }
    /// How much may wait.
    package var settings: QueueSettings { queue.settings }

    /// Sends what is queued for at most this time, as long as the destination takes it, then ends everything.
    /// - Returns: what is left; it is sent after the next start if the queue has a file.
    package func drain(within limit: Duration) async -> QueueDepth {
        let waiting = state.withLock { state in
            state.isDraining = true
            return state.waiting.compactMap { state.tasks[$0] }
        }
        for task in waiting { task.cancel() }
        let timer = Task {
            // Cancelled when everything is sent before.
            _ = try? await Task.sleep(for: limit)
            self.endDraining()
        }
        if !queue.isDone {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.tasks.isEmpty || state.isDrained { return true }
                    state.drained.append(continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        }
        timer.cancel()
        let left = queue.depth
        for task in state.withLock({ $0.tasks.values }) { task.cancel() }
        for transport in transports { await transport.close() }
        return left
    }

    /// Ends the queue's thread. Waits for the disk: not on an event loop.
    package func close() { queue.close() }

    private func endDraining() {
        let drained = state.withLock { state in
            state.isDrained = true
            defer { state.drained = [] }
            return state.drained
        }
        for continuation in drained { continuation.resume() }
    }
}

// MARK: - Sending

extension Forwarder {
    private func run(_ index: Int, _ transport: any ExportTransport) async {
        while !Task.isCancelled, let queued = await queue.next() {
            guard await deliver(queued, index, transport) else {
                // While draining one failure is enough: the rest would wait for the same.
                if state.withLock({ $0.isDraining }) { endDraining() }
                break
            }
            queue.remove(queued)
            if state.withLock({ $0.isDraining }), queue.isDone { endDraining() }
        }
        let isLast = state.withLock { state in
            state.tasks[index] = nil
            return state.tasks.isEmpty
        }
        if isLast { endDraining() }
    }

    /// - Returns: whether it is done with; false when it stays in the queue.
    private func deliver(_ queued: QueuedExport, _ index: Int, _ transport: any ExportTransport) async -> Bool {
        let clock = ContinuousClock()
        let begin = clock.now
        var backOff = BackOff(retry)
        while true {
            if let pause = state.withLock({ $0.pausedUntil }), pause > clock.now {
                guard await wait(until: pause, index) else { return false }
            }
            // Somebody may have been forgotten meanwhile.
            guard let export = queue.current(queued) else { return true }
            let outcome = await transport.send(export)
            switch outcome {
            case .delivered(let rejected, let message):
                delivered(export, rejected: rejected, message: message)
                return true
            case .refused(let reason):
                dropped(export, .refused, reason)
                return true
            case .failed(let reason, let retryAfter):
                if Task.isCancelled { return false }
                failed(reason)
                let asked = retryAfter.map { min($0, Self.retryAfterLimit) }
                let interval = max(backOff.next(random: .random(in: 0...1)), asked ?? .zero)
                let next = clock.now + interval
                if !retry.isEnabled || retry.maxElapsedTime.map({ next > begin + $0 }) ?? false {
                    dropped(export, .expired, reason)
                    return true
                }
                if let asked {
                    state.withLock { $0.pausedUntil = max($0.pausedUntil ?? clock.now, clock.now + asked) }
                }
                guard await wait(until: next, index) else { return false }
            }
        }
    }

    /// - Returns: false when the collector ends meanwhile.
    private func wait(until time: ContinuousClock.Instant, _ index: Int) async -> Bool {
        let isDraining = state.withLock { state in
            state.waiting.insert(index)
            return state.isDraining
        }
        defer { state.withLock { _ = $0.waiting.remove(index) } }
        guard !isDraining else { return false }
        do {
            try await Task.sleep(until: time, clock: .continuous)
            return true
        } catch {
            return false
        }
    }

    private func delivered(_ export: ForwardedExport, rejected: Int, message: String) {
        let rejected = min(max(0, rejected), export.records)
        let wasFailing = state.withLock { state in
            state.counts.sent[export.signal, default: 0] &+= UInt64(export.records - rejected)
            if rejected > 0 { state.counts.rejected[export.signal, default: 0] &+= UInt64(rejected) }
            defer { state.isFailing = false }
            return state.isFailing
        }
        if wasFailing { observer.forward(.recovered, exporter: name) }
        if rejected > 0 || !message.isEmpty {
            observer.forward(
                .rejected(signal: export.signal, records: rejected, message: message), exporter: name)
        }
    }

    private func failed(_ reason: String) {
        let now = ContinuousClock.now
        let isNew = state.withLock { state in
            state.counts.failedAttempts &+= 1
            // A destination that comes and goes must not fill the log.
            guard !state.isFailing, state.lastTold.map({ now - $0 >= Self.tellingInterval }) ?? true else {
                return false
            }
            state.isFailing = true
            state.lastTold = now
            return true
        }
        if isNew { observer.forward(.failing(reason: reason), exporter: name) }
    }

    private func dropped(_ export: ForwardedExport, _ reason: DropReason, _ detail: String) {
        state.withLock { $0.counts.dropped[reason, default: [:]][export.signal, default: 0] &+= UInt64(export.records) }
        observer.forward(
            .dropped(reason, signal: export.signal, records: export.records, detail: detail), exporter: name)
    }
}
