/// `service.telemetry`: the collector's own log and metrics.
package struct TelemetryConfig: Equatable, Sendable {
    package var logLevel: LogLevel
    package var logEncoding: LogEncoding
    package var ownMetrics: OwnMetricsConfig

    package init(
        logLevel: LogLevel = .info, logEncoding: LogEncoding = .console,
        ownMetrics: OwnMetricsConfig = OwnMetricsConfig()
    ) {
        self.logLevel = logLevel
        self.logEncoding = logEncoding
        self.ownMetrics = ownMetrics
    }
}

/// `service.telemetry.logs.level`: the least severe lines that are written. Default `info`.
package enum LogLevel: String, Equatable, Sendable, CaseIterable {
    case debug
    case info
    case warn
    case error
}

/// `service.telemetry.logs.encoding`. Default `console`.
package enum LogEncoding: String, Equatable, Sendable, CaseIterable {
    /// `TIME LEVEL MESSAGE key=value ...`
    case console
    /// One JSON object a line.
    case json
}

/// Where the `odometer_*` metrics are shown.
package struct OwnMetricsConfig: Equatable, Sendable {
    /// On the page of every Prometheus exporter (`odometer.own_metrics_on_exporters`).
    package var onExporters: Bool
    /// On separate pages, at `/metrics` (`service.telemetry.metrics`).
    package var listeners: [Endpoint]

    /// The default of a Collector configuration: a separate page at `localhost:8888`.
    package init(onExporters: Bool = false, listeners: [Endpoint] = [Self.defaultListener]) {
        self.onExporters = onExporters
        self.listeners = listeners
    }

    package static let defaultListener = Endpoint(host: "localhost", port: 8888)
}
