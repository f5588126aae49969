package import Journal
package import NIOCore
internal import OTLP
internal import Receiver
internal import Series
internal import Synchronization

/// Durable state: exports are written to the journal before they count, and from time to time the series are written to
/// records (docs/durability.md).
///
///     append      -> journal            the export is on disk, or refused
///     settled     -> PendingExport      in the order of the journal, on one event loop: it counts
///     checkpoint  -> records            everything counted so far; the journal up to here is no longer needed
///
/// Opened by `RecoveredState` before anything is served; closed after everything was drained.
package final class StateDirectory: Sendable {
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
        /// Another one is due as soon as this one is done.
        var isWanted: Bool
        /// Completed after the next one that begins from now on.
        var waiting: [EventLoopPromise<Void>] = []
        /// The same, with its outcome; removed data must not stay on disk.
        var erasing: [EventLoopPromise<Void>] = []

        var hasWaiting: Bool { !waiting.isEmpty || !erasing.isEmpty }
    }

    /// - Parameters:
    ///   - lastApplied: the last entry that the stores have counted.
    ///   - isCheckpointDue: whether to write the recovered state at once.
    ///   - turns: the turns of long exports.
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
    /// - Returns: why it is refused at once; nil if a settlement follows.
    func append(_ pending: PendingExport, route: ExportRoute) -> IngestFailure? {
        let export = pending.export
        let answer = export.body.withUnsafeReadableBytes { body in
            journal.append(
                arrival: export.stamp.arrival, route: route.mark(scrapeInterval: export.stamp.scrapeInterval),
                encoding: export.encoding.rawValue, body: body, entry: pending)
        }
        switch answer {
        case .queued: return nil
        case .backlogFull:
            return .unavailable("too many exports wait for the disk (max_backlog)", retryAfterSeconds: 5)
        case .closed: return .unavailable("the collector is stopping", retryAfterSeconds: 5)
        }
    }

    /// Handles the settlements of a group of exports. On the event loop.
    fileprivate func settle(_ settlements: [Settlement]) {
        for settlement in settlements {
            // First: counting it may make a checkpoint due.
            if case .success(let number) = settlement.outcome { checkpoints.withLock { $0.applied = number } }
            settlement.entry?.settled(settlement.outcome)
        }
    }

    /// Succeeds once everything that counts now survives a power failure: what a scrape shows must not be lost.
    func whenDurable(on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        journal.sync { failure in
            if let failure { promise.fail(failure) } else { promise.succeed(()) }
        }
        return promise.futureResult
    }

    /// The route to these stores.
    package func route(to stores: [SharedSeries]) -> ExportRoute {
        var exporters: UInt16 = 0
        for store in self.stores where stores.contains(where: { $0 === store.series }) {
            exporters |= 1 << UInt16(store.number)
        }
        return ExportRoute(exporters: exporters)
    }

    /// The counters of the journal.
    package var counters: JournalCounters { journal.counters }

    /// Writes changes, if there are any. One at a time; another one that is requested meanwhile follows. It waits for a
    /// long export that is being counted: records have all of an export or nothing.
    package func checkpoint() {
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
        // Exports count on this event loop only, and none is counted in part now: the changes include exactly those up
        // to `covering`.
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
    package func requestCheckpoint() {
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
            // Not again at once: the disk may be full. The next one is written at its time.
            case .failed: return state.hasWaiting
            }
            return state.isWanted || state.hasWaiting
        }
        if isWanted { checkpoint() }
    }

    /// Writes a last checkpoint. Nothing is appended afterwards.
    package func writeLast() -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        eventLoop.execute {
            self.checkpoints.withLock { $0.waiting.append(promise) }
            self.checkpoint()
        }
        return promise.futureResult
    }

    /// Writes a checkpoint after which no file contains anything that the stores have removed. Fails with
    /// `StorageFailure` if the disk fails.
    package func erase() -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        eventLoop.execute {
            self.checkpoints.withLock { $0.erasing.append(promise) }
            self.checkpoint()
        }
        return promise.futureResult
    }

    /// Ends the journal's threads and releases the directory. Blocks on the disk: not on an event loop.
    package func close() { journal.close() }
}

extension CheckpointResult {
    fileprivate var outcome: Result<Void, any Error> {
        switch self {
        case .written: .success(())
        case .failed(let failure, _): .failure(failure)
        }
    }
}

/// From the journal's threads to the event loop: once for each group of exports.
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
