internal import ConfigFile
internal import Logging
internal import OTLP
internal import Receiver
internal import Series

/// Puts together who takes the exports of a receiver, signal by signal, as its pipelines say. Both doors of a receiver
/// get the same.
struct ReceiverSinks {
    let config: CollectorConfig
    let stores: [(name: String, series: SharedSeries)]
    /// nil: nothing survives a restart.
    let state: StateDirectory?
    /// nil without a `memory_limiter`.
    let memory: MemoryGuard?
    let forward: ForwardExporters
    let clock: any WallClock
    let log: Logger
    let observer: CollectorObserver

    /// - Parameter counts: hears of the metrics of this door.
    func sinks(
        of receiver: String, metrics: SignalRoute, logs: SignalRoute, traces: SignalRoute, counts: ReceiverCounts
    ) -> SignalSinks {
        SignalSinks(
            metrics: metricsSink(of: receiver, metrics, counts), logs: recordsSink(of: .logs, receiver, logs),
            traces: recordsSink(of: .traces, receiver, traces))
    }

    private func metricsSink(
        of receiver: String, _ route: SignalRoute, _ counts: ReceiverCounts
    ) -> (any ExportSink)? {
        guard case .exported(let names) = route else { return nil }
        let outputs = forward.outputs(of: receiver, .metrics)
        let limits = DecodingLimits(config.limits)
        let debug = config.metricsDebug(of: receiver, log: log)
        let fed = stores.filter { names.contains($0.name) }.map(\.series)
        guard !fed.isEmpty else {
            let sink = ForwardSink(
                signal: .metrics, outputs: outputs, limits: limits, memory: memory, observer: observer)
            return debug.isEmpty ? sink : ToldMetricsSink(debug: debug, limits: limits, clock: clock, next: sink)
        }
        let durability = state.map { state in
            IngestPipeline.Durability(state: state, route: state.route(to: fed))
        }
        let pipeline = IngestPipeline(
            into: fed, durability: durability, limits: limits, memory: memory, debug: debug, clock: clock,
            observer: counts)
        guard !outputs.isEmpty else { return pipeline }
        return CountAndForwardSink(next: pipeline, outputs: outputs, limits: limits, observer: observer)
    }

    /// Logs and traces.
    private func recordsSink(
        of signal: OTLP.Signal, _ receiver: String, _ route: SignalRoute
    ) -> (any ExportSink)? {
        guard route != .absent else { return nil }
        let outputs = forward.outputs(of: receiver, signal)
        let sink: any ExportSink =
            outputs.isEmpty
            ? DiscardSink(of: signal)
            : ForwardSink(
                signal: signal, outputs: outputs, limits: DecodingLimits(config.limits), memory: memory,
                observer: observer)
        let exporters = config.recordsDebug(of: signal, from: receiver)
        guard !exporters.isEmpty else { return sink }
        return RecordsDebug(signal: signal, exporters: exporters, receiver: receiver, log: log, next: sink)
    }
}
