internal import Journal
internal import NIOCore
internal import OTLP
internal import Receiver
internal import Series
internal import Synchronization

/// What survives a restart: exports go into the journal before they count, and what they add up to goes into records
/// from time to time (docs/durability.md).
///
///     append      -> journal            the export is on disk, or refused
///     settled     -> PendingExport      in the order of the journal, on one event loop: it counts
///     checkpoint  -> records            everything counted so far; the journal up to here is not needed any more
///
/// Opened before anything is served, by `RecoveredState`; closed after everything was drained.
final class StateDirectory: Sendable {
    /// The stores in the order of their numbers.
    private let stores: [NumberedStore]
    private let journal: ExportJournal
    private let eventLoop: any EventLoop
    private let checkpoints: Mutex<Checkpoints>
    private let turns: ExportTurns

    private struct Checkpoints {
        /// The last entry that counts.
        var applied: UInt64
        /// The last entry that the records on disk include.
        var covered: UInt64
        var isWriting = false
        /// One more is due as soon as this one is done.
        var isWanted: Bool
        /// Told after the next one that begins from here on.
        var waiting: [EventLoopPromise<Void>] = []
        /// The same, with its outcome; nothing of what was removed may stay on disk.
        var erasing: [EventLoopPromise<Void>] = []

        var hasWaiting: Bool { !waiting.isEmpty || !erasing.isEmpty }
    }

    /// - Parameters:
    ///   - lastApplied: the last entry that the stores have counted.
    ///   - isCheckpointDue: what was recovered is to be written anew at once.
    ///   - turns: those of long exports.
    init(
        _ stores: [NumberedStore], recovery: JournalRecovery, lastApplied: UInt64, isCheckpointDue: Bool,
        turns: ExportTurns, observer: any JournalObserver, on eventLoop: any EventLoop
    ) throws(JournalOpenFailure) {
        self.stores = stores
        self.eventLoop = eventLoop
        self.turns = turns
        checkpoints = Mutex(
            Checkpoints(applied: lastApplied, covered: recovery.coveredNumber, isWanted: isCheckpointDue))
        let hop = JournalHop(to: eventLoop, observer: observer)
        journal = try recovery.start(observer: hop, settled: hop.take)
        hop.directory.withLock { $0.value = self }
        if isCheckpointDue { eventLoop.execute { self.checkpoint() } }
    }

    /// Queues an export for the journal.
    /// - Returns: why it is refused at once; nil when it will be settled.
    func append(_ pending: PendingExport, route: ExportRoute) -> IngestFailure? {
        let export = pending.export
        let answer = export.body.withUnsafeReadableBytes { body in
            journal.append(
                arrival: export.stamp.arrival, route: route.mark(scrapeInterval: export.stamp.scrapeInterval),
                encoding: export.encoding.rawValue, body: body, context: pending)
        }
        switch answer {
        case .queued: return nil
        case .backlogFull:
            return .unavailable("more exports wait for the disk than max_backlog allows", retryAfterSeconds: 5)
        case .closed: return .unavailable("the collector is stopping", retryAfterSeconds: 5)
        }
    }

    /// What the journal says of a group of exports. On the event loop.
    fileprivate func settle(_ settlements: [Settlement]) {
        for settlement in settlements {
            guard let pending = settlement.context as? PendingExport else { continue }
            switch settlement.outcome {
            case .success(let number):
                // First: when it is counted, a checkpoint may be due.
                checkpoints.withLock { $0.applied = number }
                pending.committed()
            case .failure(let failure):
                pending.refused(
                    .unavailable("the export cannot be kept: \(failure.code.rawValue)", retryAfterSeconds: 30))
            }
        }
    }

    /// Succeeds once everything that counts now survives a power cut: what a scrape shows must never be forgotten.
    func whenDurable(on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        journal.sync { failure in
            if let failure { promise.fail(failure) } else { promise.succeed(()) }
        }
        return promise.futureResult
    }

    /// The way to these stores.
    func route(to stores: [SharedSeries]) -> ExportRoute {
        var exporters: UInt16 = 0
        for store in self.stores where stores.contains(where: { $0 === store.series }) {
            exporters |= 1 << UInt16(store.number)
        }
        return ExportRoute(exporters: exporters)
    }

