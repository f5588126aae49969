/// The protocol of a listener, and its service.
package enum ServedProtocol: Sendable {
    /// HTTP/1.1.
    case http(any HTTPService)
    /// Unary calls of gRPC over HTTP/2: with TLS, or without it by prior knowledge (RFC 9113, 3.3).
    case grpc(any GRPCService, HTTP2Limits)
}
