internal import NIOCore

/// Closes a connection whose response is longer than any response to an export: the decoder behind it skips some parts
/// of HTTP without a limit.
final class AnswerLimit: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    /// Bytes on the wire since the last request, heads and all. 2 MiB.
    private static let limit = 2 << 20

    private var count = 0

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        count = 0
        context.write(data, promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        count += unwrapInboundIn(data).readableBytes
        guard count <= Self.limit else { return context.close(promise: nil) }
        context.fireChannelRead(data)
    }
}
