internal import OTLP
internal import Series
internal import Synchronization

/// What one receiver took in, in data points. Thread-safe.
final class ReceiverCounts: IngestObserver {
    /// The receiver as the configuration names it.
    let receiver: String
    /// `http` or `grpc`, as the Collector calls them.
    let transport: String

    private let next: any IngestObserver
    private let acceptedPoints = Atomic<UInt64>(0)
    private let rejectedPoints = Atomic<UInt64>(0)

    /// - Parameter next: hears of everything too.
    init(receiver: String, transport: String, next: any IngestObserver) {
        self.receiver = receiver
        self.transport = transport
        self.next = next
    }

    /// With those that a `filter` drops afterwards.
    var accepted: UInt64 { acceptedPoints.load(ordering: .relaxed) }
    /// Those of exports that were refused whole are not among them: they were never counted.
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
