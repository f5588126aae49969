/// Limits of one listener on its clients.
package struct ServerLimits: SettingGroup {
    /// Connections open at once; beyond it the one that has waited longest for its client is closed.
    package var maxConnections = 1024
    /// Connections of one IPv4 address, or one IPv6 network (/64); 0: no limit.
    package var maxConnectionsPerSource = 512
    /// Bytes of request line and headers together; beyond it 431.
    package var maxHeadSize = 16 << 10
    /// Time for the whole head to arrive, from the first byte of the connection or of the next request; beyond it 408.
    package var headTimeout = Duration.seconds(10)
    /// Time for the whole body to arrive after the head; beyond it 408.
    package var bodyTimeout = Duration.seconds(30)
    /// How long a keep-alive connection may be idle between requests.
    package var idleTimeout = Duration.seconds(120)
    /// Compression ratio allowed for a body that decompresses to more than 1 MiB; beyond it 413. Exports of real
    /// clients have 20 to 75 at the strongest settings of gzip and zstd.
    package var maxInflateRatio = 100

    // Without a key: no configuration needs another value.

    /// How long a connection must have waited for its client before it may be closed for another: a client has time to
    /// begin, and a source that opens thousands a second cannot fill its share with new ones.
    package var evictableAfter = Duration.milliseconds(100)
    /// Header fields of one request, trailers included; beyond it 431.
    package var headFields = 128
    /// How long a client may read nothing of a response before its connection is closed.
    package var writeTimeout = Duration.seconds(30)
    /// Requests that may wait behind one that is still being answered; beyond it the connection is closed.
    package var pipelinedRequests = 1024
    /// Bytes of such requests, on all connections of an event loop; beyond it the connection that sends more is closed.
    package var pipelinedBytes = 16 << 20
    /// Bytes of a refused request's declared body that are discarded to keep the connection; with a longer or
    /// undeclared body it is closed after the response.
    package var discardBytes = 256 << 10
    /// Bytes read after a response that closes the connection early, so that a client that is still sending reads the
    /// response instead of a reset.
    package var lingerBytes = 64 << 20
    /// Time for the same.
    package var lingerTimeout = Duration.seconds(5)

    package init() {}

    package static let keys: [Key<ServerLimits>] = [
        .count("max_connections", \.maxConnections, in: 1...1_000_000),
        .count("max_connections_per_source", \.maxConnectionsPerSource, in: 0...1_000_000),
        .bytes("max_head_size", \.maxHeadSize, in: 1024...(1 << 20)),
        .duration("head_timeout", \.headTimeout, atLeast: Ranges.shortestTimeout),
        .duration("body_timeout", \.bodyTimeout, atLeast: Ranges.shortestTimeout),
        .duration("idle_timeout", \.idleTimeout, atLeast: Ranges.shortestTimeout),
        .count("max_inflate_ratio", \.maxInflateRatio, in: 1...1_000_000),
    ]
}
