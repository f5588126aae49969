package import OTLP
package import Settings

/// The limits of the store, and how it counts.
package struct SeriesSettings: Sendable {
    /// Raw forms remembered of one stream, metric, scope or resource. Default 16.
    package var aliasLimit = 16
    /// Bytes of a resource, a scope or a metric's header. Default 256 KiB: longer than any command line.
    package var identityLimitBytes = 256 << 10
    /// Here they only bound how many attributes of a point are decoded.
    package var labels: LabelLimits
    /// How long a delta window is remembered after its arrival, nanoseconds. Default 15 minutes.
    package var windowRetention: UInt64 = 15 * 60 * 1_000_000_000
    /// Delta windows remembered of one stream. Default 1024.
    package var windowsPerStreamLimit = 1024
    /// The streams that `SeriesStore.signsOfLife` reports. Default nil: none.
    package var signsOfLife: SignsOfLife?
    /// Events remembered to recognise duplicates, for `windowRetention`, as windows are. Default 262,144, about 16 MiB.
    package var eventLimit = 262_144
    /// Limits of idle series and of the memory of delta windows.
    package var retention: RetentionLimits
    /// Exemplars of all series. Default 100,000; beyond it exemplars are replaced, but not added.
    package var exemplarLimit = 100_000
    /// Limits of the number and weight of series.
    package var stateLimits: StateLimits
    /// Memory of descriptions, bytes. Default 8 MiB; beyond it none is kept.
    package var helpMemoryLimitBytes = 8 << 20
    /// Memory of exemplars, bytes. Default 16 MiB; beyond it none is added.
    package var exemplarMemoryLimitBytes = 16 << 20
    /// How long series are shown after their last point.
    package var expiration = MetricExpiration()
    /// How the writers of a cumulative counter are combined.
    package var writerRules = WriterRules()
    /// Families whose names have this prefix are rejected, since the page has others of these names; nil: none.
    /// Default nil.
    package var reservedPrefix: [UInt8]?
    /// Whether a format writes `_created` lines; then their names are reserved. Default false.
    package var writesCreated = false
    /// Whether Prometheus sees new counters and histograms as 0 first (docs/semantics.md, S13). Default false.
    package var firstSampleZero = false
    /// Creation time of this state: that of the state directory, or, for a store in memory, the start of the process.
    /// Counts of a cumulative writer from before it may be old. Default 0.
    package var createdAt: UnixNanoseconds = 0
    /// Time after the creation of the state in which Prometheus does not see cumulative totals that are older than it,
    /// nanoseconds: every writer has time to export. Default 0.
    package var settlingTime: UInt64 = 0
    /// Whether samples are shown with their times (`send_timestamps`), which then strictly increase whenever a value
    /// changes. Costs 16 bytes a series. Default false.
    package var tracksExposedTimes = false

    /// The name of the scope whose metrics update no target: they are derived here from other telemetry; only metrics
    /// of the sender update the target of a resource. Default nil.
    package var targetlessScope: [UInt8]?

    /// Idle streams and writers (see `RetentionLimits.evictAfter`) of one series beyond which they are folded although
    /// there is room. Default 1024: more of them slow down every scrape.
    package var idleWritersPerSeriesLimit = 1024

    /// Limit of streams beyond the first of their series; beyond it the delta streams among them that have been idle
    /// for longest are folded, and only their windows are kept. Default 125,000, an eighth of `StateLimits.maxWriters`.
    package var sharedStreamLimit: Int

    /// The defaults, except for the given limits.
    package init(
        state: StateLimits = StateLimits(), labels: LabelLimits = LabelLimits(),
        retention: RetentionLimits = RetentionLimits()
    ) {
        stateLimits = state
        self.labels = labels
        self.retention = retention
        sharedStreamLimit = state.maxWriters / 8
    }

    /// Attributes longer than this certainly exceed a limit of labels.
    var attributesLimitBytes: Int { labels.maxLabels * (labels.maxLabelValueLength + 1024) }

    /// The same for attributes as received, which may be escaped or partly left out. Eight times as many, 2.5 MiB by
    /// default.
    var rawAttributesLimitBytes: Int { 8 * attributesLimitBytes }
}
