import NIOCore
import NIOPosix
import OTLP
import Testing

@testable import Forward

/// Hostile destinations.
@Suite struct HostileServerTests {
    private static let export = ForwardedExport(
        signal: .logs, encoding: .protobuf, records: 5, body: ByteBuffer(string: "x"))

    private static func send(to port: Int, timeout: Duration = .seconds(20)) async -> SendOutcome {
        let server = HTTPServer(
            host: "127.0.0.1", port: port, authority: "127.0.0.1:\(port)", path: "/v1/logs", isSecure: false)
        let transport = HTTPTransport(
            to: HTTPDestination(servers: [.logs: server], timeout: timeout), on: MultiThreadedEventLoopGroup.singleton)
        let outcome = await transport.send(export)
        await transport.close()
        return outcome
    }

    @Test(
        "an endless answer is aborted long before the time-out",
        arguments: [
            ("HTTP/1.1 200 OK\r\nA: ", "x"), ("HTTP/1.1 200 OK\r\nA:", " "), ("HTTP/1.1 200 OK\r\n", "A: b\r\n"),
            ("HTTP/1.1 200 ", "K"), ("", "HTTP/1.1 100 Continue\r\n\r\n"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", "x"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a=", "x"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "A: b\r\n"),
        ])
    func endlessAnswers(answer: String, endless: String) async throws {
        let server = try await RawServer.start(answer: answer, endless: endless)
        let begin = ContinuousClock.now
        let outcome = await Self.send(to: server.port)
        guard case .failed = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(ContinuousClock.now - begin < .seconds(15))
        // The sockets buffer more than the limits.
        #expect(server.bytesTaken < 32 << 20)
        try await server.stop()
    }

    @Test(
        "if a server closes early, or does not answer with HTTP, the export has failed",
        arguments: [
            "", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "HTTP/1.1 200 OK\r\nContent-",
            "SSH-2.0-OpenSSH\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
            "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        ])
    func cutAnswers(answer: String) async throws {
        let server = try await RawServer.start(answer: answer, closes: true)
        let outcome = await Self.send(to: server.port)
        guard case .failed = outcome else {
            Issue.record("\(outcome)")
            return
        }
        try await server.stop()
    }

    @Test("a silent server takes at most the timeout, including redirects")
    func silentServer() async throws {
        let silent = try await RawServer.start(answer: "")
        let redirecting = try await RawServer.start(
            answer: "HTTP/1.1 307 X\r\nLocation: http://127.0.0.1:\(silent.port)/\r\nContent-Length: 0\r\n\r\n")
        for port in [silent.port, redirecting.port] {
            let begin = ContinuousClock.now
            let outcome = await Self.send(to: port, timeout: .milliseconds(300))
            #expect(outcome == .failed("127.0.0.1:\(silent.port) did not answer in time", retryAfter: nil))
            #expect(ContinuousClock.now - begin < .seconds(5))
        }
        try await silent.stop()
        try await redirecting.stop()
    }

    @Test("a redirect loop ends after ten redirects")
    func endlessRedirects() async throws {
        let server = try await RawServer.start(
            answer: "HTTP/1.1 308 X\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", closes: true
        )
        let outcome = await Self.send(to: server.port)
        #expect(
            outcome
                == .refused(
                    Refusal("redirects", "more than 10 redirects, the last one to 127.0.0.1:\(server.port)")))
        try await server.stop()
    }
}
