package import Settings

/// One `receivers.otlp.protocols.http`.
package struct OTLPHTTPConfig: Equatable, Sendable {
    /// The receiver as the configuration names it: `otlp` or `otlp/NAME`.
    package var name: String
    /// Default `localhost:4318`, as in the Collector.
    package var endpoint: Endpoint
    package var settings = OTLPHTTPSettings()
    /// `cors`. Nil: web pages of other origins are not served.
    package var cors: CORSSettings?
    /// `tls`. Nil: connections are not protected.
    package var tls: TLSConfig?
    /// `auth`. Nil: no authentication.
    package var auth: AuthConfig?
    package var metrics: SignalRoute
    package var logs: SignalRoute
    package var traces: SignalRoute

    package init(
        name: String, endpoint: Endpoint, metrics: SignalRoute = .absent, logs: SignalRoute = .absent,
        traces: SignalRoute = .absent
    ) {
        self.name = name
        self.endpoint = endpoint
        self.metrics = metrics
        self.logs = logs
        self.traces = traces
    }
}
