/// How many series one exporter may have, and what they may weigh. What was within them when it was accepted stays: the
/// state directory keeps the limits of the run, so that its exports count again after a start with lower ones.
package struct StateLimits: Sendable, Equatable {
    /// Exposed series. Default 200,000; at the limit, series idle for `SeriesSettings.evictAfter` make room, else new ones
    /// are rejected.
    package var series = 200_000
    /// Streams and cumulative writers, tombstones included. Default 1,000,000.
    package var writers = 1_000_000
    /// Memory of everything that is kept but windows, events and exemplars, bytes. Default 256 MiB; at the limit, what is
    /// idle for `SeriesSettings.evictAfter` makes room, else what is new is rejected.
    package var memoryBytes = 256 << 20
    /// Bytes of a page that shows all series, as text before it is compressed. Default 128 MiB; what is new is rejected
    /// beyond it.
    package var pageBytes = 128 << 20
    /// Bounds of a histogram. Default 2,000.
    package var bounds = 2_000
    /// Quantiles of a summary. Default 100.
    package var quantiles = 100

    /// What `target_info` takes of a page, bytes; every reader holds a copy of it.
    var targetBytes: Int { pageBytes / 8 }

    /// The defaults.
    package init() {}

    /// The higher ones of both.
    func raised(to other: StateLimits) -> StateLimits {
        var result = self
        result.series = max(series, other.series)
        result.writers = max(writers, other.writers)
        result.memoryBytes = max(memoryBytes, other.memoryBytes)
        result.pageBytes = max(pageBytes, other.pageBytes)
        result.bounds = max(bounds, other.bounds)
        result.quantiles = max(quantiles, other.quantiles)
        return result
    }
}

extension StateLimits: StateCoded {
    func write(to writer: inout StateWriter) {
        for limit in [memoryBytes, pageBytes, bounds, quantiles, series, writers] { writer.number(limit) }
    }

    init(from reader: inout StateReader) throws(StateFault) {
        memoryBytes = Int(clamping: try reader.number())
        pageBytes = Int(clamping: try reader.number())
        bounds = Int(clamping: try reader.number())
        quantiles = Int(clamping: try reader.number())
        // Not there in states of before they were written.
        guard reader.remaining > 0 else { return }
        series = Int(clamping: try reader.number())
        writers = Int(clamping: try reader.number())
    }
}
