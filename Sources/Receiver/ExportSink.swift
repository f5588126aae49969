package import NIOCore
package import OTLP
package import Server

/// Takes the exports of one signal from the receiver: to count, forward or discard them. Implemented by the collector.
package protocol ExportSink: Sendable {
    /// Takes one export. Called on `eventLoop`; must not block. A failure means that nothing of the export was taken.
    /// - Parameter body: decompressed; not examined otherwise.
    func ingest(_ body: ByteBuffer, as encoding: WireEncoding, on eventLoop: any EventLoop) -> IngestAnswer
}

/// The sinks of a receiver. A signal without a sink is answered with 404, UNIMPLEMENTED, so that clients that send it
/// by mistake notice.
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

/// The result for an export, or a promise of it, which succeeds on the event loop of the request in any case.
package typealias IngestAnswer = Answer<Result<PartialSuccess, IngestFailure>>

/// The response to the sender of an accepted export.
package struct PartialSuccess: Equatable, Sendable {
    /// Points, log records or spans that were rejected.
    package var rejectedCount: Int
    /// Why, in English; empty if there is nothing to report. Not empty with 0 rejected: a warning (R-HTTP-08).
    package var message: String

    package init(rejectedCount: Int = 0, message: String = "") {
        self.rejectedCount = rejectedCount
        self.message = message
    }

    /// Everything was accepted, nothing to report (R-HTTP-06).
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
