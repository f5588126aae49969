internal import ConfigFile
internal import Logging
internal import OTLP
internal import Pipeline
internal import Receiver
internal import Series
internal import Server
internal import Settings

/// Creates the sinks of a receiver, signal by signal, from its pipelines. Its HTTP and gRPC services get the same.
struct ReceiverSinks {
    let config: AppConfig
    let stores: [(name: String, series: SharedSeries)]
    /// Nil: nothing survives a restart.
    let state: StateDirectory?
    /// The turns of long exports, shared by all receivers.
    let turns: ExportTurns
    let loopTurns: LoopTurns
    /// Nil without a `memory_limiter`.
    let memory: MemoryGuard?
    let forward: ForwardExporters
    let clock: any WallClock
    let log: Logger
    /// Nil: no metrics are made of events.
    let events: EventMetrics?
    /// The memory budget of all bodies.
    let bodies: BodyBudget
    /// Of the exporters that show event metrics.
    let sessions: [SessionGauges]
    /// Receives what is not counted, from all receivers.
    let observer: AppObserver

    /// - Parameter counts: receives the counts of this service.
    func sinks(
        of receiver: String, metrics: SignalRoute, logs: SignalRoute, traces: SignalRoute, counts: ReceiverCounts
    ) -> SignalSinks {
        SignalSinks(
            metrics: metricsSink(of: receiver, metrics, counts),
            logs: recordsSink(of: .logs, receiver, logs).map { eventsSink(of: receiver, before: $0, metrics) },
            traces: recordsSink(of: .traces, receiver, traces))
    }

    private func metricsSink(
        of receiver: String, _ route: SignalRoute, _ counts: ReceiverCounts
    ) -> (any ExportSink)? {
        let outputs = forward.outputs(of: receiver, .metrics)
        let limits = config.limits.decoding
        let debug = config.metricsDebug(of: receiver, log: log)
        if let pipeline = pipeline(to: route, debug: debug, observer: counts) {
            guard !outputs.isEmpty else { return pipeline }
            return CountAndForwardSink(next: pipeline, outputs: outputs, limits: limits, observer: observer)
        }
        guard case .exported = route else { return nil }
        let sink = ForwardSink(signal: .metrics, outputs: outputs, limits: limits, memory: memory, observer: observer)
        return debug.isEmpty ? sink : ToldMetricsSink(debug: debug, limits: limits, clock: clock, next: sink)
    }

    /// The pipeline of metrics along a route; nil if no exporter of it shows them.
    private func pipeline(
        to route: SignalRoute, debug: [MetricsDebug], observer: any IngestObserver
    ) -> IngestPipeline? {
        let fed = fedStores(by: route)
        guard !fed.isEmpty else { return nil }
        let durability = state.map { state in
            IngestPipeline.Durability(state: state, route: state.route(to: fed))
        }
        return IngestPipeline(
            into: fed, durability: durability, limits: config.limits.decoding, turns: turns,
            loopTurns: loopTurns, memory: memory, debug: debug, clock: clock, observer: observer)
    }

    private func fedStores(by route: SignalRoute) -> [SharedSeries] {
        guard case .exported(let names) = route else { return [] }
        return stores.filter { names.contains($0.name) }.map(\.series)
    }

    /// The sink of a receiver's logs, which makes event metrics on the pages that show the receiver's metrics.
    private func eventsSink(
        of receiver: String, before next: any ExportSink, _ metrics: SignalRoute
    ) -> any ExportSink {
        guard let events, let pipeline = pipeline(to: metrics, debug: [], observer: observer) else { return next }
        let fed = fedStores(by: metrics)
        let last = (next as? RecordsDebug)?.next ?? next
        return EventsSink(
            events: events,
            processing: LogProcessing(config.logProcessors[receiver], limits: config.limits.decoding),
            pipeline: pipeline, turns: turns, next: next, nextDiscards: last is DiscardSink, observer: observer,
            sessions: sessions.filter { gauges in fed.contains { $0 === gauges.series } }, clock: clock)
    }

    /// Logs and traces.
    private func recordsSink(
        of signal: OTLP.Signal, _ receiver: String, _ route: SignalRoute
    ) -> (any ExportSink)? {
        guard route != .absent else { return nil }
        let outputs = forward.outputs(of: receiver, signal)
        let sink: any ExportSink =
            outputs.isEmpty
            ? DiscardSink(of: signal, observer: observer)
            : ForwardSink(
                signal: signal, outputs: outputs, limits: config.limits.decoding, memory: memory,
                observer: observer)
        let exporters = config.recordsDebug(of: signal, from: receiver)
        guard !exporters.isEmpty else { return sink }
        return RecordsDebug(
            signal: signal, exporters: exporters, receiver: receiver, limits: config.limits.decoding, log: log,
            next: sink)
    }
}
