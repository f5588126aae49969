internal import Exposition
internal import Forward
internal import Journal
internal import OTLP
internal import Pipeline
internal import Series
internal import Server

/// The page of one Prometheus exporter, with the collector's own metrics on it if so configured.
struct ExporterPage: MetricsPage {
    var series: SharedSeries
    /// All pages, including this one.
    var pages: [SharedSeries]
    /// Nil: nothing survives a restart.
    var state: StateDirectory?
    /// Nil: not on this page.
    var ownMetrics: OwnMetricsPage?
    var clock: any WallClock
    var targetInfo: TargetInfo

    var size: PageSize { series.withStore { PageSize($0.counts) } }

    func snapshot(for scrape: PrometheusScrape?) -> SeriesSnapshot {
        let now = clock.now()
        if let scrape, series.take(scrape, at: now, among: pages) { state?.requestCheckpoint() }
        var shown = series.snapshot(at: now, for: scrape == nil ? .any : .prometheus)
        guard let ownMetrics else { return shown }
        // The names of own metrics are reserved on this page, so no name comes twice.
        shown.families = (shown.families + ownMetrics.snapshot(for: scrape).families)
            .sorted { $0.descriptor.name.lexicographicallyPrecedes($1.descriptor.name) }
        return shown
    }

    func addTargets(to snapshot: SeriesSnapshot) -> SeriesSnapshot { targetInfo.added(to: snapshot) }
}

/// The collector's own metrics.
struct OwnMetricsPage: MetricsPage {
    var own: OwnMetrics
    var exporters: [(name: String, series: SharedSeries)]
    /// Nil without a state directory.
    var state: StateMetrics?
    /// Nil without a `memory_limiter`.
    var memory: MemoryGuard?
    /// Nil without receivers.
    var bodies: BodyBudget?
    var forwarders: [Forwarder] = []
    /// Nil: nothing is on disk.
    var unclaimed: UnclaimedQueues?
    var receivers: [ReceiverCounts] = []
    /// Whether the OpenTelemetry Collector's names are shown in addition.
    var hasCollectorNames = false
    var startTime: UnixNanoseconds
    var clock: any WallClock

    /// Nothing that grows.
    var size: PageSize { PageSize() }

    func snapshot(for scrape: PrometheusScrape?) -> SeriesSnapshot {
        let families = OwnMetricsFamilies(
            own: own.counts, exporters: exporters, state: state, memory: memory, bodies: bodies,
            forwarders: forwarders,
            unclaimed: unclaimed?.all ?? [], startTime: startTime
        ).families
        guard hasCollectorNames else { return SeriesSnapshot(families: families) }
        let others = OtelcolCompatMetrics(
            receivers: receivers, exporters: exporters, forwarders: forwarders, startTime: startTime, now: clock.now()
        ).families
        return SeriesSnapshot(
            families: (families + others).sorted {
                $0.descriptor.name.lexicographicallyPrecedes($1.descriptor.name)
            })
    }
}

/// Metrics of the state directory.
struct StateMetrics: Sendable {
    /// Losses of the start, by kind.
    var losses: [(kind: String, count: UInt64)]
    var counters: @Sendable () -> JournalCounters
}
