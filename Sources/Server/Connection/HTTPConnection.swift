internal import NIOCore
internal import NIOHTTP1
private import Platform
internal import Settings
internal import Synchronization

/// The I/O of one HTTP/1.1 connection: carries out the actions of `ConnectionState` with the channel and the service.
///
/// Requests are answered one after the other, in order. While one is being answered, further input waits in `backlog`,
/// and the socket is not read while something waits there.
final class HTTPConnection: ChannelDuplexHandler, ListenerConnection {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = Never
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    typealias Arrival = ArrivalBacklog.Arrival

    let loop: ListenerLoop
    let service: any HTTPService
    /// See `HTTPRequest.connection`.
    private let number = HTTPConnection.connections.add(1, ordering: .relaxed).newValue
    private static let connections = Atomic<UInt64>(0)
    var state: ConnectionState
    var context: ChannelHandlerContext?
    /// The head of the current request.
    var head: HTTPRequestHead?
    var body: RequestBody
    /// The body's part of the budget, until the response.
    var held = HeldBytes()
    /// The response to a refused request, until it is sent.
    var refusal: HTTPResponse?
    /// The current response, until all of it is written.
    var outgoing: OutgoingResponse?
    var isPumpScheduled = false
    var needsFlush = false
    var isInputClosed = false

    private let arriving: ArrivingBytes
    private var backlog: ArrivalBacklog
    private var isReadWithheld = false
    private var isProceeding = false
    /// A part of a request has arrived since all input was read last.
    private var sawPart = false
    /// When the current phase must end.
    private(set) var deadline = NIODeadline.distantFuture
    /// When that was set.
    private var deadlineSet = NIODeadline.now()
    var hasServed = false
    /// What `deadline` was set for.
    private var deadlinePhase: ConnectionState.Phase?
    /// Its place in the loop's list.
    var slot = 0

    var limits: ServerLimits { loop.settings.limits }

    init(loop: ListenerLoop, service: any HTTPService, arriving: ArrivingBytes) {
        self.loop = loop
        self.service = service
        self.arriving = arriving
        state = ConnectionState(limits: loop.settings.limits)
        body = RequestBody(loop: loop)
        backlog = ArrivalBacklog(loop: loop)
    }

