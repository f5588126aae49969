package import OTLP

/// What Prometheus is shown of newborn series.
extension SeriesStore {
    /// What is known about scrapes, for the zero-until times of series born from here on. Set it before the first export
    /// when the state returns after a restart, and `scrapeInterval` whenever more is known.
    package var firstIncrement: FirstIncrement {
        get { showing.increment }
        set { showing.increment = newValue }
    }

    /// Takes the time of a scrape, or of an own export: it was read from the clock just now.
    mutating func noteTime(_ now: UnixNanoseconds) {
        if !showing.noteTime(now, of: &exposed) { markAllTotals() }
    }

    /// Takes the arrival of an export.
    mutating func noteArrival(_ now: UnixNanoseconds) {
        if !showing.noteArrival(now, of: &exposed) { markAllTotals() }
    }

    private mutating func markAllTotals() {
        for number in 0..<streams.rowCount { changes.markTotal(StreamID(row: number)) }
    }

    /// Series that are held at 0 for longer than one born now would be end when that one would.
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
        let isTracked = changes.isTracked
        let isShortened = showing.shorten(
            scrapeInterval: scrapeInterval, at: now, in: &exposed, afterCheckpoint: isTracked
        ) { record in
            streams.forEach(from: record.firstStream) { number, _ in changes.markTotal(number) }
        }
        return isShortened && isTracked
    }

    /// What the last call of `takeChanges` handed over is on disk now, or could not be written.
    package mutating func changesEnded(areWritten: Bool) {
        guard areWritten else { return showing.takeBack() }
        unwritten.dropHandedOver()
        showing.dropHandedOver(in: &exposed)
    }
}
