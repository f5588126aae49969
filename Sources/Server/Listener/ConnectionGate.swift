internal import NIOCore
internal import Synchronization

/// The number of open connections of a listener; may be read from any thread.
final class ConnectionCount: Sendable {
    private let count = Atomic<Int>(0)

    var current: Int { count.load(ordering: .relaxed) }

    /// Adds `change` and returns the new count.
    @discardableResult
    func add(_ change: Int) -> Int { count.add(change, ordering: .relaxed).newValue }
}

/// Limits the number of connections. When the limit is reached, a new connection replaces the one that has waited
/// longest for its client; while all are busy it waits, and further ones wait in the system's queue.
///
/// Lives in the listening channel, which accepts one connection for each read.
final class ConnectionGate: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never

    /// How soon it tries again when no connection could be closed. 50 ms.
    private static let retryTime = TimeAmount.milliseconds(50)

    private let limit: Int
    private let count: ConnectionCount
    private let makeRoom: () -> Void
    /// Has no place yet, and is not served.
    private var waiting: (any Channel)?
    private var retry: Scheduled<Void>?
    private var isReadWithheld = false
    private var context: ChannelHandlerContext?

    /// - Parameter makeRoom: closes a connection that waits for its client, now or soon, if there is one.
    init(limit: Int, count: ConnectionCount, makeRoom: @escaping () -> Void) {
        self.limit = limit
        self.count = count
        self.makeRoom = makeRoom
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        retry?.cancel()
        waiting?.close(promise: nil)
        waiting = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let connection = unwrapInboundIn(data)
        if count.current < limit { return admit(connection, context) }
        waiting = connection
        requestRoom(context)
    }

    func read(context: ChannelHandlerContext) {
        if waiting == nil { context.read() } else { isReadWithheld = true }
    }

    private func admit(_ connection: any Channel, _ context: ChannelHandlerContext) {
        count.add(1)
        connection.closeFuture.hop(to: context.eventLoop).assumeIsolated().whenComplete { _ in
            self.count.add(-1)
            self.resume()
        }
        context.fireChannelRead(wrapInboundOut(connection))
    }

    private func requestRoom(_ context: ChannelHandlerContext) {
        makeRoom()
        retry = context.eventLoop.assumeIsolated().scheduleTask(in: Self.retryTime) {
            guard self.waiting != nil, let context = self.context else { return }
            self.requestRoom(context)
        }
    }

    private func resume() {
        guard let context else { return }
        if let connection = waiting, count.current < limit {
            waiting = nil
            retry?.cancel()
            admit(connection, context)
        }
        guard isReadWithheld, waiting == nil else { return }
        isReadWithheld = false
        context.read()
    }
}