    // MARK: Events of the channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.add(self)
        if context.channel.isActive { proceed() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        proceed()
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        sawPart = true
        let part = unwrapInboundIn(data)
        if backlog.isEmpty, !isBusy {
            process(part)
        } else {
            wait(.part(part))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // The input was no complete part of a request, so a head has begun. If it begins in the same read in which the
        // previous request ends, that is noticed with its next bytes only; until then the connection counts as idle.
        if !sawPart, backlog.isEmpty, !isBusy { state.receiveFragment() }
        sawPart = false
        claimBody()
        proceed()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { proceed() }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { arrive(.endOfInput) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case ByteToMessageDecoderError.dataReceivedInErrorState(_, let bytes):
            if state.phase == .lingering, !state.linger(bytes.readableBytes) { abort() }
        // The decoder reports this when it gets the end of a connection that is already closed.
        case is HTTPParserError where !context.channel.isActive:
            break
        case let error as HTTPParserError:
            arrive(.failure(ServerRefusal(error, decoding: arriving.bytes)))
        case is ByteToMessageDecoderError.PayloadTooLargeError:
            arrive(.failure(.headTooLarge))
        default:
            abort()
        }
    }

    func read(context: ChannelHandlerContext) {
        if backlog.isEmpty, context.channel.isWritable {
            context.read()
        } else {
            isReadWithheld = true
        }
    }

    // MARK: What arrives, in order

    /// Input cannot be processed now: the last request is being answered, or its client does not read.
    private var isBusy: Bool {
        switch state.phase {
        case .answering: true
        case .idle: !(context?.channel.isWritable ?? false)
        default: false
        }
    }

    private func arrive(_ arrival: Arrival) {
        if backlog.isEmpty, !isBusy { process(arrival) } else { wait(arrival) }
        proceed()
    }

    private func wait(_ arrival: Arrival) {
        if !backlog.append(arrival) { abort() }
    }

    private func process(_ arrival: Arrival) {
        switch arrival {
        case .part(let part): process(part)
        case .failure(let failure):
            guard state.phase != .closing, state.phase != .lingering else { return }
            guard state.fail() else { return abort() }
            respond(refusal ?? service.refusal(failure, of: head))
        case .endOfInput:
            isInputClosed = true
            if state.phase == .idle {
                closeWhenSent()
            } else if state.receiveEndOfInput() {
                abort()
            }
        }
    }

    private func process(_ part: HTTPServerRequestPart) {
        switch part {
        case .head(let head): process(head)
        case .body(let bytes): process(bytes)
        case .end: processEnd()
        }
    }

    private func process(_ head: HTTPRequestHead) {
        let framing = RequestFraming(head)
        switch state.receiveHead(framing) {
        case .ignore: return
        case .refuse(let refusal): turnAway(service.refusal(refusal, of: head), head)
        case .askService where framing.isAboutServer: turnAway(HTTPResponse(status: .noContent), head)
        case .askService:
            switch service.admit(head) {
            case .refuse(let response): turnAway(response, head)
            case .accept(let limit):
                self.head = head
                accept(framing, limit: limit, head)
            }
        }
    }

    private func accept(_ framing: RequestFraming, limit: Int, _ head: HTTPRequestHead) {
        switch state.accept(bodyLimit: limit) {
        case .refuse(let refusal): turnAway(service.refusal(refusal, of: head), head)
        case .collect(let sendContinue):
            body.begin(framing, limit: limit)
            if sendContinue { write(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")) }
        }
    }

    private func process(_ bytes: ByteBuffer) {
        switch state.receiveBody(bytes.readableBytes) {
        case .collect:
            body.append(bytes)
            if body.isInCrumbs { rejectBody(.badRequest("the body arrives in too many small chunks")) }
        case .refuse(let refusal): rejectBody(refusal)
        case .close: abort()
        case .ignore: break
        }
    }

    private func processEnd() {
        switch state.receiveEnd() {
        case .ignore: break
        case .refuse: if let refusal { respond(refusal) }
        case .answer:
            guard let head else { return }
            do {
                let body = try finishBody()
                answer(HTTPRequest(head: head, body: body, connection: number, source: source, life: life))
            } catch {
                respond(response(to: error))
            }
            body.discard()
        }
    }

    func rejectBody(_ reason: ServerRefusal) {
        state.rejectBody()
        discardBody()
        refusal = response(to: reason)
    }

    /// Releases a body that is not handed on.
    func discardBody() {
        body.discard()
        held.end()
    }

    private func turnAway(_ response: HTTPResponse, _ head: HTTPRequestHead) {
        self.head = head
        refusal = response
    }

    /// Continues as far as possible: with the current response, with waiting requests, and with the socket.
    ///
    /// A loop with a guard, since a flush may call it again from within.
    func proceed() {
        guard !isProceeding else { return }
        isProceeding = true
        defer { isProceeding = false }
        repeat {
            pump()
            while !isBusy, let arrival = backlog.popFirst() { process(arrival) }
            if loop.closesIdle, backlog.isEmpty { closeWhenSent() }
            settle()
        } while state.phase != .closed && !isBusy && !backlog.isEmpty
    }

    /// Carries out what the state requires: sends, flushes, sets the deadline, reads.
    private func settle() {
        guard let context, state.phase != .closed else { return }
        if backlog.isEmpty, state.receiveComplete(), let refusal { respond(refusal) }
        if needsFlush {
            needsFlush = false
            context.flush()
        }
        guard state.phase != .closed else { return }
        setDeadline()
        if isReadWithheld, backlog.isEmpty, context.channel.isWritable {
            isReadWithheld = false
            context.read()
        }
    }

    // MARK: Time

    /// Sets the deadline of the current phase, unless the phase has not changed.
    private func setDeadline() {
        let phase = state.phase
        // Every request restarts the idle time; all other phases have one deadline from their start.
        if phase == deadlinePhase, phase != .idle { return }
        deadlinePhase = phase
        deadlineSet = .now()
        let time: Duration
        switch phase {
        case .idle: time = isBusy ? limits.writeTimeout : limits.idleTimeout
        case .head: time = limits.headTimeout
        case .body, .refusing, .discarding: time = limits.bodyTimeout
        case .closing: time = limits.writeTimeout
        case .lingering: time = limits.lingerTimeout
        case .answering where outgoing != nil: time = limits.writeTimeout
        // The service has no deadline here.
        case .answering, .closed: return deadline = .distantFuture
        }
        deadline = deadlineSet + time
        loop.deadlineMoved(to: deadline)
    }

    /// A part of the response was sent: the client's time starts again.
    func responseMoved() {
        deadlinePhase = nil
    }

    func deadlinePassed() {
        switch state.deadlinePassed() {
        case .close: abort()
        case .refuse: end(with: refusal ?? service.refusal(.timeout, of: head))
        }
    }

    /// Answers a request that will not be complete.
    func end(with response: HTTPResponse) {
        discardBody()
        respond(response)
        proceed()
    }

    // MARK: The end

    /// Makes the current response the last one. Idle connections are closed when the loop says so.
    func drain() { state.drain() }

    /// Closes the connection, if it is idle, after the responses that its client has not read yet.
    private func closeWhenSent() {
        if state.closeIdle() { writeLast(ByteBuffer()) }
    }

    var waitingSince: NIODeadline? {
        switch state.phase {
        // The service is working on it.
        case .answering where outgoing == nil, .closed: nil
        default: deadlineSet
        }
    }

    var peer: SocketAddress? { context?.channel.remoteAddress }

    private lazy var source = ConnectionSource(peer)
    private let life = ConnectionLife()

    func evict() { abort() }

    /// Closes at once; unsent data is lost.
    func abort() {
        let context = context
        if outgoing?.endsWithConnection == true, let channel = context?.channel as? any SocketOptionProvider {
            // Otherwise the end of the connection would look like the end of the body.
            channel.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in }
        }
        end()
        context?.close(promise: nil)
    }

    private func end() {
        guard state.phase != .closed else { return }
        state.close()
        life.end()
        deadline = .distantFuture
        outgoing?.end(on: loop)
        outgoing = nil
        discardBody()
        head = nil
        refusal = nil
        backlog.removeAll()
        loop.remove(self)
    }
}
