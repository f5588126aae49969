/// The answers of a collector to the requests of a golden case, and its page at the end.
struct GoldenRun: Sendable {
    var replies: [HTTPReply]
    /// The page in text after the last request, and that in OpenMetrics.
    var text: String
    var openMetrics: String

    /// The page in text, without the trailing space of an empty help text.
    var page: String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.map { $0.hasPrefix("# HELP ") && $0.last == " " ? $0.dropLast() : $0 }.joined(separator: "\n")
    }

    var statuses: [Int] { replies.map(\.status) }

    /// Sends the requests of a case to a collector with its settings.
    /// - Parameters:
    ///   - bodies: bodies that were too large to record, by the number of the request from 1; a request whose body
    ///     is missing here is not sent.
    ///   - settings: lines of `odometer:`, from the first column.
    init(_ name: String, bodies: [Int: [UInt8]] = [:], settings: String = "") async throws {
        let golden = try GoldenCase(name)
        self = try await AppInProcess.run(golden.configuration + settings) { collector in
            var replies: [HTTPReply] = []
            for (index, request) in golden.requests.enumerated() {
                let body = try bodies[index + 1] ?? golden.body(of: request)
                if body == nil, (request.bodyBytes ?? 0) > 0 { continue }
                replies.append(
                    try HTTPClient.exchange(
                        port: collector.otlpPort, request.method, request.path,
                        headers: request.headers.map { ($0, $1) },
                        body: body, isChunked: request.chunked ?? false))
            }
            return GoldenRun(
                replies: replies, text: try collector.scrapeText(), openMetrics: try collector.scrapeOpenMetrics())
        }
    }

    private init(replies: [HTTPReply], text: String, openMetrics: String) {
        self.replies = replies
        self.text = text
        self.openMetrics = openMetrics
    }

    /// The google.rpc.Status of the n-th reply, from 1.
    func status(_ number: Int) -> OTLPAnswer.Status? { OTLPAnswer.status(of: replies[number - 1]) }

    /// The partial success of the n-th reply, from 1.
    func partialSuccess(_ number: Int) throws -> OTLPAnswer.PartialSuccess? {
        try OTLPAnswer.partialSuccess(of: replies[number - 1])
    }

    /// Whether every refusal carries a google.rpc.Status with a message, in the encoding of its request: JSON where the
    /// request did not name a known one.
    var refusalsAreStatuses: Bool {
        replies.filter { $0.status >= 400 }.allSatisfy { OTLPAnswer.status(of: $0)?.message.isEmpty == false }
    }
}
