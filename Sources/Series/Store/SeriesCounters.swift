/// Counters of the store since its creation, for the collector's own metrics (R-DM-05). They never fall.
package struct SeriesCounters: Sendable, Equatable {
    /// Points accepted, including duplicates and late ones.
    package var acceptedPoints: UInt64 = 0
    /// Points of metrics that a `filter` drops.
    package var filteredPoints: UInt64 = 0
    /// Points rejected, by reason.
    package var rejectedPoints: [RejectionReason: UInt64] = [:]
    /// Duplicates.
    package var duplicatePoints: UInt64 = 0
    /// Late points: older than the newest of their writer or gauge.
    package var latePoints: UInt64 = 0
    /// Delta points that start after the one before ended.
    package var gaps: UInt64 = 0
    /// Delta points that start before the newest one ended.
    package var overlaps: UInt64 = 0
    /// Resets of cumulative writers.
    package var resets: UInt64 = 0
    /// Cumulative writers found to be several processes behind one identity and start time.
    package var sharedWriters: UInt64 = 0
    /// Histogram points whose count differs from the sum of their buckets.
    package var mendedCounts: UInt64 = 0
    /// Label values cut in new series; only of labels that the configuration adds.
    package var cutLabelValues: UInt64 = 0
    /// Labels left out of new series beyond the limit; only labels that the configuration adds.
    package var leftOutLabels: UInt64 = 0
    /// Series evicted at the limit.
    package var evictedSeries: UInt64 = 0
    /// Idle writers and streams that were folded into the totals of their series.
    package var foldedWriters: UInt64 = 0
    /// Delta windows forgotten early, because of a limit.
    package var forgottenWindows: UInt64 = 0
}

/// What the store holds.
package struct SeriesCounts: Sendable, Equatable {
    /// Series held, exposed or not.
    package var series: Int
    /// Streams as received.
    package var streams: Int
    /// Streams and further cumulative writers, without tombstones.
    package var writers: Int
    package var tombstones: Int
    package var families: Int
    /// Memory of all delta windows, bytes.
    package var windowMemory: Int
    /// Memory of everything else, bytes, as `StateLimits.maxStateMemory` bounds it.
    package var stateMemory: Int
    /// Upper bound for the bytes of a page that shows all series.
    package var pageBytes: Int
    /// Resources for which `target_info` had no room on the last page.
    package var hiddenTargets: Int
    /// Upper bound for the memory of a snapshot of all series, without what it shares with the store; bytes.
    package var snapshotBytes: Int
}
