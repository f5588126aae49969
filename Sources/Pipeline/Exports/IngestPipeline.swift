internal import Journal
package import NIOCore
package import OTLP
package import Receiver
package import Series
package import Server
package import Settings
internal import Storage

/// The path of a metrics export, from its bytes to the response:
///
///     memory          -> 503              while the memory_limiter refuses
///     body            -> ExportTurns      a long export waits for its turn, and is decoded outside the event loop
///     body            -> MetricsBatch     OTLP decodes; a malformed body is refused
///     body            -> StateDirectory   the export is in the journal, or it is refused and nothing is counted
///     MetricsBatch    -> ExportOutcome    Series counts each point or rejects it, a long export part by part
///     ExportOutcome   -> PartialSuccess   reports rejected points to the sender
///
/// Nothing of a refused export counts. Shared by all receivers of the same exporters. Without a state directory the
/// journal is skipped, and the response is immediate.
package final class IngestPipeline: ExportSink {
    private let batches: BatchPool
    private let stores: [SharedSeries]
    private let durability: Durability?
    private let turns: ExportTurns
    private let loopTurns: LoopTurns
    private let memory: MemoryGuard?
    private let debug: [MetricsDebug]
    private let clock: any WallClock
    private let observer: any IngestObserver

    /// The journal of a pipeline's exports, and their stores.
    package struct Durability {
        var state: StateDirectory
        var route: ExportRoute

        package init(state: StateDirectory, route: ExportRoute) {
            self.state = state
            self.route = route
        }
    }

    /// - Parameters:
    ///   - turns: the turns of long exports, shared by all pipelines.
    ///   - loopTurns: those of their parts on the event loop.
    ///   - memory: refuses exports while memory runs short; nil: never.
    ///   - debug: logs every export that counts.
    package init(
        into stores: [SharedSeries], durability: Durability?, limits: DecodingLimits, turns: ExportTurns,
        loopTurns: LoopTurns,
        memory: MemoryGuard? = nil, debug: [MetricsDebug] = [], clock: any WallClock, observer: any IngestObserver
    ) {
        self.memory = memory
        self.debug = debug
        batches = BatchPool(limits: limits)
        self.stores = stores
        self.durability = durability
        self.turns = turns
        self.loopTurns = loopTurns
        self.clock = clock
        self.observer = observer
    }

    /// See `ExportSink`.
    package func ingest(_ body: ByteBuffer, as encoding: WireEncoding, on eventLoop: any EventLoop) -> IngestAnswer {
        if let memory, memory.isRefusing {
            return .now(.failure(memory.refusal()))
        }
        let export = MetricsExport(body: body, encoding: encoding, stamp: stamp())
        guard body.readableBytes <= LongWork.bodyBytes else { return countLong(export, decoded: nil, on: eventLoop) }
        let decoded: DecodedBatch
        do throws(DecodingFailure) {
            decoded = try batches.decode(export)
        } catch {
            // It needs more memory than decoding on the event loop may take.
            if case .tooLarge = error { return countLong(export, decoded: nil, on: eventLoop) }
            return .now(.failure(refused(error)))
        }
        if decoded.batch.isLong { return countLong(export, decoded: decoded, on: eventLoop) }
        guard let durability else { return .now(count(decoded, at: export.stamp)) }
        let pending = PendingExport(export, decoded: decoded, pipeline: self, promise: eventLoop.makePromise())
        if let failure = durability.state.append(pending, route: durability.route) { pending.refused(failure) }
        return .later(pending.promise.futureResult)
    }

    private func stamp() -> ArrivalStamp {
        let reading = clock.reading()
        return ArrivalStamp(
            arrival: reading.time,
            scrapeInterval: ExportRoute.rounded(scrapeInterval: SharedSeries.longestInterval(of: stores)),
            clockJump: reading.jump)
    }

    /// Keeps and counts a long export when it has its turn.
    /// - Parameter decoded: released if others come before, so that a waiting export needs only the memory of its body.
    private func countLong(
        _ export: MetricsExport, decoded: DecodedBatch?, on eventLoop: any EventLoop
    ) -> IngestAnswer {
        let promise = eventLoop.makePromise(of: Result<PartialSuccess, IngestFailure>.self)
        let work = decoded?.batch.rowCount ?? ExportTurns.work(ofBytes: export.body.readableBytes)
        let kept = turns.isFree ? decoded : nil
        if kept == nil, let decoded { batches.giveBack(decoded) }
        let isGranted = turns.begin(bytes: export.body.readableBytes, work: work) {
            if let kept { return self.keep(kept, of: export, promise) }
            let decoding = LongWork.run(on: eventLoop, in: .bodies) {
                Result { () throws(DecodingFailure) in try self.batches.decodeLong(export) }
            }
            decoding.whenComplete { result in
                switch result {
                case .success(.success(let batch)): self.keep(batch, of: export, promise)
                case .success(.failure(let failure)):
                    promise.succeed(.failure(self.refused(failure)))
                    self.turns.end()
                case .failure:
                    promise.succeed(.failure(.unavailable("the collector is stopping", retryAfterSeconds: 5)))
                    self.turns.end()
                }
            }
        }
        if !isGranted { promise.succeed(.failure(ExportTurns.refusal)) }
        return .later(promise.futureResult)
    }

    /// On the event loop, with a turn that ends when the promise is completed.
    private func keep(
        _ decoded: DecodedBatch, of export: MetricsExport,
        _ promise: EventLoopPromise<Result<PartialSuccess, IngestFailure>>
    ) {
        // It may have waited for long: exports are in the journal in the order of their arrivals.
        var export = export
        export.stamp = stamp()
        let pending = PendingExport(export, decoded: decoded, pipeline: self, promise: promise)
        promise.futureResult.whenComplete { _ in self.turns.end() }
        guard let durability else { return pending.committed() }
        if let failure = durability.state.append(pending, route: durability.route) { pending.refused(failure) }
    }

    /// Counts an export: from now on scrapes show it. A long one is counted part by part, with other work in between.
    fileprivate func count(_ pending: PendingExport) {
        let decoded = pending.decoded
        guard decoded.batch.isLong else { return pending.promise.succeed(count(decoded, at: pending.export.stamp)) }
        let part = batches.takeEmpty()
        let promise = pending.promise
        ExportCounting(in: stores, at: pending.export.stamp).countParts(
            of: decoded, using: part, in: loopTurns, on: promise.futureResult.eventLoop
        ) { outcome in
            self.batches.giveBack(part)
            defer { self.batches.giveBack(decoded) }
            promise.succeed(.success(self.answer(outcome, to: decoded)))
        }
    }

    private func count(_ decoded: DecodedBatch, at stamp: ArrivalStamp) -> Result<PartialSuccess, IngestFailure> {
        defer { batches.giveBack(decoded) }
        do throws(DecodingFailure) {
            return .success(answer(try ExportCounting.countAtOnce(decoded.batch, in: stores, at: stamp), to: decoded))
        } catch {
            return .failure(refused(error))
        }
    }

    /// The response to the sender of an export that counts.
    private func answer(_ outcome: ExportOutcome, to decoded: DecodedBatch) -> PartialSuccess {
        observer.counted(outcome)
        for each in debug { each.tell(decoded.batch) }
        if !outcome.losses.isEmpty { observer.leftOut(outcome.losses, of: .metrics) }
        guard outcome.rejectedPoints > 0 || !outcome.losses.isEmpty else { return .full }
        if outcome.rejectedPoints > 0 { observer.rejectedPoints(outcome) }
        return PartialSuccess(outcome)
    }

    fileprivate func drop(_ decoded: DecodedBatch) { batches.giveBack(decoded) }

    private func refused(_ failure: DecodingFailure) -> IngestFailure {
        observer.refusedExport(failure)
        return IngestFailure(failure)
    }
}

