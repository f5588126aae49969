/// Which receiver's signals go where, over all pipelines.
struct PipelineRoutes {
    private var routes: [Signal: [String: SignalRoute]] = [:]
    private var usedNames: Set<String> = []

    /// Notes the pipelines whose signal is discarded.
    init(_ pipelines: [Pipeline], findings: Findings) {
        for pipeline in pipelines {
            let exporters = pipeline.exporters.filter(\.isPrometheus).map(\.description)
            if exporters.isEmpty || pipeline.signal != .metrics {
                findings.note(pipeline.position, pipeline.path, PipelineText.discarded(pipeline.signal))
            }
            for receiver in pipeline.receivers.map(\.description) {
                var signalRoutes = routes[pipeline.signal] ?? [:]
                signalRoutes[receiver] = (signalRoutes[receiver] ?? .absent).joined(exporters)
                routes[pipeline.signal] = signalRoutes
            }
            usedNames.formUnion((pipeline.receivers + pipeline.exporters).map(\.description))
        }
    }

    /// Those components that a pipeline names; the Collector does not start the others either.
    func used<Config>(
        _ components: [ListenerConfig<Config>], name: KeyPath<Config, String>
    ) -> [ListenerConfig<Config>] {
        components.filter { usedNames.contains($0.config[keyPath: name]) }
    }

    /// The receiver with its routes filled in.
    func routed(_ receiver: OTLPHTTPConfig) -> OTLPHTTPConfig {
        var receiver = receiver
        receiver.metrics = route(of: .metrics, from: receiver.name)
        receiver.logs = route(of: .logs, from: receiver.name)
        receiver.traces = route(of: .traces, from: receiver.name)
        return receiver
    }

    /// The same for its gRPC side.
    func routed(_ receiver: OTLPGRPCConfig) -> OTLPGRPCConfig {
        var receiver = receiver
        receiver.metrics = route(of: .metrics, from: receiver.name)
        receiver.logs = route(of: .logs, from: receiver.name)
        receiver.traces = route(of: .traces, from: receiver.name)
        return receiver
    }

    private func route(of signal: Signal, from receiver: String) -> SignalRoute {
        routes[signal]?[receiver] ?? .absent
    }
}

extension SignalRoute {
    /// The route with a further pipeline that leads to these Prometheus exporters; none of them discards.
    fileprivate func joined(_ exporters: [String]) -> SignalRoute {
        switch self {
        case .absent, .discarded: exporters.isEmpty ? .discarded : .exported(to: exporters)
        case .exported(let others): .exported(to: others + exporters.filter { !others.contains($0) })
        }
    }
}
