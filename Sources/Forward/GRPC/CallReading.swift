internal import NIOCore
internal import OTLP

/// What an answer over gRPC means for the export (the OTLP specification, "OTLP/gRPC Response").
enum CallReading {
    /// CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, UNAVAILABLE and DATA_LOSS.
    private static let passing: Set<Int> = [1, 4, 10, 11, 14, 15]
    private static let resourceExhausted = 8
    /// What proxies say instead of a status of gRPC.
    private static let passingHTTP: Set<Int> = [408, 429, 500, 502, 503, 504]

    static func outcome(of reply: GRPCReply, to signal: Signal) -> SendOutcome {
        guard let status = reply.status else {
            let text = "HTTP \(reply.httpStatus) without a status of gRPC"
            return passingHTTP.contains(reply.httpStatus) ? .failed(text, retryAfter: nil) : .refused(text)
        }
        if status == 0 {
            let response = reply.body.withUnsafeReadableBytes { ExportResponse(reading: $0, as: .protobuf, of: signal) }
            return .delivered(
                rejected: response?.rejectedCount ?? 0, message: ReplyReading.printable(response?.message ?? ""))
        }
        let message = ReplyReading.printable(reply.message)
        let text = "gRPC status \(status)" + (message.isEmpty ? "" : ": \(message)")
        let delay = RPCStatus(readingBase64: reply.details)?.retryDelaySeconds
        // A server that is exhausted says whether it will recover.
        let isPassing = passing.contains(status) || (status == resourceExhausted && delay != nil)
        return isPassing ? .failed(text, retryAfter: delay.map { .seconds($0) }) : .refused(text)
    }
}
