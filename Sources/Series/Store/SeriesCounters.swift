/// What the store has counted since it was made, for the collector's own metrics (R-DM-05). Only ever grows.
package struct SeriesCounters: Sendable, Equatable {
    /// Points taken, duplicates and late ones included.
    package var acceptedPoints: UInt64 = 0
    /// Points of metrics that a `filter` drops.
    package var filteredPoints: UInt64 = 0
    /// Points rejected, by reason.
    package var rejectedPoints: [RejectionReason: UInt64] = [:]
    /// Points that an earlier request brought already.
    package var duplicatePoints: UInt64 = 0
    /// Cumulative and gauge points older than the newest of their writer: ignored.
    package var latePoints: UInt64 = 0
    /// Delta points that start after the one before ended.
    package var gaps: UInt64 = 0
    /// Delta points that start before the newest one ended.
    package var overlaps: UInt64 = 0
    /// Cumulative writers that fell and start anew.
    package var resets: UInt64 = 0
    /// Cumulative writers found to be several processes behind one identity and start time.
    package var sharedWriters: UInt64 = 0
    /// Histogram points whose count was another one than their buckets add up to.
    package var mendedCounts: UInt64 = 0
    /// Values of labels that were cut for new series: only such as the configuration adds.
    package var cutLabelValues: UInt64 = 0
    /// Labels that new series lack beyond the limit: only such as the configuration adds.
    package var leftOutLabels: UInt64 = 0
    /// Series that were evicted at the limit.
    package var evictedSeries: UInt64 = 0
    /// Idle writers and streams that were folded into the totals of their series.
    package var foldedWriters: UInt64 = 0
    /// Delta windows forgotten before their time, because of a limit.
    package var forgottenWindows: UInt64 = 0
}

/// What the store holds now.
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
    /// Bytes of a page that shows all series, at most.
    package var pageBytes: Int
    /// Resources that the last page had no room for in `target_info`.
    package var hiddenTargets: Int
    /// Memory of a snapshot that shows all series, beside what it shares with the store; bytes, at most.
    package var snapshotBytes: Int
}
