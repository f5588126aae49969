internal import NIOCore
internal import NIOHTTP1
internal import OTLP

/// What an HTTP response means for the export (the OTLP specification, "OTLP/HTTP Response").
enum ReplyReading {
    /// 408 says nothing of the export: it did not arrive in time. docs/decisions/0014-what-is-sent-again.md.
    private static let passing: Set<UInt> = [408, 429, 502, 503, 504]

    static func outcome(of reply: HTTPReply, to export: ForwardedExport) -> SendOutcome {
        let status = reply.head.status.code
        if (200..<300).contains(status) { return delivered(reply, export) }
        let message = ServerMessage.text(in: reply.body)
        let refusal = Refusal("HTTP \(status)", saying: ServerMessage.printable(message))
        let isPassing = passing.contains(status) || (status == 500 && RefusalReading.isPassing500(message))
        if status == 413 || RefusalReading.isAboutSize(message) {
            // A single record exceeds a rate limit only temporarily.
            if isPassing, export.records == 1, RefusalReading.mayPass(message) { return failed(refusal, reply) }
            return .tooLarge(refusal)
        }
        if isPassing { return failed(refusal, reply) }
        guard status == 400 else { return .refused(refusal) }
        switch RefusalReading.part(message, isCut: reply.body.readableBytes >= ClientExchange.bodyLimit) {
        case .whole: return .refused(refusal)
        case .records(let count): return .partlyStored(dropped: count, refusal)
        case .unknown where export.records == 1: return .refused(refusal)
        case .unknown: return .partlyStored(dropped: nil, refusal)
        }
    }

    private static func failed(_ refusal: Refusal, _ reply: HTTPReply) -> SendOutcome {
        .failed(refusal.text, retryAfter: RetryAfter.time(in: reply.head.headers))
    }

    private static func delivered(_ reply: HTTPReply, _ export: ForwardedExport) -> SendOutcome {
        let type = reply.head.headers.first(name: "content-type")?.lowercased() ?? ""
        let response = reply.body.withUnsafeReadableBytes {
            ExportResponse(reading: $0, as: type.contains("json") ? .json : .protobuf, of: export.signal)
        }
        return .delivered(
            rejected: response?.rejectedCount ?? 0, message: ServerMessage.printable(response?.message ?? ""))
    }
}
