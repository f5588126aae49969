package import NIOCore
package import OTLP
package import Server

/// Where the receiver hands the exports of one signal on: counting, passing on, throwing away. Implemented by the
/// collector.
package protocol ExportSink: Sendable {
    /// Takes one export. Called on `eventLoop`; must not block. A failure means that nothing of the export was taken.
    /// - Parameter body: content coding undone; nothing else of it was looked at.
    func ingest(_ body: ByteBuffer, as encoding: WireEncoding, on eventLoop: any EventLoop) -> IngestAnswer
}

/// Who takes what of a receiver. A signal without a sink is absent: 404, UNIMPLEMENTED, so that clients that send it by
/// mistake notice.
package struct SignalSinks: Sendable {
    package var metrics: (any ExportSink)?
    package var logs: (any ExportSink)?
    package var traces: (any ExportSink)?

    package init(
        metrics: (any ExportSink)? = nil, logs: (any ExportSink)? = nil, traces: (any ExportSink)? = nil
    ) {
        self.metrics = metrics
        self.logs = logs
        self.traces = traces
    }

    /// The sink of a signal; nil when no pipeline takes it.
    package subscript(signal: Signal) -> (any ExportSink)? {
        switch signal {
        case .metrics: metrics
        case .logs: logs
        case .traces: traces
        }
    }
}

/// What became of an export, or the promise to say it, which succeeds on the event loop of the request whatever becomes
/// of the export.
package typealias IngestAnswer = Answer<Result<PartialSuccess, IngestFailure>>

/// What the sender of an accepted export is told.
package struct PartialSuccess: Equatable, Sendable {
    /// Points, log records or spans that were rejected.
    package var rejectedCount: Int
    /// Why, in English; empty when there is nothing to say. Not empty with 0 rejected: a warning (R-HTTP-08).
    package var message: String

    package init(rejectedCount: Int = 0, message: String = "") {
        self.rejectedCount = rejectedCount
        self.message = message
    }

    /// Everything was taken, nothing to say (R-HTTP-06).
    package static let full = PartialSuccess()
}

/// Why a whole export was refused; nothing of it was counted.
package enum IngestFailure: Error, Equatable, Sendable {
    /// 400, INVALID_ARGUMENT.
    case malformed(String)
    /// 413, RESOURCE_EXHAUSTED.
    case tooLarge(String)
    /// 503 with Retry-After (seconds), UNAVAILABLE.
    case unavailable(String, retryAfterSeconds: Int)
}