/// One export as it was received.
struct MetricsExport: Sendable {
    /// Decompressed.
    var body: ByteBuffer
    var encoding: WireEncoding
    var stamp: ArrivalStamp
}

/// The inputs of counting besides the body: stored with it, so that a replay counts the same.
struct ArrivalStamp: Sendable, Equatable {
    var arrival: UnixNanoseconds
    /// See `FirstIncrement.scrapeInterval`, nanoseconds.
    var scrapeInterval: UInt64
    /// See `ClockReading.jump`; nil: unknown. In a replay it is unknown, and that of the last checkpoint is used.
    var clockJump: Int64?
}

/// An export that waits for the disk.
final class PendingExport: PendingEntry {
    let export: MetricsExport
    let promise: EventLoopPromise<Result<PartialSuccess, IngestFailure>>
    fileprivate let decoded: DecodedBatch
    private let pipeline: IngestPipeline

    init(
        _ export: MetricsExport, decoded: DecodedBatch, pipeline: IngestPipeline,
        promise: EventLoopPromise<Result<PartialSuccess, IngestFailure>>
    ) {
        self.export = export
        self.decoded = decoded
        self.pipeline = pipeline
        self.promise = promise
    }

    /// It is in the journal and counts, or the disk has failed.
    func settled(_ outcome: Result<UInt64, StorageFailure>) {
        switch outcome {
        case .success: committed()
        case .failure(let failure):
            refused(
                .unavailable("the export cannot be written to disk: \(failure.code.rawValue)", retryAfterSeconds: 30))
        }
    }

    /// It is in the journal: it counts.
    func committed() { pipeline.count(self) }

    /// It is not in the journal: nothing of it counts.
    func refused(_ failure: IngestFailure) {
        pipeline.drop(decoded)
        promise.succeed(.failure(failure))
    }
}

/// Receives what was counted and what was not.
package protocol IngestObserver: Sendable {
    /// An export was accepted, with its counts.
    func counted(_ outcome: ExportOutcome)

    /// An export was accepted, some of its points were rejected.
    func rejectedPoints(_ outcome: ExportOutcome)

    /// A whole export was refused.
    func refusedExport(_ failure: DecodingFailure)

    /// An export was accepted without parts that cannot be decoded.
    func leftOut(_ losses: DecodingLosses, of signal: OTLP.Signal)
}

extension IngestFailure {
    init(_ failure: DecodingFailure) {
        switch failure {
        case .malformed(let text): self = .malformed(text)
        case .tooLarge(let text): self = .tooLarge(text)
        }
    }
}

extension PartialSuccess {
    /// The message to the sender: how many points were rejected, and why, most frequent reason first.
    init(_ outcome: ExportOutcome) {
        let reasons = outcome.rejected.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
            .map { "\($0.key.explanation) (\($0.value))" }
        let first = outcome.firstRejectedMetric.map { "; first in metric \"\($0)\"" } ?? ""
        let rejected = reasons.isEmpty ? [] : [reasons.joined(separator: "; ") + first]
        let lost = outcome.losses.isEmpty ? [] : [outcome.losses.explanation]
        self.init(rejectedCount: outcome.rejectedPoints, message: (rejected + lost).joined(separator: "; "))
    }

    /// The message to the sender about parts that could not be decoded.
    init(leftOut losses: DecodingLosses) {
        self.init(rejectedCount: losses[.record] + losses[.point], message: losses.explanation)
    }
}
