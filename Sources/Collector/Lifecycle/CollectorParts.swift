internal import ConfigFile
internal import Exposition
internal import Journal
internal import Logging
internal import NIOCore
internal import OTLP
internal import Receiver
internal import Series
internal import Server

/// What a configuration is made of: settings of every stage, and the stages put together.
struct CollectorParts {
    /// The series of each Prometheus exporter.
    let stores: [(name: String, series: SharedSeries)]
    /// What is served where, in the order in which it opens: pages before receivers.
    let services: [(settings: ListenerSettings, service: any HTTPService)]

    let observer: CollectorObserver

    /// nil without a `memory_limiter`.
    let memory: MemoryGuard?

    /// nil: nothing survives a restart.
    let state: StateDirectory?

    /// - Parameter eventLoop: where exports are counted.
    /// - Throws: when the state directory cannot be used. Waits for the disk until what is there is recovered.
    init(
        _ config: CollectorConfig, clock: any WallClock, log: Logger, on eventLoop: any EventLoop
    ) throws(StateFailure) {
        let own = OwnMetrics()
        let observer = CollectorObserver(own: own, log: log)
        self.observer = observer
        let startTime = clock.now()
        stores = config.prometheus.map {
            ($0.name, SharedSeries(SeriesStore($0, of: config, createdAt: startTime)))
        }
        let recovered = try RecoveredState(config, exporters: stores, now: startTime, log: log)
        let state = try recovered?.start(
            observer: JournalTelemetry(log: log, faults: observer.faults), on: eventLoop)
        let memory = MemoryGuard(config.memoryLimiters, log: log)
        self.memory = memory
        let receivers = config.otlpHTTP.map {
            ReceiverCounts(receiver: $0.name, transport: "http", next: observer)
        }
        let ownPage = OwnMetricsPage(
            own: own, exporters: stores,
            state: state.map { state in StateMetrics(losses: recovered?.losses ?? []) { state.counters } },
            memory: memory, receivers: receivers, startTime: startTime, clock: clock)
        let limits = ServerLimits(config.limits)
        var services: [(settings: ListenerSettings, service: any HTTPService)] = []
        for (exporter, store) in zip(config.prometheus, stores) {
            let page = ExporterPage(
                series: store.series, pages: Self.pages(beside: store.series, config, stores), state: state,
                ownMetrics: config.telemetry.ownMetrics.onExporters ? ownPage : nil, clock: clock,
                targetInfo: TargetInfo(settings: TranslationSettings(exporter, limits: config.limits)))
            services.append(
                (
                    ListenerSettings(exporter.name, at: exporter.endpoint, limits: limits, observer: observer),
                    ScrapeService(
                        page: page,
                        negotiation: ScrapeNegotiation(offersOpenMetrics: exporter.enableOpenMetrics),
                        settings: ExpositionSettings(exporter), state: state, observer: observer)
                ))
        }
        services += Self.telemetryServices(config, ownPage, observer)
        for (receiver, counts) in zip(config.otlpHTTP, receivers) {
            let stores = Self.stores(of: receiver, in: stores)
            let durability = state.map { state in
                IngestPipeline.Durability(state: state, route: state.route(to: stores))
            }
            let pipeline =
                stores.isEmpty
                ? nil
                : IngestPipeline(
                    into: stores, durability: durability, limits: DecodingLimits(config.limits),
                    memory: memory, debug: config.metricsDebug(of: receiver.name, log: log), clock: clock,
                    observer: counts)
            let service = OTLPHTTPService(
                settings: OTLPHTTPSettings(receiver), metrics: pipeline,
                discarded: config.discardDebug(of: receiver.name, log: log))
            services.append(
                (
                    ListenerSettings(receiver.name, at: receiver.endpoint, limits: limits, observer: observer),
                    receiver.cors.map { CORSService(CORSPolicy($0), before: service) } ?? service
                ))
        }
        self.state = state
        self.services = services
    }

    /// The pages of `service.telemetry.metrics`.
    private static func telemetryServices(
        _ config: CollectorConfig, _ ownPage: OwnMetricsPage, _ observer: CollectorObserver
    ) -> [(settings: ListenerSettings, service: any HTTPService)] {
        var page = ownPage
        page.hasCollectorNames = true
        return config.telemetry.ownMetrics.listeners.map { endpoint in
            (
                ListenerSettings(
                    "telemetry", at: endpoint, limits: ServerLimits(config.limits), observer: observer),
                ScrapeService(page: page, observer: observer)
            )
        }
    }

    /// The pages that show exports of the same receivers as this one, and this one: births on all of them use one interval.
    private static func pages(
        beside series: SharedSeries, _ config: CollectorConfig, _ stores: [(name: String, series: SharedSeries)]
    ) -> [SharedSeries] {
        let fed = config.otlpHTTP.map { Self.stores(of: $0, in: stores) }
        let shared = fed.filter { $0.contains { $0 === series } }.joined()
        return stores.map(\.series).filter { page in page === series || shared.contains { $0 === page } }
    }

    private static func stores(
        of receiver: OTLPHTTPConfig, in stores: [(name: String, series: SharedSeries)]
    ) -> [SharedSeries] {
        guard case .exported(let names) = receiver.metrics else { return [] }
        return stores.filter { names.contains($0.name) }.map(\.series)
    }
}
