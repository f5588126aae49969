package import NIOCore
package import NIOHTTP1
private import OTLP
package import Server

/// The OTLP/HTTP door: routes a request to its signal, hands metrics to the sink, and answers in the encoding of the
/// request.
package struct OTLPHTTPService: HTTPService {
    private let metrics: (any MetricsSink)?
    private let settings: OTLPHTTPSettings
    private let discarded: (any DiscardObserver)?
    private let routes: OTLPRoutes
    private let replies: ExportReplies

    /// - Parameters:
    ///   - metrics: takes the metrics; nil when no pipeline does.
    ///   - discarded: hears of what is thrown away; nil: nobody wants to know.
    package init(
        settings: OTLPHTTPSettings = OTLPHTTPSettings(), metrics: (any MetricsSink)?,
        discarded: (any DiscardObserver)? = nil
    ) {
        self.metrics = metrics
        self.discarded = discarded
        self.settings = settings
        routes = OTLPRoutes(settings)
        replies = ExportReplies()
    }

    /// Refuses by path (404), method (405) and media type (415) before the body is read (R-HTTP-21).
    package func admit(_ head: HTTPRequestHead) -> Admission {
        guard let signal = routes.signal(of: head.uri) else { return .refuse(unknownPath(head)) }
        guard isTaken(signal) else { return .refuse(absent(signal, head)) }
        guard head.method == .POST else {
            return .refuse(
                StatusReply(.methodNotAllowed, .unimplemented, "\(head.method.rawValue) is not served here; use POST")
                    .response(to: head, adding: ["Allow": "POST"]))
        }
        guard MediaType(of: head) != nil else { return .refuse(unknownMediaType(head)) }
        return .accept(bodyLimit: settings.maxRequestBodySize)
    }

    /// Hands a metrics export to the sink; logs and traces that are taken are thrown away.
    package func answer(_ request: HTTPRequest, on eventLoop: any EventLoop) -> HTTPAnswer {
        let head = request.head
        // Both were there when the head was admitted.
        guard let signal = routes.signal(of: head.uri), let type = MediaType(of: head) else {
            return .now(refusal(.internalError, of: head))
        }
        guard signal == .metrics, let metrics else {
            discarded?.discarded(request.body, of: signal, as: type.encoding)
            return .now(replies.discarded(signal, as: type))
        }
        switch metrics.ingest(request.body, as: type.encoding, on: eventLoop) {
        case .now(let result): return .now(response(to: result, of: head, as: type))
        case .later(let future): return .later(future.map { response(to: $0, of: head, as: type) })
        }
    }

    /// What the server refuses is told as a `google.rpc.Status` in the encoding of the request (R-HTTP-15).
    package func refusal(_ refusal: ServerRefusal, of head: HTTPRequestHead?) -> HTTPResponse {
        StatusReply(refusal).response(to: head)
    }

    private func response(
        to result: Result<PartialSuccess, IngestFailure>, of head: HTTPRequestHead, as type: MediaType
    ) -> HTTPResponse {
        switch result {
        case .success(.full): replies.full(as: type)
        case .success(let partial): replies.partial(partial, of: .metrics, as: type)
        case .failure(let failure): StatusReply(failure).response(to: head, adding: failure.headers)
        }
    }

    private func isTaken(_ signal: Signal) -> Bool {
        switch signal {
        case .metrics: metrics != nil
        case .logs: settings.logs == .discarded
        case .traces: settings.traces == .discarded
        }
    }

    private func unknownPath(_ head: HTTPRequestHead) -> HTTPResponse {
        let path = ResponseText.bounded(String(OTLPRoutes.path(ofTarget: head.uri)), bytes: 100)
        let message = "nothing is served at \"\(path)\"; \(routes.advice(for: head.uri))"
        return StatusReply(.notFound, .notFound, message).response(to: head)
    }

    private func absent(_ signal: Signal, _ head: HTTPRequestHead) -> HTTPResponse {
        let message =
            "no pipeline of this collector takes \(signal.rawValue); turn their export off at the client, or configure "
            + "a pipeline for \(routes.path(of: signal))"
        return StatusReply(.notFound, .notFound, message).response(to: head)
    }

    private func unknownMediaType(_ head: HTTPRequestHead) -> HTTPResponse {
        let given = head.headers.first(name: "content-type").map { "is \"\(ResponseText.bounded($0, bytes: 100))\"" }
        let message = "Content-Type \(given ?? "is missing"); use application/x-protobuf or application/json"
        return StatusReply(.unsupportedMediaType, .invalidArgument, message).response(to: head)
    }
}
