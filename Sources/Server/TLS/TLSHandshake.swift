internal import NIOCore
internal import NIOSSL
internal import NIOTLS
internal import Settings

/// Follows the TLS handler of a connection until the handshake is over, whose time it limits to that for a head; then
/// the handlers of the listener's protocol replace it.
final class TLSHandshake: ChannelInboundHandler, RemovableChannelHandler, ListenerConnection {
    typealias InboundIn = ByteBuffer

    var slot = 0
    private(set) var deadline = NIODeadline.distantFuture
    private let begin = NIODeadline.now()

    private let loop: ListenerLoop
    private let addProtocol: (ChannelPipeline.SynchronousOperations) throws -> Void
    private var context: ChannelHandlerContext?
    private var isOver = false

    /// - Parameter addProtocol: adds the handlers of the listener's protocol to the end of the pipeline.
    init(loop: ListenerLoop, addProtocol: @escaping (ChannelPipeline.SynchronousOperations) throws -> Void) {
        self.loop = loop
        self.addProtocol = addProtocol
    }

    // MARK: Events of the channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.add(self)
        deadline = .now() + loop.settings.limits.headTimeout
        loop.deadlineMoved(to: deadline)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .handshakeCompleted? = event as? TLSUserEvent, !isOver else { return }
        end()
        do {
            // At once: data that the client sent after its handshake follows right after this event.
            try addProtocol(context.pipeline.syncOperations)
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        } catch {
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let fault = ConnectionFault(error) { report(fault) }
        abort()
    }

    private func report(_ fault: ConnectionFault) {
        guard !isOver else { return }
        loop.settings.observer?.refusedConnection(fault, listener: loop.settings.name)
    }

    // MARK: What the loop asks for

    var waitingSince: NIODeadline? { begin }

    var hasServed: Bool { false }

    var peer: SocketAddress? { context?.channel.remoteAddress }

    func evict() { abort() }

    func deadlinePassed() {
        report(.handshakeTimeout)
        abort()
    }

    func drain() {}

    func proceed() {
        if loop.closesIdle { abort() }
    }

    func abort() {
        let context = context
        end()
        context?.close(promise: nil)
    }

    private func end() {
        guard !isOver else { return }
        isOver = true
        deadline = .distantFuture
        loop.remove(self)
    }
}
