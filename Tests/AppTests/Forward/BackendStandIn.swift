import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing

/// A stand-in for the OTLP endpoint of Loki, or another backend: records exports, and gives the answers of a test.
final class BackendStandIn: Sendable {
    struct Request: Sendable {
        var path: String
        var headers: HTTPHeaders
        /// As sent.
        var body: [UInt8]

        /// Decompressed.
        var content: [UInt8] {
            get throws { headers.first(name: "content-encoding") == "gzip" ? try #require(gunzipped(body)) : body }
        }
    }

    struct Answer: Sendable {
        var status = 200
        var headers: [(String, String)] = []
        var body = ""
        /// Instead of `body`.
        var bytes: [UInt8]?
        /// Delay of the answer; nil: never, the connection stays open.
        var delay: TimeAmount? = .zero

        static let ok = Answer()
    }

    let port: Int
    private let channel: any Channel
    private let state: Mutex<State>

    private struct State {
        var requests: [Request] = []
        var taken: [Request] = []
        var connections = 0
        var answer: @Sendable (Int) -> Answer
        var answerToRequest: (@Sendable (Request) -> Answer)?
    }

    /// - Parameters:
    ///   - port: 0: chosen by the system.
    ///   - answer: to the request of this number, from 0.
    static func start(
        port: Int = 0, answer: @escaping @Sendable (Int) -> Answer = { _ in .ok }
    ) async throws -> BackendStandIn {
        let box = Mutex<BackendStandIn?>(nil)
        let shared = SharedBox(box)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Exchange(shared))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        let standIn = BackendStandIn(channel, answer)
        shared.set(standIn)
        return standIn
    }

    private init(_ channel: any Channel, _ answer: @escaping @Sendable (Int) -> Answer) {
        self.channel = channel
        port = channel.localAddress?.port ?? 0
        state = Mutex(State(answer: answer))
    }

    /// All received exports, with any answer.
    var requests: [Request] { state.withLock { $0.requests } }
    /// The exports answered with 200.
    var taken: [Request] { state.withLock { $0.taken } }

    /// Number of opened connections.
    var connections: Int { state.withLock { $0.connections } }

    fileprivate func countConnection() { state.withLock { $0.connections += 1 } }

    func answers(_ answer: @escaping @Sendable (Int) -> Answer) { state.withLock { $0.answer = answer } }

    /// Answers by request, from now on.
    func answersRequests(_ answer: @escaping @Sendable (Request) -> Answer) {
        state.withLock { $0.answerToRequest = answer }
    }

    func stop() async throws { try await channel.close().get() }

    fileprivate func take(_ request: Request) -> Answer {
        state.withLock { state in
            let answer = state.answerToRequest?(request) ?? state.answer(state.requests.count)
            state.requests.append(request)
            if answer.status == 200, answer.delay != nil { state.taken.append(request) }
            return answer
        }
    }

    /// Set before the server, for its connections.
    fileprivate final class SharedBox: Sendable {
        private let value: Mutex<BackendStandIn?>
        init(_ value: consuming Mutex<BackendStandIn?>) { self.value = value }
        func set(_ standIn: BackendStandIn) { value.withLock { $0 = standIn } }
        var standIn: BackendStandIn? { value.withLock { $0 } }
    }

    private final class Exchange: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let shared: SharedBox
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []

        init(_ shared: SharedBox) { self.shared = shared }

        func channelActive(context: ChannelHandlerContext) { shared.standIn?.countConnection() }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = []
            case .body(let bytes): body += Array(bytes.readableBytesView)
            case .end:
                guard let head, let standIn = shared.standIn else { return context.close(promise: nil) }
                let answer = standIn.take(Request(path: head.uri, headers: head.headers, body: body))
                guard let delay = answer.delay else { return }
                let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
                context.eventLoop.scheduleTask(in: delay) { Self.write(answer, to: bound.value) }
            }
        }

        private static func write(_ answer: Answer, to context: ChannelHandlerContext) {
            var headers = HTTPHeaders(answer.headers)
            let body = answer.bytes ?? Array(answer.body.utf8)
            headers.add(name: "Content-Length", value: "\(body.count)")
            let head = HTTPResponseHead(
                version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status), headers: headers)
            let channel = context.channel
            channel.write(HTTPServerResponsePart.head(head), promise: nil)
            channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil)
            channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
