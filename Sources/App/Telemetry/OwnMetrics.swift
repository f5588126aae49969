internal import OTLP
internal import Server
internal import Synchronization

/// The collector's own counters outside the stores; `OwnMetricsFamilies` shows them.
///
/// May be used from any thread.
final class OwnMetrics: Sendable {
    struct Counts {
        /// Responses by listener and status.
        var responses: [Key<Int>: UInt64] = [:]
        /// Responses to gRPC calls by listener and status.
        var calls: [Key<CallCode>: UInt64] = [:]
        /// Connections that failed before their first request, by listener and `ConnectionFault.reason`.
        var refusedConnections: [Key<String>: UInt64] = [:]
        /// Connections closed to make room for others, by listener and reason.
        var closedConnections: [Key<EvictionReason>: UInt64] = [:]
        var refusedExports: [RefusalReason: UInt64] = [:]
        /// Parts of accepted exports that could not be decoded.
        var lostParts = DecodingLosses()
        var scrapes: UInt64 = 0
        var scrapeTime: Duration = .zero
    }

    /// What happened at a listener.
    struct Key<Event: Hashable & Sendable>: Hashable, Sendable {
        var listener: String
        var event: Event
    }

    private let state = Mutex(Counts())

    var counts: Counts { state.withLock { $0 } }

    func countResponse(status: Int, listener: String) {
        state.withLock { $0.responses[Key(listener: listener, event: status), default: 0] += 1 }
    }

    func countCall(_ code: CallCode, listener: String) {
        state.withLock { $0.calls[Key(listener: listener, event: code), default: 0] += 1 }
    }

    func countRefusedConnection(_ fault: ConnectionFault, listener: String) {
        state.withLock { $0.refusedConnections[Key(listener: listener, event: fault.reason), default: 0] += 1 }
    }

    func countClosedConnection(_ reason: EvictionReason, listener: String) {
        state.withLock { $0.closedConnections[Key(listener: listener, event: reason), default: 0] += 1 }
    }

    func countRefusedExport(_ reason: RefusalReason) {
        state.withLock { $0.refusedExports[reason, default: 0] += 1 }
    }

    func countLosses(_ losses: DecodingLosses) {
        state.withLock { $0.lostParts.add(losses) }
    }

    func countScrape(_ duration: Duration) {
        state.withLock { counts in
            counts.scrapes += 1
            counts.scrapeTime += duration
        }
    }
}
