import NIOCore
import NIOHTTP1
import NIOPosix
import Server
import Settings
import Synchronization

/// A service with the answers of a test; records its requests.
final class TestService: HTTPService {
    struct Asked: Sendable {
        var uri: String
        var body: [UInt8]
    }

    private let asked = Mutex<[Asked]>([])
    private let admitted = Mutex<Int>(0)
    private let admission: @Sendable (HTTPRequestHead) -> Admission
    private let reply: @Sendable (HTTPRequest, any EventLoop) -> HTTPAnswer

    init(
        admit: @escaping @Sendable (HTTPRequestHead) -> Admission = { _ in .accept(bodyLimit: 1 << 20) },
        answer: @escaping @Sendable (HTTPRequest, any EventLoop) -> HTTPAnswer = { request, _ in .now(.echo(request)) }
    ) {
        admission = admit
        reply = answer
    }

    var requests: [Asked] { asked.withLock { $0 } }
    var admissions: Int { admitted.withLock { $0 } }

    func admit(_ head: HTTPRequestHead) -> Admission {
        admitted.withLock { $0 += 1 }
        return admission(head)
    }

    func answer(_ request: HTTPRequest, on eventLoop: any EventLoop) -> HTTPAnswer {
        asked.withLock { $0.append(Asked(uri: request.head.uri, body: Array(request.body.readableBytesView))) }
        return reply(request, eventLoop)
    }

    func refusal(_ refusal: ServerRefusal, of head: HTTPRequestHead?) -> HTTPResponse {
        let status: HTTPResponseStatus =
            switch refusal {
            case .badRequest: .badRequest
            case .unauthenticated: .unauthorized
            case .overloaded, .noRoomForBody: .serviceUnavailable
            case .timeout: .requestTimeout
            case .bodyTooLarge, .inflatesTooFar: .payloadTooLarge
            case .unsupportedContentCoding: .unsupportedMediaType
            case .headTooLarge: .requestHeaderFieldsTooLarge
            case .internalError: .internalServerError
            }
        return HTTPResponse(
            status: status, body: .bytes(ByteBuffer(string: "\(refusal)")),
            refusal: Refusal(refusal.reason, "\(refusal)"))
    }
}

extension HTTPResponse {
    /// The request's target and body.
    static func echo(_ request: HTTPRequest) -> HTTPResponse {
        var bytes = ByteBuffer(string: request.head.uri + " ")
        bytes.writeImmutableBuffer(request.body)
        return HTTPResponse(status: .ok, headers: ["Content-Type": "text/plain"], body: .bytes(bytes))
    }

    static func text(_ text: String, status: HTTPResponseStatus = .ok) -> HTTPResponse {
        HTTPResponse(status: status, body: .bytes(ByteBuffer(string: text)))
    }
}

/// Records statuses and faults.
final class TestObserver: ListenerObserver {
    private let seen = Mutex<(statuses: [Int], faults: Int)>(([], 0))
    private let refused = Mutex<(connections: [ConnectionFault], requests: [Refusal])>(([], []))

    var statuses: [Int] { seen.withLock { $0.statuses } }
    var faults: Int { seen.withLock { $0.faults } }

    func responded(status: Int, listener: String) { seen.withLock { $0.statuses.append(status) } }
    var refusedConnections: [ConnectionFault] { refused.withLock { $0.connections } }
    var refusedRequests: [Refusal] { refused.withLock { $0.requests } }

    func refusedConnection(_ fault: ConnectionFault, listener: String) {
        refused.withLock { $0.connections.append(fault) }
    }

    private let evictions = Mutex<[EvictionReason]>([])

    var evicted: [EvictionReason] { evictions.withLock { $0 } }

    func evicted(_ reason: EvictionReason, listener: String) { evictions.withLock { $0.append(reason) } }

    func refused(_ refusal: Refusal, listener: String) { refused.withLock { $0.requests.append(refusal) } }

    func answered(_ code: CallCode, listener: String) {}
    func faulted(_ error: any Error, listener: String) { seen.withLock { $0.faults += 1 } }
}

/// Runs a listener on a free port for as long as `body` runs.
func withListener(
    _ service: any HTTPService = TestService(), limits: ServerLimits = ServerLimits(),
    bodies: BodyBudget = BodyBudget(), observer: (any ListenerObserver)? = nil,
    _ body: (HTTPListener) async throws -> Void
) async throws {
    let settings = ListenerSettings(
        name: "test", host: "127.0.0.1", port: 0, limits: limits, bodies: bodies, observer: observer)
    let listener = try await HTTPListener.start(settings, on: MultiThreadedEventLoopGroup.singleton, service: service)
    try await listener.whileOpen(body)
}
