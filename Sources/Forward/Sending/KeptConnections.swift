internal import NIOCore
internal import NIOPosix
private import Synchronization

/// A connection to a server, with the state of its transport.
protocol KeptConnection: Sendable {
    var channel: any Channel { get }
    /// The last handler of the channel.
    var end: ConnectionEnd { get }
}

/// Keeps why a connection broke: later writes only report that it is closed.
final class ConnectionEnd: ChannelInboundHandler, Sendable {
    typealias InboundIn = Any

    private let first = Mutex<(any Error)?>(nil)

    /// The first error; nil: none.
    var error: (any Error)? { first.withLock { $0 } }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        first.withLock { $0 = $0 ?? error }
        context.close(promise: nil)
    }
}

/// The exchange timed out.
struct TimedOut: Error {}

/// One connection for each server, kept until the server closes it.
final class KeptConnections<Connection: KeptConnection>: Sendable {
    private struct State {
        /// By the address of their server.
        var kept: [String: (connection: Connection, lastUse: ContinuousClock.Instant)] = [:]
        var isClosed = false
    }

    /// Connections that are kept: one for each signal, and as many for redirects, which may lead to ever new servers.
    /// 6.
    private static var limit: Int { 6 }

    private let group: any EventLoopGroup
    private let idleLimit: Duration?
    private let state = Mutex(State())

    /// - Parameters:
    ///   - group: serves the connections.
    ///   - idleLimit: how long a connection may be idle before it is not used again; nil: until the server closes it.
    init(on group: any EventLoopGroup, idleLimit: Duration? = nil) {
        self.group = group
        self.idleLimit = idleLimit
    }

    /// Sends a request over the open connection or a new one, and waits for the response.
    /// - Parameters:
    ///   - deadline: when the exchange fails, including connecting, which may take at most 10 s.
    ///   - ask: must make sure that the promise is completed.
    func exchange<Reply: Sendable>(
        with address: String, until deadline: ContinuousClock.Instant,
        connect: (sending ClientBootstrap) async throws -> Connection,
        _ ask: (Connection, EventLoopPromise<Reply>) -> Void
    ) async throws -> Reply {
        if let open = try open(address) {
            do {
                return try await exchange(with: address, until: deadline, on: open, ask)
            } catch {
                // A server may close an idle connection at the moment it is used again; that is not counted as a
                // failure.
                if error is TimedOut { throw error }
            }
        }
        let bootstrap = ClientBootstrap(group: group).connectTimeout(
            max(.milliseconds(1), min(TimeAmount(deadline - .now), .seconds(10))))
        let fresh = try await connect(bootstrap)
        try keep(fresh, address)
        return try await exchange(with: address, until: deadline, on: fresh, ask)
    }

    /// Closes all connections; later exchanges fail.
    func close() async {
        let channels = state.withLock { state in
            state.isClosed = true
            defer { state.kept = [:] }
            return state.kept.values.map(\.connection.channel)
        }
        // A connection that is already closed is no error.
        for channel in channels { _ = try? await channel.close().get() }
    }

    private func exchange<Reply: Sendable>(
        with address: String, until deadline: ContinuousClock.Instant, on connection: Connection,
        _ ask: (Connection, EventLoopPromise<Reply>) -> Void
    ) async throws -> Reply {
        let channel = connection.channel
        let promise = channel.eventLoop.makePromise(of: Reply.self)
        let end = channel.eventLoop.scheduleTask(in: TimeAmount(deadline - .now)) {
            promise.fail(TimedOut())
            channel.close(promise: nil)
        }
        defer { end.cancel() }
        ask(connection, promise)
        do {
            let reply = try await promise.futureResult.get()
            state.withLock { $0.kept[address]?.lastUse = .now }
            return reply
        } catch {
            state.withLock { if $0.kept[address]?.connection.channel === channel { $0.kept[address] = nil } }
            channel.close(promise: nil)
            throw (error is TimedOut ? nil : connection.end.error) ?? error
        }
    }

    private func open(_ address: String) throws -> Connection? {
        try state.withLock { state in
            if state.isClosed { throw ChannelError.ioOnClosedChannel }
            guard let (connection, lastUse) = state.kept[address], connection.channel.isActive else { return nil }
            if let idleLimit, .now - lastUse >= idleLimit { return nil }
            return connection
        }
    }

    private func keep(_ connection: Connection, _ address: String) throws {
        let (former, mayStay) = state.withLock { state in
            var former = state.kept[address].map { [$0.connection] } ?? []
            if !state.isClosed { state.kept[address] = (connection, .now) }
            while state.kept.count > Self.limit,
                let oldest = state.kept.min(by: { $0.value.lastUse < $1.value.lastUse })
            {
                former.append(oldest.value.connection)
                state.kept[oldest.key] = nil
            }
            return (former, !state.isClosed)
        }
        for connection in former { connection.channel.close(promise: nil) }
        guard mayStay else {
            connection.channel.close(promise: nil)
            throw ChannelError.ioOnClosedChannel
        }
    }
}
