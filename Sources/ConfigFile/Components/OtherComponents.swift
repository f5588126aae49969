internal import Patterns
internal import Settings

/// All components other than receivers and pages; unused ones are read as well, since a mistake in them is a mistake,
/// too.
struct OtherComponents {
    let memoryLimiters: [MemoryLimiterConfig]
    /// By name.
    let attributeProcessors: [String: AttributeProcessor]
    /// What they drop, by name.
    let filters: [String: TextCondition]
    private let healthChecks: [ListenerConfig<HealthCheckConfig>]
    private let forward: [ForwardConfig]
    private let debugReaders: [(reader: DebugReader, config: DebugConfig)]

    init(
        processors: [DefinedComponent], exporters: [DefinedComponent], extensions: [DefinedComponent],
        findings: Findings
    ) {
        memoryLimiters = processors.filter { $0.id.type == "memory_limiter" }.compactMap {
            MemoryLimiterReader(component: $0, findings: findings).read()
        }
        var attributeProcessors: [String: AttributeProcessor] = [:]
        for component in processors where ["resource", "attributes"].contains(component.id.type) {
            attributeProcessors[component.id.description] =
                AttributeProcessorReader(component: component, findings: findings).read()
        }
        self.attributeProcessors = attributeProcessors
        filters = Self.filters(processors, findings)
        for component in processors {
            PassiveComponents.check(component, findings)
        }
        healthChecks = extensions.filter { $0.id.type == "health_check" }.map {
            HealthCheckReader(component: $0, findings: findings).read()
        }
        debugReaders = exporters.filter { ["debug", "logging"].contains($0.id.type) }.map { component in
            let reader = DebugReader(component: component, findings: findings)
            return (reader, reader.read())
        }
        forward = exporters.compactMap { component in
            switch component.id.type {
            case "otlphttp", "otlp_http": OTLPHTTPExporterReader(component: component, findings: findings).read()
            case "otlp", "otlp_grpc": OTLPGRPCExporterReader(component: component, findings: findings).read()
            case "file": FileExporterReader(component: component, findings: findings).read()
            default: nil
            }
        }
    }

    private static func filters(
        _ processors: [DefinedComponent], _ findings: Findings
    ) -> [String: TextCondition] {
        var filters: [String: TextCondition] = [:]
        for component in processors where component.id.type == "filter" {
            filters[component.id.description] =
                FilterProcessorReader(component: component, findings: findings).read()?.drops
        }
        return filters
    }

    /// Those that `service.extensions` lists; the Collector does not start the others either.
    func healthChecks(named names: [ComponentID]) -> [ListenerConfig<HealthCheckConfig>] {
        healthChecks.filter { names.map(\.description).contains($0.config.name) }
    }

    /// Those that a pipeline uses, with their inputs.
    func forward(_ routes: PipelineRoutes, _ findings: Findings) -> [ForwardConfig] {
        forward.compactMap { routes.routed($0, among: attributeProcessors, findings: findings) }
    }

    /// Those that a pipeline uses. Notes what they do not log.
    func debug(_ routes: PipelineRoutes) -> [DebugConfig] {
        debugReaders.compactMap { reader, config in
            guard let routed = routes.routed(config, among: attributeProcessors) else {
                return nil
            }
            reader.noteLimits(of: routed)
            return routed
        }
    }
}
