internal import Credentials
package import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import Settings

/// One listening socket: serves HTTP/1.1 with an `HTTPService`, or HTTP/2 with a `GRPCService`.
///
/// It stops only by `drain`, or with its event loops.
package final class HTTPListener: Sendable {
    package let name: String
    /// Its address, with the port that the system chose.
    package let address: SocketAddress

    private let channel: any Channel
    private let loops: Loops
    private let connections: ConnectionCount

    private init(name: String, address: SocketAddress, channel: any Channel, loops: Loops, connections: ConnectionCount)
    {
        self.name = name
        self.address = address
        self.channel = channel
        self.loops = loops
        self.connections = connections
    }

    /// The port it listens on.
    package var port: Int { address.port ?? 0 }

    /// Connections that are open now. May be called from any thread.
    package var openConnections: Int { connections.current }

    /// Starts to listen; when this returns, connections are accepted. The caller shuts the group down after `drain`.
    /// - Throws: when the address is not available; nothing is left open then.
    package static func start(
        _ settings: ListenerSettings, on group: any EventLoopGroup, service: any HTTPService
    ) async throws(ListenError) -> HTTPListener {
        do {
            return try await bind(settings, on: group, service: service).get()
        } catch {
            throw ListenError(error, host: settings.host, port: settings.port)
        }
    }

    /// The same for callers without `await`. The future fails with `ListenError` only. Resolves a host name on the
    /// calling thread.
    package static func bind(
        _ settings: ListenerSettings, on group: any EventLoopGroup, service: any HTTPService
    ) -> EventLoopFuture<HTTPListener> {
        bind(settings, on: group, serving: .http(service))
    }

    /// The same for either kind of service.
    package static func bind(
        _ settings: ListenerSettings, on group: any EventLoopGroup, serving served: ServedProtocol
    ) -> EventLoopFuture<HTTPListener> {
        let loops = Loops(settings: settings, group: group)
        let connections = ConnectionCount()
        let bound: EventLoopFuture<any Channel>
        do throws(ListenError) {
            let addresses = try ListenAddress.candidates(host: settings.host, port: settings.port)
            bound = bind(to: addresses[...], on: group) {
                bootstrap(settings, serving: served, on: group, loops: loops, connections: connections)
            }
        } catch {
            bound = group.next().makeFailedFuture(error)
        }
        return bound.flatMapThrowing { channel in
            guard let address = channel.localAddress else { throw ChannelError.unknownLocalAddress }
            return HTTPListener(
                name: settings.name, address: address, channel: channel, loops: loops, connections: connections)
        }.flatMapErrorThrowing { throw ListenError($0, host: settings.host, port: settings.port) }
    }

    /// Stops accepting, closes idle connections, completes current requests, and ends with the last connection; at the
    /// deadline remaining connections are closed. Never fails; may be called again, also with an earlier deadline.
    package func drain(until deadline: NIODeadline) -> EventLoopFuture<Void> {
        let eventLoop = channel.eventLoop
        let closed = channel.close().recover { _ in }
        return closed.flatMap { self.loops.drain(until: deadline, on: eventLoop) }
    }

    /// Tries one address after the other: the machine may lack IPv6.
    private static func bind(
        to addresses: ArraySlice<SocketAddress>, on group: any EventLoopGroup,
        _ makeBootstrap: @escaping @Sendable () -> ServerBootstrap
    ) -> EventLoopFuture<any Channel> {
        guard let first = addresses.first else {
            return group.next().makeFailedFuture(ChannelError.unknownLocalAddress)
        }
        var bootstrap = makeBootstrap()
        // The system may be configured otherwise.
        if first.isEveryIPv6Address {
            let option = ChannelOptions.Types.SocketOption(level: .ipv6, name: .ipv6_v6only)
            bootstrap = bootstrap.serverChannelOption(option, value: 0)
        }
        let bound = bootstrap.bind(to: first)
        if addresses.count == 1 { return bound }
        return bound.flatMapError { error in
            let listenError = ListenError(error, host: "", port: first.port ?? 0)
            if case .portInUse = listenError { return group.next().makeFailedFuture(error) }
            return bind(to: addresses.dropFirst(), on: group, makeBootstrap)
        }
    }

    private static func bootstrap(
        _ settings: ListenerSettings, serving served: ServedProtocol, on group: any EventLoopGroup, loops: Loops,
        connections: ConnectionCount
    ) -> ServerBootstrap {
        let limit = settings.limits.maxConnections
        let shares = ConnectionShares()
        return ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // One for each read, so that the limit of connections is exact.
            .serverChannelOption(.maxMessagesPerRead, value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let gate = ConnectionGate(limit: limit, count: connections) { loops.makeRoom() }
                    try channel.pipeline.syncOperations.addHandler(gate)
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            // One read of each connection at a time, so that one client hardly delays the others.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(
                    minimum: 4 << 10, initial: 16 << 10, maximum: longestRead(of: served))
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let loop = loops[channel.eventLoop] else { throw ChannelError.operationUnsupported }
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(ShareCheck(loop: loop, shares: shares))
                    guard let tls = settings.tls else {
                        if case .http = served { try pipeline.addHandler(FirstByteCheck(settings: settings)) }
                        return try addHandlers(to: pipeline, loop: loop, serving: served)
                    }
                    try pipeline.addHandler(NIOSSLServerHandler(context: tls.context))
                    try pipeline.addHandler(
                        TLSHandshake(loop: loop) { try addHandlers(to: $0, loop: loop, serving: served) })
                }
            }
    }

    /// Bytes of one read: large enough for a usual export. The HTTP/2 handler copies what it reads, and keeps a buffer of
    /// this size for each connection.
    private static func longestRead(of served: ServedProtocol) -> Int {
        switch served {
        case .http: 256 << 10
        case .grpc: 64 << 10
        }
    }

    /// Adds the protocol's handlers to the end of a pipeline.
    private static func addHandlers(
        to pipeline: ChannelPipeline.SynchronousOperations, loop: ListenerLoop, serving served: ServedProtocol
    ) throws {
        switch served {
        case .http(let service):
            try addHandlers(to: pipeline, limits: loop.settings.limits, loop: loop, service: service)
        case .grpc(let service, let limits):
            let connection = GRPCConnection(loop: loop, service: service, http2Limits: limits)
            try pipeline.addHandler(PrefaceCheck(limits: limits, settings: loop.settings, connection: connection))
            try pipeline.addHandler(connection)
        }
    }

    private static func addHandlers(
        to pipeline: ChannelPipeline.SynchronousOperations, limits: ServerLimits, loop: ListenerLoop,
        service: any HTTPService
    ) throws {
        var configuration = NIOHTTPDecoderLimitConfiguration()
        configuration.maxHeaderFieldSize = limits.maxHeadSize
        configuration.maxHeaderListSize = limits.maxHeadSize
        configuration.maxHeaderFieldCount = limits.headFields
        let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: configuration)
        // The decoder does not count white space before a value, but it stores it.
        let keptBytes = limits.maxHeadSize.addingReportingOverflow(1024)
        let arriving = ArrivingBytes()
        try pipeline.addHandler(arriving)
        try pipeline.addHandler(
            ByteToMessageHandler(decoder, maximumBufferSize: keptBytes.overflow ? .max : keptBytes.partialValue))
        try pipeline.addHandler(HTTPConnection(loop: loop, service: service, arriving: arriving))
    }
}

