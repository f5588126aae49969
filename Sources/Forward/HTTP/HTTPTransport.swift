package import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import OTLP
internal import Synchronization

/// Sends exports to OTLP/HTTP endpoints over one connection a server, which is kept as long as the server keeps it.
package final class HTTPTransport: ExportTransport {
    private struct State {
        /// By the address of their server.
        var channels: [String: (channel: any Channel, lastUse: ContinuousClock.Instant)] = [:]
        var isClosed = false
    }

    /// Connections that are kept: one a signal, and as many for redirects. 6.
    private static let channelLimit = 6

    private let destination: HTTPDestination
    private let group: any EventLoopGroup
    private let state = Mutex(State())

    /// - Parameter group: serves the connection.
    package init(to destination: HTTPDestination, on group: any EventLoopGroup) {
        self.destination = destination
        self.group = group
    }

    /// See `ExportTransport`.
    package func send(_ export: ForwardedExport) async -> SendOutcome {
        guard let server = destination.servers[export.signal] else {
            return .refused("\(export.signal.rawValue) have no endpoint")
        }
        guard let body = destination.compression.coded(export.body) else {
            return .failed("no memory to compress the export", retryAfter: nil)
        }
        let deadline = ContinuousClock.now + destination.timeout
        var target = server
        do {
            for _ in 0...Redirection.limit {
                let request = HTTPRequestHead(
                    version: .http1_1, method: .POST, uri: target.path,
                    headers: headers(of: export, to: target, length: body.readableBytes))
                let reply = try await reply(to: request, body, of: target, until: deadline)
                let redirection = Redirection(
                    of: reply.head, from: target, origin: server, hasHeaders: destination.hasHeaders,
                    canEncrypt: destination.tls != nil)
                switch redirection {
                case .none: return ReplyReading.outcome(of: reply, to: export)
                case .refused(let reason): return .refused(reason)
                case .follow(let next): target = next
                }
            }
            return .refused("more than \(Redirection.limit) redirects, the last one to \(target.host):\(target.port)")
        } catch {
            return .failed(describe(error, target), retryAfter: nil)
        }
    }

    /// The answer of a server, over the open connection or a new one.
    private func reply(
        to request: HTTPRequestHead, _ body: ByteBuffer, of server: HTTPServer, until deadline: ContinuousClock.Instant
    ) async throws -> HTTPReply {
        let (channel, isFresh) = try await connected(to: server, until: deadline)
        do {
            let reply = try await exchange(request, body, on: channel, until: deadline)
            state.withLock { $0.channels[server.address]?.lastUse = .now }
            return reply
        } catch {
            forget(channel, server)
            // A server may close an idle connection at the moment it is used again; that is no failure of it.
            guard !isFresh, !(error is TimedOut) else { throw error }
        }
        let (again, _) = try await connected(to: server, until: deadline)
        do {
            return try await exchange(request, body, on: again, until: deadline)
        } catch {
            forget(again, server)
            throw error
        }
    }

    /// See `ExportTransport`.
    package func close() async {
        let channels = state.withLock { state in
            state.isClosed = true
            defer { state.channels = [:] }
            return state.channels.values.map(\.channel)
        }
        // Closing one that is closed already is no fault.
        for channel in channels { _ = try? await channel.close().get() }
    }

    private struct TimedOut: Error {}

    private func exchange(
        _ head: HTTPRequestHead, _ body: ByteBuffer, on channel: any Channel, until deadline: ContinuousClock.Instant
    ) async throws -> HTTPReply {
        let promise = channel.eventLoop.makePromise(of: HTTPReply.self)
        let timeout = channel.eventLoop.scheduleTask(in: TimeAmount(deadline - .now)) {
            promise.fail(TimedOut())
            channel.close(promise: nil)
        }
        defer { timeout.cancel() }
        channel.writeAndFlush(ClientExchange.Request(head: head, body: body, reply: promise)).whenFailure {
            promise.fail($0)
        }
        return try await promise.futureResult.get()
    }

    /// The open connection, or a new one.
    private func connected(
        to server: HTTPServer, until deadline: ContinuousClock.Instant
    ) async throws -> (channel: any Channel, isFresh: Bool) {
        let idleLimit = destination.idleLimit
        let (open, isClosed) = state.withLock { state -> ((any Channel)?, Bool) in
            guard let (channel, lastUse) = state.channels[server.address], channel.isActive, .now - lastUse < idleLimit
            else { return (nil, state.isClosed) }
            return (channel, state.isClosed)
        }
        if isClosed { throw ChannelError.ioOnClosedChannel }
        if let open { return (open, false) }
        let tls = destination.tls
        // Never in the clear where somebody asked for protection.
        guard tls != nil || !server.isSecure else { throw ExchangeFault.unprotected }
        let channel = try await ClientBootstrap(group: group)
            .connectTimeout(min(TimeAmount(deadline - .now), .seconds(10)))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if server.isSecure { try tls?.prepare(channel, host: server.host) }
                    try ClientExchange.addHandlers(to: channel.pipeline.syncOperations)
                }
            }
            .connect(host: server.host, port: server.port).get()
        let (former, mayStay) = state.withLock { state in
            var former = state.channels[server.address].map { [$0.channel] } ?? []
            if !state.isClosed { state.channels[server.address] = (channel, .now) }
            // Redirects may lead to ever new servers.
            while state.channels.count > Self.channelLimit,
                let oldest = state.channels.min(by: { $0.value.lastUse < $1.value.lastUse })
            {
                former.append(oldest.value.channel)
                state.channels[oldest.key] = nil
            }
            return (former, !state.isClosed)
        }
        for channel in former { channel.close(promise: nil) }
        guard mayStay else {
            channel.close(promise: nil)
            throw ChannelError.ioOnClosedChannel
        }
        return (channel, true)
    }

    private func forget(_ channel: any Channel, _ server: HTTPServer) {
        state.withLock { state in
            if state.channels[server.address]?.channel === channel { state.channels[server.address] = nil }
        }
        channel.close(promise: nil)
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

    private func describe(_ error: any Error, _ server: HTTPServer) -> String {
        let place = "\(server.host):\(server.port)"
        return switch error {
        case is TimedOut: "\(place) gave no answer in time"
        case ExchangeFault.closed: "\(place) closed the connection without an answer"
        default: "\(place): \(error)"
        }
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
