/// One `receivers.otlp.protocols.http`.
package struct OTLPHTTPConfig: Equatable, Sendable {
    /// The receiver as the configuration names it: `otlp` or `otlp/NAME`.
    package var name: String
    /// Default `localhost:4318`, as in the Collector.
    package var endpoint: Endpoint
    /// `max_request_body_size`: bytes of a body as sent and after inflating. Default 20 MiB; beyond it 413.
    package var bodyBytesLimit: Int
    /// `metrics_url_path`, default `/v1/metrics`. The three paths differ and begin with a slash.
    package var metricsPath: String
    /// `logs_url_path`, default `/v1/logs`.
    package var logsPath: String
    /// `traces_url_path`, default `/v1/traces`.
    package var tracesPath: String
    /// `cors`. Nil: web pages of other origins are not served.
    package var cors: CORSConfig?
    /// `tls`. Nil: connections are not protected.
    package var tls: TLSConfig?
    /// `auth`. Nil: everybody may use it.
    package var auth: AuthConfig?
    package var metrics: SignalRoute
    package var logs: SignalRoute
    package var traces: SignalRoute

    package init(
        name: String, endpoint: Endpoint, bodyBytesLimit: Int = Self.defaultBodyBytesLimit,
        metricsPath: String = "/v1/metrics", logsPath: String = "/v1/logs", tracesPath: String = "/v1/traces",
        metrics: SignalRoute = .absent, logs: SignalRoute = .absent, traces: SignalRoute = .absent
    ) {
        self.name = name
        self.endpoint = endpoint
        self.bodyBytesLimit = bodyBytesLimit
        self.metricsPath = metricsPath
        self.logsPath = logsPath
        self.tracesPath = tracesPath
        self.metrics = metrics
        self.logs = logs
        self.traces = traces
    }

    /// 20 MiB.
    package static let defaultBodyBytesLimit = 20 << 20
    /// 4318, assigned to OTLP/HTTP.
    package static let defaultPort = 4318
}

/// What becomes of one signal at one receiver.
package enum SignalRoute: Equatable, Sendable {
    /// No pipeline takes it: its path is answered with 404.
    case absent
    /// Taken and dropped: the exporters of its pipelines pass nothing on.
    case discarded
    /// Goes to these exporters, by name; never empty: to pages of Prometheus (metrics only), and to exporters that pass it
    /// on.
    case exported(to: [String])
}
