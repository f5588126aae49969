package import OTLP

/// What the rule of the first increment (docs/semantics.md, S13) knows besides the series. It belongs to the state
/// that survives a restart.
package struct FirstIncrement: Equatable, Sendable {
    /// The longest interval between scrapes seen from one scraper, nanoseconds. 60 s until known: what is born until then
    /// may be shown earlier, see `SeriesStore.shortenZeros`.
    package var scrapeInterval: UInt64

    /// The newest arrival or scrape: zero-until times are told by it, so that it must not lie before what was shown.
    package var newestTime: UnixNanoseconds

    package init(
        scrapeInterval: UInt64 = FirstIncrement.unknownScrapeInterval, newestTime: UnixNanoseconds = 0
    ) {
        self.scrapeInterval = scrapeInterval
        self.newestTime = newestTime
    }

    /// What is taken for the interval between scrapes until one is known, nanoseconds. 60 s, Prometheus' default.
    package static let unknownScrapeInterval: UInt64 = 60_000_000_000
    /// The longest interval that is waited for, nanoseconds: 96 s, which makes a newborn series 0 for 2 minutes.
    package static let scrapeIntervalLimit: UInt64 = 96_000_000_000
    /// Steps back of the clock up to this are taken for two threads that met in the wrong order, nanoseconds. 1 s.
    private static let reorderingLimit: UInt64 = 1_000_000_000

    /// How long a series born now shows 0, nanoseconds: 1.25 times the interval, so that every scraper comes by once.
    var zeroDuration: UInt64 { FirstIncrement.zeroDuration(scrapeInterval: scrapeInterval) }

    static func zeroDuration(scrapeInterval: UInt64) -> UInt64 {
        let interval = min(scrapeInterval, scrapeIntervalLimit)
        return interval + interval / 4
    }

    /// Takes the time of an arrival or a scrape.
    /// - Parameter previous: a time that was read from the clock before this one.
    /// - Returns: false when the clock was set back in between: zero-until times fixed before mean nothing any more.
    mutating func take(_ now: UnixNanoseconds, after previous: UnixNanoseconds) -> Bool {
        if now >= newestTime {
            newestTime = now
            return true
        }
        if now >= previous || previous - now <= FirstIncrement.reorderingLimit { return true }
        newestTime = now
        return false
    }
}

/// Who a snapshot is for.
package enum SnapshotReader: Sendable {
    /// Sees every value at once.
    case any
    /// A Prometheus server: it needs a sample before the first increment, so it sees newborn counters and histograms as
    /// 0 until their zero-until time.
    case prometheus
}
