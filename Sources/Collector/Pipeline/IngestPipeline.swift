internal import NIOCore
internal import OTLP
internal import Receiver
internal import Series
internal import Server
internal import Settings

/// The way of one metrics export, from its bytes to the answer for its sender:
///
///     memory          -> 503              while the memory_limiter says so
///     body            -> MetricsBatch     OTLP decodes, long bodies beside the event loop; what is malformed is refused whole
///     body            -> StateDirectory   the export is in the journal, or it is refused and nothing is counted
///     MetricsBatch    -> ExportOutcome    Series counts each point, or rejects it with a reason
///     ExportOutcome   -> PartialSuccess   the sender is told what was rejected
///
/// An export that is refused has counted nothing. Shared by all receivers that feed the same exporters. Without a state
/// directory the second step is left out, and the answer is there at once.
final class IngestPipeline: ExportSink {
    private let batches: BatchPool
    private let stores: [SharedSeries]
    private let durability: Durability?
    private let memory: MemoryGuard?
    private let debug: [MetricsDebug]
    private let clock: any WallClock
    private let observer: any IngestObserver

    /// Where a pipeline's exports are kept, and which stores they are for.
    struct Durability {
        var state: StateDirectory
        var route: ExportRoute
    }

    /// - Parameters:
    ///   - memory: refuses exports while memory runs short; nil: never.
    ///   - debug: tells of every export that counts.
    init(
        into stores: [SharedSeries], durability: Durability?, limits: DecodingLimits, memory: MemoryGuard? = nil,
        debug: [MetricsDebug] = [], clock: any WallClock, observer: any IngestObserver
    ) {
        self.memory = memory
        self.debug = debug
        batches = BatchPool(limits: limits)
        self.stores = stores
        self.durability = durability
        self.clock = clock
        self.observer = observer
    }

    func ingest(_ body: ByteBuffer, as encoding: WireEncoding, on eventLoop: any EventLoop) -> IngestAnswer {
        if let memory, memory.isRefusing {
            return .now(.failure(memory.refusal()))
        }
        let interval = ExportRoute.rounded(scrapeInterval: SharedSeries.longestInterval(of: stores))
        let reading = clock.reading()
        let export = MetricsExport(
            body: body, encoding: encoding,
            stamp: ArrivalStamp(arrival: reading.time, scrapeInterval: interval, clockJump: reading.jump))
        guard body.readableBytes > LongWork.bodyBytes else { return take(decode(export), of: export, on: eventLoop) }
        let decoded = LongWork.run(on: eventLoop) { self.decode(export) }
        return .later(decoded.flatMap { self.take($0, of: export, on: eventLoop).future(on: eventLoop) })
    }

    private func decode(_ export: MetricsExport) -> Result<DecodedBatch, DecodingFailure> {
        do throws(DecodingFailure) { return .success(try batches.decode(export)) } catch { return .failure(error) }
    }

    /// Keeps and counts an export. On the event loop.
    private func take(
        _ result: Result<DecodedBatch, DecodingFailure>, of export: MetricsExport, on eventLoop: any EventLoop
    ) -> IngestAnswer {
        let decoded: DecodedBatch
        switch result {
        case .success(let batch): decoded = batch
        case .failure(let failure): return .now(.failure(refused(failure)))
        }
        guard let durability else { return .now(count(decoded, at: export.stamp)) }
        let kept = batches.keepIfSmall(decoded, for: export)
        let pending = PendingExport(export, decoded: kept, pipeline: self, promise: eventLoop.makePromise())
        if let failure = durability.state.append(pending, route: durability.route) { pending.refused(failure) }
        return .later(pending.promise.futureResult)
    }

