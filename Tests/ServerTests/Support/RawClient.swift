import Foundation
import Glibc

/// A client that sends exactly the given bytes, on a blocking socket.
// @unchecked: used by one thread at a time.
final class RawClient: @unchecked Sendable {
    struct Failure: Error, CustomStringConvertible {
        var description: String
        init(_ description: String) { self.description = description }
    }

    /// Time-out of all tests.
    static let patienceSeconds = 30

    private let socket: Int32
    private var received: [UInt8] = []

    /// - Parameters:
    ///   - isIPv6: connects to ::1 instead of 127.0.0.1.
    ///   - source: connects from 127.0.0.SOURCE.
    init(port: Int, receiveBufferBytes: Int32? = nil, isIPv6: Bool = false, source: UInt8? = nil) throws {
        socket = Glibc.socket(isIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { throw Failure("socket: \(errno)") }
        var patience = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var one: Int32 = 1
        setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
        if var bytes = receiveBufferBytes { setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, 4) }
        if let source {
            guard Self.with(Self.address([127, 0, 0, source], port: 0), { bind(socket, $0, $1) }) == 0 else {
                throw Failure("bind: \(errno)")
            }
        }
        let loopback: [UInt8] = isIPv6 ? [UInt8](repeating: 0, count: 15) + [1] : [127, 0, 0, 1]
        let result = Self.with(Self.address(loopback, port: port)) { connect(socket, $0, $1) }
        guard result == 0 else { throw Failure("connect: \(errno)") }
    }

    /// A `sockaddr_in` of 4 bytes, or a `sockaddr_in6` of 16. As bytes, since the types come from NIO's headers too.
    private static func address(_ bytes: [UInt8], port: Int) -> [UInt8] {
        let family = UInt16(bytes.count == 4 ? AF_INET : AF_INET6)
        let head = withUnsafeBytes(of: family) { Array($0) } + [UInt8(port >> 8), UInt8(port & 0xFF)]
        let padding = [UInt8](repeating: 0, count: bytes.count == 4 ? 8 : 4)
        return bytes.count == 4 ? head + bytes + padding : head + padding + bytes + padding
    }

    private static func with(
        _ address: [UInt8], _ call: (UnsafePointer<sockaddr>?, socklen_t) -> Int32
    ) -> Int32 {
        address.withUnsafeBytes { call($0.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count)) }
    }

    deinit { close(socket) }

    /// Sends everything; throws if the server has closed.
    func send(_ bytes: some Sequence<UInt8>) throws {
        let bytes = Array(bytes)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure("send after \(sent) bytes: \(errno)") }
            sent += count
        }
    }

    func send(_ text: String) throws { try send(text.utf8) }

    func sendByteByByte(_ bytes: some Sequence<UInt8>) throws {
        for byte in bytes { try send(CollectionOfOne(byte)) }
    }

    /// Closes the sending side.
    func closeOutput() { shutdown(socket, Int32(SHUT_WR)) }

    /// Ends the connection with a reset.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        shutdown(socket, Int32(SHUT_RDWR))
    }

    /// Everything until the server closes.
    func readToEnd() throws -> [UInt8] {
        while try fill() {}
        defer { received = [] }
        return received
    }

    /// Whether the server closes without another byte.
    func isClosedByServer() throws -> Bool { try readToEnd().isEmpty }

    /// The next response, interim ones (1xx) included.
    func response(toHead: Bool = false) throws -> RawResponse {
        var response = try RawResponse(head: take(through: Array("\r\n\r\n".utf8)))
        if toHead || response.status < 200 || response.status == 204 || response.status == 304 { return response }
        if response["transfer-encoding"] == "chunked" {
            while true {
                let line = try take(through: [13, 10]).dropLast(2)
                guard let size = Int(String(decoding: line, as: UTF8.self), radix: 16) else {
                    throw Failure("chunk size")
                }
                let chunk = try take(count: size + 2)
                guard Array(chunk.suffix(2)) == [13, 10] else { throw Failure("chunk end") }
                if size == 0 { break }
                response.body += chunk.dropLast(2)
            }
        } else if let length = response["content-length"].flatMap({ Int($0) }) {
            response.body = try take(count: length)
        } else {
            response.body = try readToEnd()
        }
        return response
    }

    /// The next bytes, at least one unless the server has closed.
    func readSome() throws -> [UInt8] {
        if received.isEmpty { _ = try fill() }
        defer { received = [] }
        return received
    }

    /// Reads `pauseBytes` bytes, or up to the end, then pauses: a slow client. Returns the number of bytes.
    func readSome(pauseBytes: Int, milliseconds: UInt32) throws -> Int {
        var count = 0
        while count < pauseBytes {
            let some = try readSome().count
            if some == 0 { return count }
            count += some
        }
        usleep(milliseconds * 1000)
        return count
    }

    private func take(count: Int) throws -> [UInt8] {
        while received.count < count {
            guard try fill() else { throw Failure("closed after \(received.count) of \(count) bytes") }
        }
        defer { received.removeFirst(count) }
        return Array(received[..<count])
    }

    private func take(through end: [UInt8]) throws -> [UInt8] {
        var searched = 0
        while true {
            while searched + end.count <= received.count {
                if received[searched..<searched + end.count].elementsEqual(end) {
                    return try take(count: searched + end.count)
                }
                searched += 1
            }
            guard try fill() else {
                throw Failure("closed within a head: \(String(decoding: received, as: UTF8.self))")
            }
        }
    }

    private func fill() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        let count = recv(socket, &buffer, buffer.count, 0)
        if count < 0, errno == ECONNRESET { throw Failure("reset by the server") }
        guard count >= 0 else { throw Failure("nothing received: \(errno)") }
        received += buffer[..<count]
        return count > 0
    }
}

struct RawResponse {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: [UInt8] = []

    init(head: [UInt8]) throws {
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        let statusLine = lines.first?.split(separator: " ") ?? []
        guard statusLine.count >= 2, let status = Int(statusLine[1]) else { throw RawClient.Failure("status line") }
        self.status = status
        headers = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (parts[0].lowercased(), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
        }
    }

    subscript(name: String) -> String? { headers.first { $0.name == name }?.value }

    var text: String { String(decoding: body, as: UTF8.self) }
}

/// Waits for a condition that another thread fulfils.
func eventually(_ condition: () throws -> Bool) async rethrows -> Bool {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(RawClient.patienceSeconds)
    while try !condition() {
        if clock.now > end { return false }
        try? await Task.sleep(for: .milliseconds(1))
    }
    return true
}

/// A small file as text.
func readFile(_ path: String) throws -> String {
    let file = open(path, O_RDONLY)
    guard file >= 0 else { throw RawClient.Failure("\(path): \(errno)") }
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(file, &buffer, buffer.count)
    return String(decoding: buffer[..<max(0, count)], as: UTF8.self)
}

/// Runs `body` on a thread of its own, so that other tests do not delay it.
func onOwnThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Swift.Result { try body() }) }
    }
}
