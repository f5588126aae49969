package import NIOCore
package import NIOHTTP1

/// What a listener serves. Called on the connection's event loop; must not block.
package protocol HTTPService: Sendable {
    /// Decides on a request by its head, before any of the body is read (and before `100 Continue` is sent).
    func admit(_ head: HTTPRequestHead) -> Admission

    /// Answers a request whose body has arrived whole, its content coding already undone.
    func answer(_ request: HTTPRequest, on eventLoop: any EventLoop) -> HTTPAnswer

    /// The response to a request that the server itself refuses. `head` is nil when none could be read.
    func refusal(_ refusal: ServerRefusal, of head: HTTPRequestHead?) -> HTTPResponse
}

/// The verdict on a request head.
package enum Admission: Sendable {
    /// Read the body, then ask for the answer. The limit is in bytes, before and after content coding is undone.
    case accept(bodyLimit: Int)
    /// Answer this; the body is not read.
    case refuse(HTTPResponse)
}

/// A whole request.
package struct HTTPRequest: Sendable {
    package var head: HTTPRequestHead
    /// The body, content coding undone.
    package var body: ByteBuffer
    /// The number of the connection it came on; no other one of this process ever has it.
    package var connection: UInt64

    package init(head: HTTPRequestHead, body: ByteBuffer, connection: UInt64 = 0) {
        self.head = head
        self.body = body
        self.connection = connection
    }
}

/// The answer to a request. A promise of one must succeed; a failed future is answered with 500 and logged, since it is a
/// fault of ours.
package typealias HTTPAnswer = Answer<HTTPResponse>

/// A response without what the server adds by itself: Content-Length or chunking, Date, Connection, content coding.
package struct HTTPResponse: Sendable {
    package var status: HTTPResponseStatus
    package var headers: HTTPHeaders
    package var body: Body

    /// What follows the response head.
    package enum Body: Sendable {
        case none
        case bytes(ByteBuffer)
        /// Sent with chunked coding (plain, or gzip when `compressible` and asked for), at the pace of the reader.
        case stream(any ResponseStream)
    }

    /// Whether the server may gzip the body when the client asks for it. Default false.
    package var compressible: Bool

    /// What the server's observer hears when this response leaves; nil: it is no refusal, or was told already.
    package var refusal: Refusal?

    package init(
        status: HTTPResponseStatus, headers: HTTPHeaders = HTTPHeaders(), body: Body = .none,
        compressible: Bool = false,
        refusal: Refusal? = nil
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.compressible = compressible
        self.refusal = refusal
    }
}

/// A body made piece by piece. Used on one event loop, from start to end or until the client has gone.
package protocol ResponseStream: AnyObject, Sendable {
    /// Whether its pieces are made before those of others.
    var goesFirst: Bool { get }

    /// The response begins to leave.
    /// - Parameter abort: cuts it and its connection, unless it is over; may be called from any thread.
    func begin(abort: @escaping @Sendable () -> Void)

    /// Appends the next piece, about `targetBytes` long, to `buffer`. Appends nothing when the body is complete.
    /// - Returns: false when it will never be complete: the connection is to be cut.
    func writeNext(into buffer: inout ByteBuffer, targetBytes: Int) -> Bool
}

extension ResponseStream {
    /// Not unless a stream says so.
    package var goesFirst: Bool { false }
}

/// Why the server itself turns a request away.
package enum ServerRefusal: Error, Equatable, Sendable {
    /// 400: not HTTP, or a body that ends early or cannot be inflated. The text says what is wrong.
    case badRequest(String)
    /// 401: who asks is not known; why, in English. The server adds `WWW-Authenticate`.
    case unauthenticated(String)
    /// 408: head or body did not arrive in time.
    case timeout
    /// 413: the body is beyond the limit in bytes, as sent or inflated.
    case bodyTooLarge(limit: Int)
    /// 413: the body is inflated to more than so many times its size (`ServerLimits.maxInflateRatio`).
    case inflatesTooFar(ratio: Int)
    /// 503: the bodies in flight take all the memory they may (`BodyBudget`).
    case noRoomForBody
    /// 415: a content coding that is not supported; its name.
    case unsupportedContentCoding(String)
    /// 431: the request head is beyond `ServerLimits.maxHeadSize`.
    case headTooLarge
    /// 500: a fault of ours.
    case internalError
    /// 503: too many requests wait for something that takes time.
    case overloaded

    package static let noRoomText =
        "the bodies in flight take all the memory they may (odometer.limits.max_body_memory); send again later"
    /// When to send again after `noRoomForBody`, seconds.
    package static let noRoomRetrySeconds = 1
    /// What is wrong with a body that is inflated too far.
    package static func inflateText(ratio: Int) -> String {
        "the body is inflated to more than \(ratio) times its size (odometer.limits.max_inflate_ratio); send smaller "
            + "batches, or less compressed"
    }

    package static let overloadedText = "too many requests wait for their password to be checked; try again"
}
