import Foundation

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The response of a server.
struct HTTPReply: Sendable {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: [UInt8]
    /// The sizes of chunks, bytes.
    var chunkSizes: [Int] = []

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The value of a header, in any letter case of its name.
    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// A blocking HTTP/1.1 client on one connection; sends exactly the bytes a test gives it.
final class HTTPClient {
    /// Why an exchange failed.
    enum Fault: Error, Equatable {
        case refused(errno: Int32)
        case timeout
        /// The server closed before the reply was complete; the received bytes.
        case closed(received: String)
        case malformed(String)
    }

    private let descriptor: Int32
    private var input: [UInt8] = []
    /// The first unread byte of `input`.
    private var position = 0

    /// Connects to 127.0.0.1. Sending and receiving fail after `timeout` without progress.
    init(port: Int, timeout: Duration = .seconds(60)) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: Int(timeout.components.seconds), tv_usec: 0)
        let limitSize = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, limitSize)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, limitSize)
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if result != 0 { throw Fault.refused(errno: errno) }
    }

    deinit {
        close(descriptor)
    }

    func send(_ text: String) throws {
        try send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { buffer in
            var sent = 0
            while sent < buffer.count {
                let count = Foundation.send(
                    descriptor, buffer.baseAddress.map { $0 + sent }, buffer.count - sent, Int32(MSG_NOSIGNAL))
                guard count > 0 else { throw errno == EAGAIN ? Fault.timeout : Fault.closed(received: "") }
                sent += count
            }
        }
    }

    /// Closes the sending side.
    func finishSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Reads one reply; skips interim ones (1xx) unless requested.
    /// - Parameter toHead: the request was a HEAD, so that no body follows.
    func reply(toHead: Bool = false, takingInterim: Bool = false) throws -> HTTPReply {
        while true {
            var reply = try readHead()
            if reply.status < 200 {
                if takingInterim { return reply }
                continue
            }
            if toHead || reply.status == 204 || reply.status == 304 { return reply }
            if reply.header("Transfer-Encoding")?.lowercased() == "chunked" {
                try readChunks(into: &reply)
            } else if let length = reply.header("Content-Length") {
                guard let count = Int(length), count >= 0 else { throw Fault.malformed("Content-Length \(length)") }
                reply.body = try take(count)
            } else {
                while try receive() {}
                reply.body = Array(input[position...])
                position = input.count
            }
            return reply
        }
    }

    /// Whether the server closes (or has closed) the connection without sending anything more.
    func isClosedByServer() -> Bool {
        (try? receive()) == false && position == input.count
    }

    private func readHead() throws -> HTTPReply {
        let end = try find("\r\n\r\n")
        let text = String(decoding: input[position..<end], as: UTF8.self)
        position = end + 4
        var lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        let status = lines.removeFirst().split(separator: " ", maxSplits: 2)
        guard status.count >= 2, status[0] == "HTTP/1.1", let code = Int(status[1]) else {
            throw Fault.malformed(text)
        }
        let headers = try lines.map { line in
            guard let colon = line.firstIndex(of: ":") else { throw Fault.malformed(text) }
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            return (name: String(line[..<colon]), value: value)
        }
        return HTTPReply(status: code, headers: headers, body: [])
    }

    private func readChunks(into reply: inout HTTPReply) throws {
        while true {
            let end = try find("\r\n")
            let line = String(decoding: input[position..<end], as: UTF8.self)
            position = end + 2
            guard let size = Int(line, radix: 16) else { throw Fault.malformed("chunk size \(line)") }
            reply.body += try take(size)
            guard try take(2) == [13, 10] else { throw Fault.malformed("end of chunk") }
            if size == 0 { return }
            reply.chunkSizes.append(size)
        }
    }

    /// The position of `separator` in the input, reading as much as it takes.
    private func find(_ separator: String) throws -> Int {
        let wanted = Array(separator.utf8)
        while true {
            let found = input.withUnsafeBytes { buffer -> Int? in
                var start = position
                // With memchr, since this runs for each of a hundred thousand replies.
                while start + wanted.count <= buffer.count, let base = buffer.baseAddress,
                    let hit = memchr(base + start, Int32(wanted[0]), buffer.count - start)
                {
                    let candidate = UnsafeRawPointer(hit) - base
                    if buffer[candidate...].starts(with: wanted) { return candidate }
                    start = candidate + 1
                }
                return nil
            }
            if let found { return found }
            guard try receive() else {
                throw Fault.closed(received: String(decoding: input[position...], as: UTF8.self))
            }
        }
    }

    private func take(_ count: Int) throws -> [UInt8] {
        while input.count - position < count {
            guard try receive() else {
                throw Fault.closed(received: String(decoding: input[position...], as: UTF8.self))
            }
        }
        defer { position += count }
        return Array(input[position..<(position + count)])
    }

    /// Reads what has arrived, waiting for the first byte.
    /// - Returns: false when the server has closed.
    private func receive() throws -> Bool {
        if position > 1 << 16 {
            input.removeFirst(position)
            position = 0
        }
        let start = input.count
        let room = 1 << 16
        input.append(contentsOf: repeatElement(0, count: room))
        let count = input.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress.map { $0 + start }, room, 0) }
        input.removeLast(room - max(0, count))
        if count < 0, errno == EAGAIN { throw Fault.timeout }
        return count > 0
    }
}

extension HTTPClient {
    /// Sends one request and reads its reply. Without a body no Content-Length is sent, except for POST and PUT.
    func exchange(
        _ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8]? = nil,
        isChunked: Bool = false
    ) throws -> HTTPReply {
        try send(Self.request(method, path, headers: headers, body: body, isChunked: isChunked))
        return try reply(toHead: method == "HEAD")
    }

    func exchange(_ export: HTTPExport) throws -> HTTPReply {
        try exchange("POST", export.path, headers: export.headers, body: export.body)
    }

    /// The bytes of a request.
    static func request(
        _ method: String, _ path: String, headers: [(String, String)], body: [UInt8]?, isChunked: Bool = false
    ) -> [UInt8] {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        guard let body else {
            return Array((head + (["POST", "PUT"].contains(method) ? "Content-Length: 0\r\n\r\n" : "\r\n")).utf8)
        }
        guard isChunked else {
            return Array((head + "Content-Length: \(body.count)\r\n\r\n").utf8) + body
        }
        var bytes = Array((head + "Transfer-Encoding: chunked\r\n\r\n").utf8)
        for start in stride(from: 0, to: body.count, by: 700) {
            let chunk = body[start..<min(start + 700, body.count)]
            bytes += Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + [13, 10]
        }
        return bytes + Array("0\r\n\r\n".utf8)
    }

    /// One request on a new connection.
    static func exchange(
        port: Int, _ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8]? = nil,
        isChunked: Bool = false
    ) throws -> HTTPReply {
        try HTTPClient(port: port).exchange(method, path, headers: headers, body: body, isChunked: isChunked)
    }
}
