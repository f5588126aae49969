package import OTLP

/// The state of the rule of the first increment (docs/semantics.md, S13), without the series. It survives a restart.
package struct FirstIncrement: Equatable, Sendable {
    /// The longest interval between scrapes of one Prometheus server, nanoseconds. 60 s until one is known; zeros of
    /// series created until then may end earlier, see `SeriesStore.shortenZeros`.
    package var scrapeInterval: UInt64

    /// The newest arrival or scrape. Zero-until times are compared with it, so it must not be before a time already
    /// used.
    package var newestTime: UnixNanoseconds

    package init(
        scrapeInterval: UInt64 = FirstIncrement.unknownScrapeInterval, newestTime: UnixNanoseconds = 0
    ) {
        self.scrapeInterval = scrapeInterval
        self.newestTime = newestTime
    }

    /// The interval assumed until one is known, nanoseconds. 60 s, the default of Prometheus.
    package static let unknownScrapeInterval: UInt64 = 60_000_000_000
    /// Upper bound for the interval, nanoseconds: 96 s, which makes a new series 0 for 2 minutes.
    package static let scrapeIntervalLimit: UInt64 = 96_000_000_000
    /// Steps back of the clock up to this are ignored: two threads may have read it in another order. Nanoseconds, 1 s.
    private static let reorderingLimit: UInt64 = 1_000_000_000

    /// How long a series created now shows 0, nanoseconds: 1.25 times the interval, so that every server scrapes once.
    var zeroDuration: UInt64 { FirstIncrement.zeroDuration(scrapeInterval: scrapeInterval) }

    static func zeroDuration(scrapeInterval: UInt64) -> UInt64 {
        let interval = min(scrapeInterval, scrapeIntervalLimit)
        return interval + interval / 4
    }

    /// Advances the time to an arrival or a scrape.
    /// - Parameter previous: a time read from the clock before this one.
    /// - Returns: false if the clock was set back in between: earlier zero-until times are invalid.
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

/// The reader of a snapshot.
package enum SnapshotReader: Sendable {
    /// Sees every value at once.
    case any
    /// A Prometheus server: it needs a sample before the first increment, so it sees new counters and histograms as 0
    /// until their zero-until time.
    case prometheus
}
