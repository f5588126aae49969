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
    let services: [(settings: ListenerSettings, served: ServedProtocol)]

    let observer: CollectorObserver

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
        let ownPage = OwnMetricsPage(
            own: own, exporters: stores,
            state: state.map { state in StateMetrics(losses: recovered?.losses ?? []) { state.counters } },
            startTime: startTime)
        let limits = ServerLimits(config.limits)
        var services: [(settings: ListenerSettings, served: ServedProtocol)] = []
        for (exporter, store) in zip(config.prometheus, stores) {
            let page = ExporterPage(
                series: store.series, pages: Self.pages(beside: store.series, config, stores), state: state,
                ownMetrics: config.telemetry.ownMetrics.onExporters ? ownPage : nil, clock: clock,
                targetInfo: TargetInfo(settings: TranslationSettings(exporter.naming, limits: config.limits)))
            services.append(
                (
                    ListenerSettings(exporter.name, at: exporter.endpoint, limits: limits, observer: observer),
                    .http(
                        ScrapeService(
                            page: page,
                            negotiation: ScrapeNegotiation(offersOpenMetrics: exporter.enableOpenMetrics),
                            settings: ExpositionSettings(exporter), state: state, observer: observer))
                ))
        }
        for endpoint in config.telemetry.ownMetrics.listeners {
            services.append(
                (
                    ListenerSettings("telemetry", at: endpoint, limits: limits, observer: observer),
                    .http(ScrapeService(page: ownPage, observer: observer))
                ))
        }
        let pipeline = { [stores] (route: SignalRoute) -> IngestPipeline? in
            let fed = Self.stores(of: route, in: stores)
            guard !fed.isEmpty else { return nil }
            let durability = state.map { state in
                IngestPipeline.Durability(state: state, route: state.route(to: fed))
            }
            return IngestPipeline(
                into: fed, durability: durability, limits: DecodingLimits(config.limits), clock: clock,
                observer: observer)
        }
        services += Self.receivers(of: config, observer: observer, pipeline: pipeline)
        self.state = state
        self.services = services
    }

    /// The doors of every receiver, each with a pipeline for its metrics.
    private static func receivers(
        of config: CollectorConfig, observer: CollectorObserver, pipeline: (SignalRoute) -> IngestPipeline?
    ) -> [(settings: ListenerSettings, served: ServedProtocol)] {
        let limits = ServerLimits(config.limits)
        var services: [(settings: ListenerSettings, served: ServedProtocol)] = []
        for receiver in config.otlpHTTP {
            services.append(
                (
                    ListenerSettings(receiver.name, at: receiver.endpoint, limits: limits, observer: observer),
                    .http(
                        OTLPHTTPService(settings: OTLPHTTPSettings(receiver), metrics: pipeline(receiver.metrics)))
                ))
        }
        for receiver in config.otlpGRPC {
            services.append(
                (
                    ListenerSettings(
                        "\(receiver.name) grpc", at: receiver.endpoint, limits: limits, observer: observer),
                    .unary(
                        OTLPGRPCService(settings: OTLPGRPCSettings(receiver), metrics: pipeline(receiver.metrics)),
                        HTTP2Limits(concurrentStreams: receiver.concurrentStreamLimit))
                ))
        }
        return services
    }

    /// The pages that show exports of the same receivers as this one, and this one: births on all of them use one interval.
    private static func pages(
        beside series: SharedSeries, _ config: CollectorConfig, _ stores: [(name: String, series: SharedSeries)]
    ) -> [SharedSeries] {
        let routes = config.otlpHTTP.map(\.metrics) + config.otlpGRPC.map(\.metrics)
        let fed = routes.map { Self.stores(of: $0, in: stores) }
        let shared = fed.filter { $0.contains { $0 === series } }.joined()
        return stores.map(\.series).filter { page in page === series || shared.contains { $0 === page } }
    }

    private static func stores(
        of route: SignalRoute, in stores: [(name: String, series: SharedSeries)]
    ) -> [SharedSeries] {
        guard case .exported(let names) = route else { return [] }
        return stores.filter { names.contains($0.name) }.map(\.series)
    }
}