/// The state of a listener on each event loop of its group.
private struct Loops: Sendable {
    private let byLoop: [ObjectIdentifier: NIOLoopBoundBox<ListenerLoop>]
    private let eventLoops: [any EventLoop]

    init(settings: ListenerSettings, group: any EventLoopGroup) {
        var byLoop: [ObjectIdentifier: NIOLoopBoundBox<ListenerLoop>] = [:]
        var eventLoops: [any EventLoop] = []
        for eventLoop in group.makeIterator() {
            let loop = ListenerLoop(settings: settings, eventLoop: eventLoop)
            byLoop[ObjectIdentifier(eventLoop)] = .makeBoxSendingValue(loop, eventLoop: eventLoop)
            eventLoops.append(eventLoop)
        }
        self.byLoop = byLoop
        self.eventLoops = eventLoops
    }

    /// To be called on that event loop.
    subscript(eventLoop: any EventLoop) -> ListenerLoop? { byLoop[ObjectIdentifier(eventLoop)]?.value }

    /// Closes, on each event loop, the connection that has waited longest for its client; the collector has one loop.
    func makeRoom() {
        for each in eventLoops { each.execute { _ = self[each]?.evictLongestWaiting(for: .connectionLimit) } }
    }

    func drain(until deadline: NIODeadline, on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let drained = eventLoops.map { each in
            each.flatSubmit { self[each]?.drain(until: deadline) ?? each.makeSucceededVoidFuture() }
        }
        return EventLoopFuture.andAllComplete(drained, on: eventLoop)
    }
}
