internal import NIOHTTP1
internal import OTLP
internal import Server

/// The media types of OTLP/HTTP (R-HTTP-02); the response has that of the request (R-HTTP-03).
enum MediaType: Int, CaseIterable {
    case protobuf
    /// Another name, used by some clients.
    case plainProtobuf
    case json

    /// The Content-Type of the head, without its parameters and in any letter case (R-HTTP-04); nil if it is missing or
    /// another one.
    init?(of head: HTTPRequestHead) {
        guard let value = head.headers.first(name: "content-type") else { return nil }
        // The usual spelling.
        if value == "application/x-protobuf" {
            self = .protobuf
            return
        }
        let name = value.prefix { $0 != ";" }.trimmingOptionalWhitespace
        if name.equalsIgnoringASCIICase("application/json") {
            self = .json
        } else if name.equalsIgnoringASCIICase("application/x-protobuf") {
            self = .protobuf
        } else if name.equalsIgnoringASCIICase("application/protobuf") {
            self = .plainProtobuf
        } else {
            return nil
        }
    }

    var encoding: WireEncoding {
        switch self {
        case .protobuf, .plainProtobuf: .protobuf
        case .json: .json
        }
    }

    var name: String {
        switch self {
        case .protobuf: "application/x-protobuf"
        case .plainProtobuf: "application/protobuf"
        case .json: "application/json"
        }
    }
}
