package import OTLP
package import Settings

/// What the store may hold, and how it counts.
package struct SeriesSettings: Sendable {
    /// Raw forms remembered of one stream, metric, scope or resource. Default 16.
    package var aliasLimit = 16
    /// Bytes of a resource, a scope or a metric's header. Default 256 KiB: longer than any command line.
    package var identityLimitBytes = 256 << 10
    /// Here they only bound how much of a point's attributes is decoded at all.
    package var labels: LabelLimits
    /// How long a delta window is remembered after its arrival, nanoseconds. Default 15 minutes.
    package var windowRetention: UInt64 = 15 * 60 * 1_000_000_000
    /// Delta windows remembered of one stream. Default 1024.
    package var windowsPerStreamLimit = 1024
    /// Which streams `SeriesStore.signsOfLife` tells of. Default nil: none.
    package var signsOfLife: SignsOfLife?
    /// Events remembered, so that one that is sent again counts nothing; for `windowRetention`, as windows are. Default
    /// 262,144, about 16 MiB.
    package var eventLimit = 262_144
    /// What may be forgotten when it has been idle, and how much delta windows take.
    package var retention: RetentionLimits
    /// Exemplars of all series together. Default 100,000; beyond it those that are there are replaced, none is added.
    package var exemplarLimit = 100_000
    /// How many series there may be, and what they may weigh.
    package var stateLimits: StateLimits
    /// Memory of descriptions, bytes. Default 8 MiB; beyond it none is kept.
    package var helpMemoryLimitBytes = 8 << 20
    /// Memory of exemplars, bytes. Default 16 MiB; beyond it none is added.
    package var exemplarMemoryLimitBytes = 16 << 20
    /// How long series stay exposed after their last point.
    package var expiration = MetricExpiration()
    /// How the writers of one cumulative counter make its total.
    package var writerRules = WriterRules()
    /// Families whose names begin like this are rejected, since they stand on the same page already; nil = none.
    /// Default nil.
    package var reservedPrefix: [UInt8]?
    /// Whether a format writes `_created` lines, whose names are then taken. Default false.
    package var writesCreated = false
    /// Whether Prometheus sees newborn counters and histograms as 0 first (docs/semantics.md, S13). Default false.
    package var firstSampleZero = false
    /// When this state was created: when the state directory was, or, for a store in memory only, when the process
    /// started. What a cumulative writer counted before is not known to be new. Default 0.
    package var createdAt: UnixNanoseconds = 0
    /// How long after its creation Prometheus is not shown cumulative totals that are older than this state,
    /// nanoseconds: until every writer had the time to export. Default 0.
    package var settlingTime: UInt64 = 0
    /// Whether samples are shown with their times (`send_timestamps`), which then strictly increase whenever a value
    /// changes. Costs 16 bytes a series. Default false.
    package var tracksExposedTimes = false

    /// The name of the scope whose metrics tell of no target: they are made here of other telemetry, and only its own
    /// metrics say what is known about a resource. Default nil.
    package var targetlessScope: [UInt8]?

    /// Idle streams and writers (see `RetentionLimits.evictAfter`) that one series may be made of before they are folded into its total,
    /// though there is room for them. Default 1024: more than that only slow every scrape down.
    package var idleWritersPerSeriesLimit = 1024

    /// Streams beyond the first of their series that are kept; beyond it the delta streams among them that have been idle
    /// for longest are folded, and only their windows are kept. Default 125,000, an eighth of `StateLimits.maxWriters`.
    package var sharedStreamLimit: Int

    /// The defaults, but for the limits that are given.
    package init(
        state: StateLimits = StateLimits(), labels: LabelLimits = LabelLimits(),
        retention: RetentionLimits = RetentionLimits()
    ) {
        stateLimits = state
        self.labels = labels
        self.retention = retention
        sharedStreamLimit = state.maxWriters / 8
    }

    /// Attributes longer than this hold too many or too long labels whatever they say.
    var attributesLimitBytes: Int { labels.maxLabels * (labels.maxLabelValueLength + 1024) }

    /// The same as received: escaped, or with much that is left out. Eight times as many, 2.5 MiB by default.
    var rawAttributesLimitBytes: Int { 8 * attributesLimitBytes }
}
