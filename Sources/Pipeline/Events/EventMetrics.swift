package import Events
internal import NIOCore
internal import OTLP
package import Settings
internal import Synchronization

/// Makes metrics of events; shared by all receivers, so that label values are bounded over all of them.
package final class EventMetrics: Sendable {
    private struct Work: ~Copyable {
        var batch: LogsBatch
        /// The records before processors, if there are any.
        var received: LogsBatch
        var counting: EventCounting
    }

    private let work: Mutex<Work>
    private let limits: DecodingLimits

    /// With the rules of these settings.
    package init(_ settings: EventSettings, limits: DecodingLimits) {
        self.limits = limits
        work = Mutex(
            Work(
                batch: LogsBatch(limits: limits), received: LogsBatch(limits: limits),
                counting: EventCounting(settings)))
    }

    /// The metrics made of the events of a logs export. With a long export, others wait for a part of its records only.
    /// - Parameter processing: the processors of the pipelines; nil: none.
    func derive(
        _ body: ByteBuffer, as encoding: WireEncoding, through processing: LogProcessing?
    ) throws(DecodingFailure) -> DerivedExport {
        guard let processing else { return try derive(body, as: encoding, receivedAs: nil) }
        let (received, left, losses) = try processing.process(body, as: encoding)
        var derived = try derive(left, as: .protobuf, receivedAs: received)
        derived.losses.add(losses)
        return derived
    }

    /// - Parameter original: the records before they were changed, in protobuf; nil if they were not.
    private func derive(
        _ body: ByteBuffer, as encoding: WireEncoding, receivedAs original: ByteBuffer?
    ) throws(DecodingFailure) -> DerivedExport {
        let result = body.withUnsafeReadableBytes { bytes in
            (original ?? ByteBuffer()).withUnsafeReadableBytes { originalBytes in
                let received = original == nil ? nil : originalBytes
                return Result { () throws(DecodingFailure) in
                    bytes.count > LongWork.bodyBytes
                        ? try deriveInParts(bytes, as: encoding, receivedAs: received)
                        : try deriveAtOnce(bytes, as: encoding, receivedAs: received)
                }
            }
        }
        return try result.get()
    }

    private func deriveAtOnce(
        _ body: UnsafeRawBufferPointer, as encoding: WireEncoding, receivedAs original: UnsafeRawBufferPointer?
    ) throws(DecodingFailure) -> DerivedExport {
        try work.withLock { work throws(DecodingFailure) in
            // The batches point into the bodies and end with them.
            defer {
                work.batch.clear()
                work.received.clear()
            }
            try work.batch.decode(body, as: encoding)
            guard let original else { return try work.counting.count(work.batch, limits: limits) }
            try work.received.decode(original, as: .protobuf)
            return try work.counting.count(work.batch, receivedAs: work.received, limits: limits)
        }
    }

    /// Records of a long export that are counted without interruption. 256: about a millisecond.
    private static let recordsAtOnce = 256

    private func deriveInParts(
        _ body: UnsafeRawBufferPointer, as encoding: WireEncoding, receivedAs original: UnsafeRawBufferPointer?
    ) throws(DecodingFailure) -> DerivedExport {
        var batch = LogsBatch(limits: limits)
        var received = LogsBatch(limits: limits)
        try batch.decode(body, as: encoding)
        if let original { try received.decode(original, as: .protobuf) }
        var derivation = work.withLock { $0.counting.begin(batch) }
        var hasMore = true
        while hasMore {
            hasMore = try work.withLock { work throws(DecodingFailure) in
                try work.counting.count(
                    Self.recordsAtOnce, of: batch, receivedAs: received, isChanged: original != nil, limits: limits,
                    into: &derivation)
            }
        }
        return derivation.finished
    }
}
