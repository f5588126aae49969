package import Settings

/// One `receivers.otlp.protocols.grpc`.
package struct OTLPGRPCConfig: Equatable, Sendable {
    /// The receiver as the configuration names it: `otlp` or `otlp/NAME`.
    package var name: String
    /// Default `localhost:4317`, as in the Collector.
    package var endpoint: Endpoint
    package var settings = OTLPGRPCSettings()
    /// `tls`. Nil: no TLS.
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
