internal import NIOCore

/// Checks the first byte of a connection without TLS, since a client that begins a TLS handshake there could not read a
/// response; then it removes itself.
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
