internal import OTLP
internal import Series
internal import Synchronization

/// The series that one Prometheus exporter shows, behind one lock: exports and scrapes take turns.
final class SharedSeries: Sendable {
    private let store: Mutex<SeriesStore>

    init(_ store: consuming sending SeriesStore) {
        self.store = Mutex(store)
    }

    /// See `SeriesStore.ingest`.
    func ingest(
        _ batch: borrowing MetricsBatch, receivedAt now: UnixNanoseconds
    ) throws(DecodingFailure) -> ExportOutcome {
        try store.withLock { store throws(DecodingFailure) in try store.ingest(batch, receivedAt: now) }
    }

    /// See `SeriesStore.snapshot`.
    func snapshot(at now: UnixNanoseconds) -> SeriesSnapshot {
        store.withLock { $0.snapshot(at: now) }
    }

    /// See `SeriesStore.maintain`.
    func maintain(at now: UnixNanoseconds) {
        store.withLock { $0.maintain(at: now) }
    }

    /// What was counted so far and what is held now.
    var state: (counters: SeriesCounters, counts: SeriesCounts) {
        store.withLock { ($0.counters, $0.counts) }
    }
}
