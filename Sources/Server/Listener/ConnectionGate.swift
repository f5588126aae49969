internal import NIOCore
internal import Synchronization

/// How many connections of a listener are open; may be read from anywhere.
final class ConnectionCount: Sendable {
    private let count = Atomic<Int>(0)

    var current: Int { count.load(ordering: .relaxed) }

    /// Adds `change` and returns the new count.
    @discardableResult
    func add(_ change: Int) -> Int { count.add(change, ordering: .relaxed).newValue }
}

/// Pauses accepting while as many connections are open as are allowed: further ones wait in the system's queue.
///
/// Lives in the listening channel, which accepts one connection for each read.
final class ConnectionGate: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = Never

    private let limit: Int
    private let count: ConnectionCount
    private var isReadWithheld = false
    private var context: ChannelHandlerContext?

    init(limit: Int, count: ConnectionCount) {
        self.limit = limit
        self.count = count
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let connection = unwrapInboundIn(data)
        count.add(1)
        connection.closeFuture.hop(to: context.eventLoop).assumeIsolated().whenComplete { _ in
            self.count.add(-1)
            self.accept()
        }
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        if count.current < limit { context.read() } else { isReadWithheld = true }
    }

    private func accept() {
        guard isReadWithheld, count.current < limit else { return }
        isReadWithheld = false
        context?.read()
    }
}
