internal import NIOHTTP1

/// What the server itself reads from a request head: framing and coding of the body, and whether the connection stays
/// (RFC 9112, 6 and 9). The service reads the rest.
struct RequestFraming: Sendable {
    /// Bytes of the body as sent; nil if not declared.
    var contentLength: Int?
    /// The body is sent in chunks.
    var isChunked = false
    /// The client waits for 100 Continue before it sends the body (RFC 9110, 10.1.1).
    var expectsContinue = false
    /// The client can use the connection again.
    var keepsAlive = true
    /// The response has no body.
    var isHead = false
    /// `OPTIONS *`: it only asks whether the server responds (RFC 9110, 9.3.7).
    var isAboutServer = false
    /// HTTP/1.0: no chunks, and keep-alive must be requested.
    var isVersion10 = false
    /// The content codings of the body, in the order they were applied.
    var codings: [ContentCoding] = []
    /// A content coding that is not supported.
    var codingRefusal: ServerRefusal?
    /// Why the end of the body cannot be determined.
    var fault: ServerRefusal?

    /// A request without a readable head.
    init() {}

    init(_ head: HTTPRequestHead) {
        isHead = head.method == .HEAD
        isVersion10 = head.version.major == 1 && head.version.minor == 0
        keepsAlive = head.isKeepAlive
        readTarget(head)
        var hosts = 0
        for (name, value) in head.headers {
            // By length first: most headers are none of these.
            switch name.utf8.count {
            case 4 where name.equalsIgnoringASCIICase("host"): hosts += 1
            case 6 where name.equalsIgnoringASCIICase("expect"):
                expectsContinue = value.equalsIgnoringASCIICase("100-continue") && !isVersion10
            // The decoder stops after a request that offers another protocol. The offer is ignored.
            case 7 where name.equalsIgnoringASCIICase("upgrade"): keepsAlive = false
            case 14 where name.equalsIgnoringASCIICase("content-length"): readContentLength(value)
            case 16 where name.equalsIgnoringASCIICase("content-encoding"): readContentEncoding(value)
            case 17 where name.equalsIgnoringASCIICase("transfer-encoding"): readTransferEncoding(value)
            default: break
            }
        }
        if isChunked, contentLength != nil {
            fault = .badRequest(FramingFault.lengthBesideChunks)
        }
        if !isVersion10, hosts != 1 { fault = fault ?? .badRequest("a request needs exactly one Host header") }
    }

    /// Whether bytes of a body follow the head.
    var hasBody: Bool { isChunked || (contentLength ?? 0) > 0 }

    /// The service checks paths and URLs.
    private mutating func readTarget(_ head: HTTPRequestHead) {
        if head.method == .CONNECT {
            // After the head of a tunnel there is no HTTP.
            keepsAlive = false
            fault = .badRequest("CONNECT is for proxies; this is not one")
        } else if head.uri == "*" {
            isAboutServer = head.method == .OPTIONS
            if !isAboutServer { fault = .badRequest("the request target * is for OPTIONS only") }
        }
    }

    private mutating func readContentLength(_ value: String) {
        guard let length = Int(value), length >= 0, value.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
            fault = .badRequest("Content-Length is not a number of bytes")
            return
        }
        if contentLength != nil { fault = .badRequest(FramingFault.twoLengths) }
        contentLength = length
    }

    private mutating func readTransferEncoding(_ value: String) {
        if isVersion10 || isChunked || !value.trimmingOptionalWhitespace.equalsIgnoringASCIICase("chunked") {
            fault = .badRequest("the only Transfer-Encoding supported is chunked, in HTTP/1.1")
        }
        isChunked = true
    }

    private mutating func readContentEncoding(_ value: String) {
        if codingRefusal != nil { return }
        do {
            try ContentCoding.append(value, to: &codings)
        } catch {
            codingRefusal = error
        }
    }
}
