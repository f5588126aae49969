internal import Events
internal import NIOCore
internal import OTLP
internal import Settings
internal import Synchronization

/// What makes metrics of events, shared by all receivers, so that the values of labels are bounded over all of them.
final class EventMetrics: Sendable {
    private struct Work: ~Copyable {
        var batch: LogsBatch
        /// The records before processors, where there are some.
        var received: LogsBatch
        var counting: EventCounting
    }

    private let work: Mutex<Work>
    private let limits: DecodingLimits

    init(_ settings: EventSettings, limits: DecodingLimits) {
        self.limits = limits
        work = Mutex(
            Work(
                batch: LogsBatch(limits: limits), received: LogsBatch(limits: limits),
                counting: EventCounting(settings)))
    }

    /// What the events of a logs export count as.
    /// - Parameter processing: what the pipelines change before; nil: nothing.
    func derive(
        _ body: ByteBuffer, as encoding: WireEncoding, through processing: LogProcessing?
    ) throws(DecodingFailure) -> DerivedExport {
        guard let processing else { return try derive(body, as: encoding) }
        let (received, left, losses) = try processing.process(body, as: encoding)
        var derived = try work.withLock { work throws(DecodingFailure) in
            let result = received.withUnsafeReadableBytes { receivedBytes in
                left.withUnsafeReadableBytes { leftBytes in
                    defer {
                        work.batch.clear()
                        work.received.clear()
                    }
                    do throws(DecodingFailure) {
                        try work.received.decode(receivedBytes, as: .protobuf)
                        try work.batch.decode(leftBytes, as: .protobuf)
                        return Result<DerivedExport, DecodingFailure>.success(
                            try work.counting.count(work.batch, receivedAs: work.received, limits: limits))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            return try result.get()
        }
        derived.losses.add(losses)
        return derived
    }

    /// The same for a long export, on a thread of its own: others wait for some of its records only.
    func deriveLong(
        _ body: ByteBuffer, as encoding: WireEncoding, through processing: LogProcessing?
    ) throws(DecodingFailure) -> DerivedExport {
        guard let processing else { return try deriveLong(body, encoding, receivedAs: nil) }
        let (received, left, losses) = try processing.process(body, as: encoding)
        var derived = try deriveLong(left, .protobuf, receivedAs: received)
        derived.losses.add(losses)
        return derived
    }

    /// Records of a long export that are counted in one go. 256: about a millisecond.
    private static let recordsAtOnce = 256

    /// - Parameter original: in protobuf; nil when nothing was changed.
    private func deriveLong(
        _ body: ByteBuffer, _ encoding: WireEncoding, receivedAs original: ByteBuffer?
    ) throws(DecodingFailure) -> DerivedExport {
        var batch = LogsBatch(limits: limits)
        var received = LogsBatch(limits: limits)
        let result = body.withUnsafeReadableBytes { bytes in
            (original ?? ByteBuffer()).withUnsafeReadableBytes { receivedBytes in
                Result { () throws(DecodingFailure) in
                    try batch.decode(bytes, as: encoding)
                    if original != nil { try received.decode(receivedBytes, as: .protobuf) }
                    return try count(batch, receivedAs: received, isChanged: original != nil)
                }
            }
        }
        return try result.get()
    }

    private func count(
        _ batch: borrowing LogsBatch, receivedAs received: borrowing LogsBatch, isChanged: Bool
    ) throws(DecodingFailure) -> DerivedExport {
        var derivation = work.withLock { $0.counting.begin(batch) }
        var hasMore = true
        while hasMore {
            hasMore = try work.withLock { work throws(DecodingFailure) in
                try work.counting.count(
                    Self.recordsAtOnce, of: batch, receivedAs: received, isChanged: isChanged, limits: limits,
                    into: &derivation)
            }
        }
        return derivation.finished
    }

    private func derive(_ body: ByteBuffer, as encoding: WireEncoding) throws(DecodingFailure) -> DerivedExport {
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
