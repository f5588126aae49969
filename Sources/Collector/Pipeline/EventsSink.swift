internal import Events
internal import NIOCore
internal import OTLP
internal import Receiver
internal import Server

/// The way of one logs export where its events become metrics:
///
///     body            -> LogProcessing    resource and attributes, where the pipelines of logs have some
///     body            -> LogsBatch        OTLP reads it in place; what is malformed is refused whole
///     LogsBatch       -> metrics export   Events makes points of the records, and of nothing else in them
///     metrics export  -> IngestPipeline   as if it had been received: journal, series, duplicates, limits
///     body            -> next             passed on or thrown away, as the logs pipeline says
///
/// Answered when both are done. After a failure of either the sender sends again; what was counted is known and counts
/// nothing then.
struct EventsSink: ExportSink {
    let events: EventMetrics
    /// What the pipelines of logs change before events are counted; nil: nothing.
    let processing: LogProcessing?
    let pipeline: IngestPipeline
    /// What becomes of the records.
    let next: any ExportSink
    /// `next` throws them away: no reason for a warning when they were events that count.
    let nextDiscards: Bool
    let observer: any IngestObserver
    /// Those of the exporters that `pipeline` leads to.
    let sessions: [SessionGauges]
    let clock: any WallClock

    func ingest(_ body: ByteBuffer, as encoding: WireEncoding, on eventLoop: any EventLoop) -> IngestAnswer {
        LongWork.run(on: body, for: eventLoop) {
            Result { () throws(DecodingFailure) in
                noted(try events.derive(body, as: encoding, through: processing))
            }
        }.flatMap { take($0, of: body, as: encoding, on: eventLoop) }
    }

    /// Notes the sessions of events. Whether those count does not matter: their sessions are alive.
    private func noted(_ derived: DerivedExport) -> DerivedExport {
        guard !derived.sessions.isEmpty else { return derived }
        let now = clock.now()
        for gauges in sessions { gauges.see(derived.sessions, at: now) }
        return derived
    }

    private func take(
        _ result: Result<DerivedExport, DecodingFailure>, of body: ByteBuffer, as encoding: WireEncoding,
        on eventLoop: any EventLoop
    ) -> IngestAnswer {
        let derived: DerivedExport
        switch result {
        case .success(let made): derived = made
        case .failure(let failure): return uncounted(body, as: encoding, failure, on: eventLoop)
        }
        let passedOn = next.ingest(body, as: encoding, on: eventLoop)
        if !derived.losses.isEmpty { observer.leftOut(derived.losses, of: .logs) }
        guard derived.events > 0 || derived.rejectedRecords > 0 || !derived.losses.isEmpty else { return passedOn }
        let counted =
            derived.body.isEmpty
            ? IngestAnswer.now(.success(.full))
            : pipeline.ingest(ByteBuffer(bytes: derived.body), as: .protobuf, on: eventLoop)
        let losses = derived.losses.isEmpty ? "" : derived.losses.explanation
        let isTaken = nextDiscards && (derived.events > 0 || derived.rejectedRecords > 0)
        return counted.joined(passedOn, on: eventLoop) { [rejected = derived.rejectedRecords] in
            Self.answer($0, isTaken ? .success(.full) : $1, rejectedRecords: rejected, losses: losses)
        }
    }

    /// What cannot be counted is passed on all the same, if it can be: whoever gets it may make something of it.
    private func uncounted(
        _ body: ByteBuffer, as encoding: WireEncoding, _ failure: DecodingFailure, on eventLoop: any EventLoop
    ) -> IngestAnswer {
        guard !nextDiscards else {
            observer.refusedExport(failure)
            return .now(.failure(IngestFailure(failure)))
        }
        return next.ingest(body, as: encoding, on: eventLoop).map { [observer] passedOn in
            passedOn.map { told in
                observer.refusedExport(failure)
                let messages = ["events do not count: \(failure.text)", told.message].filter { !$0.isEmpty }
                return PartialSuccess(rejectedCount: told.rejectedCount, message: messages.joined(separator: "; "))
            }
        }
    }

    private static func answer(
        _ counted: Result<PartialSuccess, IngestFailure>, _ passedOn: Result<PartialSuccess, IngestFailure>,
        rejectedRecords: Int, losses: String
    ) -> Result<PartialSuccess, IngestFailure> {
        switch (counted, passedOn) {
        case (.failure(let failure), _), (_, .failure(let failure)): return .failure(failure)
        case (.success(let counted), .success(let passedOn)):
            var messages: [String] = []
            // No log record is rejected: what counts of it is, in some metric.
            if counted.rejectedCount > 0 {
                messages.append("\(counted.rejectedCount) points made of events do not count: \(counted.message)")
            }
            if rejectedRecords > 0 {
                messages.append("\(rejectedRecords) events do not count: their resource is not valid UTF-8")
            }
            if !losses.isEmpty { messages.append(losses) }
            if !passedOn.message.isEmpty { messages.append(passedOn.message) }
            return .success(
                PartialSuccess(rejectedCount: passedOn.rejectedCount, message: messages.joined(separator: "; ")))
        }
    }
}

extension IngestAnswer {
    /// One answer of two, when both are there.
    func joined(
        _ other: IngestAnswer, on eventLoop: any EventLoop, _ join: @escaping @Sendable (Reply, Reply) -> Reply
    ) -> IngestAnswer {
        if case .now(let mine) = self, case .now(let others) = other { return .now(join(mine, others)) }
        return .later(future(on: eventLoop).and(other.future(on: eventLoop)).map { join($0, $1) })
    }
}
