package import NIOCore
internal import NIOHPACK
internal import NIOHTTP2
internal import NIOPosix
internal import OTLP
internal import Settings

/// Sends exports to an OTLP/gRPC endpoint: unary calls over one connection, which is kept until the server closes it.
package final class GRPCTransport: ExportTransport {
    private struct Connection: KeptConnection {
        let channel: any Channel
        let end: ConnectionEnd
        let streams: NIOHTTP2Handler.StreamMultiplexer
    }

    private let destination: GRPCDestination
    private let connections: KeptConnections<Connection>

    /// - Parameter group: serves the connection.
    package init(to destination: GRPCDestination, on group: any EventLoopGroup) {
        self.destination = destination
        connections = KeptConnections(on: group)
    }

    /// See `ExportTransport`.
    package func send(_ export: ForwardedExport) async -> SendOutcome {
        var body = export.body
        if export.encoding == .json {
            // gRPC carries protobuf only.
            do throws(DecodingFailure) {
                body = try export.protobufBody()
            } catch {
                return .refused(Refusal("JSON", "the export is JSON that protobuf cannot represent"))
            }
        }
        guard let message = framed(body) else { return .failed("not enough memory to compress the export") }
        let headers = headers(of: export.signal)
        let place = "\(destination.host):\(destination.port)"
        do {
            let reply: GRPCReply = try await connections.exchange(
                with: place, until: .now + destination.timeout, connect: connection
            ) {
                Self.call(headers, message, on: $0, reply: $1)
            }
            return CallReading.outcome(of: reply, to: export)
        } catch {
            return .failed(error, at: place)
        }
    }

    /// See `ExportTransport`.
    package func close() async { await connections.close() }

    /// The message after its prefix (compression flag and length).
    private func framed(_ body: ByteBuffer) -> ByteBuffer? {
        guard let content = destination.compression.coded(body), let length = UInt32(exactly: content.readableBytes)
        else { return nil }
        var message = ByteBuffer()
        message.reserveCapacity(content.readableBytes + 5)
        message.writeInteger(UInt8(destination.compression == .none ? 0 : 1))
        message.writeInteger(length)
        message.writeImmutableBuffer(content)
        return message
    }

    private static func call(
        _ headers: HPACKHeaders, _ message: ByteBuffer, on connection: Connection, reply: EventLoopPromise<GRPCReply>
    ) {
        connection.streams.createStreamChannel { stream in
            stream.eventLoop.makeCompletedFuture {
                try stream.pipeline.syncOperations.addHandler(CallExchange(reply))
            }
        }.whenComplete { result in
            switch result {
            case .failure(let error): reply.fail(error)
            case .success(let stream):
                stream.write(HTTP2Frame.FramePayload.headers(.init(headers: headers)), promise: nil)
                stream.writeAndFlush(
                    HTTP2Frame.FramePayload.data(.init(data: .byteBuffer(message), endStream: true)), promise: nil)
            }
        }
    }

    private func headers(of signal: Signal) -> HPACKHeaders {
        var headers = HPACKHeaders([
            (":method", "POST"), (":scheme", destination.tls == nil ? "http" : "https"),
            (":authority", destination.authority), (":path", signal.servicePath), ("te", "trailers"),
            ("content-type", "application/grpc"), ("user-agent", "odometer"),
            ("grpc-timeout", Self.timeoutText(destination.timeout)),
        ])
        if destination.compression != .none {
            headers.add(name: "grpc-encoding", value: destination.compression.rawValue)
        }
        for (name, value) in destination.headers { headers.add(name: name.lowercased(), value: value) }
        if let credentials = destination.credentials {
            headers.add(name: credentials.name.lowercased(), value: credentials.value())
        }
        return headers
    }

    /// The value of `grpc-timeout`: at most eight digits and a unit.
    static func timeoutText(_ timeout: Duration) -> String {
        let units: [(name: String, length: Duration)] = [
            ("m", .milliseconds(1)), ("S", .seconds(1)), ("M", .seconds(60)), ("H", .seconds(3600)),
        ]
        for (name, length) in units {
            let count = (timeout / length).rounded(.up)
            if count < 1e8 { return "\(max(1, Int64(count)))\(name)" }
        }
        return "99999999H"
    }

    private func connection(over bootstrap: sending ClientBootstrap) async throws -> Connection {
        let (tls, host) = (destination.tls, destination.host)
        return try await bootstrap.connect(host: host, port: destination.port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try tls?.prepare(channel, host: host)
                let streams = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
                    mode: .client, connectionConfiguration: .init(), streamConfiguration: .init()
                ) { stream in
                    // Clients do not accept server push.
                    stream.close()
                }
                let end = ConnectionEnd()
                try channel.pipeline.syncOperations.addHandler(end)
                return Connection(channel: channel, end: end, streams: streams)
            }
        }
    }
}

extension Signal {
    /// The method for the exports of this signal.
    fileprivate var servicePath: String {
        switch self {
        case .metrics: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
        case .logs: "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
        case .traces: "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
        }
    }
}
