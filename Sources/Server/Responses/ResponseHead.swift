internal import NIOCore
internal import NIOHTTP1

/// How the client finds the end of a response's body (RFC 9112, 6.3).
enum ResponseFraming: Equatable {
    /// There is no body and cannot be one: 204, 304.
    case bodiless
    case length(Int)
    case chunked
    /// The body ends with the connection: HTTP/1.0 has no chunks.
    case untilClose
}

/// The server's `Connection` header.
enum ConnectionHeader: Equatable {
    /// The default of the HTTP version.
    case unsaid
    case close
    case keepAlive
}

extension ByteBuffer {
    /// Writes the status line and all headers, including the empty line after them.
    mutating func writeResponseHead(
        _ response: HTTPResponse, framing: ResponseFraming, connection: ConnectionHeader, isGzip: Bool, date: [UInt8]
    ) {
        if response.status == .ok {
            writeStaticString("HTTP/1.1 200 OK\r\n")
        } else {
            writeStaticString("HTTP/1.1 ")
            writeString(String(response.status.code))
            writeStaticString(" ")
            writeHeaderText(response.status.reasonPhrase)
            writeStaticString("\r\n")
        }
        for (name, value) in response.headers {
            writeHeaderText(name)
            writeStaticString(": ")
            writeHeaderText(value)
            writeStaticString("\r\n")
        }
        if response.compressible { writeStaticString("Vary: Accept-Encoding\r\n") }
        if isGzip { writeStaticString("Content-Encoding: gzip\r\n") }
        switch framing {
        case .bodiless, .untilClose: break
        case .chunked: writeStaticString("Transfer-Encoding: chunked\r\n")
        case .length(0): writeStaticString("Content-Length: 0\r\n")
        case .length(let count):
            writeStaticString("Content-Length: ")
            writeString(String(count))
            writeStaticString("\r\n")
        }
        switch connection {
        case .unsaid: break
        case .close: writeStaticString("Connection: close\r\n")
        case .keepAlive: writeStaticString("Connection: keep-alive\r\n")
        }
        writeStaticString("Date: ")
        writeBytes(date)
        writeStaticString("\r\n\r\n")
    }

    /// Writes text with a space for every control character: a header cannot become two.
    private mutating func writeHeaderText(_ text: String) {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) {
            writeString(text)
        } else {
            writeBytes(text.utf8.map { $0 >= 0x20 && $0 != 0x7F ? $0 : 0x20 })
        }
    }
}
