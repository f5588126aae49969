import NIOCore
import NIOHTTP1
import Settings
import Synchronization
import Testing

@testable import Server

/// A body of numbered lines of about 100 bytes.
private final class CountingStream: ResponseStream {
    private struct State {
        var next = 0
        var largestTarget = 0
    }

    private let state = Mutex(State())
    private let count: Int
    private let givesUpAtEnd: Bool

    /// - Parameter givesUpAtEnd: after the last line it reports that it will never be complete.
    init(count: Int, givesUpAtEnd: Bool = false) {
        self.count = count
        self.givesUpAtEnd = givesUpAtEnd
    }

    var written: Int { state.withLock { $0.next } }

    /// Aborts it, once it has begun.
    var abort: (@Sendable () -> Void)? { cut.withLock { $0 } }
    private let cut = Mutex<(@Sendable () -> Void)?>(nil)

    func begin(abort: @escaping @Sendable () -> Void) { cut.withLock { $0 = abort } }

    func writeNext(into buffer: inout ByteBuffer, targetBytes: Int) -> Bool {
        let end = buffer.writerIndex + targetBytes
        state.withLock { state in
            while state.next < count, buffer.writerIndex < end {
                buffer.writeString("\(state.next)\(Self.filling)")
                state.next += 1
            }
        }
        return !givesUpAtEnd || written < count
    }

    private static let filling = " " + String(repeating: "abcdefgh ", count: 11) + "\n"

    static func text(count: Int) -> [UInt8] {
        var text: [UInt8] = []
        for number in 0..<count { text.append(contentsOf: "\(number)\(filling)".utf8) }
        return text
    }
}

