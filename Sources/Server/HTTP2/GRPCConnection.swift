internal import NIOCore
internal import NIOHPACK
internal import NIOHTTP2
internal import Settings

/// The I/O of one HTTP/2 connection: reads the frames of unary calls, calls the service, and responds.
///
/// It works on frames, not on a channel for each stream: a call is three frames in and three out.
final class GRPCConnection: ChannelDuplexHandler, ListenerConnection {
    typealias InboundIn = HTTP2Frame
    typealias InboundOut = Never
    typealias OutboundIn = Never
    typealias OutboundOut = HTTP2Frame

    /// One call, from its head to the end of its stream.
    final class Call {
        enum Phase {
            /// The message is arriving.
            case collecting
            /// The service is working on it.
            case answering
            /// The response is being sent.
            case leaving
        }

        let id: HTTP2StreamID
        var head: GRPCHead
        var phase = Phase.collecting
        var frame = MessageFrame(limit: 0)
        /// The call's part of the budget, until the response.
        var held = HeldBytes()
        /// Bytes of an incomplete call: the received part of its message, its head, and what is kept for each stream.
        var byteCount: Int { frame.count + head.byteCount + Self.streamBytes }
        /// 4 KiB: its state here and in HTTP/2.
        private static let streamBytes = 4 << 10
        /// The deadline of the client.
        var clientDeadline = NIODeadline.distantFuture
        /// When the current phase must end.
        var due = NIODeadline.distantFuture

        init(id: HTTP2StreamID, head: GRPCHead) {
            self.id = id
            self.head = head
        }
    }

    enum Phase {
        /// The client has sent no frame yet, so none may be sent to it.
        case opening
        case open
        /// The last GOAWAY is sent: current calls are answered, further calls are ignored (RFC 9113, 6.8).
        case ending
        /// This side is closed.
        case lingering
        case closed
    }

    let loop: ListenerLoop
    let service: any GRPCService
    let http2Limits: HTTP2Limits
    var phase = Phase.opening
    var context: ChannelHandlerContext?
    /// Before HTTP/2 in the same pipeline.
    weak var preface: PrefaceCheck?
    var calls: [HTTP2StreamID: Call] = [:]
    var needsFlush = false
    /// Bytes of incomplete messages.
    var heldBytes = 0
    /// The calls that began, or received a part of their message, in this read.
    var grownCalls: [Call] = []
    /// The newest call.
    var lastID = HTTP2StreamID.rootStream
    private(set) var deadline = NIODeadline.distantFuture
    var slot = 0
    /// The last time that a call, or the connection, began or ended.
    var lastMove = NIODeadline.now()

    /// When the connection is closed unless something happens: its opening, its idle time, its end.
    private var due = NIODeadline.distantFuture
    /// A connection error was answered.
    private var isFaulty = false
    /// No further input belongs to a call that will be answered; it is discarded before it is decoded.
    var isOver: Bool { isFaulty || phase == .lingering }
    private var isReadWithheld = false
    private var isProceeding = false
    private var isInputClosed = false
    private var controlFrames = 0
    private var countingSince = NIODeadline.now()

    var limits: ServerLimits { loop.settings.limits }

    /// How long the end waits for a correct client to close its side: it knows of the end by GOAWAY.
    private static let partingTime = Duration.milliseconds(200)

    init(loop: ListenerLoop, service: any GRPCService, http2Limits: HTTP2Limits) {
        self.loop = loop
        self.service = service
        self.http2Limits = http2Limits
    }

