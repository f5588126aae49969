package import NIOCore
internal import NIOHPACK
internal import NIOHTTP2
internal import NIOPosix
internal import OTLP
internal import Synchronization

/// Sends exports to an OTLP/gRPC endpoint: unary calls over one connection, which is kept as long as the server keeps it.
package final class GRPCTransport: ExportTransport {
    private struct Connection: Sendable {
        let channel: any Channel
        let streams: NIOHTTP2Handler.StreamMultiplexer
    }

    private struct State {
        var connection: Connection?
        var isClosed = false
    }

    private let destination: GRPCDestination
    private let group: any EventLoopGroup
    private let state = Mutex(State())

    /// - Parameter group: serves the connection.
    package init(to destination: GRPCDestination, on group: any EventLoopGroup) {
        self.destination = destination
        self.group = group
    }

    /// See `ExportTransport`.
    package func send(_ export: ForwardedExport) async -> SendOutcome {
        var body = export.body
        if export.encoding == .json {
            // gRPC carries protobuf only.
            do throws(DecodingFailure) {
                body = try export.protobufBody()
            } catch {
                return .refused("the export came as JSON that protobuf cannot hold")
            }
        }
        guard let message = framed(body) else { return .failed("no memory to compress the export", retryAfter: nil) }
        do {
            let (connection, isFresh) = try await connected()
            do {
                return CallReading.outcome(
                    of: try await call(export.signal, message, on: connection), to: export.signal)
            } catch {
                forget(connection)
                // A server may close an idle connection at the moment it is used again; that is no failure of it.
                guard !isFresh, !(error is TimedOut) else { throw error }
            }
            let (again, _) = try await connected()
            do {
                return CallReading.outcome(of: try await call(export.signal, message, on: again), to: export.signal)
            } catch {
                forget(again)
                throw error
            }
        } catch {
            let place = "\(destination.host):\(destination.port)"
            let reason = error is TimedOut ? "\(place) gave no answer in time" : "\(place): \(error)"
            return .failed(reason, retryAfter: nil)
        }
    }

    /// See `ExportTransport`.
    package func close() async {
        let connection = state.withLock { state in
            state.isClosed = true
            defer { state.connection = nil }
            return state.connection
        }
        // Closing one that is closed already is no fault.
        _ = try? await connection?.channel.close().get()
    }

    private struct TimedOut: Error {}

    /// The message behind its prefix: whether it is compressed, and its length.
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

    private func call(_ signal: Signal, _ message: ByteBuffer, on connection: Connection) async throws -> GRPCReply {
        let channel = connection.channel
        let promise = channel.eventLoop.makePromise(of: GRPCReply.self)
        let timeout = channel.eventLoop.scheduleTask(in: TimeAmount(destination.timeout)) {
            promise.fail(TimedOut())
            channel.close(promise: nil)
        }
        defer { timeout.cancel() }
        let headers = headers(of: signal)
        connection.streams.createStreamChannel { stream in
            stream.eventLoop.makeCompletedFuture {
                try stream.pipeline.syncOperations.addHandler(CallExchange(promise))
            }
        }.whenComplete { result in
            switch result {
            case .failure(let error): promise.fail(error)
            case .success(let stream):
                stream.write(HTTP2Frame.FramePayload.headers(.init(headers: headers)), promise: nil)
                stream.writeAndFlush(
                    HTTP2Frame.FramePayload.data(.init(data: .byteBuffer(message), endStream: true)), promise: nil)
            }
        }
        return try await promise.futureResult.get()
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

    /// As `grpc-timeout` writes it: at most eight digits and a unit.
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

    /// The open connection, or a new one.
    private func connected() async throws -> (Connection, isFresh: Bool) {
        let (open, isClosed) = state.withLock { state in
            (state.connection.flatMap { $0.channel.isActive ? $0 : nil }, state.isClosed)
        }
        if isClosed { throw ChannelError.ioOnClosedChannel }
        if let open { return (open, false) }
        let tls = destination.tls
        let host = destination.host
        let connection = try await ClientBootstrap(group: group)
            .connectTimeout(min(TimeAmount(destination.timeout), .seconds(10)))
            .connect(host: host, port: destination.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try tls?.prepare(channel, host: host)
                    let streams = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
                        mode: .client, connectionConfiguration: .init(), streamConfiguration: .init()
                    ) { stream in
                        // Servers push nothing to callers.
                        stream.close()
                    }
                    return Connection(channel: channel, streams: streams)
                }
            }
        let mayStay = state.withLock { state in
            if !state.isClosed { state.connection = connection }
            return !state.isClosed
        }
        guard mayStay else {
            connection.channel.close(promise: nil)
            throw ChannelError.ioOnClosedChannel
        }
        return (connection, true)
    }

    private func forget(_ connection: Connection) {
        state.withLock { if $0.connection?.channel === connection.channel { $0.connection = nil } }
        connection.channel.close(promise: nil)
    }
}

extension Signal {
    /// The method that takes its exports.
    fileprivate var servicePath: String {
        switch self {
        case .metrics: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
        case .logs: "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
        case .traces: "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
        }
    }
}