    /// What the journal has counted.
    var counters: JournalCounters { journal.counters }

    /// Writes what changed, unless nothing did. One at a time; one that is asked for meanwhile follows. While a long export
    /// is counted it waits: records have all of an export or nothing.
    func checkpoint() {
        if turns.whenIdle({ self.checkpoint() }) { return }
        let begun = checkpoints.withLock { state -> Checkpoints? in
            if state.isWriting {
                state.isWanted = true
                return nil
            }
            guard state.isWanted || state.applied != state.covered || state.hasWaiting else { return nil }
            state.isWriting = true
            state.isWanted = false
            defer { (state.waiting, state.erasing) = ([], []) }
            return state
        }
        guard let begun else { return }
        let (covering, waiting, erasing) = (begun.applied, begun.waiting, begun.erasing)
        // Exports count on this event loop only, and none is counted in part: the changes include all up to `covering`, and
        // nothing after it.
        eventLoop.preconditionInEventLoop()
        var changes = RecordChanges()
        for store in stores { store.takeChanges(into: &changes) }
        DirectoryRecords.write(stores, to: &changes)
        journal.checkpoint(changes, covering: covering, erases: !erasing.isEmpty) { result in
            self.eventLoop.execute {
                self.finish(result, covering: covering)
                for promise in waiting { promise.succeed(()) }
                for promise in erasing { promise.completeWith(result.outcome) }
            }
        }
    }

    /// Writes a checkpoint now although no export is new. From any thread.
    func requestCheckpoint() {
        checkpoints.withLock { $0.isWanted = true }
        eventLoop.execute { self.checkpoint() }
    }

    private func finish(_ result: CheckpointResult, covering: UInt64) {
        switch result {
        case .written:
            for store in stores { store.changesEnded(areWritten: true) }
        case .failed(_, let changes):
            for store in stores { store.changesEnded(areWritten: false) }
            changes.forEachName { store, kind, id in
                stores.first { $0.recordStore == store }?.markChanged(kind: kind, id: id)
            }
        }
        let isWanted = checkpoints.withLock { state in
            state.isWriting = false
            switch result {
            case .written: state.covered = covering
            // Not at once again: the disk may be full. The next one comes in its turn.
            case .failed: return state.hasWaiting
            }
            return state.isWanted || state.hasWaiting
        }
        if isWanted { checkpoint() }
    }

    /// Writes a last checkpoint. Nothing is appended any more.
    func writeLast() -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        eventLoop.execute {
            self.checkpoints.withLock { $0.waiting.append(promise) }
            self.checkpoint()
        }
        return promise.futureResult
    }

    /// Writes a checkpoint after which no file holds anything of what the stores have forgotten. Fails with
    /// `JournalFailure` when the disk does not take it.
    func erase() -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        eventLoop.execute {
            self.checkpoints.withLock { $0.erasing.append(promise) }
            self.checkpoint()
        }
        return promise.futureResult
    }

    /// Ends the journal's threads and gives the directory back. Waits for the disk: not on an event loop.
    func close() { journal.close() }
}

extension CheckpointResult {
    fileprivate var outcome: Result<Void, any Error> {
        switch self {
        case .written: .success(())
        case .failed(let failure, _): .failure(failure)
        }
    }
}

/// From the journal's threads to the event loop: once a group of exports.
private final class JournalHop: JournalObserver {
    struct Target: Sendable {
        weak var value: StateDirectory?
    }

    let directory = Mutex(Target())
    private let eventLoop: any EventLoop
    private let observer: any JournalObserver

    init(to eventLoop: any EventLoop, observer: any JournalObserver) {
        self.eventLoop = eventLoop
        self.observer = observer
    }

    func take(_ settlements: [Settlement]) {
        eventLoop.execute { self.directory.withLock { $0.value }?.settle(settlements) }
    }

    func journal(_ event: JournalEvent) {
        observer.journal(event)
        if case .checkpointDue = event {
            eventLoop.execute { self.directory.withLock { $0.value }?.checkpoint() }
        }
    }
}
