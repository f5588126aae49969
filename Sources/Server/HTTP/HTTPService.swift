package import NIOCore
package import NIOHTTP1
internal import Synchronization

/// The service of a listener. Called on the connection's event loop; must not block.
package protocol HTTPService: Sendable {
    /// Decides on a request by its head, before any of the body is read (and before `100 Continue` is sent).
    func admit(_ head: HTTPRequestHead) -> Admission

    /// Answers a request whose body is complete and decompressed.
    func answer(_ request: HTTPRequest, on eventLoop: any EventLoop) -> HTTPAnswer

    /// The response to a request that the server itself refuses. `head` is nil if none could be read.
    func refusal(_ refusal: ServerRefusal, of head: HTTPRequestHead?) -> HTTPResponse
}

/// The decision on a request head.
package enum Admission: Sendable {
    /// Read the body, then call `answer`. The limit is in bytes, both as sent and decompressed.
    case accept(bodyLimit: Int)
    /// Send this response; the body is not read.
    case refuse(HTTPResponse)
}

/// A complete request.
package struct HTTPRequest: Sendable {
    package var head: HTTPRequestHead
    /// The body, decompressed.
    package var body: ByteBuffer
    /// The number of its connection; unique in this process.
    package var connection: UInt64
    /// Nil if the address is neither IPv4 nor IPv6.
    package var source: ConnectionSource?
    /// Tells when the response is no longer wanted.
    package var life: ConnectionLife

    package init(
        head: HTTPRequestHead, body: ByteBuffer, connection: UInt64 = 0, source: ConnectionSource? = nil,
        life: ConnectionLife = ConnectionLife()
    ) {
        self.head = head
        self.body = body
        self.connection = connection
        self.source = source
        self.life = life
    }
}

/// Whether a connection is still open, for work that takes long on another thread. Thread-safe.
package final class ConnectionLife: Sendable {
    private let ended = Atomic(false)

    package init() {}

    /// Whether the connection is closed: nobody reads the response.
    package var isOver: Bool { ended.load(ordering: .relaxed) }

    func end() { ended.store(true, ordering: .relaxed) }
}

/// The response to a request. A promise of one must succeed; a failed future is answered with 500 and logged, since it
/// is an internal error.
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
        /// Sent with chunked coding (plain, or gzip if `compressible` and requested), as fast as the reader reads.
        case stream(any ResponseStream)
    }

    /// Whether the server may gzip the body when the client asks for it. Default false.
    package var compressible: Bool

    /// The refusal reported to the server's observer when this response is sent; nil: it is none, or was already
    /// reported.
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

/// A body made piece by piece. Used on one event loop, from the start to the end or until the client disconnects.
package protocol ResponseStream: AnyObject, Sendable {
    /// Whether its pieces are made before those of other streams.
    var goesFirst: Bool { get }

    /// The response is about to be sent.
    /// - Parameter abort: closes its connection before the end of the response, unless it is over; may be called from
    ///   any thread.
    func begin(abort: @escaping @Sendable () -> Void)

    /// Appends the next piece, about `targetBytes` long, to `buffer`. Appends nothing when the body is complete.
    /// - Returns: false if it will never be complete: the connection is to be closed.
    func writeNext(into buffer: inout ByteBuffer, targetBytes: Int) -> Bool
}

extension ResponseStream {
    /// False by default.
    package var goesFirst: Bool { false }
}

/// Why the server itself refuses a request.
package enum ServerRefusal: Error, Equatable, Sendable {
    /// 400: not HTTP, or a body that ends early or cannot be decompressed. The text says what is wrong.
    case badRequest(String)
    /// 401: not authenticated; the reason, in English. The server adds `WWW-Authenticate`.
    case unauthenticated(String)
    /// 408: head or body did not arrive in time.
    case timeout
    /// 413: the body exceeds the limit in bytes, as sent or decompressed.
    case bodyTooLarge(limit: Int)
    /// 413: the body decompresses to more than this many times its size (`ServerLimits.maxInflateRatio`).
    case inflatesTooFar(ratio: Int)
    /// 503: the bodies in flight use all the memory they may (`BodyBudget`).
    case noRoomForBody
    /// 415: a content coding that is not supported; its name.
    case unsupportedContentCoding(String)
    /// 431: the request head exceeds `ServerLimits.maxHeadSize`.
    case headTooLarge
    /// 500: an internal error.
    case internalError
    /// 503: too many requests wait for slow work.
    case overloaded

    package static let noRoomText =
        "the bodies in flight use all of odometer.limits.max_body_memory; retry later"
    /// Time to retry after `noRoomForBody`, seconds.
    package static let noRoomRetrySeconds = 1
    /// The message for a body with too high a compression ratio.
    package static func inflateText(ratio: Int) -> String {
        "the body decompresses to more than \(ratio) times its size (odometer.limits.max_inflate_ratio); send smaller "
            + "batches, or compress less"
    }

    package static let overloadedText = "too many password checks are pending; try again"
}
