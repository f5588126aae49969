internal import NIOCore
internal import NIOHTTP1
internal import OTLP
internal import Server

/// A refusal as OTLP/HTTP wants it: a status of HTTP, and a `google.rpc.Status` in the encoding of the request
/// (R-HTTP-15). 429, 502, 503 and 504 tell the client to send again, so they stand for passing trouble only
/// (R-HTTP-17).
struct StatusReply {
    private let httpStatus: HTTPResponseStatus
    private let status: RPCStatus

    init(_ httpStatus: HTTPResponseStatus, _ code: StatusCode, _ message: String, violatedField: String? = nil) {
        self.httpStatus = httpStatus
        status = RPCStatus(code: code, message: message, violatedField: violatedField)
    }

    init(_ failure: IngestFailure) {
        switch failure {
        case .malformed(let reason):
            self.init(.badRequest, .invalidArgument, reason, violatedField: "body")
        case .tooLarge(let reason):
            self.init(.payloadTooLarge, .resourceExhausted, reason)
        case .unavailable(let reason, _):
            self.init(.serviceUnavailable, .unavailable, reason)
        }
    }

    init(_ refusal: ServerRefusal) {
        switch refusal {
        case .badRequest(let reason):
            self.init(.badRequest, .invalidArgument, reason, violatedField: "request")
        case .unauthenticated(let reason):
            self.init(.unauthorized, .unauthenticated, reason)
        case .overloaded:
            self.init(.serviceUnavailable, .unavailable, ServerRefusal.overloadedText)
        case .timeout:
            self.init(.requestTimeout, .deadlineExceeded, "the request did not arrive in time")
        case .bodyTooLarge(let limit):
            self.init(
                .payloadTooLarge, .resourceExhausted,
                "the body has more than \(limit) bytes (max_request_body_size), as sent or inflated; send smaller batches"
            )
        case .unsupportedContentCoding(let name):
            self.init(
                .unsupportedMediaType, .invalidArgument,
                "Content-Encoding \"\(ResponseText.bounded(name, bytes: 100))\" is not supported; use gzip, zstd, deflate, "
                    + "zlib or none")
        case .headTooLarge:
            self.init(.requestHeaderFieldsTooLarge, .resourceExhausted, "the request line and headers are too large")
        case .internalError:
            self.init(.internalServerError, .internalError, "the collector failed to answer; its log says more")
        }
    }

    /// - Parameter head: the request's; nil when none could be read. Without a known media type the answer is JSON,
    ///   which everybody can read.
    func response(to head: HTTPRequestHead?, adding headers: HTTPHeaders = HTTPHeaders()) -> HTTPResponse {
        let type = head.flatMap { MediaType(of: $0) } ?? .json
        var headers = headers
        headers.add(name: "Content-Type", value: type.name)
        return HTTPResponse(
            status: httpStatus, headers: headers, body: .bytes(ByteBuffer(bytes: status.encoded(as: type.encoding))))
    }
}

extension IngestFailure {
    /// What is to be said beside the status.
    var headers: HTTPHeaders {
        guard case .unavailable(_, let seconds) = self else { return HTTPHeaders() }
        return ["Retry-After": String(max(1, seconds))]
    }
}
