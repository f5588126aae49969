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
    /// Connections open at once; beyond it the one goes that has waited longest for its client. Default 1024.
    package var connections: Int
    /// Those of one address of IPv4, or one network (/64) of IPv6; 0: all. Default 0.
    package var connectionsPerSource: Int
    /// How long a connection must have waited for its client to be the one that goes for another. Default 100 ms: a client
    /// has time to begin, and a source that opens thousands a second cannot fill its share with young ones.
    package var evictableAfter: TimeAmount
    /// Header fields of one request, trailers included. Default 128; beyond it 431.
    package var headFields: Int
    /// How long a client may take in nothing of a response before its connection is cut. Default 30 s.
    package var writeTimeout: TimeAmount
    /// Requests that may wait behind one that is still being answered; beyond it the connection is cut. Default 1024.
    package var pipelinedRequests: Int
    /// Bytes of what waits so, on all connections of an event loop; beyond it the connection that brings more is cut.
    /// Default 16 MiB.
    package var pipelinedBytes: Int
    /// Bytes of a refused request's declared body that are passed over to keep the connection; for a longer or
    /// undeclared one it is closed after the answer. Default 256 KiB.
    package var discardBytes: Int
    /// Bytes taken in after an answer that closes the connection early, so that a client that is still sending reads
    /// the answer instead of a reset. Default 64 MiB.
    package var lingerBytes: Int
    /// Time for the same. Default 5 s.
    package var lingerTimeout: TimeAmount
    /// How many times its size as sent a body of more than 1 MiB may be inflated to; beyond it 413. Default 100: exports of
    /// real clients come to 20 to 75 at the strongest settings of gzip and zstd.
    package var inflateRatio: Int

    package init(
        headBytes: Int = 16 << 10, headTimeout: TimeAmount = .seconds(10), bodyTimeout: TimeAmount = .seconds(30),
        idleTimeout: TimeAmount = .seconds(120), connections: Int = 1024, connectionsPerSource: Int = 0,
        evictableAfter: TimeAmount = .milliseconds(100), headFields: Int = 128,
        writeTimeout: TimeAmount = .seconds(30), pipelinedRequests: Int = 1024, pipelinedBytes: Int = 16 << 20,
        discardBytes: Int = 256 << 10, lingerBytes: Int = 64 << 20, lingerTimeout: TimeAmount = .seconds(5),
        inflateRatio: Int = 100
    ) {
        self.headBytes = headBytes
        self.headTimeout = headTimeout
        self.bodyTimeout = bodyTimeout
        self.idleTimeout = idleTimeout
        self.connections = connections
        self.connectionsPerSource = connectionsPerSource
        self.evictableAfter = evictableAfter
        self.headFields = headFields
        self.writeTimeout = writeTimeout
        self.pipelinedRequests = pipelinedRequests
        self.pipelinedBytes = pipelinedBytes
        self.discardBytes = discardBytes
        self.lingerBytes = lingerBytes
        self.lingerTimeout = lingerTimeout
        self.inflateRatio = inflateRatio
    }
}
