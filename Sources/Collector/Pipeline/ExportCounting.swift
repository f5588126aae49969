internal import OTLP
internal import Series

/// Counts one export in every store it is for: at once, or part by part when it is long. The same parts whenever it is
/// counted, so that a replay counts what was counted before.
struct ExportCounting {
    private let stores: [SharedSeries]
    private let stamp: ArrivalStamp
    private var position = MetricsBatch.Position()
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

    /// Counts all of `batch`, or its next part. Of a part with a point whose attributes cannot be decoded each point is
    /// counted alone, so that this one is rejected and its neighbours count.
    /// - Parameter part: where the part is put together; it points to where `batch` points.
    /// - Throws: when an export that is not long is malformed. Nothing of it counts.
    mutating func countNext(
        of batch: borrowing MetricsBatch, using part: inout MetricsBatch
    ) throws(DecodingFailure) {
        guard batch.isLong else {
            outcomes = [try Self.countAtOnce(batch, in: stores, at: stamp)]
            isOver = true
            return
        }
        let start = position
        part.takePart(of: batch, from: &position)
        if count(part) { return isOver = batch.isEnd(position) }
        let end = position
        position = start
        while position != end {
            part.takePart(of: batch, from: &position, room: 1)
            if !count(part) {
                for index in stores.indices { outcomes[index].add(stores[index].rejectPart(part)) }
            }
        }
        isOver = batch.isEnd(position)
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
