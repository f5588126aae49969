internal import NIOCore
internal import OTLP

/// What a gRPC response means for the export (the OTLP specification, "OTLP/gRPC Response").
enum CallReading {
    /// CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, UNAVAILABLE and DATA_LOSS.
    private static let passing: Set<Int> = [1, 4, 10, 11, 14, 15]
    private static let resourceExhausted = 8
    /// Status codes of proxies, without a gRPC status.
    private static let passingHTTP: Set<Int> = [408, 429, 502, 503, 504]

    static func outcome(of reply: GRPCReply, to export: ForwardedExport) -> SendOutcome {
        guard let status = reply.status else {
            let kind = "HTTP \(reply.httpStatus) without a gRPC status"
            if reply.httpStatus == 413 { return .tooLarge(Refusal(kind)) }
            return passingHTTP.contains(reply.httpStatus) ? .failed(kind) : .refused(Refusal(kind))
        }
        if status == 0 {
            let response = reply.body.withUnsafeReadableBytes {
                ExportResponse(reading: $0, as: .protobuf, of: export.signal)
            }
            return .delivered(
                rejected: response?.rejectedCount ?? 0, message: ServerMessage.printable(response?.message ?? ""))
        }
        let details = RPCStatus(readingBase64: reply.details)
        let message = reply.message.isEmpty ? details?.message ?? "" : reply.message
        // Other numbers have no meaning, and are too many to log each.
        let kind = (0...16).contains(status) ? "gRPC status \(status)" : "unknown gRPC status"
        let refusal = Refusal(kind, saying: ServerMessage.printable(message))
        let delay = details?.retryDelaySeconds
        // With RetryInfo, an exhausted server says that it will recover.
        let isPassing = passing.contains(status) || (status == resourceExhausted && delay != nil)
        let failure = SendOutcome.failed(refusal.text, retryAfter: delay.map { .seconds($0) })
        if RefusalReading.isAboutSize(message) {
            return isPassing && export.records == 1 && RefusalReading.mayPass(message) ? failure : .tooLarge(refusal)
        }
        return isPassing ? failure : .refused(refusal)
    }
}
