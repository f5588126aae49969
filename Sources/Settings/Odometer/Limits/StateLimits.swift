/// Limits on the number and the memory of series. What was accepted within these limits stays: the state directory
/// keeps the limits of the run, so that a start with lower ones can replay its exports.
package struct StateLimits: SettingGroup {
    /// Series kept at once. At the limit, series idle for `RetentionLimits.evictAfter` are evicted; if there are none,
    /// points of new ones are rejected.
    package var maxSeries = 200_000
    /// Streams and cumulative writers, tombstones included.
    package var maxWriters = 1_000_000
    /// Bytes of everything that is kept except windows, events and exemplars, of all exporters together. At the limit,
    /// what is idle for `RetentionLimits.evictAfter` is removed; if that is not enough, points of something new are
    /// rejected.
    package var maxStateMemory = 256 << 20
    /// Bytes of a page that shows all series, as uncompressed text; beyond it points of something new are rejected.
    package var maxPageSize = 128 << 20
    /// Bounds of one histogram; points with more are rejected.
    package var maxHistogramBounds = 2_000
    /// Quantiles of one summary; points with more are rejected.
    package var maxSummaryQuantiles = 100

    package init() {}

    package static let keys: [Key<StateLimits>] = [
        .count("max_series", \.maxSeries, in: Ranges.count),
        .count("max_writers", \.maxWriters, in: Ranges.count),
        .bytes("max_state_memory", \.maxStateMemory, in: Ranges.memory),
        .bytes("max_page_size", \.maxPageSize, in: Ranges.memory),
        .count("max_histogram_bounds", \.maxHistogramBounds, in: 1...1_000_000),
        .count("max_summary_quantiles", \.maxSummaryQuantiles, in: 1...1_000_000),
    ]
}
