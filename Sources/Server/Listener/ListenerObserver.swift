/// Receives the events of a listener: for own metrics and the log.
///
/// Called on the connections' event loops, concurrently if the group has several; must not block.
package protocol ListenerObserver: Sendable {
    /// A response is being sent, including refusals by the server itself.
    func responded(status: Int, listener: String)

    /// The response to a call is being sent, including refusals by the server itself.
    func answered(_ code: CallCode, listener: String)

    /// A connection failed before its first request.
    func refusedConnection(_ fault: ConnectionFault, listener: String)

    /// A connection is closed to make room for others.
    func evicted(_ reason: EvictionReason, listener: String)

    /// A request or call was refused before its service saw it; the response is about to be sent.
    func refused(_ refusal: Refusal, listener: String)

    /// An internal error, answered with 500: the service's future failed.
    func faulted(_ error: any Error, listener: String)
}

/// Why a connection without an error is closed: one word of a closed list, for metrics.
package enum EvictionReason: String, Sendable, CaseIterable {
    /// The listener has `ServerLimits.maxConnections`, and another client wants to connect.
    case connectionLimit = "connection_limit"
    /// Its source has more than `ServerLimits.maxConnectionsPerSource`.
    case sourceLimit = "source_limit"
    /// It does not read the page that it requested: others need its place, or its time is over.
    case slowReader = "slow_reader"
}
