internal import Settings

/// What one HTTP/1.1 connection is at: a value without I/O. Events go in, what to do comes out.
///
/// Requests are taken one after the other: while one is being answered, what follows it waits in the shell.
struct ConnectionState: Sendable {
    enum Phase: Equatable, Sendable {
        /// Between requests; nothing of the next one has arrived.
        case idle
        /// Some of a head has arrived.
        case head
        /// The body of an accepted request is arriving.
        case body
        /// The request is turned away; its answer waits for the end of what has already arrived.
        case refusing
        /// The request is whole, or as much of it as will be read; the answer is being made or sent.
        case answering
        /// The request is answered; the rest of its body is passed over.
        case discarding
        /// The last response is on its way out.
        case closing
        /// Our side is closed; what the client still sends is passed over until it closes too.
        case lingering
        case closed
    }

    private(set) var phase = Phase.idle
    private(set) var request = RequestFraming()
    /// No further request is taken after the one at hand.
    private(set) var isDraining = false

    /// No body is taken beyond this, whatever the service allows: a buffer's indices have 32 bits.
    static let bodyLimitCeiling = Int(Int32.max)

    private let discardLimit: Int
    private let lingerLimit: Int
    private var bodyLimit = 0
    /// Bytes of the body at hand that have arrived, as sent.
    private var receivedBytes = 0
    /// Nothing that follows on the connection can be made sense of, or will be read.
    private var mustClose = false
    /// The end of the request at hand has been seen.
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
        /// The connection ends here; what comes is not looked at.
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

    /// The service takes the request. The body is refused by what its head says, before a byte of it is read.
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

    /// What arrived in the body cannot be used.
    mutating func rejectBody() {
        if phase == .body { phase = .refusing }
    }

    enum EndVerdict: Equatable {
        /// The request is whole: ask the service for the answer.
        case answer
        /// The refused request is whole: send the refusal.
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

    /// All that has arrived so far is read.
    /// - Returns: whether a refusal is to be sent now, though its request is not whole.
    mutating func receiveComplete() -> Bool {
        guard phase == .refusing else { return false }
        // A client that waits for 100 Continue may or may not send the body after all, so the connection is over.
        let isSmall = (request.contentLength ?? .max) <= discardLimit
        if !isSmall || request.isChunked || request.expectsContinue { mustClose = true }
        phase = .answering
        return true
    }

    /// Bytes have arrived that made no part of a request: between requests they begin a head.
    mutating func receiveFragment() {
        if phase == .idle { phase = .head }
    }

    // MARK: Faults

    /// What arrives is not HTTP, or did not arrive in time.
    /// - Returns: whether there is a request that a refusal can answer. Otherwise the connection is to be closed.
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

    /// The time for what the connection is at is over.
    mutating func deadlinePassed() -> DeadlineVerdict {
        switch phase {
        case .head, .body, .refusing: fail() ? .refuse : .close
        case .idle, .answering, .discarding, .closing, .lingering, .closed: .close
        }
    }

    // MARK: The response goes out

    /// Whether the response at hand leaves the connection usable.
    var keepsAlive: Bool { request.keepsAlive && !mustClose && !isDraining }

    /// The response at hand ends with the connection, since its length cannot be told otherwise.
    mutating func endWithConnection() { mustClose = true }

    /// The last byte of the response is handed to the socket.
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

    /// The last response has left. Where a part of its request is unread, closing at once would reset the connection
    /// and might take the response away from a client that is still sending.
    mutating func lastResponseLeft() -> Ending {
        guard phase == .closing, !sawEnd else { return .close }
        phase = .lingering
        return .linger
    }

    /// Takes note of bytes passed over while lingering. False when they are too many.
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

    /// Ends an idle connection behind what is still to be sent. False when it is not idle.
    mutating func closeIdle() -> Bool {
        guard phase == .idle else { return false }
        sawEnd = true
        phase = .closing
        return true
    }

    mutating func close() { phase = .closed }
}
