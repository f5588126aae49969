internal import Patterns
internal import Settings

/// The routes of all receivers' signals, over all pipelines.
struct PipelineRoutes {
    private var routes: [PipelineSignal: [String: SignalRoute]] = [:]
    private var usedNames: Set<String> = []
    private let pipelines: [Pipeline]

    /// Notes the pipelines whose signal is discarded, unless they use the exporter `nop`.
    init(_ pipelines: [Pipeline], findings: Findings) {
        self.pipelines = pipelines
        for pipeline in pipelines {
            let exporters = pipeline.exporters.filter { $0.isPrometheus || $0.isForwarding }.map(\.description)
            if exporters.isEmpty, pipeline.exporters.contains(where: { $0.type != "nop" }) {
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

    /// The components that a pipeline uses; the Collector does not start the others either.
    func used<Config>(
        _ components: [ListenerConfig<Config>], name: KeyPath<Config, String>
    ) -> [ListenerConfig<Config>] {
        components.filter { usedNames.contains($0.config[keyPath: name]) }
    }

    /// Whether a pipeline of a signal that is counted or forwarded has this processor.
    func uses(_ processor: String) -> Bool {
        pipelines.contains { pipeline in
            pipeline.processors.contains { $0.description == processor }
                && (pipeline.signal == .metrics || pipeline.exporters.contains(where: \.isForwarding))
        }
    }

    /// The attribute processors of the pipelines that lead to a page, in their order. State is kept by stream and page,
    /// so two pipelines to one page must change the same.
    func processors(
        before exporter: String, among processors: [String: AttributeProcessor], findings: Findings
    ) -> [AttributeProcessor] {
        let leading = pipelines.filter { pipeline in
            pipeline.signal == .metrics && pipeline.exporters.contains { $0.description == exporter }
        }
        let changes = leading.map { $0.processors.compactMap { processors[$0.description] } }
        for (pipeline, change) in zip(leading, changes) where !change.changesLike(changes[0]) {
            findings.mistake(
                pipeline.position, pipeline.path,
                "exports to \(printable(exporter)) with other resource and attributes processors than "
                    + "\(leading[0].path); write the same processors, or a separate prometheus exporter")
        }
        return changes.first ?? []
    }

    /// The metrics that the pipelines to a page drop. No processor changes a metric's name, so the order of filters
    /// does not matter. As with other processors, two pipelines to one page must drop the same.
    func droppedMetrics(
        before exporter: String, by filters: [String: TextCondition], findings: Findings
    ) -> TextCondition {
        let leading = pipelines.filter { pipeline in
            pipeline.signal == .metrics && pipeline.exporters.contains { $0.description == exporter }
        }
        let drops = leading.map { pipeline in
            TextCondition.any(pipeline.processors.compactMap { filters[$0.description] })
        }
        for (pipeline, drop) in zip(leading, drops) where drop != drops[0] {
            findings.mistake(
                pipeline.position, pipeline.path,
                "exports to \(printable(exporter)) with other filter processors than \(leading[0].path); "
                    + "write the same filters, or a separate prometheus exporter")
        }
        return drops.first ?? .any([])
    }

    /// The debug exporter with what the pipelines bring to it; nil if it has none.
    func routed(_ exporter: DebugConfig, among processors: [String: AttributeProcessor]) -> DebugConfig? {
        var exporter = exporter
        for pipeline in pipelines where pipeline.exporters.contains(where: { $0.description == exporter.name }) {
            let changes = pipeline.processors.compactMap { processors[$0.description] }
            for receiver in pipeline.receivers {
                exporter.inputs.add(
                    PipelineInput(signal: pipeline.signal, receiver: receiver.description, processors: changes))
            }
        }
        return usedNames.contains(exporter.name) ? exporter : nil
    }

    /// The processors of the logs pipelines, by receiver; see `AppConfig.logProcessors`. Reports processors for
    /// some metrics only: they would not change logs, although data may have to be removed.
    func logProcessors(
        among processors: [String: AttributeProcessor], findings: Findings
    ) -> [String: [[AttributeProcessor]]] {
        var inputs: [PipelineInput] = []
        for pipeline in pipelines where pipeline.signal == .logs {
            let changes = pipeline.processors.compactMap { processors[$0.description] }
            // For forwarded data `routed` reports the same.
            let isPassedOn = pipeline.exporters.contains(where: \.isForwarding)
            for change in changes where change.metrics != .all([]) && !isPassedOn {
                findings.mistake(
                    pipeline.position, pipeline.path,
                    "\(quoted(change.name)) has include or exclude, which select metrics, not logs; write a "
                        + "processor without them for this pipeline")
            }
            for receiver in pipeline.receivers {
                inputs.add(PipelineInput(signal: .logs, receiver: receiver.description, processors: changes))
            }
        }
        return Dictionary(grouping: inputs, by: \.receiver).mapValues { $0.map(\.processors) }
            .filter { !$0.value.allSatisfy(\.isEmpty) }
    }

    /// The exporter with its inputs; nil if it has none. Reports processors that cannot change forwarded data: it must
    /// not be forwarded without them.
    func routed(
        _ exporter: ForwardConfig, among processors: [String: AttributeProcessor], findings: Findings
    ) -> ForwardConfig? {
        var exporter = exporter
        for pipeline in pipelines where pipeline.exporters.contains(where: { $0.description == exporter.name }) {
            let others = pipeline.processors.filter { !Self.isApplied($0.type) }
            for other in others {
                findings.mistake(
                    pipeline.position, pipeline.path,
                    "\(quoted(other.description)) is not applied to what \(printable(exporter.name)) forwards; write a "
                        + "separate pipeline for that exporter, without this processor")
            }
            let changes = pipeline.processors.compactMap { processors[$0.description] }
            for change in changes where change.metrics != .all([]) {
                findings.mistake(
                    pipeline.position, pipeline.path,
                    "\(quoted(change.name)) has include or exclude, which are not applied to what "
                        + "\(printable(exporter.name)) forwards; write a separate pipeline for that exporter")
            }
            for receiver in pipeline.receivers where receiver.type == "otlp" {
                exporter.inputs.add(
                    PipelineInput(signal: pipeline.signal, receiver: receiver.description, processors: changes))
            }
        }
        checkEndpoints(of: exporter, findings)
        return exporter.inputs.isEmpty ? nil : exporter
    }

    /// Whether the processor changes nothing of an export, or changes forwarded data, too.
    private static func isApplied(_ processor: String) -> Bool {
        ["batch", "memory_limiter", "resource", "attributes"].contains(processor)
    }

    /// An exporter with URLs for some signals cannot take the others.
    private func checkEndpoints(of exporter: ForwardConfig, _ findings: Findings) {
        guard case .http(let target) = exporter.target else {
            return
        }
        for pipeline in pipelines
        where target.urls[pipeline.signal] == nil
            && pipeline.exporters.contains(where: { $0.description == exporter.name })
        {
            findings.mistake(
                pipeline.position, pipeline.path,
                "\(printable(exporter.name)) has no endpoint for \(pipeline.signal.rawValue); write endpoint or "
                    + "\(pipeline.signal.rawValue)_endpoint")
        }
    }

    /// The receiver with its routes filled in.
    func routed<Settings>(_ receiver: OTLPReceiverConfig<Settings>) -> OTLPReceiverConfig<Settings> {
        var receiver = receiver
        receiver.metrics = route(of: .metrics, from: receiver.name)
        receiver.logs = route(of: .logs, from: receiver.name)
        receiver.traces = route(of: .traces, from: receiver.name)
        return receiver
    }

    private func route(of signal: PipelineSignal, from receiver: String) -> SignalRoute {
        routes[signal]?[receiver] ?? .absent
    }
}

extension [PipelineInput] {
    /// Adds an input unless it exists: two pipelines that do the same to a receiver's signal add it once.
    fileprivate mutating func add(_ input: PipelineInput) {
        let isKnown = contains {
            $0.signal == input.signal && $0.receiver == input.receiver
                && $0.processors.changesLike(input.processors)
        }
        if !isKnown { append(input) }
    }
}

extension [AttributeProcessor] {
    /// Whether both change the same, under whatever names.
    fileprivate func changesLike(_ other: Self) -> Bool {
        elementsEqual(other) { $0.target == $1.target && $0.actions == $1.actions && $0.metrics == $1.metrics }
    }
}

extension SignalRoute {
    /// The route with the exporters of a further pipeline, none of which discards.
    fileprivate func joined(_ exporters: [String]) -> SignalRoute {
        switch self {
        case .absent, .discarded: exporters.isEmpty ? .discarded : .exported(to: exporters)
        case .exported(let others): .exported(to: others + exporters.filter { !others.contains($0) })
        }
    }
}
