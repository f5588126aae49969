package import NIOCore
package import OTLP

/// Where the receiver hands a metrics export on: decoding, counting, durability. Implemented by the collector's pipeline.
package protocol MetricsSink: Sendable {
    /// Takes one export. Called on `eventLoop`; must not block. A failure means that nothing of the export was counted.
    func ingest(_ body: ByteBuffer, as encoding: WireEncoding, on eventLoop: any EventLoop) -> IngestAnswer
}

/// Hears of exports that are taken and thrown away.
package protocol DiscardObserver: Sendable {
    /// Called on the event loop of the request; must not block. The body is whatever the client sent.
    func discarded(_ body: ByteBuffer, of signal: Signal, as encoding: WireEncoding)
}

/// What became of an export, or the promise to say it.
package enum IngestAnswer: Sendable {
    case now(Result<PartialSuccess, IngestFailure>)
    /// Succeeds on the event loop of the request, whatever becomes of the export.
    case later(EventLoopFuture<Result<PartialSuccess, IngestFailure>>)
}

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
