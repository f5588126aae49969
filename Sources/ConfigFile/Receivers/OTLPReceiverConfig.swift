package import Settings

/// One protocol of a `receivers.otlp`.
package struct OTLPReceiverConfig<Settings: SettingGroup>: Equatable, Sendable {
    /// The receiver as the configuration names it: `otlp` or `otlp/NAME`.
    package var name: String
    package var endpoint: Endpoint
    package var settings = Settings()
    /// `cors`, of `http` only. Nil: web pages of other origins are not served.
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

/// One `receivers.otlp.protocols.http`. Its endpoint is `localhost:4318` by default, as in the Collector.
package typealias OTLPHTTPConfig = OTLPReceiverConfig<OTLPHTTPSettings>

/// One `receivers.otlp.protocols.grpc`. Its endpoint is `localhost:4317` by default, as in the Collector.
package typealias OTLPGRPCConfig = OTLPReceiverConfig<OTLPGRPCSettings>
