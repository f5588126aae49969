internal import ConfigFile
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// One `HEAD` request to a listener of this machine.
struct HealthProbe {
    var endpoint: Endpoint
    /// The requested path.
    var path = "/metrics"
    /// For a listener with TLS.
    var tls: CommandTLS?
    /// For connecting and for the response, each.
    var timeout: TimeAmount

    private var host: String { Loopback.host(for: endpoint.host) }

    /// Succeeds if a connection can be opened; it is closed again.
    func connect(on group: any EventLoopGroup) -> EventLoopFuture<Void> {
        ClientBootstrap(group: group.next()).connectTimeout(timeout).connect(host: host, port: endpoint.port)
            .flatMap { $0.close() }
    }

    /// The HTTP status of the response. Fails without one in time.
    func status(on group: any EventLoopGroup) -> EventLoopFuture<Int> {
        let eventLoop = group.next()
        let promise = eventLoop.makePromise(of: Int.self)
        let timer = eventLoop.scheduleTask(in: timeout) { promise.fail(ChannelError.connectTimeout(timeout)) }
        let (host, path, tls) = (host, path, tls)
        ClientBootstrap(group: eventLoop)
            .connectTimeout(timeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(tls.handler(host: host))
                    }
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(
                        StatusReader(promise: promise, host: host, path: path))
                }
            }
            .connect(host: host, port: endpoint.port)
            .whenFailure { promise.fail($0) }
        promise.futureResult.whenComplete { _ in timer.cancel() }
        return promise.futureResult
    }
}

/// Sends the request on the connection, and reads the status of the response.
private final class StatusReader: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let promise: EventLoopPromise<Int>
    private let host: String
    private let path: String

    init(promise: EventLoopPromise<Int>, host: String, path: String) {
        self.promise = promise
        self.host = host
        self.path = path
    }

    func channelActive(context: ChannelHandlerContext) {
        let head = HTTPRequestHead(
            version: .http1_1, method: .HEAD, uri: path, headers: ["Host": host, "Connection": "close"])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        promise.succeed(Int(head.status.code))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(ChannelError.eof)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }
}
