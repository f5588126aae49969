internal import OTLP
internal import Pipeline
internal import Series
internal import Synchronization

/// Data points received by one receiver. Thread-safe.
final class ReceiverCounts: IngestObserver {
    /// The receiver as the configuration names it.
    let receiver: String
    /// `http` or `grpc`, as the Collector calls them.
    let transport: String

    private let next: any IngestObserver
    private let acceptedPoints = Atomic<UInt64>(0)
    private let rejectedPoints = Atomic<UInt64>(0)

    /// - Parameter next: receives everything, too.
    init(receiver: String, transport: String, next: any IngestObserver) {
        self.receiver = receiver
        self.transport = transport
        self.next = next
    }

    /// Including those that a `filter` drops afterwards.
    var accepted: UInt64 { acceptedPoints.load(ordering: .relaxed) }
    /// Without those of refused exports: their points were never counted.
    var rejected: UInt64 { rejectedPoints.load(ordering: .relaxed) }

    func counted(_ outcome: ExportOutcome) {
        acceptedPoints.add(UInt64(clamping: outcome.acceptedPoints + outcome.filteredPoints), ordering: .relaxed)
        next.counted(outcome)
    }

    func rejectedPoints(_ outcome: ExportOutcome) {
        rejectedPoints.add(UInt64(clamping: outcome.rejectedPoints), ordering: .relaxed)
        next.rejectedPoints(outcome)
    }

    func refusedExport(_ failure: DecodingFailure) { next.refusedExport(failure) }

    func leftOut(_ losses: DecodingLosses, of signal: Signal) { next.leftOut(losses, of: signal) }
}
