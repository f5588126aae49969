internal import ConfigFile
internal import Events
internal import Exposition
internal import Journal
internal import Logging
internal import NIOCore
internal import OTLP
internal import Pipeline
internal import Receiver
internal import Series
internal import Server
internal import Settings

/// The stages of a configuration, assembled, with their settings.
struct AppParts: Sendable {
    /// As given, with the key of hashed labels if one is needed.
    let config: AppConfig
    /// The series of each Prometheus exporter.
    let stores: [(name: String, series: SharedSeries)]
    /// The services and their listeners, in the order in which they open: pages before receivers.
    let services: [(settings: ListenerSettings, served: ServedProtocol)]

    let observer: AppObserver

    /// Nil without a `memory_limiter`.
    let memory: MemoryGuard?

    /// Of the exporters that show event metrics.
    let sessions: [SessionGauges]

    /// Nil: nothing survives a restart.
    let state: StateDirectory?

    /// Prometheus exporters that the state has totals of, and that are no longer configured.
    let otherExporters: [String]

    /// The exporters that forward; not started yet.
    let forward: ForwardExporters

    /// - Parameters:
    ///   - protection: `tls` and `auth` of this configuration.
    ///   - forwardProtection: the same for exporters.
    ///   - own: counters of requests, written by `observer`.
    ///   - eventLoop: where exports are counted.
    /// - Throws: when the state directory cannot be used. Blocks on the disk until the state is recovered.
    init(
        _ config: AppConfig, protection: Protection, forwardProtection: ForwardProtection,
        own: OwnMetrics, observer: AppObserver, clock: any WallClock, log: Logger, on eventLoop: any EventLoop
    ) throws(StateFailure) {
        let config = try LabelSecret.completed(config, log: log)
        self.config = config
        let eventSettings = EventSettings(config, identityKey: try LabelSecret.identityKey(config, log: log))
        self.observer = observer
        let startTime = clock.now()
        stores = config.prometheus.map {
            ($0.name, SharedSeries(SeriesStore($0, of: config, createdAt: startTime)))
        }
        let recovered = try RecoveredState(config, exporters: stores, now: startTime, log: log)
        otherExporters = recovered?.otherExporters ?? []
        let forward: ForwardExporters
        do throws(StateFailure) {
            forward = try ForwardExporters(
                config, protection: forwardProtection, in: recovered == nil ? nil : config.state.path,
                now: startTime, on: eventLoop, log: log, faults: observer.faults)
        } catch {
            recovered?.abandon()
            throw error
        }
        let exportTurns = ExportTurns(limit: config.state.maxBacklog)
        let state = try recovered?.start(
            observer: JournalTelemetry(log: log, faults: observer.faults), turns: exportTurns, on: eventLoop)
        self.forward = forward
        let bodies = BodyBudget(limit: config.limits.maxBodyMemory)
        let memory = MemoryGuard(config.memoryLimiters, bodies: bodies, log: log)
        self.memory = memory
        let receivers = config.otlpHTTP.map {
            ReceiverCounts(receiver: $0.name, transport: "http", next: observer)
        }
        let grpcReceivers = config.otlpGRPC.map {
            ReceiverCounts(receiver: $0.name, transport: "grpc", next: observer)
        }
        let ownPage = OwnMetricsPage(
            own: own, exporters: stores,
            state: state.map { state in StateMetrics(losses: recovered?.losses ?? []) { state.counters } },
            memory: memory, bodies: bodies, forwarders: forward.forwarders, unclaimed: forward.unclaimed,
            receivers: receivers + grpcReceivers, startTime: startTime, clock: clock)
        let turns = LoopTurns()
        var services = Self.pages(
            of: config, stores, state: state, protection: protection, ownPage: ownPage, turns: turns,
            observer: observer)
        services += Self.telemetryServices(config, ownPage, turns, observer)
        sessions = Self.sessionGauges(config, eventSettings, stores, turns)
        let sinks = ReceiverSinks(
            config: config, stores: stores, state: state, turns: exportTurns, loopTurns: turns, memory: memory,
            forward: forward, clock: clock, log: log, events: EventMetrics(config, eventSettings), bodies: bodies,
            sessions: sessions,
            observer: observer)
        services += Self.httpReceivers(
            of: config, receivers, protection: protection, observer: observer, sinks: sinks)
        services += Self.grpcReceivers(
            of: config, grpcReceivers, protection: protection, observer: observer, sinks: sinks)
        self.state = state
        self.services = services
    }

    /// The pages of the exporters.
    private static func pages(
        of config: AppConfig, _ stores: [(name: String, series: SharedSeries)], state: StateDirectory?,
        protection: Protection, ownPage: OwnMetricsPage, turns: LoopTurns, observer: AppObserver
    ) -> [(settings: ListenerSettings, served: ServedProtocol)] {
        let limits = config.limits.server
        return zip(config.prometheus, stores).map { exporter, store in
            let page = ExporterPage(
                series: store.series, pages: pages(beside: store.series, config, stores), state: state,
                ownMetrics: config.telemetry.ownMetrics.onExporters ? ownPage : nil, clock: ownPage.clock,
                targetInfo: TargetInfo(settings: TranslationSettings(exporter, of: config)))
            let service = ScrapeService(
                page: page, negotiation: ScrapeNegotiation(offersOpenMetrics: exporter.enableOpenMetrics),
                settings: ExpositionSettings(exporter), state: state, limits: config.limits.pages,
                observer: observer.page(exporter.name))
            let settings = ListenerSettings(
                exporter.name, at: exporter.endpoint, limits: limits, turns: turns,
                tls: protection.context(of: exporter.tls), observer: observer.telemetry(of: .page))
            return (settings, .http(protection.guarded(service, by: exporter.auth)))
        }
    }

