internal import Patterns

/// The components beside receivers and pages, read: all of them, since a mistake in one that nobody uses is a mistake too.
struct OtherComponents {
    let memoryLimiters: [MemoryLimiterConfig]
    /// What processors do to metrics, by their names.
    let metricChanges: [String: MetricChanges]
    private let healthChecks: [ListenerConfig<HealthCheckConfig>]
    private let debugReaders: [(reader: DebugReader, config: DebugConfig)]

    init(
        processors: [DefinedComponent], exporters: [DefinedComponent], extensions: [DefinedComponent],
        findings: Findings
    ) {
        memoryLimiters = processors.filter { $0.id.type == "memory_limiter" }.compactMap {
            MemoryLimiterReader(component: $0, findings: findings).read()
        }
        metricChanges = Self.metricChanges(processors, findings)
        healthChecks = extensions.filter { $0.id.type == "health_check" }.map {
            HealthCheckReader(component: $0, findings: findings).read()
        }
        debugReaders = exporters.filter { ["debug", "logging"].contains($0.id.type) }.map { component in
            let reader = DebugReader(component: component, findings: findings)
            return (reader, reader.read())
        }
        for processor in processors {
            PassiveComponents.check(processor, findings)
        }
        for exporter in exporters {
            ForwardingKeys.check(exporter, findings)
        }
    }

    private static func metricChanges(
        _ processors: [DefinedComponent], _ findings: Findings
    ) -> [String: MetricChanges] {
        var changes: [String: MetricChanges] = [:]
        for component in processors {
            switch component.id.type {
            case "resource", "attributes":
                let read = AttributeProcessorReader(component: component, findings: findings).read()
                changes[component.id.description] = read.map { MetricChanges(processors: [$0]) }
            case "filter":
                let read = FilterProcessorReader(component: component, findings: findings).read()
                changes[component.id.description] = read.map { MetricChanges(drops: [$0.drops]) }
            default: break
            }
        }
        return changes
    }

    /// Those that `service.extensions` names; the Collector does not start the others either.
    func healthChecks(named names: [ComponentID]) -> [ListenerConfig<HealthCheckConfig>] {
        healthChecks.filter { names.map(\.description).contains($0.config.name) }
    }

    /// Those that a pipeline names. Notes what they do not tell.
    func debug(_ routes: PipelineRoutes) -> [DebugConfig] {
        debugReaders.compactMap { reader, config in
            guard let routed = routes.routed(config) else {
                return nil
            }
            reader.noteLimits(of: routed)
            return routed
        }
    }
}

/// What the processors of a pipeline do to metrics. No processor changes the names that filters ask for, so that it does
/// not matter which of both comes first.
struct MetricChanges {
    /// In their order.
    var processors: [AttributeProcessorConfig] = []
    /// Metrics that fulfil one of them are dropped.
    var drops: [TextCondition] = []

    var droppedMetrics: TextCondition { .any(drops) }

    static func + (first: MetricChanges, second: MetricChanges) -> MetricChanges {
        MetricChanges(processors: first.processors + second.processors, drops: first.drops + second.drops)
    }

    /// Whether both change the same, under whatever names.
    func changesLike(_ other: MetricChanges) -> Bool {
        drops == other.drops
            && processors.elementsEqual(other.processors) {
                $0.target == $1.target && $0.actions == $1.actions && $0.metrics == $1.metrics
            }
    }
}
