internal import OTLP
internal import Series

/// Counts a long export part by part in every store it is for.
struct ExportCounting {
    private let stores: [SharedSeries]
    private let stamp: ArrivalStamp
    private var parts = ExportParts()
    private var requests: [PartialRequest]
    private var outcomes: [ExportOutcome]
    /// Whether all of it is counted.
    private(set) var isOver = false

    init(in stores: [SharedSeries], at stamp: ArrivalStamp) {
        self.stores = stores
        self.stamp = stamp
        requests = Array(repeating: PartialRequest(), count: stores.count)
        outcomes = Array(repeating: ExportOutcome(), count: stores.count)
    }

    /// Counts the next part of `batch`. Where a point's attributes cannot be decoded each point of the part is counted
    /// alone, so that this one is rejected and its neighbours count.
    /// - Parameter part: where the part is put together; it points to where `batch` points.
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

    /// - Returns: false when it is malformed; then nothing of it is counted. Every store sees the same bytes: if one finds
    ///   them malformed, the first one does.
    private mutating func count(_ part: borrowing MetricsBatch) -> Bool {
        for index in stores.indices {
            do throws(DecodingFailure) {
                outcomes[index].add(try stores[index].ingestPart(part, of: &requests[index], at: stamp))
            } catch {
                return false
            }
        }
        return true
    }

    /// Counts an export in one go; a long one in the same parts, so that a replay counts what was counted before.
    /// - Parameter part: as above.
    /// - Throws: when one that is not long is malformed; nothing of it counts.
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

    /// Counts an export that is not long.
    /// - Throws: when it is malformed; nothing of it counts.
    static func countAtOnce(
        _ batch: borrowing MetricsBatch, in stores: [SharedSeries], at stamp: ArrivalStamp
    ) throws(DecodingFailure) -> ExportOutcome {
        var result = ExportOutcome()
        // Every store sees the same bytes: if one finds them malformed, the first one does.
        for store in stores { result.join(try store.ingest(batch, at: stamp)) }
        return result
    }

    /// What the sender is told: the outcome of the store that rejected most.
    var outcome: ExportOutcome {
        var result = ExportOutcome()
        for outcome in outcomes { result.join(outcome) }
        return result
    }
}

extension ExportOutcome {
    /// Of two stores that counted the same export the outcome of the one that rejected most.
    fileprivate mutating func join(_ other: ExportOutcome) {
        // Attributes that one store knows another may see for the first time.
        let losses = self.losses.isEmpty ? other.losses : self.losses
        if other.rejectedPoints >= rejectedPoints { self = other }
        self.losses = losses
    }
}
