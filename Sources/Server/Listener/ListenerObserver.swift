/// Who wants to know what a listener does: own metrics and the log.
///
/// Called on the connections' event loops, several at once when the group has several; must not block.
package protocol ListenerObserver: Sendable {
    /// A response has begun to leave, refusals by the server itself included.
    func responded(status: Int, listener: String)

    /// The answer to a call has begun to leave, refusals by the server itself included.
    func answered(_ code: CallCode, listener: String)

    /// A connection came to nothing before its first request.
    func refusedConnection(_ fault: ConnectionFault, listener: String)

    /// A connection is closed to make room for others.
    func evicted(_ reason: EvictionReason, listener: String)

    /// A request or call was refused before its service looked at it, and is about to be told so.
    func refused(_ refusal: Refusal, listener: String)

    /// A fault of ours, answered with 500: the service's future failed.
    func faulted(_ error: any Error, listener: String)
}

/// Why a connection is closed that has done nothing wrong: one word of a closed list, for metrics.
package enum EvictionReason: String, Sendable, CaseIterable {
    /// The listener has `ServerLimits.maxConnections`, and another client wants in.
    case connectionLimit = "connection_limit"
    /// Its source has more than `ServerLimits.maxConnectionsPerSource`.
    case sourceLimit = "source_limit"
    /// It does not take in the page that it asked for: others want its place, or its time is over.
    case slowReader = "slow_reader"
}
