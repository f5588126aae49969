package import Patterns
package import Settings

/// One `exporters.prometheus`: a page at `/metrics`.
package struct PrometheusConfig: Equatable, Sendable {
    /// The exporter as the configuration names it: `prometheus` or `prometheus/NAME`.
    package var name: String
    /// Has no default, as in the Collector.
    package var endpoint: Endpoint
    /// `tls`. Nil: no TLS.
    package var tls: TLSConfig?
    /// `auth`. Nil: no authentication.
    package var auth: AuthConfig?
    package var expiration: MetricExpiration
    /// `enable_open_metrics`: whether a scraper that asks for OpenMetrics gets it. Default false.
    package var enableOpenMetrics: Bool
    /// `send_timestamps`: whether samples carry the time of their newest data point. Default false.
    package var sendTimestamps = false
    /// `namespace`, `translation_strategy`, `const_labels` and the other settings for names and labels.
    package var naming = NamingConfig()
    /// The `resource` and `attributes` processors of the pipelines that lead here, in their order.
    package var processors: [AttributeProcessor] = []
    /// The metrics that the `filter` processors of those pipelines drop, by the name as the client sends it. Default: none.
    package var droppedMetrics = TextCondition.any([])
    /// `odometer.labels`: which labels are shown, left out or hashed. Default: all are shown.
    package var labels = LabelsConfig()
    /// Settings of all Prometheus exporters.
    package var common = CommonExporterSettings()

    package init(
        name: String, endpoint: Endpoint, expiration: MetricExpiration = MetricExpiration(),
        enableOpenMetrics: Bool = false
    ) {
        self.name = name
        self.endpoint = endpoint
        self.expiration = expiration
        self.enableOpenMetrics = enableOpenMetrics
    }

    /// 8889, which the Collector's documentation uses.
    package static let customaryPort = 8889
}
