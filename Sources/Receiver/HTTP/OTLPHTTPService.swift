package import NIOCore
package import NIOHTTP1
private import OTLP
package import Server
package import Settings

/// OTLP over HTTP: routes a request to its signal, hands it to the sink of that signal, and responds in the encoding of
/// the request.
package struct OTLPHTTPService: HTTPService {
    private let sinks: SignalSinks
    private let settings: OTLPHTTPSettings
    private let routes: OTLPRoutes
    private let replies: ExportReplies

    /// - Parameter sinks: the sink of each signal.
    package init(settings: OTLPHTTPSettings = OTLPHTTPSettings(), sinks: SignalSinks) {
        self.sinks = sinks
        self.settings = settings
        routes = OTLPRoutes(settings)
        replies = ExportReplies()
    }

    /// Refuses by path (404), method (405) and media type (415) before the body is read (R-HTTP-21).
    package func admit(_ head: HTTPRequestHead) -> Admission {
        guard let signal = routes.signal(of: head.uri) else { return .refuse(unknownPath(head)) }
        guard sinks[signal] != nil else { return .refuse(absent(signal, head)) }
        guard head.method == .POST else {
            return .refuse(
                StatusReply(
                    .methodNotAllowed, .unimplemented,
                    "\(ResponseText.bounded(head.method.rawValue, bytes: 40)) is not served here; use POST",
                    reason: .wrongMethod
                ).response(to: head, adding: ["Allow": "POST"]))
        }
        guard MediaType(of: head) != nil else { return .refuse(unknownMediaType(head)) }
        return .accept(bodyLimit: settings.maxRequestBodySize)
    }

    /// Hands an export to the sink of its signal.
    package func answer(_ request: HTTPRequest, on eventLoop: any EventLoop) -> HTTPAnswer {
        let head = request.head
        // All three were valid when the head was admitted.
        guard let signal = routes.signal(of: head.uri), let type = MediaType(of: head), let sink = sinks[signal] else {
            return .now(refusal(.internalError, of: head))
        }
        if let coding = UndeclaredCoding.name(of: request.body, as: type.encoding) {
            let message = "the body is \(coding), but no Content-Encoding says so"
            return .now(refusal(.badRequest(message), of: head))
        }
        if type.encoding == .protobuf, UndeclaredCoding.isJSON(request.body) {
            let message = "the body is JSON, but Content-Type says protobuf; use application/json"
            return .now(refusal(.badRequest(message), of: head))
        }
        return sink.ingest(request.body, as: type.encoding, on: eventLoop)
            .map { response(to: $0, of: signal, head, as: type) }
    }

    /// Reports a refusal of the server as a `google.rpc.Status` in the encoding of the request (R-HTTP-15).
    package func refusal(_ refusal: ServerRefusal, of head: HTTPRequestHead?) -> HTTPResponse {
        StatusReply(refusal).response(to: head)
    }

    private func response(
        to result: Result<PartialSuccess, IngestFailure>, of signal: Signal, _ head: HTTPRequestHead, as type: MediaType
    ) -> HTTPResponse {
        switch result {
        case .success(.full): replies.full(as: type)
        case .success(let partial): replies.partial(partial, of: signal, as: type)
        case .failure(let failure): StatusReply(failure).response(to: head, adding: failure.headers)
        }
    }

    private func unknownPath(_ head: HTTPRequestHead) -> HTTPResponse {
        let path = ResponseText.bounded(String(RequestTarget(head.uri).path), bytes: 100)
        let message = "nothing is served at \"\(path)\"; \(routes.advice(for: head.uri))"
        return StatusReply(.notFound, .notFound, message, reason: .notFound).response(to: head)
    }

    private func absent(_ signal: Signal, _ head: HTTPRequestHead) -> HTTPResponse {
        let message =
            "no pipeline of this collector accepts \(signal.rawValue); disable their export at the client, or configure "
            + "a pipeline for \(routes.path(of: signal))"
        return StatusReply(.notFound, .notFound, message, reason: .noPipeline).response(to: head)
    }

    private func unknownMediaType(_ head: HTTPRequestHead) -> HTTPResponse {
        let given = head.headers.first(name: "content-type").map { "is \"\(ResponseText.bounded($0, bytes: 100))\"" }
        let message = "Content-Type \(given ?? "is missing"); use application/x-protobuf or application/json"
        return StatusReply(.unsupportedMediaType, .invalidArgument, message, reason: .unsupportedMediaType)
            .response(to: head)
    }
}
