internal import NIOHTTP1
internal import Server

/// One Prometheus server.
struct Scraper: Hashable, Sendable {
    /// A header that every Prometheus server and agent sends with a scrape.
    static let timeoutHeader = "X-Prometheus-Scrape-Timeout-Seconds"

    /// Prometheus keeps its connection as long as scrapes succeed. Its address is less specific: several servers may
    /// share one, and one server may have many.
    var connection: UInt64
    /// A hash that distinguishes two jobs of one server, and two servers behind a proxy that shares its connections.
    var origin: Int
}

/// A scrape by Prometheus, with its origin.
package struct PrometheusScrape: Sendable {
    var scraper: Scraper
    /// In Prometheus' configuration it is never longer than the scrape interval.
    var timeout: Duration

    /// Nil if the request is not from Prometheus.
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

/// Measures the scrape intervals of Prometheus servers, for the zero-until times of new series (docs/semantics.md,
/// S13.3).
///
/// It measures gaps between scrapes on one connection; a gap is used for five to ten minutes. Scrapers that use a
/// connection for one scrape are recognised by the rhythm of all of them together (`SingleScrapes`); until that is
/// found, the interval is at least the default.
struct ScrapeIntervals {
    /// Scrapers remembered at once; the one not seen for longest is dropped. 256.
    private static let scraperLimit = 256
    /// A scraper without a scrape for this time is gone. 10 minutes.
    private static let forgetAfter = Duration.seconds(600)
    /// Gaps are used until the end of the next window. 5 minutes.
    private static let windowLength = Duration.seconds(300)
    /// The default for scrapers with an unknown interval. 60 s, Prometheus' default.
    private static let unknownInterval = Duration.seconds(60)

    /// A connection with at least two scrapes.
    private struct Record {
        var lastScrape: ContinuousClock.Instant
        var timeout: Duration
        /// The longest gap of this window.
        var longestGap: Duration
        /// That of the previous window.
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
    /// Whether the intervals of all recent scrapers are known.
    private(set) var isSettled = false

    /// Adds a scrape.
    /// - Returns: the longest interval of all recent scrapers; nil while none is known.
    ///
    /// Complexity: O(scrapers), whose number is limited.
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
        // The interval of a scraper that was seen once is at least its timeout.
        return longest.map { max($0, singles.longestTimeout) }
    }

    private mutating func forgetOldest() {
        guard let oldest = records.min(by: { $0.value.lastScrape < $1.value.lastScrape }) else { return }
        records[oldest.key] = nil
    }
}
