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

    /// Counts all of `batch`, or its next part.
    /// - Parameter part: where the part is put together; it points to where `batch` points.
    /// - Throws: when the export is malformed. Nothing of it counts: what is found in a later part is rejected there.
    mutating func countNext(
        of batch: borrowing MetricsBatch, using part: inout MetricsBatch
    ) throws(DecodingFailure) {
        guard batch.isLong else { return try countAll(of: batch) }
        part.takePart(of: batch, from: &position)
        isOver = batch.isEnd(position)
        for index in stores.indices {
            outcomes[index].add(try stores[index].ingestPart(part, of: &requests[index], at: stamp))
        }
    }

    /// Counts an export that is not long.
    /// - Throws: when it is malformed; nothing of it counts.
    mutating func countAll(of batch: borrowing MetricsBatch) throws(DecodingFailure) {
        // Every store sees the same bytes: if one finds them malformed, the first one does.
        for index in stores.indices { outcomes[index] = try stores[index].ingest(batch, at: stamp) }
        isOver = true
    }

    /// What the sender is told: the outcome of the store that rejected most.
    var outcome: ExportOutcome {
        var result = ExportOutcome()
        for outcome in outcomes {
            let losses = result.losses.isEmpty ? outcome.losses : result.losses
            if outcome.rejectedPoints >= result.rejectedPoints { result = outcome }
            // Attributes that one store knows another may see for the first time.
            result.losses = losses
        }
        return result
    }
}
