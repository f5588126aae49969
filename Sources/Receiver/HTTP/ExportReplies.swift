internal import NIOCore
internal import NIOHTTP1
internal import OTLP
internal import Server

/// The HTTP responses to accepted exports. The responses of full success are created once.
struct ExportReplies: Sendable {
    private let headers: [HTTPHeaders]
    private let full: [HTTPResponse]

    init() {
        let headers = MediaType.allCases.map { HTTPHeaders([("Content-Type", $0.name)]) }
        self.headers = headers
        let reply = { (type: MediaType, response: ExportResponse) in
            Self.response(response, as: type, headers: headers[type.rawValue])
        }
        full = MediaType.allCases.map { reply($0, ExportResponse(signal: .metrics)) }
    }

    /// Everything was accepted (R-HTTP-05, R-HTTP-06).
    func full(as type: MediaType) -> HTTPResponse { full[type.rawValue] }

    /// Some of it was rejected, or there is a warning (R-HTTP-07, R-HTTP-08).
    func partial(_ partial: PartialSuccess, of signal: Signal, as type: MediaType) -> HTTPResponse {
        let response = ExportResponse(signal: signal, rejectedCount: partial.rejectedCount, message: partial.message)
        return Self.response(response, as: type, headers: headers[type.rawValue])
    }

    private static func response(_ response: ExportResponse, as type: MediaType, headers: HTTPHeaders) -> HTTPResponse {
        let bytes = response.encoded(as: type.encoding)
        return HTTPResponse(
            status: .ok, headers: headers, body: bytes.isEmpty ? .none : .bytes(ByteBuffer(bytes: bytes)))
    }
}
