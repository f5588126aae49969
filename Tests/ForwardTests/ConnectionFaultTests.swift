import Credentials
import Foundation
import NIOCore
import NIOPosix
import OTLP
import Testing

@testable import Forward

/// Messages when there is no connection: plain text.
@Suite struct ConnectionFaultTests {
    private static let export = ForwardedExport(
        signal: .logs, encoding: .protobuf, records: 5, body: ByteBuffer(string: "x"))

    /// The reason why an export failed, over HTTP or gRPC.
    private static func failure(host: String, port: Int, isGRPC: Bool, tls: ClientTLS? = nil) async -> SendFailure? {
        let group = MultiThreadedEventLoopGroup.singleton
        let transport: any ExportTransport
        if isGRPC {
            transport = GRPCTransport(
                to: GRPCDestination(host: host, port: port, authority: host, timeout: .seconds(5), tls: tls), on: group)
        } else {
            let server = HTTPServer(host: host, port: port, authority: host, path: "/", isSecure: tls != nil)
            transport = HTTPTransport(
                to: HTTPDestination(servers: [.logs: server], timeout: .seconds(5), tls: tls), on: group)
        }
        let outcome = await transport.send(export)
        await transport.close()
        guard case .failed(let failure) = outcome else {
            Issue.record("\(outcome)")
            return nil
        }
        for part in ["Error(", "Swift", "NIO", "errno", "Optional", "(fd", "OPENSSL"] {
            #expect(!failure.reason.contains(part), "\(failure.reason)")
        }
        return failure
    }

    /// A port where nobody listens.
    private static func deadPort() async throws -> Int {
        let server = try await RawServer.start(answer: "")
        defer { Task { try? await server.stop() } }
        let port = server.port
        try await server.stop()
        return port
    }

    @Test("a refused connection", arguments: [true, false])
    func refusedConnection(isGRPC: Bool) async throws {
        let port = try await Self.deadPort()
        for host in ["127.0.0.1", "localhost"] {
            let failure = await Self.failure(host: host, port: port, isGRPC: isGRPC)
            #expect(failure == SendFailure("connection refused by \(host):\(port)", isUnreachable: true))
        }
    }

    @Test("a name that cannot be resolved", arguments: [true, false])
    func unknownName(isGRPC: Bool) async throws {
        let failure = await Self.failure(host: "no-such-host.invalid", port: 4318, isGRPC: isGRPC)
        #expect(failure == SendFailure("the name no-such-host.invalid cannot be resolved", isUnreachable: true))
    }

    @Test("a server without TLS although TLS is configured", arguments: [true, false])
    func noTLS(isGRPC: Bool) async throws {
        let server = try await RawServer.start(answer: "HTTP/1.1 400 Bad Request\r\n\r\n", closes: true)
        let tls = try ClientTLS(TLSSettings(), protocols: [], verifiesServer: false, serverName: nil)
        let failure = await Self.failure(host: "127.0.0.1", port: server.port, isGRPC: isGRPC, tls: tls)
        #expect(failure?.reason == "TLS with 127.0.0.1:\(server.port) failed: wrong version number")
        #expect(failure?.isUnreachable == true)
        try await server.stop()
    }

    @Test("a server that closes, or does not answer with HTTP", arguments: [true, false])
    func otherFaults(isGRPC: Bool) async throws {
        for answer in ["", "SSH-2.0-OpenSSH_9.2\r\n"] {
            let server = try await RawServer.start(answer: answer, closes: true)
            let failure = await Self.failure(host: "127.0.0.1", port: server.port, isGRPC: isGRPC)
            #expect(failure?.reason.contains("127.0.0.1:\(server.port)") == true)
            #expect(failure?.isUnreachable == false)
            try await server.stop()
        }
    }
}
