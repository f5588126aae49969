internal import OTLP
internal import Series
internal import Synchronization

/// The series that one Prometheus exporter shows, behind one lock: exports and scrapes take turns.
final class SharedSeries: Sendable {
    private let store: Mutex<SeriesStore>
    private let scrapeIntervals = Mutex(ScrapeIntervals())

    init(_ store: consuming sending SeriesStore) {
        self.store = Mutex(store)
    }

    /// See `SeriesStore.ingest`.
    func ingest(
        _ batch: borrowing MetricsBatch, receivedAt now: UnixNanoseconds
    ) throws(DecodingFailure) -> ExportOutcome {
        try store.withLock { store throws(DecodingFailure) in try store.ingest(batch, receivedAt: now) }
    }

    /// What a scrape sees; see `SeriesStore.snapshot`.
    /// - Parameter scrape: nil when the reader is not Prometheus.
    func snapshot(
        at now: UnixNanoseconds, for scrape: PrometheusScrape?, arrival: ContinuousClock.Instant = .now
    ) -> SeriesSnapshot {
        guard let scrape else { return store.withLock { $0.snapshot(at: now) } }
        let interval = scrapeIntervals.withLock { $0.take(scrape, at: arrival) }
        return store.withLock { store in
            if let interval { store.firstIncrement.scrapeInterval = interval.nanoseconds }
            return store.snapshot(at: now, for: .prometheus)
        }
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
