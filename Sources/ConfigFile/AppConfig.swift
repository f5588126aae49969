package import Settings

/// The configuration of one collector. Every reference is resolved and every value checked.
package struct AppConfig: Equatable, Sendable {
    /// The OTLP/HTTP listeners that a pipeline uses, in the order of the configuration.
    package var otlpHTTP: [OTLPHTTPConfig]
    /// The OTLP/gRPC listeners that a pipeline uses, in the order of the configuration.
    package var otlpGRPC: [OTLPGRPCConfig]
    /// The Prometheus endpoints that a pipeline uses, in the order of the configuration.
    package var prometheus: [PrometheusConfig]
    package var telemetry: TelemetryConfig
    /// Health check endpoints, in the order of the configuration.
    package var healthChecks: [HealthCheckConfig] = []
    /// The extensions that authenticate and that `service.extensions` lists. Every `auth` of a listener names one that
    /// can be used by a listener.
    package var authenticators: [AuthenticatorConfig] = []
    /// The processors that refuse metrics exports when memory runs short; the lowest limit applies.
    package var memoryLimiters: [MemoryLimiterConfig] = []
    /// The exporters that log exports.
    package var debug: [DebugConfig] = []
    /// Exporters that forward and that a pipeline uses, in the order of the configuration.
    package var forward: [ForwardConfig] = []
    /// Settings of all of them.
    package var forwarding = ForwardSettings()
    package var limits: Limits
    /// How several writers of one series are combined; the first rule whose pattern matches is used. The built-in rules
    /// come after them (`Series.WriterRules`).
    package var writers: [WriterRule]
    package var state: StateSettings
    /// How many log lines may wait.
    package var log = LogLimits()
    /// What log events count as.
    package var events = EventMetricsSettings()
    /// What the pipelines of logs change of records, by receiver: the `resource` and `attributes` processors of each
    /// pipeline in their order, of pipelines that change the same only one. A receiver whose records stay as they are has
    /// no entry.
    package var logProcessors: [String: [[AttributeProcessor]]] = [:]
    /// What the user should know although it does not prevent the start: settings without effect, signals discarded.
    package var notes: [ConfigFinding]

    package init(
        otlpHTTP: [OTLPHTTPConfig], otlpGRPC: [OTLPGRPCConfig] = [], prometheus: [PrometheusConfig],
        telemetry: TelemetryConfig, limits: Limits = Limits(), writers: [WriterRule] = [],
        state: StateSettings = StateSettings(),
        notes: [ConfigFinding] = []
    ) {
        self.otlpHTTP = otlpHTTP
        self.otlpGRPC = otlpGRPC
        self.prometheus = prometheus
        self.telemetry = telemetry
        self.limits = limits
        self.writers = writers
        self.state = state
        self.notes = notes
    }
}

extension AppConfig {
    /// `odometer.labels`, which applies to all exporters.
    package var labels: LabelsConfig { prometheus.first?.labels ?? LabelsConfig() }

    /// Sets them for all exporters.
    package mutating func setLabels(_ labels: LabelsConfig) {
        for index in prometheus.indices { prometheus[index].labels = labels }
    }

    /// The configuration used without a file; `Config/odometer.yaml` is the same in YAML.
    package static let embeddedDefault: AppConfig = {
        var config = withoutExtensions
        config.healthChecks = [
            HealthCheckConfig(
                name: "health_check", endpoint: Endpoint(host: "0.0.0.0", port: HealthCheckConfig.defaultPort))
        ]
        return config
    }()

    private static let withoutExtensions = AppConfig(
        otlpHTTP: [
            OTLPHTTPConfig(
                name: "otlp", endpoint: Endpoint(host: "0.0.0.0", port: OTLPHTTPSettings.defaultPort),
                metrics: .exported(to: ["prometheus"]), logs: .discarded, traces: .discarded)
        ],
        otlpGRPC: [
            OTLPGRPCConfig(
                name: "otlp", endpoint: Endpoint(host: "0.0.0.0", port: OTLPGRPCSettings.defaultPort),
                metrics: .exported(to: ["prometheus"]), logs: .discarded, traces: .discarded)
        ],
        prometheus: [
            PrometheusConfig(
                name: "prometheus", endpoint: Endpoint(host: "0.0.0.0", port: PrometheusConfig.customaryPort),
                enableOpenMetrics: true)
        ],
        telemetry: TelemetryConfig(ownMetrics: OwnMetricsConfig(onExporters: true, listeners: [])))
}

/// A signal as `service.pipelines` names it.
package enum PipelineSignal: String, Sendable, CaseIterable {
    case metrics
    case logs
    case traces
}

enum PipelineText {
    static func discarded(_ signal: PipelineSignal) -> String {
        "\(signal.rawValue) are accepted and discarded\(signal == .logs ? ", after their events are counted" : ""): "
            + "no exporter of the pipeline forwards them"
    }
}
