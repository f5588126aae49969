internal import OTLP
internal import Series
internal import Synchronization

/// The series that one Prometheus exporter shows, behind one lock: exports and scrapes take turns.
final class SharedSeries: Sendable {
    private let store: Mutex<SeriesStore>
    private let scrapers = Mutex(Scrapers())

    private struct Scrapers {
        var intervals = ScrapeIntervals()
        /// The longest interval, nanoseconds.
        var longest = FirstIncrement.unknownScrapeInterval
    }

    init(_ store: consuming sending SeriesStore) {
        self.store = Mutex(store)
    }

    /// See `SeriesStore.ingest`.
    func ingest(_ batch: borrowing MetricsBatch, at stamp: ArrivalStamp) throws(DecodingFailure) -> ExportOutcome {
        try store.withLock { store throws(DecodingFailure) in
            store.firstIncrement.scrapeInterval = stamp.scrapeInterval
            return try store.ingest(batch, receivedAt: stamp.arrival)
        }
    }

    /// What a scrape sees; see `SeriesStore.snapshot`.
    /// - Parameter scrape: nil when the reader is not Prometheus.
    func snapshot(
        at now: UnixNanoseconds, for scrape: PrometheusScrape?, arrival: ContinuousClock.Instant = .now
    ) -> SeriesSnapshot {
        guard let scrape else { return store.withLock { $0.snapshot(at: now) } }
        scrapers.withLock { scrapers in
            if let interval = scrapers.intervals.take(scrape, at: arrival) { scrapers.longest = interval.nanoseconds }
        }
        return store.withLock { $0.snapshot(at: now, for: .prometheus) }
    }

    /// The longest interval between scrapes seen from one scraper, nanoseconds; after a restart what it was before,
    /// until it is known anew.
    var scrapeInterval: UInt64 {
        get { scrapers.withLock { $0.longest } }
        set { scrapers.withLock { $0.longest = newValue } }
    }

    /// The longest one of several pages.
    static func longestInterval(of stores: [SharedSeries]) -> UInt64 {
        stores.reduce(0) { max($0, $1.scrapeInterval) }
    }

    /// See `SeriesStore.maintain`.
    func maintain(at now: UnixNanoseconds) {
        store.withLock { $0.maintain(at: now) }
    }

    /// For the state directory: changes what is behind the lock.
    func withStore<Result>(_ body: (inout SeriesStore) -> sending Result) -> sending Result {
        store.withLock { body(&$0) }
    }

    /// What was counted so far and what is held now.
    var state: (counters: SeriesCounters, counts: SeriesCounts) {
        store.withLock { ($0.counters, $0.counts) }
    }
}
