internal import Events
package import NIOCore
package import OTLP
package import Receiver
internal import Server

/// The path of a logs export whose events become metrics:
///
///     body            -> LogProcessing    resource and attributes, if the logs pipelines have any
///     body            -> LogsBatch        OTLP decodes it in place; a malformed body is refused
///     LogsBatch       -> metrics export   Events makes points of the records, without any other content
///     metrics export  -> IngestPipeline   like a received one: journal, series, duplicates, limits
///     body            -> next             forwarded or discarded, as the logs pipeline says
///
/// The response is sent when both are done. After a failure of either the sender retries; what was counted is
/// recognised as a duplicate then.
package struct EventsSink: ExportSink {
    let events: EventMetrics
    /// The processors of the logs pipelines before events are counted; nil: none.
    let processing: LogProcessing?
    let pipeline: IngestPipeline
    /// The turns of long exports.
    let turns: ExportTurns
    /// The next sink for the records.
    let next: any ExportSink
    /// Whether `next` discards them: no warning if they were events that count.
    let nextDiscards: Bool
    let observer: any IngestObserver
    /// Those of the exporters of `pipeline`.
    let sessions: [SessionGauges]
    let clock: any WallClock

    /// The metrics made of an export of logs.
    private struct Derived: Sendable {
        /// Without its body.
        var export: DerivedExport
        var body: ByteBuffer

        init(_ export: DerivedExport) {
            body = ByteBuffer(bytes: export.body)
            self.export = export
            // A long one should not be in memory twice.
            self.export.body = []
        }
    }

    package init(
        events: EventMetrics, processing: LogProcessing?, pipeline: IngestPipeline, turns: ExportTurns,
        next: any ExportSink, nextDiscards: Bool, observer: any IngestObserver, sessions: [SessionGauges],
        clock: any WallClock
    ) {
        self.events = events
        self.processing = processing
        self.pipeline = pipeline
        self.turns = turns
        self.next = next
        self.nextDiscards = nextDiscards
        self.observer = observer
        self.sessions = sessions
        self.clock = clock
    }

    /// See `ExportSink`.
    package func ingest(_ body: ByteBuffer, as encoding: WireEncoding, on eventLoop: any EventLoop) -> IngestAnswer {
        guard body.readableBytes > LongWork.bodyBytes else {
            return count(derived(from: body, as: encoding), of: body, as: encoding, on: eventLoop)
        }
        let promise = eventLoop.makePromise(of: Result<Derived, DecodingFailure>?.self)
        // Its records need as much memory as the points of a long export: only one of both is decoded at a time.
        let bytes = body.readableBytes
        let isGranted = turns.begin(bytes: bytes, work: ExportTurns.work(ofBytes: bytes)) { [turns] in
            LongWork.run(on: eventLoop, in: .bodies) { derived(from: body, as: encoding) }.whenComplete { result in
                turns.end()
                promise.completeWith(result.map { $0 })
            }
        }
        if !isGranted { promise.succeed(nil) }
        return Answer<Result<Derived, DecodingFailure>?>.later(promise.futureResult).flatMap { result in
            guard let result else { return .now(.failure(ExportTurns.refusal)) }
            return count(result, of: body, as: encoding, on: eventLoop)
        }
    }

    private func derived(from body: ByteBuffer, as encoding: WireEncoding) -> Result<Derived, DecodingFailure> {
        Result { () throws(DecodingFailure) in
            Derived(recordingSessions(try events.derive(body, as: encoding, through: processing)))
        }
    }

    /// Records the sessions of events, whether or not the events count.
    private func recordingSessions(_ derived: DerivedExport) -> DerivedExport {
        guard !derived.sessions.isEmpty else { return derived }
        let now = clock.now()
        for gauges in sessions { gauges.see(derived.sessions, at: now) }
        return derived
    }

    private func count(
        _ result: Result<Derived, DecodingFailure>, of body: ByteBuffer, as encoding: WireEncoding,
        on eventLoop: any EventLoop
    ) -> IngestAnswer {
        let derived: DerivedExport
        let metrics: ByteBuffer
        switch result {
        case .success(let made): (derived, metrics) = (made.export, made.body)
        case .failure(let failure): return uncounted(body, as: encoding, failure, on: eventLoop)
        }
        let passedOn = next.ingest(body, as: encoding, on: eventLoop)
        if !derived.losses.isEmpty { observer.leftOut(derived.losses, of: .logs) }
        guard derived.events > 0 || derived.rejectedRecords > 0 || !derived.losses.isEmpty else { return passedOn }
        let counted =
            metrics.readableBytes == 0
            ? IngestAnswer.now(.success(.full))
            : pipeline.ingest(metrics, as: .protobuf, on: eventLoop)
        let losses = derived.losses.isEmpty ? "" : derived.losses.explanation
        let isTaken = nextDiscards && (derived.events > 0 || derived.rejectedRecords > 0)
        return counted.joined(passedOn, on: eventLoop) { [rejected = derived.rejectedRecords] in
            Self.answer($0, isTaken ? .success(.full) : $1, rejectedRecords: rejected, losses: losses)
        }
    }

    /// Logs whose events cannot be counted are forwarded nevertheless, if there is an exporter.
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
                let messages = ["events are not counted: \(failure.text)", told.message].filter { !$0.isEmpty }
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
            // No log record is rejected: every one counts in some metric.
            if counted.rejectedCount > 0 {
                messages.append(
                    "\(counted.rejectedCount) points derived from events are not counted: \(counted.message)")
            }
            if rejectedRecords > 0 {
                messages.append("\(rejectedRecords) events are not counted: their resource is not valid UTF-8")
            }
            if !losses.isEmpty { messages.append(losses) }
            if !passedOn.message.isEmpty { messages.append(passedOn.message) }
            return .success(
                PartialSuccess(rejectedCount: passedOn.rejectedCount, message: messages.joined(separator: "; ")))
        }
    }
}

extension IngestAnswer {
    /// One answer of two, once both are there.
    func joined(
        _ other: IngestAnswer, on eventLoop: any EventLoop, _ join: @escaping @Sendable (Reply, Reply) -> Reply
    ) -> IngestAnswer {
        if case .now(let mine) = self, case .now(let others) = other { return .now(join(mine, others)) }
        return .later(future(on: eventLoop).and(other.future(on: eventLoop)).map { join($0, $1) })
    }
}
