internal import NIOCore
internal import OTLP
internal import Series
internal import Server

/// Counts a long export part by part in all of its stores.
struct ExportCounting {
    private let stores: [SharedSeries]
    private let stamp: ArrivalStamp
    private let isOwn: Bool
    private var parts = ExportParts()
    private var requests: [PartialRequest]
    private var outcomes: [ExportOutcome]
    /// Whether all of it is counted.
    private(set) var isOver = false

    /// - Parameter isOwn: whether the program itself made the points; see `SeriesStore.ingestPart`.
    init(in stores: [SharedSeries], at stamp: ArrivalStamp, isOwn: Bool = false) {
        self.stores = stores
        self.stamp = stamp
        self.isOwn = isOwn
        requests = Array(repeating: PartialRequest(), count: stores.count)
        outcomes = Array(repeating: ExportOutcome(), count: stores.count)
    }

    /// Counts what is left of `decoded`, part by part, in turns with other work of the event loop, then calls
    /// `completion`. To be called on the event loop.
    /// - Parameter part: as below; in use until then.
    func countParts(
        of decoded: DecodedBatch, using part: DecodedBatch, in turns: LoopTurns, on eventLoop: any EventLoop,
        completion: @escaping (ExportOutcome) -> Void
    ) {
        var counting = self
        counting.countNext(of: decoded.batch, using: &part.batch)
        guard !counting.isOver else { return completion(counting.outcome) }
        turns.wait(for: .request, on: eventLoop) { [counting] in
            counting.countParts(of: decoded, using: part, in: turns, on: eventLoop, completion: completion)
        }
    }

    /// Counts the next part of `batch`. If a point's attributes cannot be decoded, each point of the part is counted
    /// alone, so that only this one is rejected.
    /// - Parameter part: a batch for the part; it points into the same body as `batch`.
    mutating func countNext(of batch: borrowing MetricsBatch, using part: inout MetricsBatch) {
        let start = parts
        parts.takeNext(of: batch, into: &part)
        isOver = parts.isOver(batch)
        if count(part) { return }
        let end = parts
        parts = start
        while parts != end {
            parts.takeNext(of: batch, into: &part, room: 1)
            if !count(part) {
                for index in stores.indices { outcomes[index].add(stores[index].rejectPart(part)) }
            }
        }
    }

    /// - Returns: false if it is malformed; then nothing of it counts. Every store sees the same bytes: if they are
    ///   malformed for one, they are for the first.
    private mutating func count(_ part: borrowing MetricsBatch) -> Bool {
        for index in stores.indices {
            do throws(DecodingFailure) {
                outcomes[index].add(try stores[index].ingestPart(part, of: &requests[index], at: stamp, isOwn: isOwn))
            } catch {
                return false
            }
        }
        return true
    }

    /// Counts an export without interruption; a long one in the same parts, so that a replay counts the same.
    /// - Parameter part: as above.
    /// - Throws: when a short one is malformed; nothing of it counts.
    static func countAll(
        _ batch: borrowing MetricsBatch, in stores: [SharedSeries], at stamp: ArrivalStamp,
        using part: inout MetricsBatch
    ) throws(DecodingFailure) {
        guard batch.isLong else {
            _ = try countAtOnce(batch, in: stores, at: stamp)
            return
        }
        var counting = ExportCounting(in: stores, at: stamp)
        while !counting.isOver { counting.countNext(of: batch, using: &part) }
    }

    /// Counts a short export.
    /// - Throws: when it is malformed; nothing of it counts.
    static func countAtOnce(
        _ batch: borrowing MetricsBatch, in stores: [SharedSeries], at stamp: ArrivalStamp
    ) throws(DecodingFailure) -> ExportOutcome {
        var result = ExportOutcome()
        // Every store sees the same bytes: if they are malformed for one, they are for the first.
        for store in stores { result.join(try store.ingest(batch, at: stamp)) }
        return result
    }

    /// The outcome for the sender: that of the store that rejected most.
    var outcome: ExportOutcome {
        var result = ExportOutcome()
        for outcome in outcomes { result.join(outcome) }
        return result
    }
}

extension ExportOutcome {
    /// Of two stores that counted the same export, the outcome of the one that rejected most.
    fileprivate mutating func join(_ other: ExportOutcome) {
        // Attributes that one store already knows may be new to another.
        let losses = self.losses.isEmpty ? other.losses : self.losses
        if other.rejectedPoints >= rejectedPoints { self = other }
        self.losses = losses
    }
}