@Suite struct ResponseTests {
    @Test(
        "an aborted body is visibly incomplete",
        arguments: ["HTTP/1.1\r\nHost: h", "HTTP/1.0", "HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip"], [true, false])
    func bodyThatIsGivenUpIsCut(head: String, fromOutside: Bool) async throws {
        let stream = CountingStream(count: fromOutside ? 1_000_000 : 1000, givesUpAtEnd: true)
        let service = service {
            HTTPResponse(status: .ok, body: .stream(stream), compressible: true)
        }
        try await withListener(service) { listener in
            let client = try RawClient(port: listener.port, receiveBufferBytes: 4096)
            try client.send("GET / \(head)\r\n\r\n")
            if fromOutside {
                #expect(await eventually { stream.abort != nil })
                stream.abort?()
            }
            let body = try? client.readToEnd()
            // A reset, or a body without its end.
            #expect(body?.suffix(5).elementsEqual("0\r\n\r\n".utf8) != true)
            if head == "HTTP/1.0" { #expect(body == nil) }
            #expect(await eventually { listener.openConnections == 0 })
            stream.abort?()
        }
    }

    private func service(_ response: @escaping @Sendable () -> HTTPResponse) -> TestService {
        TestService(answer: { _, _ in .now(response()) })
    }

    private let get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
    private let getGzip = "GET / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n"

    @Test("a stream is sent in chunks and the connection continues", arguments: [0, 1, 1000, 20_000])
    func streamIsChunked(count: Int) async throws {
        try await withListener(service { HTTPResponse(status: .ok, body: .stream(CountingStream(count: count))) }) {
            listener in
            let client = try RawClient(port: listener.port)
            for _ in 0..<2 {
                try client.send(get)
                let response = try client.response()
                #expect(response["transfer-encoding"] == "chunked")
                #expect(response["content-length"] == nil)
                #expect(response.body == CountingStream.text(count: count))
            }
        }
    }

    @Test("to HTTP/1.0 a stream is sent unframed, ended by the connection")
    func streamToVersion10EndsTheConnection() async throws {
        try await withListener(service { HTTPResponse(status: .ok, body: .stream(CountingStream(count: 10_000))) }) {
            listener in
            let client = try RawClient(port: listener.port)
            try client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            let response = try client.response()
            #expect(response["transfer-encoding"] == nil)
            #expect(response["connection"] == "close")
            #expect(response.body == CountingStream.text(count: 10_000))
        }
    }

    @Test(
        "R-HTTP-20 a compressible response is gzip if requested", arguments: [0, 1, 1000, 20_000], [true, false])
    func compressibleResponseIsGzip(count: Int, isStream: Bool) async throws {
        let text = CountingStream.text(count: count)
        let service = service {
            HTTPResponse(
                status: .ok, body: isStream ? .stream(CountingStream(count: count)) : .bytes(ByteBuffer(bytes: text)),
                compressible: true)
        }
        try await withListener(service) { listener in
            let client = try RawClient(port: listener.port)
            for _ in 0..<2 {
                try client.send(getGzip)
                let zipped = try client.response()
                #expect(zipped["content-encoding"] == "gzip")
                #expect(zipped["vary"] == "Accept-Encoding")
                #expect(gunzipped(zipped.body) == text)
                if count > 0 { #expect(zipped.body.count < text.count / 2) }
                try client.send(get)
                let plain = try client.response()
                #expect(plain["content-encoding"] == nil)
                #expect(plain["vary"] == "Accept-Encoding")
                #expect(plain.body == text)
            }
        }
    }

    @Test("other responses are not compressed")
    func otherResponsesStayPlain() async throws {
        try await withListener(service { .text("plain") }) { listener in
            let client = try RawClient(port: listener.port)
            try client.send(getGzip)
            let response = try client.response()
            #expect(response.text == "plain")
            #expect(response["vary"] == nil)
        }
    }

    @Test("HEAD is answered without a body", arguments: [true, false])
    func headHasNoBody(isStream: Bool) async throws {
        let service = service {
            HTTPResponse(
                status: .ok, body: isStream ? .stream(CountingStream(count: 9)) : .bytes(ByteBuffer(string: "12345")),
                compressible: true)
        }
        try await withListener(service) { listener in
            let client = try RawClient(port: listener.port)
            for accept in ["", "Accept-Encoding: gzip\r\n"] {
                try client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\(accept)\r\n")
                let response = try client.response(toHead: true)
                #expect(response.status == 200)
                if !isStream, accept.isEmpty { #expect(response["content-length"] == "5") }
            }
            try client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            #expect(try client.response().body.isEmpty == false)
            #expect(try client.isClosedByServer())
        }
    }

    @Test("204 and 304 have neither body nor length", arguments: [HTTPResponseStatus.noContent, .notModified])
    func bodilessStatusHasNoBody(status: HTTPResponseStatus) async throws {
        try await withListener(service { HTTPResponse(status: status, body: .bytes(ByteBuffer(string: "x"))) }) {
            listener in
            let client = try RawClient(port: listener.port)
            for _ in 0..<2 {
                try client.send(get)
                let response = try client.response()
                #expect(response.status == Int(status.code))
                #expect(response["content-length"] == nil)
            }
        }
    }

    @Test("a body of any size arrives complete", arguments: [0, 1, 4096, 131_072, 5_000_000])
    func bytesArriveWhole(count: Int) async throws {
        let body = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9) }
        try await withListener(service { HTTPResponse(status: .ok, body: .bytes(ByteBuffer(bytes: body))) }) {
            listener in
            let client = try RawClient(port: listener.port)
            for _ in 0..<2 {
                try client.send(get)
                let response = try client.response()
                #expect(response["content-length"] == "\(count)")
                #expect(response.body == body)
            }
        }
    }

    @Test("a stream is rendered only as fast as the client reads, and a client that reads nothing is disconnected")
    func slowReaderIsCutOff() async throws {
        let stream = CountingStream(count: 5_000_000)
        let limits = ServerLimits { $0.writeTimeout = .milliseconds(200) }
        try await withListener(service { HTTPResponse(status: .ok, body: .stream(stream)) }, limits: limits) {
            listener in
            let client = try RawClient(port: listener.port, receiveBufferBytes: 4096)
            try client.send(get)
            #expect(await eventually { stream.written > 0 })
            #expect(await eventually { listener.openConnections == 0 })
            // Socket buffers take some megabytes; the whole body has more than 500.
            #expect(stream.written < 500_000)
            withExtendedLifetime(client) {}
        }
    }

    @Test("a slow client gets the whole stream")
    func slowButSteadyReaderIsServed() async throws {
        let count = 160_000
        let limits = ServerLimits { $0.writeTimeout = .seconds(1) }
        try await withListener(
            service { HTTPResponse(status: .ok, body: .stream(CountingStream(count: count))) }, limits: limits
        ) { listener in
            let client = try RawClient(port: listener.port, receiveBufferBytes: 4096)
            try client.send("GET / HTTP/1.0\r\n\r\n")
            let received = try await onOwnThread {
                var received = 0
                while true {
                    let some = try client.readSome(pauseBytes: 256 << 10, milliseconds: 30)
                    if some == 0 { return received }
                    received += some
                }
            }
            #expect(received > CountingStream.text(count: count).count)
        }
    }

    @Test("a stream ends when its client disconnects")
    func streamEndsWithItsClient() async throws {
        let stream = CountingStream(count: 5_000_000)
        try await withListener(service { HTTPResponse(status: .ok, body: .stream(stream)) }) { listener in
            do {
                let client = try RawClient(port: listener.port, receiveBufferBytes: 4096)
                try client.send(get)
                #expect(try client.readSome().isEmpty == false)
                client.reset()
            }
            #expect(await eventually { listener.openConnections == 0 })
            #expect(stream.written < 5_000_000)
        }
    }

    @Test("answers do not accumulate for a client that pipelines and never reads")
    func unreadAnswersDoNotPileUp() async throws {
        let large = ByteBuffer(repeating: 0x78, count: 1 << 20)
        let service = service { HTTPResponse(status: .ok, body: .bytes(large)) }
        try await withListener(service, limits: ServerLimits { $0.writeTimeout = .milliseconds(200) }) { listener in
            let client = try RawClient(port: listener.port, receiveBufferBytes: 4096)
            try client.send(String(repeating: get, count: 500))
            #expect(await eventually { service.requests.count > 0 })
            #expect(await eventually { listener.openConnections == 0 })
            #expect(service.requests.count < 50)
            withExtendedLifetime(client) {}
        }
    }
}
