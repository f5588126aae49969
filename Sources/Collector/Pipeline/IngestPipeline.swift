internal import OTLP
internal import Receiver
internal import Series
internal import Synchronization

/// The way of one metrics export, from its bytes to the answer for its sender:
///
///     body            -> MetricsBatch     OTLP decodes; what is malformed is refused whole
///     MetricsBatch    -> ExportOutcome    Series counts each point, or rejects it with a reason
///     ExportOutcome   -> PartialSuccess   the sender is told what was rejected
///
/// An export that is refused has counted nothing. Shared by all receivers that feed the same exporters.
final class IngestPipeline: MetricsSink {
    private let batch: Mutex<MetricsBatch>
    private let stores: [SharedSeries]
    private let clock: any WallClock
    private let observer: any IngestObserver

    init(
        into stores: [SharedSeries], limits: DecodingLimits, clock: any WallClock, observer: any IngestObserver
    ) {
        batch = Mutex(MetricsBatch(limits: limits))
        self.stores = stores
        self.clock = clock
        self.observer = observer
    }

    func ingest(_ body: UnsafeRawBufferPointer, as encoding: WireEncoding) throws(IngestFailure) -> PartialSuccess {
        do {
            let outcome = try count(body, as: encoding)
            guard outcome.rejectedPoints > 0 else { return .full }
            observer.rejectedPoints(outcome)
            return PartialSuccess(outcome)
        } catch {
            observer.refusedExport(error)
            throw IngestFailure(error)
        }
    }

    private func count(
        _ body: UnsafeRawBufferPointer, as encoding: WireEncoding
    ) throws(DecodingFailure) -> ExportOutcome {
        let now = clock.now()
        return try batch.withLock { batch throws(DecodingFailure) in
            try batch.decode(body, as: encoding)
            var result = ExportOutcome()
            for store in stores {
                // Every store sees the same bytes: if one finds them malformed, the first one does.
                let outcome = try store.ingest(batch, receivedAt: now)
                if outcome.rejectedPoints >= result.rejectedPoints { result = outcome }
            }
            return result
        }
    }
}

/// Who wants to know what was not counted.
protocol IngestObserver: Sendable {
    /// An export was accepted, some of its points were not.
    func rejectedPoints(_ outcome: ExportOutcome)

    /// A whole export was refused.
    func refusedExport(_ failure: DecodingFailure)
}

extension IngestFailure {
    fileprivate init(_ failure: DecodingFailure) {
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
        self.init(rejectedCount: outcome.rejectedPoints, message: reasons.joined(separator: "; ") + first)
    }
}
