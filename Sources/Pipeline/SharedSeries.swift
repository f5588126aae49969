package import OTLP
internal import Platform
package import Series
internal import Settings
internal import Synchronization

/// The series of one Prometheus exporter, behind one lock: exports and scrapes take turns.
package final class SharedSeries: Sendable {
    private let store: Mutex<SeriesStore>
    private let scrapers = Mutex(Scrapers())
    /// Lower bound for the measured scrape interval, nanoseconds. 1 s.
    private static let shortestInterval: UInt64 = 1_000_000_000

    private struct Scrapers {
        var intervals = ScrapeIntervals()
        /// The longest interval.
        var longest = Duration(nanoseconds: FirstIncrement.unknownScrapeInterval)
        /// Measured by this process or the one before.
        var isKnown = false
        /// The intervals of all recent scrapers are known, so a longer zero is no longer needed.
        var isSettled = false
        /// The interval of the previous process, and when this one began: for that time, a server from before may not
        /// have scraped yet.
        var former: (interval: Duration, since: ContinuousClock.Instant)?

        mutating func take(_ scrape: PrometheusScrape, at now: ContinuousClock.Instant) {
            guard let interval = intervals.take(scrape, at: now) else { return isSettled = false }
            if let former, now - former.since >= former.interval * 1.25 { self.former = nil }
            longest = max(interval, former?.interval ?? .zero)
            isKnown = true
            isSettled = intervals.isSettled
        }
    }

    package init(_ store: consuming sending SeriesStore) {
        self.store = Mutex(store)
    }

    /// See `SeriesStore.ingest`.
    func ingest(_ batch: borrowing MetricsBatch, at stamp: ArrivalStamp) throws(DecodingFailure) -> ExportOutcome {
        try counting(at: stamp) { store throws(DecodingFailure) in try store.ingest(batch, receivedAt: stamp.arrival) }
    }

    /// See `SeriesStore.ingestPart`.
    func ingestPart(
        _ part: borrowing MetricsBatch, of request: inout PartialRequest, at stamp: ArrivalStamp, isOwn: Bool = false
    ) throws(DecodingFailure) -> ExportOutcome {
        try counting(at: stamp) { store throws(DecodingFailure) in
            try store.ingestPart(part, of: &request, receivedAt: stamp.arrival, isOwn: isOwn)
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

    /// The snapshot for a scrape; see `SeriesStore.snapshot`.
    package func snapshot(at now: UnixNanoseconds, for reader: SnapshotReader) -> SeriesSnapshot {
        store.withLock { $0.snapshot(at: now, for: reader) }
    }

    /// Adds a scrape, before its snapshot: it may be the one that makes the interval known, and shortens the zeros of
    /// new series.
    /// - Parameter pages: all pages that show the same exports, including this one.
    /// - Returns: whether a checkpoint is needed, with which the shortened times take effect.
    package func take(
        _ scrape: PrometheusScrape, at now: UnixNanoseconds, arrival: ContinuousClock.Instant = .now,
        among pages: [SharedSeries]
    ) -> Bool {
        scrapers.withLock { $0.take(scrape, at: arrival) }
        guard pages.allSatisfy(\.isSettled) else { return false }
        let interval = max(SharedSeries.longestInterval(of: pages), Self.shortestInterval)
        return store.withLock { $0.shortenZeros(scrapeInterval: interval, at: now) }
    }

    private var isSettled: Bool { scrapers.withLock { $0.isSettled } }

    /// The longest measured interval between scrapes of one scraper, nanoseconds; after a restart that of the previous
    /// process, until it is measured again. 60 s while none is known.
    var scrapeInterval: UInt64 { scrapers.withLock { $0.longest.nanoseconds } }

    /// Nil while none is known.
    var knownScrapeInterval: UInt64? { scrapers.withLock { $0.isKnown ? $0.longest.nanoseconds : nil } }

    /// Before the first scrape: sets the interval of the previous process, nanoseconds.
    func restore(scrapeInterval: UInt64, at now: ContinuousClock.Instant = .now) {
        let interval = Duration(nanoseconds: min(scrapeInterval, 3_600_000_000_000))
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
    package func maintain(at reading: ClockReading) {
        store.withLock { store in
            store.noteClockJump(reading.jump)
            store.maintain(at: reading.time)
        }
    }

    /// For the state directory: gives access to the store behind the lock.
    package func withStore<Result>(_ body: (inout SeriesStore) -> sending Result) -> sending Result {
        store.withLock { body(&$0) }
    }

    /// Counters and current sizes.
    package var state: (counters: SeriesCounters, counts: SeriesCounts) {
        store.withLock { ($0.counters, $0.counts) }
    }
}
