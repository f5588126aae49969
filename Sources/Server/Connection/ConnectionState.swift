internal import Settings

/// The state of one HTTP/1.1 connection: a value without I/O. Events go in, actions come out.
///
/// Requests are processed one after the other: while one is being answered, later ones wait in the connection.
struct ConnectionState: Sendable {
    enum Phase: Equatable, Sendable {
        /// Between requests; nothing of the next one has arrived.
        case idle
        /// A part of a head has arrived.
        case head
        /// The body of an accepted request is arriving.
        case body
        /// The request is refused; the response waits for the end of what has already arrived.
        case refusing
        /// The request is complete, or will not be read further; the response is being made or sent.
        case answering
        /// The request is answered; the rest of its body is discarded.
        case discarding
        /// The last response is being sent.
        case closing
        /// This side is closed; further input is discarded until the client closes, too.
        case lingering
        case closed
    }

    private(set) var phase = Phase.idle
    private(set) var request = RequestFraming()
    /// No further request is accepted after the current one.
    private(set) var isDraining = false

    /// Upper bound of any body limit of a service: a buffer's indices have 32 bits.
    static let bodyLimitCeiling = Int(Int32.max)

    private let discardLimit: Int
    private let lingerLimit: Int
    private var bodyLimit = 0
    /// Received bytes of the current body, as sent.
    private var receivedBytes = 0
    /// The rest of the input cannot be interpreted, or will not be read.
    private var mustClose = false
    /// The end of the current request has been seen.
    private var sawEnd = false
    private var lingeredBytes = 0

    init(limits: ServerLimits) {
        discardLimit = limits.discardBytes
        lingerLimit = limits.lingerBytes
    }

    // MARK: A request comes in

    enum HeadVerdict: Equatable {
        case askService
        case refuse(ServerRefusal)
        /// The connection ends here; input is ignored.
        case ignore
    }

    mutating func receiveHead(_ framing: RequestFraming) -> HeadVerdict {
        guard phase == .idle || phase == .head else { return .ignore }
        request = framing
        receivedBytes = 0
        mustClose = false
        sawEnd = false
        phase = .refusing
        if let fault = framing.fault {
            mustClose = true
            return .refuse(fault)
        }
        return .askService
    }

    enum BodyPlan: Equatable {
        case collect(sendContinue: Bool)
        case refuse(ServerRefusal)
    }

    /// The service accepts the request. The body may still be refused by its head, before a byte of it is read.
    mutating func accept(bodyLimit: Int) -> BodyPlan {
        let limit = min(bodyLimit, Self.bodyLimitCeiling)
        if let refusal = request.codingRefusal { return .refuse(refusal) }
        if let length = request.contentLength, length > limit { return .refuse(.bodyTooLarge(limit: limit)) }
        self.bodyLimit = limit
        phase = .body
        return .collect(sendContinue: request.expectsContinue && request.hasBody)
    }

    enum BodyVerdict: Equatable {
        case collect
        case ignore
        case refuse(ServerRefusal)
        case close
    }

    mutating func receiveBody(_ count: Int) -> BodyVerdict {
        switch phase {
        case .body:
            receivedBytes += count
            if receivedBytes > bodyLimit {
                phase = .refusing
                return .refuse(.bodyTooLarge(limit: bodyLimit))
            }
            return .collect
        case .lingering:
            return linger(count) ? .ignore : .close
        default:
            return .ignore
        }
    }

    /// The received part of the body cannot be used.
    mutating func rejectBody() {
        if phase == .body { phase = .refusing }
    }

    enum EndVerdict: Equatable {
        /// The request is complete: call the service for the response.
        case answer
        /// The refused request is complete: send the refusal.
        case refuse
        case ignore
    }

    mutating func receiveEnd() -> EndVerdict {
        switch phase {
        case .body:
            phase = .answering
            sawEnd = true
            return .answer
        case .refusing:
            phase = .answering
            sawEnd = true
            return .refuse
        case .discarding:
            phase = .idle
            return .ignore
        default:
            return .ignore
        }
    }

    /// All available input is read.
    /// - Returns: whether to send a refusal now, although its request is not complete.
    mutating func receiveComplete() -> Bool {
        guard phase == .refusing else { return false }
        // A client that waits for 100 Continue may or may not send the body, so the connection ends.
        let isSmall = (request.contentLength ?? .max) <= discardLimit
        if !isSmall || request.isChunked || request.expectsContinue { mustClose = true }
        phase = .answering
        return true
    }

    /// Bytes have arrived that are not a part of a request yet: between requests they begin a head.
    mutating func receiveFragment() {
        if phase == .idle { phase = .head }
    }

    // MARK: Faults

    /// The input is not HTTP, or did not arrive in time.
    /// - Returns: whether there is a request that can be refused. Otherwise the connection is to be closed.
    mutating func fail() -> Bool {
        switch phase {
        case .idle, .head:
            request = RequestFraming()
            fallthrough
        case .body, .refusing:
            mustClose = true
            sawEnd = false
            phase = .answering
            return true
        case .answering, .discarding, .closing, .lingering, .closed:
            return false
        }
    }

    enum DeadlineVerdict: Equatable {
        case refuse
        case close
    }

    /// The deadline of the current phase has passed.
    mutating func deadlinePassed() -> DeadlineVerdict {
        switch phase {
        case .head, .body, .refusing: fail() ? .refuse : .close
        case .idle, .answering, .discarding, .closing, .lingering, .closed: .close
        }
    }

    // MARK: The response goes out

    /// Whether the connection can be used after the current response.
    var keepsAlive: Bool { request.keepsAlive && !mustClose && !isDraining }

    /// The current response ends with the connection, since its length is not known otherwise.
    mutating func endWithConnection() { mustClose = true }

    /// The last byte of the response is written to the socket.
    mutating func responseWritten() {
        guard phase == .answering else { return }
        if !keepsAlive {
            phase = .closing
        } else {
            phase = sawEnd || !request.hasBody ? .idle : .discarding
        }
    }

    enum Ending: Equatable {
        case close
        case linger
    }

    /// The last response has been sent. If a part of its request is unread, closing at once would reset the connection,
    /// and a client that is still sending might not get the response.
    mutating func lastResponseLeft() -> Ending {
        guard phase == .closing, !sawEnd else { return .close }
        phase = .lingering
        return .linger
    }

    /// Counts bytes discarded while lingering. False if they are too many.
    mutating func linger(_ count: Int) -> Bool {
        lingeredBytes += count
        return lingeredBytes <= lingerLimit
    }

    // MARK: The end

    /// The client sends no more.
    /// - Returns: whether the connection has nothing left to do.
    mutating func receiveEndOfInput() -> Bool {
        switch phase {
        case .idle, .head, .body, .refusing, .discarding, .lingering: true
        case .answering, .closing, .closed: false
        }
    }

    mutating func drain() { isDraining = true }

    /// Ends an idle connection after pending output. False if it is not idle.
    mutating func closeIdle() -> Bool {
        guard phase == .idle else { return false }
        sawEnd = true
        phase = .closing
        return true
    }

    mutating func close() { phase = .closed }
}
