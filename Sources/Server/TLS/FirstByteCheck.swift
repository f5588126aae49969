internal import NIOCore

/// Looks at the first byte of a connection without TLS, since the answer to who begins a handshake there cannot be read
/// by it; then it is in nobody's way.
final class FirstByteCheck: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// The type of a TLS record that holds a handshake (RFC 8446, 5.1).
    static let handshakeRecord: UInt8 = 22

    private let settings: ListenerSettings

    init(settings: ListenerSettings) { self.settings = settings }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if unwrapInboundIn(data).readableBytesView.first == Self.handshakeRecord {
            settings.observer?.refusedConnection(.tlsOnPlainPort, listener: settings.name)
        }
        context.fireChannelRead(data)
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }
}
