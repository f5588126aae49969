internal import NIOCore
internal import NIOHTTP1

/// The server's response.
struct HTTPReply: Sendable {
    var head: HTTPResponseHead
    /// The first bytes of the body, at most `ClientExchange.bodyLimit`.
    var body: ByteBuffer
}

/// Why there is no response.
enum ExchangeFault: Error {
    case closed
    /// The server requires TLS, and none is configured.
    case unprotected
}

/// Requests and their responses, one after the other, on one connection.
final class ClientExchange: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = Request
    typealias OutboundOut = HTTPClientRequestPart

    /// What is written to the channel.
    struct Request: Sendable {
        var head: HTTPRequestHead
        var body: ByteBuffer
        var reply: EventLoopPromise<HTTPReply>
    }

    /// Bytes of a response that are kept; the rest is read and discarded. 64 KiB.
    static let bodyLimit = 64 << 10
    /// Bytes of a response that are read at all; a connection with a longer one is closed. 1 MiB.
    private static let readLimit = 1 << 20

    /// Bytes of a response's head, blanks included. 64 KiB.
    private static let headLimit = 64 << 10
    /// 1xx responses before the final one. 16.
    private static let interimLimit = 16

    private var waiting: EventLoopPromise<HTTPReply>?
    private var reply: HTTPReply?
    private var bytesRead = 0
    private var interimCount = 0

    /// Adds the HTTP/1.1 handlers and an exchange, on the channel's event loop.
    static func addHandlers(to pipeline: ChannelPipeline.SynchronousOperations) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = headLimit
        limits.maxHeaderListSize = headLimit
        let decoder = HTTPResponseDecoder(
            leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .forward, limitConfiguration: limits)
        try pipeline.addHandler(AnswerLimit())
        try pipeline.addHandler(HTTPRequestEncoder())
        // The decoder does not count blanks before a value, but it stores them.
        try pipeline.addHandler(ByteToMessageHandler(decoder, maximumBufferSize: 2 * headLimit))
        try pipeline.addHandler(NIOHTTPRequestHeadersValidator())
        try pipeline.addHandler(ClientExchange())
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let request = unwrapOutboundIn(data)
        guard waiting == nil else {
            request.reply.fail(ExchangeFault.closed)
            return
        }
        waiting = request.reply
        interimCount = 0
        context.write(wrapOutboundOut(.head(request.head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(request.body))), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            // Interim responses such as 100 Continue come first.
            guard head.status.code >= 200 else {
                interimCount += 1
                if interimCount > Self.interimLimit { context.close(promise: nil) }
                return
            }
            reply = HTTPReply(head: head, body: ByteBuffer())
            bytesRead = 0
        case .body(var bytes):
            bytesRead += bytes.readableBytes
            let room = Self.bodyLimit - (reply?.body.readableBytes ?? 0)
            if let kept = bytes.readSlice(length: min(room, bytes.readableBytes)) {
                reply?.body.writeImmutableBuffer(kept)
            }
            if bytesRead > Self.readLimit { context.close(promise: nil) }
        case .end:
            guard let reply, let waiting else { return }
            self.reply = nil
            self.waiting = nil
            if !reply.head.isKeepAlive { context.close(promise: nil) }
            waiting.succeed(reply)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(ExchangeFault.closed)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(error)
        context.fireErrorCaught(error)
    }

    private func end(_ error: any Error) {
        waiting?.fail(error)
        waiting = nil
        reply = nil
    }
}