    /// The HTTP services of the receivers.
    private static func httpReceivers(
        of config: AppConfig, _ counts: [ReceiverCounts], protection: Protection, observer: AppObserver,
        sinks: ReceiverSinks
    ) -> [(settings: ListenerSettings, served: ServedProtocol)] {
        let limits = config.limits.server
        return zip(config.otlpHTTP, counts).map { receiver, counts in
            let service = OTLPHTTPService(
                settings: receiver.settings,
                sinks: sinks.sinks(
                    of: receiver.name, metrics: receiver.metrics, logs: receiver.logs, traces: receiver.traces,
                    counts: counts))
            let guarded = protection.guarded(service, by: receiver.auth)
            return (
                ListenerSettings(
                    receiver.name, at: receiver.endpoint, limits: limits, bodies: sinks.bodies,
                    tls: protection.context(of: receiver.tls), observer: observer.telemetry(of: .receiver)),
                // A browser's preflight has no credentials.
                .http(receiver.cors.map { CORSService(CORSPolicy($0), before: guarded) } ?? guarded)
            )
        }
    }

    /// The gRPC services of the receivers.
    private static func grpcReceivers(
        of config: AppConfig, _ counts: [ReceiverCounts], protection: Protection, observer: AppObserver,
        sinks: ReceiverSinks
    ) -> [(settings: ListenerSettings, served: ServedProtocol)] {
        let limits = config.limits.server
        return zip(config.otlpGRPC, counts).map { receiver, counts in
            let name = "\(receiver.name) grpc"
            let service = OTLPGRPCService(
                settings: receiver.settings,
                sinks: sinks.sinks(
                    of: receiver.name, metrics: receiver.metrics, logs: receiver.logs, traces: receiver.traces,
                    counts: counts))
            return (
                ListenerSettings(
                    name, at: receiver.endpoint, limits: limits, bodies: sinks.bodies,
                    tls: protection.context(of: receiver.tls), observer: observer.telemetry(of: .receiver)),
                .grpc(
                    protection.guarded(service, by: receiver.auth),
                    HTTP2Limits(maxConcurrentStreams: receiver.settings.maxConcurrentStreams))
            )
        }
    }

    /// The pages of `service.telemetry.metrics`.
    private static func telemetryServices(
        _ config: AppConfig, _ ownPage: OwnMetricsPage, _ turns: LoopTurns, _ observer: AppObserver
    ) -> [(settings: ListenerSettings, served: ServedProtocol)] {
        var page = ownPage
        page.hasCollectorNames = true
        return config.telemetry.ownMetrics.listeners.map { endpoint in
            (
                ListenerSettings(
                    "telemetry", at: endpoint, limits: config.limits.server, turns: turns,
                    observer: observer.telemetry(of: .page)),
                .http(
                    ScrapeService(
                        page: page, limits: config.limits.pages,
                        observer: observer.page("telemetry")))
            )
        }
    }

    /// The pages that show exports of the same receivers as this one, including it: new series on all of them use one
    /// interval.
    private static func pages(
        beside series: SharedSeries, _ config: AppConfig, _ stores: [(name: String, series: SharedSeries)]
    ) -> [SharedSeries] {
        let routes = config.otlpHTTP.map(\.metrics) + config.otlpGRPC.map(\.metrics)
        let fed = routes.map { Self.stores(of: $0, in: stores) }
        let shared = fed.filter { $0.contains { $0 === series } }.joined()
        return stores.map(\.series).filter { page in page === series || shared.contains { $0 === page } }
    }

    /// One for each exporter with metrics of a receiver that has a logs pipeline.
    static func sessionGauges(
        _ config: AppConfig, _ settings: EventSettings, _ stores: [(name: String, series: SharedSeries)],
        _ loopTurns: LoopTurns
    ) -> [SessionGauges] {
        guard config.events.isEnabled else { return [] }
        let routes =
            config.otlpHTTP.filter { $0.logs != .absent }.map(\.metrics)
            + config.otlpGRPC.filter { $0.logs != .absent }.map(\.metrics)
        let fed = routes.flatMap { Self.stores(of: $0, in: stores) }
        return zip(config.prometheus, stores.map(\.series)).filter { _, series in fed.contains { $0 === series } }.map {
            exporter, series in
            let translation = TranslationSettings(exporter, of: config)
            return SessionGauges(
                of: series, window: config.events.activeWindow, settings: settings,
                shown: translation.changesLabels ? PrometheusTranslation(settings: translation) : nil,
                limits: config.limits.decoding, loopTurns: loopTurns)
        }
    }

    private static func stores(
        of route: SignalRoute, in stores: [(name: String, series: SharedSeries)]
    ) -> [SharedSeries] {
        guard case .exported(let names) = route else { return [] }
        return stores.filter { names.contains($0.name) }.map(\.series)
    }
}
