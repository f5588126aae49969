/// How the OTLP/gRPC receiver serves.
package struct OTLPGRPCSettings: Sendable, Equatable {
    /// Bytes of a message, before and after inflating. Default 4 MiB; beyond it RESOURCE_EXHAUSTED (R-GRPC-04).
    package var maxMessageSize: Int
    /// What becomes of logs. Default: no pipeline takes them.
    package var logs: SignalPolicy
    /// What becomes of traces. Default: no pipeline takes them.
    package var traces: SignalPolicy

    package init(maxMessageSize: Int = 4 << 20, logs: SignalPolicy = .absent, traces: SignalPolicy = .absent) {
        self.maxMessageSize = maxMessageSize
        self.logs = logs
        self.traces = traces
    }
}
