package import NIOCore

/// What one listener gives a client before it turns it away.
package struct ServerLimits: Sendable, Equatable {
    /// Bytes of request line and headers together. Default 16 KiB; beyond it 431.
    package var headBytes: Int
    /// Time for the whole head to arrive, from the first byte of the connection or of the next request. Default 10 s.
    package var headTimeout: TimeAmount
    /// Time for the whole body to arrive after the head. Default 30 s.
    package var bodyTimeout: TimeAmount
    /// How long a keep-alive connection may lie idle between requests. Default 120 s.
    package var idleTimeout: TimeAmount
    /// Connections open at once; beyond it accepting pauses. Default 1024.
    package var connections: Int

    package init(
        headBytes: Int = 16 << 10, headTimeout: TimeAmount = .seconds(10), bodyTimeout: TimeAmount = .seconds(30),
        idleTimeout: TimeAmount = .seconds(120), connections: Int = 1024
    ) {
        self.headBytes = headBytes
        self.headTimeout = headTimeout
        self.bodyTimeout = bodyTimeout
        self.idleTimeout = idleTimeout
        self.connections = connections
    }
}
