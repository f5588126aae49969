/// How the OTLP/gRPC receiver serves.
package struct OTLPGRPCSettings: Sendable, Equatable {
    /// Bytes of a message, before and after inflating. Default 4 MiB; beyond it RESOURCE_EXHAUSTED (R-GRPC-04).
    package var maxMessageSize: Int

    package init(maxMessageSize: Int = 4 << 20) {
        self.maxMessageSize = maxMessageSize
    }
}
