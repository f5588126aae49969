internal import OTLP
internal import Series
internal import Settings
internal import Synchronization

/// The series that one Prometheus exporter shows, behind one lock: exports and scrapes take turns.
final class SharedSeries: Sendable {
    private let store: Mutex<SeriesStore>
    private let scrapers = Mutex(Scrapers())
    /// Nothing is shortened to what two requests in a moment would make the interval, nanoseconds. 1 s.
    private static let shortestInterval: UInt64 = 1_000_000_000

    private struct Scrapers {
        var intervals = ScrapeIntervals()
        /// The longest interval.
        var longest = Duration.nanoseconds(Int64(FirstIncrement.unknownScrapeInterval))
        /// It was found out, by this process or the one before.
        var isKnown = false
        /// Everybody who scrapes is known, so that series held for longer need not be.
        var isSettled = false
        /// What the process before found out, and when this one began: as long as that takes, somebody may be still to
        /// come who was there before.
        var former: (interval: Duration, since: ContinuousClock.Instant)?

        mutating func take(_ scrape: PrometheusScrape, at now: ContinuousClock.Instant) {
            guard let interval = intervals.take(scrape, at: now) else { return isSettled = false }
            if let former, now - former.since >= former.interval * 1.25 { self.former = nil }
            longest = max(interval, former?.interval ?? .zero)
            isKnown = true
            isSettled = intervals.isSettled
        }
    }

    init(_ store: consuming sending SeriesStore) {
        self.store = Mutex(store)
    }

    /// See `SeriesStore.ingest`.
    func ingest(_ batch: borrowing MetricsBatch, at stamp: ArrivalStamp) throws(DecodingFailure) -> ExportOutcome {
        try counting(at: stamp) { store throws(DecodingFailure) in try store.ingest(batch, receivedAt: stamp.arrival) }
    }

    /// See `SeriesStore.ingestPart`.
    func ingestPart(
        _ part: borrowing MetricsBatch, of request: inout PartialRequest, at stamp: ArrivalStamp
    ) throws(DecodingFailure) -> ExportOutcome {
        try counting(at: stamp) { store throws(DecodingFailure) in
            try store.ingestPart(part, of: &request, receivedAt: stamp.arrival)
        }
    }

    /// Lets `body` count what arrived at this time.
    private func counting(
        at stamp: ArrivalStamp, _ body: (inout SeriesStore) throws(DecodingFailure) -> ExportOutcome
    ) throws(DecodingFailure) -> ExportOutcome {
        try store.withLock { store throws(DecodingFailure) in
            store.firstIncrement.scrapeInterval = stamp.scrapeInterval
            if let jump = stamp.clockJump { store.noteClockJump(jump) }
            return try body(&store)
        }
    }

    /// See `SeriesStore.rejectPart`.
    func rejectPart(_ part: borrowing MetricsBatch) -> ExportOutcome { store.withLock { $0.rejectPart(part) } }

    /// Takes gauges of the program's own. Nobody sent them, so their points are not among those accepted: whoever asks
    /// whether clients still send would be told yes for as long as there are gauges.
    func ingestOwn(_ batch: borrowing MetricsBatch, at stamp: ArrivalStamp) throws(DecodingFailure) {
        try store.withLock { store throws(DecodingFailure) in
            store.firstIncrement.scrapeInterval = stamp.scrapeInterval
            _ = try store.ingest(batch, receivedAt: stamp.arrival, isOwn: true)
        }
    }

    /// What a scrape sees; see `SeriesStore.snapshot`.
    func snapshot(at now: UnixNanoseconds, for reader: SnapshotReader) -> SeriesSnapshot {
        store.withLock { $0.snapshot(at: now, for: reader) }
    }

    /// Takes a scrape, before its snapshot: it may be the one that makes the interval known, and shortens what newborn
    /// series are held for.
    /// - Parameter pages: all pages that show the same exports, this one included.
    /// - Returns: whether a checkpoint is wanted, with which the shortened times take effect.
    func take(
        _ scrape: PrometheusScrape, at now: UnixNanoseconds, arrival: ContinuousClock.Instant = .now,
        among pages: [SharedSeries]
    ) -> Bool {
        scrapers.withLock { $0.take(scrape, at: arrival) }
        guard pages.allSatisfy(\.isSettled) else { return false }
        let interval = max(SharedSeries.longestInterval(of: pages), Self.shortestInterval)
        return store.withLock { $0.shortenZeros(scrapeInterval: interval, at: now) }
    }

    private var isSettled: Bool { scrapers.withLock { $0.isSettled } }

    /// The longest interval between scrapes seen from one scraper, nanoseconds; after a restart what it was before,
    /// until it is known anew. 60 s while none is known.
    var scrapeInterval: UInt64 { scrapers.withLock { $0.longest.nanoseconds } }

    /// nil while none is known.
    var knownScrapeInterval: UInt64? { scrapers.withLock { $0.isKnown ? $0.longest.nanoseconds : nil } }

    /// Before the first scrape: what the process before found out, nanoseconds.
    func restore(scrapeInterval: UInt64, at now: ContinuousClock.Instant = .now) {
        let interval = Duration.nanoseconds(Int64(clamping: min(scrapeInterval, 3_600_000_000_000)))
        scrapers.withLock { scrapers in
            scrapers.longest = interval
            scrapers.isKnown = true
            scrapers.former = (interval, now)
        }
    }

    /// The longest one of several pages.
    static func longestInterval(of stores: [SharedSeries]) -> UInt64 {
        stores.reduce(0) { max($0, $1.scrapeInterval) }
    }

    /// See `SeriesStore.signsOfLife`.
    func signsOfLife(after time: UnixNanoseconds) -> [SignOfLife] { store.withLock { $0.signsOfLife(after: time) } }

    /// See `SeriesStore.maintain`.
    func maintain(at reading: ClockReading) {
        store.withLock { store in
            store.noteClockJump(reading.jump)
            store.maintain(at: reading.time)
        }
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
