internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// One small HTTP/1.1 request of a command, and the part of the response that it needs.
struct WebRequest {
    var address: WebAddress
    /// Nil: no TLS.
    var tls: CommandTLS?
    var headers: [(name: String, value: String)] = []
    var method = HTTPMethod.GET
    /// Of a POST.
    var body = ""
    /// Only lines with one of these texts are kept of the response; nil: all.
    var lineMarks: [String]?
    /// For connecting and for the whole response, each.
    var timeout: TimeAmount

    /// Bytes kept of a response; the rest is dropped. 1 MiB.
    fileprivate static let keptBytesLimit = 1 << 20
    /// A longer line is not kept. 1 MiB.
    fileprivate static let lineBytesLimit = 1 << 20

    struct Answer: Sendable {
        var status: Int
        var text: String
    }

    /// Fails if there is no complete response in time.
    func answer(on group: any EventLoopGroup) -> EventLoopFuture<Answer> {
        let eventLoop = group.next()
        let promise = eventLoop.makePromise(of: Answer.self)
        let timer = eventLoop.scheduleTask(in: timeout) { promise.fail(ChannelError.connectTimeout(timeout)) }
        let request = self
        let connection = ClientBootstrap(group: eventLoop)
            .connectTimeout(timeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls = request.tls {
                        try channel.pipeline.syncOperations.addHandler(tls.handler(host: request.address.host))
                    }
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(AnswerReader(request, promise: promise))
                }
            }
            .connect(host: address.host, port: address.port)
        connection.whenFailure { promise.fail($0) }
        connection.whenSuccess { channel in promise.futureResult.whenComplete { _ in channel.close(promise: nil) } }
        promise.futureResult.whenComplete { _ in timer.cancel() }
        return promise.futureResult
    }
}

/// Sends the request on the connection, and reads the response.
private final class AnswerReader: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let request: WebRequest
    private let promise: EventLoopPromise<WebRequest.Answer>
    private var status: Int?
    private var kept: [UInt8] = []
    /// The current, incomplete line.
    private var line: [UInt8] = []

    init(_ request: WebRequest, promise: EventLoopPromise<WebRequest.Answer>) {
        self.request = request
        self.promise = promise
    }

    func channelActive(context: ChannelHandlerContext) {
        var headers = HTTPHeaders([("Host", request.address.authority), ("Connection", "close")])
        headers.add(contentsOf: request.headers.map { ($0.name, $0.value) })
        if !request.body.isEmpty { headers.add(name: "Content-Length", value: "\(request.body.utf8.count)") }
        let head = HTTPRequestHead(
            version: .http1_1, method: request.method, uri: request.address.path, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !request.body.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: request.body)))), promise: nil)
        }
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.whenFailure { [promise] in promise.fail($0) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): status = Int(head.status.code)
        case .body(let part): appendLines(part.readableBytesView)
        case .end:
            endLine()
            if let status {
                promise.succeed(WebRequest.Answer(status: status, text: String(decoding: kept, as: UTF8.self)))
            }
        }
    }

    private func appendLines(_ bytes: ByteBufferView) {
        for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            if part.offset > 0 { endLine() }
            if line.count + part.element.count <= WebRequest.lineBytesLimit { line += part.element }
        }
    }

    private func endLine() {
        defer { line.removeAll(keepingCapacity: true) }
        guard !line.isEmpty, kept.count + line.count < WebRequest.keptBytesLimit else { return }
        if let marks = request.lineMarks {
            let text = String(decoding: line, as: UTF8.self)
            guard marks.contains(where: text.contains) else { return }
        }
        kept += line
        kept.append(UInt8(ascii: "\n"))
    }

    func channelInactive(context: ChannelHandlerContext) { promise.fail(ChannelError.eof) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }
}
