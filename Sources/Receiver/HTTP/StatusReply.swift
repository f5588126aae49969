internal import NIOCore
internal import NIOHTTP1
internal import OTLP
internal import Server

/// A refusal as OTLP/HTTP requires it: an HTTP status, and a `google.rpc.Status` in the encoding of the request
/// (R-HTTP-15). 429, 502, 503 and 504 ask the client to retry, so they are used for temporary failures only
/// (R-HTTP-17).
struct StatusReply {
    private let httpStatus: HTTPResponseStatus
    private let status: RPCStatus
    /// Nil: the sink has already reported it.
    private let refusal: Refusal?

    /// - Parameter reason: nil if a sink refuses it and reports it itself.
    init(
        _ httpStatus: HTTPResponseStatus, _ code: StatusCode, _ message: String, violatedField: String? = nil,
        reason: RefusalReason? = nil
    ) {
        self.httpStatus = httpStatus
        status = RPCStatus(code: code, message: message, violatedField: violatedField)
        refusal = reason.map { Refusal($0, message) }
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
        let reason = refusal.reason
        switch refusal {
        case .badRequest(let text):
            self.init(.badRequest, .invalidArgument, text, violatedField: "request", reason: reason)
        case .unauthenticated(let text):
            self.init(.unauthorized, .unauthenticated, text, reason: reason)
        case .overloaded:
            self.init(.serviceUnavailable, .unavailable, ServerRefusal.overloadedText, reason: reason)
        case .noRoomForBody:
            self.init(.serviceUnavailable, .unavailable, ServerRefusal.noRoomText, reason: reason)
        case .inflatesTooFar(let ratio):
            self.init(.payloadTooLarge, .resourceExhausted, ServerRefusal.inflateText(ratio: ratio), reason: reason)
        case .timeout:
            self.init(.requestTimeout, .deadlineExceeded, "the request did not arrive in time", reason: reason)
        case .bodyTooLarge(let limit):
            self.init(
                .payloadTooLarge, .resourceExhausted,
                "the body has more than \(limit) bytes (max_request_body_size), as sent or decompressed; send smaller batches",
                reason: reason)
        case .unsupportedContentCoding(let name):
            self.init(
                .unsupportedMediaType, .invalidArgument,
                "Content-Encoding \"\(ResponseText.bounded(name, bytes: 100))\" is not supported; use gzip, zstd, deflate, "
                    + "zlib or none", reason: reason)
        case .headTooLarge:
            self.init(
                .requestHeaderFieldsTooLarge, .resourceExhausted, "the request line and headers are too large",
                reason: reason)
        case .internalError:
            self.init(
                .internalServerError, .internalError, "internal error; see the log of the collector",
                reason: reason)
        }
    }

    /// - Parameter head: the request's; nil if none could be read. Without a supported media type the response is JSON,
    ///   which every client can display.
    func response(to head: HTTPRequestHead?, adding headers: HTTPHeaders = HTTPHeaders()) -> HTTPResponse {
        let type = head.flatMap { MediaType(of: $0) } ?? .json
        var headers = headers
        headers.add(name: "Content-Type", value: type.name)
        return HTTPResponse(
            status: httpStatus, headers: headers, body: .bytes(ByteBuffer(bytes: status.encoded(as: type.encoding))),
            refusal: refusal)
    }
}

extension IngestFailure {
    /// Headers of the response besides the status.
    var headers: HTTPHeaders {
        guard case .unavailable(_, let seconds) = self else { return HTTPHeaders() }
        return ["Retry-After": String(max(1, seconds))]
    }
}
