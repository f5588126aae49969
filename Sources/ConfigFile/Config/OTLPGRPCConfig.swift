/// One `receivers.otlp.protocols.grpc`.
package struct OTLPGRPCConfig: Equatable, Sendable {
    /// The receiver as the configuration names it: `otlp` or `otlp/NAME`.
    package var name: String
    /// Default `localhost:4317`, as in the Collector.
    package var endpoint: Endpoint
    /// `max_recv_msg_size_mib`: bytes of a message as sent and after inflating. Default 4 MiB; beyond it
    /// RESOURCE_EXHAUSTED.
    package var messageBytesLimit: Int
    /// `max_concurrent_streams`: calls at once on one connection. Default 256; further ones wait at the client.
    package var concurrentStreamLimit: Int
    /// `tls`. Nil: connections are not protected.
    package var tls: TLSConfig?
    /// `auth`. Nil: everybody may use it.
    package var auth: AuthConfig?
    package var metrics: SignalRoute
    package var logs: SignalRoute
    package var traces: SignalRoute

    package init(
        name: String, endpoint: Endpoint, messageBytesLimit: Int = 4 << 20, concurrentStreamLimit: Int = 256,
        metrics: SignalRoute = .absent, logs: SignalRoute = .absent, traces: SignalRoute = .absent
    ) {
        self.name = name
        self.endpoint = endpoint
        self.messageBytesLimit = messageBytesLimit
        self.concurrentStreamLimit = concurrentStreamLimit
        self.metrics = metrics
        self.logs = logs
        self.traces = traces
    }

    /// 4317, assigned to OTLP/gRPC.
    package static let defaultPort = 4317
    /// More calls at once are never allowed, whatever the configuration says.
    package static let concurrentStreamCeiling = 10_000
}