    /// Counts an export: the moment from which on scrapes see it.
    fileprivate func count(_ decoded: DecodedBatch, at stamp: ArrivalStamp) -> Result<PartialSuccess, IngestFailure> {
        defer { batches.giveBack(decoded) }
        do throws(DecodingFailure) {
            var result = ExportOutcome()
            for store in stores {
                // Every store sees the same bytes: if one finds them malformed, the first one does.
                let outcome = try store.ingest(decoded.batch, at: stamp)
                let losses = result.losses.isEmpty ? outcome.losses : result.losses
                if outcome.rejectedPoints >= result.rejectedPoints { result = outcome }
                // Attributes that one store knows another may see for the first time.
                result.losses = losses
            }
            observer.counted(result)
            for each in debug { each.tell(decoded.batch) }
            if !result.losses.isEmpty { observer.leftOut(result.losses, of: .metrics) }
            guard result.rejectedPoints > 0 || !result.losses.isEmpty else { return .success(.full) }
            if result.rejectedPoints > 0 { observer.rejectedPoints(result) }
            return .success(PartialSuccess(result))
        } catch {
            return .failure(refused(error))
        }
    }

    /// Counts an export that is in the journal.
    fileprivate func count(_ pending: PendingExport) -> Result<PartialSuccess, IngestFailure> {
        if let decoded = pending.decoded { return count(decoded, at: pending.export.stamp) }
        do throws(DecodingFailure) {
            return count(try batches.decode(pending.export), at: pending.export.stamp)
        } catch {
            return .failure(refused(error))
        }
    }

    fileprivate func drop(_ decoded: DecodedBatch) { batches.giveBack(decoded) }

    private func refused(_ failure: DecodingFailure) -> IngestFailure {
        observer.refusedExport(failure)
        return IngestFailure(failure)
    }
}

/// One export as it was received.
struct MetricsExport: Sendable {
    /// Content coding undone.
    var body: ByteBuffer
    var encoding: WireEncoding
    var stamp: ArrivalStamp
}

/// What counting depends on beside the body: kept with it, so that a replay counts the same.
struct ArrivalStamp: Sendable, Equatable {
    var arrival: UnixNanoseconds
    /// See `FirstIncrement.scrapeInterval`, nanoseconds.
    var scrapeInterval: UInt64
    /// See `ClockReading.jump`; nil: not known. A replay does not know it, and goes by what the last checkpoint knew.
    var clockJump: Int64?
}

/// An export that waits for the disk.
final class PendingExport: Sendable {
    let export: MetricsExport
    let promise: EventLoopPromise<Result<PartialSuccess, IngestFailure>>
    /// nil when it takes much more room than its body: then it is decoded again.
    fileprivate let decoded: DecodedBatch?
    private let pipeline: IngestPipeline

    init(
        _ export: MetricsExport, decoded: DecodedBatch?, pipeline: IngestPipeline,
        promise: EventLoopPromise<Result<PartialSuccess, IngestFailure>>
    ) {
        self.export = export
        self.decoded = decoded
        self.pipeline = pipeline
        self.promise = promise
    }

    /// It is in the journal: it counts.
    func committed() { promise.succeed(pipeline.count(self)) }

    /// It is not in the journal: nothing of it counts.
    func refused(_ failure: IngestFailure) {
        if let decoded { pipeline.drop(decoded) }
        promise.succeed(.failure(failure))
    }
}

/// Who wants to know what was not counted.
protocol IngestObserver: Sendable {
    /// An export was accepted, with so many points.
    func counted(_ outcome: ExportOutcome)

    /// An export was accepted, some of its points were not.
    func rejectedPoints(_ outcome: ExportOutcome)

    /// A whole export was refused.
    func refusedExport(_ failure: DecodingFailure)

    /// An export was accepted without parts that cannot be read.
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
    /// What the sender is told: how many points were rejected, and why, most frequent reason first.
    init(_ outcome: ExportOutcome) {
        let reasons = outcome.rejected.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
            .map { "\($0.key.explanation) (\($0.value))" }
        let first = outcome.firstRejectedMetric.map { "; first in metric \"\($0)\"" } ?? ""
        let rejected = reasons.isEmpty ? [] : [reasons.joined(separator: "; ") + first]
        let lost = outcome.losses.isEmpty ? [] : [outcome.losses.explanation]
        self.init(rejectedCount: outcome.rejectedPoints, message: (rejected + lost).joined(separator: "; "))
    }

    /// What the sender of an export is told of which parts could not be read.
    init(leftOut losses: DecodingLosses) {
        self.init(rejectedCount: losses[.record] + losses[.point], message: losses.explanation)
    }
}
