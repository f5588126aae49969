internal import NIOCore
internal import NIOHTTP2
internal import Settings

/// The first handler, after TLS if that is on: a connection that begins as HTTP/2 gets its handler, one that begins as
/// HTTP/1 gets an error message. Anything else is closed.
final class PrefaceCheck: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    private enum Phase {
        case undecided
        case http2
        /// Further input is ignored.
        case refused
    }

    private let limits: HTTP2Limits
    private let settings: ListenerSettings
    private weak var connection: GRPCConnection?
    private var passedBytes = 0
    private var frames = LateFrames()
    private var phase = Phase.undecided
    private var begun = ByteBuffer()
    /// The received part of a frame that is not complete. The HTTP/2 handler would append the next read to the buffer of
    /// this one, and to that the next, as long as reads end within frames.
    private var incomplete = ByteBuffer()
    private var context: ChannelHandlerContext?

    private var serverLimits: ServerLimits { settings.limits }

    init(limits: HTTP2Limits, settings: ListenerSettings, connection: GRPCConnection) {
        self.limits = limits
        self.settings = settings
        self.connection = connection
        connection.preface = self
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// Tells the client which of its calls is the last that is answered; the greatest number announces the end.
    ///
    /// The HTTP/2 handler does not know of it: after any GOAWAY of its own it treats frames of further calls as
    /// connection errors, but they have to be accepted or ignored (RFC 9113, 6.8). Clients send them before they read
    /// this.
    func sendGoAway(last: HTTP2StreamID) {
        frames.end(behind: last)
        var frame = ByteBuffer()
        // Eight bytes of payload, type 7, no flags, stream 0.
        frame.writeBytes([0, 0, 8, 7, 0, 0, 0, 0, 0])
        frame.writeInteger(UInt32(Int(last)))
        frame.writeInteger(UInt32(0))
        context?.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch phase {
        case .http2:
            if connection?.isOver == true { return pass(over: unwrapInboundIn(data), context) }
            return forward(frames.pass(unwrapInboundIn(data)), context)
        case .refused: return
        case .undecided: break
        }
        begun.writeImmutableBuffer(unwrapInboundIn(data))
        let known = min(begun.readableBytes, Self.preface.count)
        guard begun.readableBytesView.prefix(known).elementsEqual(Self.preface.prefix(known)) else {
            return refuse(context)
        }
        guard known == Self.preface.count else { return }
        do {
            try context.pipeline.syncOperations.addHandler(makeHandler(), position: .after(self))
        } catch {
            phase = .refused
            return context.close(promise: nil)
        }
        phase = .http2
        let bytes = begun
        begun = ByteBuffer()
        if let first = bytes.getSlice(at: known, length: bytes.readableBytes - known) { _ = frames.pass(first) }
        forward(bytes, context)
    }

    /// Passes complete frames on, and DATA as far as it has arrived.
    private func forward(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        var complete = bytes
        if incomplete.readableBytes > 0 {
            complete = incomplete
            complete.writeImmutableBuffer(bytes)
            incomplete = ByteBuffer()
        }
        let rest = frames.incompleteBytes
        if rest > 0, let tail = complete.getSlice(at: complete.writerIndex - rest, length: rest) {
            // A copy: the read's buffer is released.
            incomplete.reserveCapacity(rest)
            incomplete.writeImmutableBuffer(tail)
            complete.moveWriterIndex(to: complete.writerIndex - rest)
        }
        if complete.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(complete)) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        let credit = frames.takeCredit()
        if credit > 0 {
            var frame = ByteBuffer()
            // Four bytes of payload, type 8, no flags, stream 0.
            frame.writeBytes([0, 0, 4, 8, 0, 0, 0, 0, 0])
            frame.writeInteger(credit)
            context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
        }
        context.fireChannelReadComplete()
    }

    /// Discards what a client still sends after it was told to stop, so that it reads the message instead of a reset.
    private func pass(over bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        passedBytes += bytes.readableBytes
        if passedBytes > serverLimits.lingerBytes {
            phase = .refused
            context.close(promise: nil)
        }
    }

    private func makeHandler() -> NIOHTTP2Handler {
        var configuration = NIOHTTP2Handler.ConnectionConfiguration()
        configuration.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: limits.maxConcurrentStreams),
            HTTP2Setting(parameter: .initialWindowSize, value: limits.streamWindow),
            HTTP2Setting(parameter: .maxHeaderListSize, value: serverLimits.maxHeadSize),
        ]
        // `GRPCConnection` counts these in relation to calls. Here only the rate is bounded, 20,000 a second; the
        // window is short because it takes memory of every connection.
        configuration.controlFrameRateLimit.maximumCount = 2000
        configuration.controlFrameRateLimit.windowLength = .milliseconds(100)
        // Calls that are reset late, or answered early while their message is still in flight.
        configuration.maximumRecentlyResetStreams = limits.maxConcurrentStreams
        // Errors are bounded by their rate, not by the age of the connection.
        configuration.maximumConnectionGlitches = .max
        var stream = NIOHTTP2Handler.StreamConfiguration()
        stream.streamResetFrameRateLimit.maximumCount = limits.resets
        stream.streamResetFrameRateLimit.windowLength = limits.countingTime
        return NIOHTTP2Handler(
            mode: .server, frameDelegate: connection, connectionConfiguration: configuration,
            streamConfiguration: stream)
    }

    private func refuse(_ context: ChannelHandlerContext) {
        phase = .refused
        // A method, so it is HTTP/1; a client that begins with TLS could not read a response.
        guard let first = begun.readableBytesView.first, (0x41...0x5A).contains(first) else {
            if begun.readableBytesView.first == FirstByteCheck.handshakeRecord, settings.tls == nil {
                settings.observer?.refusedConnection(.tlsOnPlainPort, listener: settings.name)
            }
            return context.close(promise: nil)
        }
        let reason = "this port speaks gRPC (HTTP/2); OTLP over HTTP/1.1 goes to the HTTP port, usually 4318"
        settings.observer?.responded(status: 400, listener: settings.name)
        settings.observer?.refused(Refusal(.malformed, reason), listener: settings.name)
        let text = reason + "\n"
        let answer =
            "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: \(text.utf8.count)\r\n"
            + "Connection: close\r\n\r\n\(text)"
        begun = ByteBuffer()
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
        context.close(mode: .output, promise: nil)
    }
}
