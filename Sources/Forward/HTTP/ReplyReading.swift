internal import NIOCore
internal import NIOHTTP1
internal import OTLP

/// What an answer over HTTP means for the export (the OTLP specification, "OTLP/HTTP Response").
enum ReplyReading {
    /// 500 is tried again too: many gateways say it while the server behind them starts.
    private static let passing: Set<UInt> = [408, 429, 500, 502, 503, 504]

    /// Characters of what a server says that are told. 200.
    private static let messageLimit = 200

    static func outcome(of reply: HTTPReply, to export: ForwardedExport) -> SendOutcome {
        let status = reply.head.status
        if (200..<300).contains(status.code) {
            let isJSON = contentType(of: reply).contains("json")
            let response = reply.body.withUnsafeReadableBytes {
                ExportResponse(reading: $0, as: isJSON ? .json : .protobuf, of: export.signal)
            }
            return .delivered(rejected: response?.rejectedCount ?? 0, message: printable(response?.message ?? ""))
        }
        let message = printable(message(in: reply))
        let text = "HTTP \(status.code)" + (message.isEmpty ? "" : ": \(message)")
        guard passing.contains(status.code) else { return .refused(text) }
        return .failed(text, retryAfter: RetryAfter.time(in: reply.head.headers))
    }

    /// The message of a `google.rpc.Status`, or the body as text.
    private static func message(in reply: HTTPReply) -> String {
        if contentType(of: reply).contains("protobuf") {
            return reply.body.withUnsafeReadableBytes { RPCStatus(reading: $0)?.message } ?? ""
        }
        return String(decoding: reply.body.readableBytesView.prefix(4 * messageLimit), as: UTF8.self)
    }

    private static func contentType(of reply: HTTPReply) -> String {
        reply.head.headers.first(name: "content-type")?.lowercased() ?? ""
    }

    /// One line of bounded length.
    static func printable(_ text: String) -> String {
        let words = text.split {
            $0.isWhitespace || $0.unicodeScalars.contains { $0.properties.generalCategory == .control }
        }
        let line = words.joined(separator: " ")
        return line.count > messageLimit ? line.prefix(messageLimit) + "..." : line
    }
}