    // MARK: Events of the channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.add(self)
        due = .now() + limits.headTimeout
        wake(at: due)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        if phase == .opening { open() }
        guard phase == .open || phase == .ending else { return }
        switch frame.payload {
        case .headers(let content): takeHead(content.headers, endsStream: content.endStream, id: frame.streamID)
        case .data(let content):
            if case .byteBuffer(let bytes) = content.data {
                // A client that sends its message in crumbs, or padding instead of it.
                if bytes.readableBytes < http2Limits.smallData, !content.endStream { countControlFrame() }
                take(bytes, endsStream: content.endStream, id: frame.streamID)
            }
        case .ping, .settings, .priority, .windowUpdate: countControlFrame()
        default: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        claimMessages()
        proceed()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            if isReadWithheld {
                isReadWithheld = false
                context.read()
            }
        }
        refreshDue()
        proceed()
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        // A client that does not read its responses is not read from.
        if context.channel.isWritable { context.read() } else { isReadWithheld = true }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let event as StreamClosedEvent: forget(event.streamID)
        case let event as NIOHTTP2WindowUpdatedEvent: openWindow(event)
        case ChannelEvent.inputClosed:
            isInputClosed = true
            if phase == .lingering { abort() } else { proceed() }
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    /// Errors of one stream have ended it; errors of the connection were reported by GOAWAY.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if isFaulty { part() }
    }

    // MARK: The connection's life

    private func open() {
        phase = .open
        refreshDue()
        if loop.isDraining { drain() }
    }

    /// Counts frames that belong to no call.
    private func countControlFrame() {
        let now = NIODeadline.now()
        if now - countingSince > http2Limits.countingTime {
            countingSince = now
            controlFrames = 0
        }
        controlFrames += 1
        if controlFrames > http2Limits.controlFrames {
            goAway(.enhanceYourCalm)
            part()
        } else if calls.isEmpty {
            refreshDue()
        }
    }

    func countCall() { controlFrames = max(0, controlFrames - http2Limits.controlFramesPerCall) }

    /// Lets the client continue to send when it has used half of a window.
    private func openWindow(_ event: NIOHTTP2WindowUpdatedEvent) {
        guard let left = event.inboundWindowSize, phase == .open || phase == .ending else { return }
        let target: Int
        if event.streamID == .rootStream {
            target = http2Limits.connectionWindow
        } else {
            guard let call = calls[event.streamID], call.phase == .collecting else { return }
            target = http2Limits.streamWindow
        }
        guard left < target / 2 else { return }
        write(.windowUpdate(windowSizeIncrement: target - left), id: event.streamID)
    }

    func drain() {
        guard phase == .open else { return }
        // The client opens no further call; those in flight are still accepted.
        preface?.sendGoAway(last: .maxID)
    }

    /// Sends pending frames, and closes when nothing is left to do.
    ///
    /// Not when a stream ends: that is reported before its last frame is flushed.
    func proceed() {
        guard !isProceeding else { return }
        isProceeding = true
        defer { isProceeding = false }
        if loop.closesIdle { finish() }
        if isInputClosed {
            // Incomplete messages will not be completed.
            for call in calls.values where call.phase == .collecting { drop(call, .cancel) }
        }
        while needsFlush, phase != .closed {
            needsFlush = false
            context?.flush()
        }
        guard calls.isEmpty, phase == .ending || isInputClosed else { return }
        switch phase {
        case .open, .ending: part()
        case .opening: abort()
        case .lingering, .closed: break
        }
    }

    /// Accepts no further call.
    private func finish() {
        switch phase {
        case .opening: abort()
        case .open:
            phase = .ending
            preface?.sendGoAway(last: lastID)
        case .ending, .lingering, .closed: break
        }
    }

    private func goAway(_ code: HTTP2ErrorCode) {
        write(.goAway(lastStreamID: lastID, errorCode: code, opaqueData: nil), id: .rootStream)
    }

    var waitingSince: NIODeadline? {
        calls.values.contains { $0.phase == .answering } ? nil : lastMove
    }

    var hasServed: Bool { lastID > .rootStream && calls[lastID] == nil }

    var peer: SocketAddress? { context?.channel.remoteAddress }

    /// Tells the client that it may retry on another connection.
    func evict() {
        if phase == .open { preface?.sendGoAway(last: lastID) }
        abort()
    }

    /// Closes this side after pending output, and the connection when the client has closed its side.
    private func part() {
        guard phase == .open || phase == .ending, let context else { return abort() }
        phase = .lingering
        needsFlush = false
        context.flush()
        if isInputClosed { return abortWhenSent() }
        context.close(mode: .output, promise: nil)
        due = .now() + (isFaulty ? limits.lingerTimeout : Self.partingTime)
        wake(at: due)
    }

    private func abortWhenSent() {
        let context = context
        context?.close(mode: .output).assumeIsolated().whenComplete { _ in self.abort() }
        due = .now() + limits.writeTimeout
        wake(at: due)
    }

    func abort() {
        let context = context
        end()
        context?.close(promise: nil)
    }

    private func end() {
        guard phase != .closed else { return }
        phase = .closed
        deadline = .distantFuture
        for call in calls.values {
            call.frame.discard(on: loop)
            call.held.end()
        }
        calls.removeAll()
        grownCalls.removeAll()
        loop.remove(self)
    }

    // MARK: Time

    func wake(at moment: NIODeadline) {
        guard moment < deadline else { return }
        deadline = moment
        loop.deadlineMoved(to: moment)
    }

    /// The connection's own deadline, after something has happened.
    func refreshDue() {
        guard phase == .open || phase == .ending else { return }
        if context?.channel.isWritable == false {
            due = .now() + limits.writeTimeout
        } else {
            due = calls.isEmpty ? .now() + limits.idleTimeout : .distantFuture
        }
        wake(at: due)
    }

    func deadlinePassed() {
        let now = NIODeadline.now()
        deadline = .distantFuture
        if due <= now {
            guard phase == .open || phase == .ending, context?.channel.isWritable ?? false else { return abort() }
            if calls.isEmpty {
                // Idle: by GOAWAY, a call in flight is known not to be accepted.
                finish()
                return proceed()
            }
            refreshDue()
        }
        for call in calls.values where call.due <= now { expire(call) }
        proceed()
        guard phase != .closed else { return }
        wake(at: calls.values.reduce(due) { min($0, $1.due) })
    }

    // MARK: Writing

    func write(_ payload: HTTP2Frame.FramePayload, id: HTTP2StreamID) {
        context?.write(wrapOutboundOut(HTTP2Frame(streamID: id, payload: payload)), promise: nil)
        needsFlush = true
    }
}

extension GRPCConnection: NIOHTTP2FrameDelegate {
    func wroteFrame(_ frame: HTTP2Frame) {
        if case .goAway(_, let code, _) = frame.payload, code != .noError { isFaulty = true }
    }
}
