internal import Events
internal import NIOCore
internal import OTLP
internal import Synchronization

/// What makes metrics of events, shared by all receivers, so that the values of labels are bounded over all of them.
final class EventMetrics: Sendable {
    private struct Work: ~Copyable {
        var batch: LogsBatch
        var counting: EventCounting
    }

    private let work: Mutex<Work>
    private let limits: DecodingLimits

    init(_ settings: EventSettings, limits: DecodingLimits) {
        self.limits = limits
        work = Mutex(Work(batch: LogsBatch(limits: limits), counting: EventCounting(settings)))
    }

    /// What the events of a logs export count as.
    func derive(_ body: ByteBuffer, as encoding: WireEncoding) throws(DecodingFailure) -> DerivedExport {
        try work.withLock { work throws(DecodingFailure) in
            let result = body.withUnsafeReadableBytes { bytes in
                // What the batch knows of the body ends with it.
                defer { work.batch.clear() }
                do throws(DecodingFailure) {
                    try work.batch.decode(bytes, as: encoding)
                    return Result<DerivedExport, DecodingFailure>.success(
                        try work.counting.count(work.batch, limits: limits))
                } catch {
                    return .failure(error)
                }
            }
            return try result.get()
        }
    }
}
