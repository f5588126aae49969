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
        var request = WebRequest(address: WebAddress(endpoint, path: path), timeout: timeout)
        request.method = .HEAD
        request.tls = tls
        return request.answer(on: group).map(\.status)
    }
}
