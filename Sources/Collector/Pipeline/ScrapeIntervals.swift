internal import NIOHTTP1
internal import Server

/// One Prometheus server as it is seen from here.
struct Scraper: Hashable, Sendable {
    /// The header that every Prometheus server and agent sends with a scrape.
    static let timeoutHeader = "X-Prometheus-Scrape-Timeout-Seconds"

    /// Prometheus keeps its connection for as long as scrapes succeed. Its address says less: several servers may share
    /// one, and one server may come from many.
    var connection: UInt64
    /// A hash of what tells apart two jobs of one server, and two servers behind a proxy that shares its connections.
    var origin: Int
}

/// A scrape by Prometheus: who it is from, and what it says about itself.
struct PrometheusScrape: Sendable {
    var scraper: Scraper
    /// No longer than the interval between scrapes, says Prometheus' configuration.
    var timeout: Duration

    /// nil when the request is not from Prometheus.
    init?(_ request: HTTPRequest) {
        let headers = request.head.headers
        guard let timeout = headers.first(name: Scraper.timeoutHeader) else { return nil }
        let seconds = Double(timeout) ?? 0
        self.timeout = seconds > 0 && seconds <= 3600 ? .seconds(seconds) : .zero
        var origin = Hasher()
        origin.combine(request.head.uri)
        origin.combine(headers["X-Forwarded-For"])
        scraper = Scraper(connection: request.connection, origin: origin.finalize())
    }

    init(_ scraper: Scraper, timeout: Duration = .zero) {
        self.scraper = scraper
        self.timeout = timeout
    }
}

/// Finds out how far apart the scrapes of one Prometheus server are, for the zero-until times of newborn series
/// (docs/semantics.md, S13.3).
///
/// Gaps are taken between scrapes on one connection: a gap counts for five to ten minutes. Scrapers that leave their
/// connection after one scrape are told by the rhythm that they make together (`SingleScrapes`); while that is not to be
/// seen, the interval is at least what it is before one is known.
struct ScrapeIntervals {
    /// Scrapers remembered at once; the one that was seen longest ago goes. 256.
    private static let scraperLimit = 256
    /// A scraper without a scrape for so long has gone. 10 minutes.
    private static let forgetAfter = Duration.seconds(600)
    /// Gaps count until the end of the window after theirs. 5 minutes.
    private static let windowLength = Duration.seconds(300)
    /// What counts for scrapers whose interval cannot be known. 60 s, Prometheus' default.
    private static let unknownInterval = Duration.seconds(60)

    /// A connection with two scrapes at least.
    private struct Record {
        var lastScrape: ContinuousClock.Instant
        var timeout: Duration
        /// The longest gap of this window.
        var longestGap: Duration
        /// That of the window before.
        var formerGap: Duration?
        var windowStart: ContinuousClock.Instant

        init(first: ContinuousClock.Instant, second: ContinuousClock.Instant, timeout: Duration) {
            lastScrape = second
            self.timeout = timeout
            longestGap = second - first
            windowStart = first
        }

        var interval: Duration { max(longestGap, formerGap ?? .zero, timeout) }

        mutating func scrape(at now: ContinuousClock.Instant, timeout: Duration) {
            let gap = now - lastScrape
            if now - windowStart >= ScrapeIntervals.windowLength {
                (formerGap, longestGap) = (longestGap, gap)
                windowStart = now
            } else {
                longestGap = max(longestGap, gap)
            }
            lastScrape = now
            self.timeout = timeout
        }
    }

    private var records: [Scraper: Record] = [:]
    private var singles = SingleScrapes()
    /// Whether every scraper that was seen lately has been seen often enough to know its interval.
    private(set) var isSettled = false

    /// Takes a scrape.
    /// - Returns: the longest interval of all scrapers seen lately; nil while none is known.
    ///
    /// Complexity: O(scrapers), which are limited.
    mutating func take(_ scrape: PrometheusScrape, at now: ContinuousClock.Instant) -> Duration? {
        if records[scrape.scraper] != nil {
            records[scrape.scraper]?.scrape(at: now, timeout: scrape.timeout)
        } else if let first = singles.remove(scrape.scraper) {
            if records.count >= Self.scraperLimit { forgetOldest() }
            records[scrape.scraper] = Record(first: first, second: now, timeout: scrape.timeout)
        } else {
            singles.add(scrape, at: now)
        }
        if records.values.contains(where: { now - $0.lastScrape >= Self.forgetAfter }) {
            records = records.filter { now - $0.value.lastScrape < Self.forgetAfter }
        }
        singles.forget(before: now - Self.forgetAfter)
        let verdict = singles.verdict(at: now)
        isSettled = verdict.isSettled
        var longest = records.values.map(\.interval).max()
        if let interval = verdict.interval { longest = max(longest ?? .zero, interval) }
        if verdict.isUnknown { longest = max(longest ?? .zero, Self.unknownInterval) }
        // One that is still to come a second time is at least as far apart as its time-out is long.
        return longest.map { max($0, singles.longestTimeout) }
    }

    private mutating func forgetOldest() {
        guard let oldest = records.min(by: { $0.value.lastScrape < $1.value.lastScrape }) else { return }
        records[oldest.key] = nil
    }
}
