package import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import OTLP
internal import Settings

/// Sends exports to OTLP/HTTP endpoints over one connection for each server, which is kept until the server closes it.
package final class HTTPTransport: ExportTransport {
    private struct Connection: KeptConnection {
        let channel: any Channel
        let end: ConnectionEnd
    }

    private let destination: HTTPDestination
    private let connections: KeptConnections<Connection>

    /// - Parameter group: serves the connections.
    package init(to destination: HTTPDestination, on group: any EventLoopGroup) {
        self.destination = destination
        connections = KeptConnections(on: group, idleLimit: destination.idleLimit)
    }

    /// See `ExportTransport`.
    package func send(_ export: ForwardedExport) async -> SendOutcome {
        guard let server = destination.servers[export.signal] else {
            return .refused(Refusal("no endpoint", "\(export.signal.rawValue) have no endpoint"))
        }
        guard let body = destination.compression.coded(export.body) else {
            return .failed("not enough memory to compress the export")
        }
        let deadline = ContinuousClock.now + destination.timeout
        var target = server
        do {
            for _ in 0...Redirection.limit {
                let reply = try await reply(to: export, body, from: target, until: deadline)
                let redirection = Redirection(
                    of: reply.head, from: target, origin: server, hasHeaders: destination.hasHeaders,
                    canEncrypt: destination.tls != nil)
                switch redirection {
                case .none: return ReplyReading.outcome(of: reply, to: export)
                case .refused(let refusal): return .refused(refusal)
                case .follow(let next): target = next
                }
            }
            return .refused(
                Refusal(
                    "redirects",
                    "more than \(Redirection.limit) redirects, the last one to \(target.host):\(target.port)"))
        } catch {
            return .failed(error, at: "\(target.host):\(target.port)")
        }
    }

    private func reply(
        to export: ForwardedExport, _ body: ByteBuffer, from server: HTTPServer, until deadline: ContinuousClock.Instant
    ) async throws -> HTTPReply {
        let head = HTTPRequestHead(
            version: .http1_1, method: .POST, uri: server.path,
            headers: headers(of: export, to: server, length: body.readableBytes))
        return try await connections.exchange(
            with: server.address, until: deadline, connect: { try await connection(to: server, over: $0) }
        ) { connection, reply in
            connection.channel.writeAndFlush(ClientExchange.Request(head: head, body: body, reply: reply))
                .whenFailure { reply.fail($0) }
        }
    }

    /// See `ExportTransport`.
    package func close() async { await connections.close() }

    private func connection(to server: HTTPServer, over bootstrap: sending ClientBootstrap) async throws -> Connection {
        let tls = destination.tls
        // Never unencrypted if https is configured.
        guard tls != nil || !server.isSecure else { throw ExchangeFault.unprotected }
        let end = ConnectionEnd()
        let channel = try await bootstrap.channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                if server.isSecure { try tls?.prepare(channel, host: server.host) }
                try ClientExchange.addHandlers(to: channel.pipeline.syncOperations)
                try channel.pipeline.syncOperations.addHandler(end)
            }
        }.connect(host: server.host, port: server.port).get()
        return Connection(channel: channel, end: end)
    }

    private func headers(of export: ForwardedExport, to server: HTTPServer, length: Int) -> HTTPHeaders {
        var headers = HTTPHeaders([
            ("Host", server.authority), ("Content-Type", export.encoding.mediaType),
            ("Content-Length", "\(length)"), ("User-Agent", "odometer"),
        ])
        if destination.compression != .none {
            headers.add(name: "Content-Encoding", value: destination.compression.rawValue)
        }
        for (name, value) in destination.headers { headers.replaceOrAdd(name: name, value: value) }
        if let credentials = destination.credentials {
            headers.replaceOrAdd(name: credentials.name, value: credentials.value())
        }
        return headers
    }
}

extension WireEncoding {
    var mediaType: String {
        switch self {
        case .protobuf: "application/x-protobuf"
        case .json: "application/json"
        }
    }
}
