internal import ConfigFile
internal import Events
internal import Exposition
internal import OTLP
internal import Pipeline
internal import Settings

/// Lists the attributes of log records that event metrics show: it applies the processors to a sample of each.
enum EventSummary {
    /// What happens to an attribute.
    private enum Fate: CaseIterable {
        case shown, hashed, changed, absent

        var words: String {
            switch self {
            case .shown: "shown"
            case .hashed: "hashed by processors"
            case .changed: "changed by processors"
            case .absent: "left out by processors"
            }
        }
    }

    static func lines(of config: AppConfig) -> [String] {
        guard config.events.isEnabled else { return [] }
        let routes =
            config.otlpHTTP.map { (name: $0.name, metrics: $0.metrics, logs: $0.logs) }
            + config.otlpGRPC.map { (name: $0.name, metrics: $0.metrics, logs: $0.logs) }
        var lines: [String] = []
        var told: Set<String> = []
        for route in routes where route.logs != .absent && told.insert(route.name).inserted {
            guard case .exported(let exporters) = route.metrics else { continue }
            for exporter in config.prometheus where exporters.contains(exporter.name) {
                lines += Self.lines(of: route.name, on: exporter, config)
            }
        }
        return lines
    }

    private static func lines(
        of receiver: String, on exporter: PrometheusConfig, _ config: AppConfig
    ) -> [String] {
        let processing = LogProcessing(config.logProcessors[receiver], limits: config.limits.decoding)
        let processors = exporter.processors.filter { $0.target == .dataPoints }
        let settings = EventSettings(config)
        var fates: [Fate: [String]] = [:]
        for (key, metrics) in shown(settings) {
            // A page's processors may apply to some metrics only.
            var metricsByFate: [Fate: [String]] = [:]
            for metric in metrics {
                let chosen = processors.filter { $0.isFor(Array(metric.utf8)) }
                metricsByFate[fate(of: key, processing, chosen), default: []].append(metric)
            }
            for (fate, metrics) in metricsByFate {
                let which = metricsByFate.count == 1 ? "" : " (of \(metrics.joined(separator: ", ")))"
                fates[fate, default: []].append(key + which)
            }
        }
        var lines = ["events     of \(receiver) are counted on \(exporter.name)"]
        for fate in Fate.allCases {
            guard let keys = fates[fate] else { continue }
            lines.append("           attributes \(fate.words): \(keys.joined(separator: ", "))")
        }
        let users = settings.userAttributes.joined(separator: ", ")
        lines.append("           user: the first of \(users) that is not left out")
        lines.append(
            settings.keepsResource
                ? "           resource attributes: all (resource_to_telemetry_conversion)"
                : "           resource attributes: service.name, service.namespace, service.instance.id")
        return lines
    }

    /// The attributes of records that become labels, each once, with the metrics.
    private static func shown(_ settings: EventSettings) -> [(key: String, metrics: [String])] {
        var metrics: [String: Set<String>] = [:]
        for rule in settings.rules {
            for label in rule.labels {
                switch label.source {
                case .attribute(let key): metrics[key, default: []].insert(rule.metric)
                case .event: metrics["event.name", default: []].insert(rule.metric)
                case .querySource: metrics["query_source", default: []].insert(rule.metric)
                case .user: for key in settings.userAttributes { metrics[key, default: []].insert(rule.metric) }
                case .constant, .service: break
                }
            }
        }
        for key in settings.userAttributes where !settings.rules.isEmpty {
            metrics[key, default: []].formUnion([SessionOwner.activeMetric, SessionOwner.lastSeenMetric])
        }
        return metrics.sorted { $0.key < $1.key }.map { ($0.key, $0.value.sorted()) }
    }

    /// What the processors of the logs pipelines, and then those of a page, do with an attribute.
    private static func fate(
        of key: String, _ processing: LogProcessing?, _ processors: [AttributeProcessor]
    ) -> Fate {
        let received = Attribute(key: Array(key.utf8), value: .string(Array("text".utf8)))
        var attributes = processing?.left(of: [received]) ?? [received]
        var marks = HashMarks.take(from: &attributes)
        for processor in processors { processor.apply(to: &attributes, skipping: &marks) }
        guard let value = attributes.last(where: { $0.key == received.key })?.value else { return .absent }
        if value == received.value { return .shown }
        var hashed = [received]
        AttributeProcessor(target: .dataPoints, actions: [.hash(key: received.key)]).apply(to: &hashed)
        return value == hashed[0].value ? .hashed : .changed
    }
}
