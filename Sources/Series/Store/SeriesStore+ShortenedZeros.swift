package import OTLP

/// Series that were born before any interval between scrapes was known are held at 0 for the longest time that may be
/// needed. Once the interval is known they end together, as soon as every scraper has come by once more
/// (docs/decisions/0006-zero-ends-early.md).
extension SeriesStore {
    /// Series that are held for longer than one born now would be end when that one would.
    ///
    /// With a state directory the new times take effect with the checkpoint that writes them, see `changesEnded`:
    /// otherwise a series that has shown its value could be 0 again after a crash. Without one they take effect at once.
    /// Nothing happens for less than a quarter of the interval: intervals are measured.
    /// - Parameters:
    ///   - scrapeInterval: the longest one of all scrapers there are, nanoseconds.
    ///   - now: the time of a scrape.
    /// - Returns: whether a checkpoint is wanted now.
    ///
    /// Complexity: O(1), O(series) when there is something to shorten.
    package mutating func shortenZeros(scrapeInterval: UInt64, at now: UnixNanoseconds) -> Bool {
        let duration = FirstIncrement.zeroDuration(scrapeInterval: scrapeInterval)
        let (until, isBeyond) = max(now, firstIncrement.newestTime).addingReportingOverflow(duration)
        let (limit, isFar) = until.addingReportingOverflow(duration / 5)
        guard !isBeyond, !isFar, firstIncrement.latestZeroUntil > limit else { return false }
        firstIncrement.latestZeroUntil = 0
        var isAsked = false
        for number in exposed.numbers where exposed[number].zeroUntil != 0 {
            if writtenZeroUntil(of: number) > limit {
                shorten(number, to: until)
                isAsked = true
            }
            let latest = writtenZeroUntil(of: number)
            firstIncrement.latestZeroUntil = max(firstIncrement.latestZeroUntil, latest)
        }
        return isAsked && changes.isTracked
    }

    private mutating func shorten(_ number: SeriesID, to until: UnixNanoseconds) {
        guard changes.isTracked else {
            exposed.setZeroUntil(of: number, to: until)
            return
        }
        shortenings.add(number, from: exposed[number].zeroUntil, to: until)
        var stream = exposed[number].firstStream
        while stream != StreamID.none {
            changes.markTotal(stream)
            stream = streams[stream].next
        }
    }

    /// The zero-until time that a record gets.
    func writtenZeroUntil(of number: SeriesID) -> UnixNanoseconds {
        let zeroUntil = exposed[number].zeroUntil
        return shortenings.until(of: number, from: zeroUntil) ?? zeroUntil
    }

    /// A series was born or came back from the state directory.
    mutating func noteZero(of number: SeriesID) {
        firstIncrement.latestZeroUntil = max(firstIncrement.latestZeroUntil, exposed[number].zeroUntil)
    }

    /// What the last call of `takeChanges` handed over is on disk now, or could not be written.
    package mutating func changesEnded(areWritten: Bool) {
        guard areWritten else { return shortenings.takeBack() }
        unwritten.dropHandedOver()
        for shortening in shortenings.takeHandedOver() {
            // The clock may have been set back meanwhile, which ends all of them.
            guard exposed.holds(shortening.series), exposed[shortening.series].zeroUntil == shortening.from
            else { continue }
            exposed.setZeroUntil(of: shortening.series, to: shortening.until)
        }
    }
}

/// Zero-until times that are decided but not on disk yet.
struct Shortenings: Sendable {
    struct Shortening: Sendable {
        var series: SeriesID
        /// What it was; another value means that the place was given to another series, or that the clock was set back.
        var from: UnixNanoseconds
        var until: UnixNanoseconds
        /// The checkpoint that is being written has it.
        var isHandedOver = false
    }

    private var bySeries: [SeriesID: Shortening] = [:]

    var isEmpty: Bool { bySeries.isEmpty }

    mutating func add(_ series: SeriesID, from: UnixNanoseconds, to until: UnixNanoseconds) {
        bySeries[series] = Shortening(series: series, from: from, until: until)
    }

    func until(of series: SeriesID, from: UnixNanoseconds) -> UnixNanoseconds? {
        guard let shortening = bySeries[series], shortening.from == from else { return nil }
        return shortening.until
    }

    mutating func handOver() {
        for series in bySeries.keys { bySeries[series]?.isHandedOver = true }
    }

    mutating func takeBack() {
        for series in bySeries.keys { bySeries[series]?.isHandedOver = false }
    }

    mutating func takeHandedOver() -> [Shortening] {
        let taken = bySeries.values.filter(\.isHandedOver)
        for shortening in taken { bySeries[shortening.series] = nil }
        return taken
    }
}
