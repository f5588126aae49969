internal import Bytes
internal import NIOCore
internal import NIOHPACK

/// The headers of responses (gRPC over HTTP/2, "Responses"). Constant ones are created once.
enum CallHeaders {
    /// Before the message of a call that ends with OK.
    static let ok: HPACKHeaders = [":status": "200", "content-type": "application/grpc"]

    /// The same for a message with gzip.
    static let okGzip: HPACKHeaders = [
        ":status": "200", "content-type": "application/grpc", "grpc-encoding": "gzip",
    ]

    /// After the message of a call that ends with OK.
    static let okTrailers: HPACKHeaders = ["grpc-status": "0"]

    /// The only headers of a call that fails (R-GRPC-11).
    static func trailersOnly(_ failure: CallFailure, offersEncodings: Bool) -> HPACKHeaders {
        var headers = ok
        headers.add(name: "grpc-status", value: String(failure.code.rawValue))
        headers.add(name: "grpc-message", value: percentEncoded(failure.message))
        if !failure.details.isEmpty { headers.add(name: "grpc-status-details-bin", value: base64(failure.details)) }
        if offersEncodings { headers.add(name: "grpc-accept-encoding", value: MessageCoding.offered) }
        return headers
    }

    /// For requests that are not gRPC, e.g. 405 or 415.
    static func plain(status: Int, _ message: String, adding more: [(String, String)] = []) -> HPACKHeaders {
        var headers: HPACKHeaders = [":status": String(status)]
        for (name, value) in more { headers.add(name: name, value: value) }
        headers.add(name: "grpc-status", value: String(CallCode.unknown.rawValue))
        headers.add(name: "grpc-message", value: percentEncoded(message))
        return headers
    }

    /// Every byte but visible ASCII and space as %XX, and the percent sign itself.
    static func percentEncoded(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 <= 0x7E && $0 != UInt8(ascii: "%") }) { return text }
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if byte >= 0x20, byte <= 0x7E, byte != UInt8(ascii: "%") {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), hexDigit(byte >> 4), hexDigit(byte & 0xF)]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Without padding, as gRPC prefers.
    private static func base64(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        bytes.withUnsafeBytes { Base64.append($0, isPadded: false, to: &text) }
        return String(decoding: text, as: UTF8.self)
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }
}
