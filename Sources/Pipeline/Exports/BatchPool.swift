internal import NIOCore
internal import OTLP
internal import Settings
internal import Synchronization

/// A decoded export together with the body that its batch points into.
// @unchecked: the code that took it from the pool is its only user; it moves between threads, it is never shared.
final class DecodedBatch: @unchecked Sendable {
    var batch: MetricsBatch
    /// Keeps the body's bytes where they are.
    private var body: Unmanaged<AnyObject>?

    fileprivate let isPooled: Bool

    fileprivate init(limits: DecodingLimits, isPooled: Bool) {
        batch = MetricsBatch(limits: limits)
        self.isPooled = isPooled
    }

    deinit { body?.release() }

    fileprivate func decode(_ export: MetricsExport) throws(DecodingFailure) {
        let result = export.body.withUnsafeReadableBytesWithStorageManagement { bytes, storage in
            release()
            body = storage.retain()
            do throws(DecodingFailure) {
                try batch.decode(bytes, as: export.encoding)
                return Result<Void, DecodingFailure>.success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    fileprivate func release() {
        body?.release()
        body = nil
    }
}

/// Batches for reuse: an export that waits for the disk keeps its batch, so that it is decoded once.
final class BatchPool: Sendable {
    /// Unused batches that are kept; more are created when more exports wait. 16.
    private static let limit = 16

    private let limits: DecodingLimits
    /// Those of exports that are decoded on the event loop: decoding takes time in proportion to its memory.
    private let shortLimits: DecodingLimits
    private let free = Mutex<[DecodedBatch]>([])

    init(limits: DecodingLimits) {
        self.limits = limits
        var shortLimits = limits
        shortLimits.maxDecodingMemory = min(limits.maxDecodingMemory, MetricsBatch.wholeMemory)
        self.shortLimits = shortLimits
    }

    /// Decodes an export on the event loop; the caller returns the batch.
    /// - Throws: `tooLarge` also for an export that needs more memory than that; `decodeLong` may decode it.
    func decode(_ export: MetricsExport) throws(DecodingFailure) -> DecodedBatch {
        let batch = takeEmpty()
        do throws(DecodingFailure) {
            try batch.decode(export)
            return batch
        } catch {
            giveBack(batch)
            throw error
        }
    }

    /// Decodes an export on another thread; the caller returns the batch.
    func decodeLong(_ export: MetricsExport) throws(DecodingFailure) -> DecodedBatch {
        let batch = DecodedBatch(limits: limits, isPooled: false)
        try batch.decode(export)
        return batch
    }

    /// An empty one, to be returned.
    func takeEmpty() -> DecodedBatch {
        free.withLock { $0.popLast() } ?? DecodedBatch(limits: shortLimits, isPooled: true)
    }

    func giveBack(_ batch: DecodedBatch) {
        batch.release()
        guard batch.isPooled else { return }
        free.withLock { if $0.count < Self.limit { $0.append(batch) } }
    }
}
