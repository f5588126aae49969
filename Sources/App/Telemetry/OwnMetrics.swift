internal import OTLP
internal import Server
internal import Synchronization

/// The collector's own counters outside the stores; `OwnMetricsFamilies` shows them.
///
/// May be used from any thread.
final class OwnMetrics: Sendable {
    struct Counts {
        /// Responses by listener and status.
        var responses: [ResponseKey: UInt64] = [:]
        /// Responses to gRPC calls by listener and status.
        var calls: [CallKey: UInt64] = [:]
        /// Connections that failed before their first request, by listener and reason.
        var refusedConnections: [RefusalKey: UInt64] = [:]
        /// Connections closed to make room for others, by listener and reason.
        var closedConnections: [EvictionKey: UInt64] = [:]
        var refusedExports: [RefusalReason: UInt64] = [:]
        /// Parts of accepted exports that could not be decoded.
        var lostParts = DecodingLosses()
        var scrapes: UInt64 = 0
        var scrapeTime: Duration = .zero
    }

    struct ResponseKey: Hashable {
        var listener: String
        var status: Int
    }

    struct CallKey: Hashable {
        var listener: String
        var code: CallCode
    }

    struct EvictionKey: Hashable {
        var listener: String
        var reason: EvictionReason
    }

    struct RefusalKey: Hashable {
        var listener: String
        /// `ConnectionFault.reason`.
        var reason: String
    }

    private let state = Mutex(Counts())

    var counts: Counts { state.withLock { $0 } }

    func countResponse(status: Int, listener: String) {
        state.withLock { $0.responses[ResponseKey(listener: listener, status: status), default: 0] += 1 }
    }

    func countCall(_ code: CallCode, listener: String) {
        state.withLock { $0.calls[CallKey(listener: listener, code: code), default: 0] += 1 }
    }

    func countRefusedConnection(_ fault: ConnectionFault, listener: String) {
        state.withLock { $0.refusedConnections[RefusalKey(listener: listener, reason: fault.reason), default: 0] += 1 }
    }

    func countClosedConnection(_ reason: EvictionReason, listener: String) {
        state.withLock { $0.closedConnections[EvictionKey(listener: listener, reason: reason), default: 0] += 1 }
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
