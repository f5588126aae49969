import Credentials
import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Server
import Synchronization

/// The certificates of the tests, created by `Tests/Fixtures/TLS/make.sh`.
enum TLSFixtures {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/TLS")

    static func file(_ name: String) -> TLSSettings.Material { .file(folder.appending(path: name).path) }

    /// The TLS settings of a listener, with `change` applied.
    static func server(
        _ protocols: [String] = ["http/1.1"], _ change: (inout TLSSettings) -> Void = { _ in }
    ) throws -> TLSContextSource {
        var settings = TLSSettings(certificate: file("server.crt"), key: file("server.key"))
        change(&settings)
        return try TLSContextSource(settings, protocols: protocols)
    }

    /// The TLS settings of a client that trusts the authority of the tests.
    static func client(
        certificate: String? = nil, protocols: [String] = ["http/1.1"], _ change: (inout TLSSettings) -> Void = { _ in }
    ) throws -> NIOSSLContext {
        var settings = TLSSettings(trusted: file("authority.crt"))
        if let certificate {
            settings.certificate = file("\(certificate).crt")
            settings.key = file("\(certificate).key")
        }
        change(&settings)
        return try settings.clientContext(protocols: protocols)
    }
}

/// A TLS client that collects received bytes.
final class TLSClient: Sendable {
    struct Seen {
        var bytes: [UInt8] = []
        /// The handshake is complete; the protocol of ALPN.
        var isSecure = false
        var negotiated: String?
        var isClosed = false
    }

    private final class Inbox: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        let seen: @Sendable ((inout Seen) -> Void) -> Void

        init(_ seen: @escaping @Sendable ((inout Seen) -> Void) -> Void) { self.seen = seen }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = Array(unwrapInboundIn(data).readableBytesView)
            seen { $0.bytes += bytes }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case .handshakeCompleted(let negotiated)? = event as? TLSUserEvent {
                seen {
                    $0.isSecure = true
                    $0.negotiated = negotiated
                }
            }
        }

        func channelInactive(context: ChannelHandlerContext) { seen { $0.isClosed = true } }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    private let state = Mutex(Seen())
    private let channelBox = Mutex<(any Channel)?>(nil)

    private init() {}

    static func connect(port: Int, _ context: NIOSSLContext) async throws -> TLSClient {
        let client = TLSClient()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: "localhost"))
                    try pipeline.addHandler(Inbox { change in client.state.withLock { change(&$0) } })
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        client.channelBox.withLock { $0 = channel }
        return client
    }

    var seen: Seen { state.withLock { $0 } }
    var text: String { String(decoding: seen.bytes, as: UTF8.self) }

    func send(_ text: String) {
        channelBox.withLock { $0 }?.writeAndFlush(ByteBuffer(string: text), promise: nil)
    }

    func close() { channelBox.withLock { $0 }?.close(promise: nil) }

    /// Waits for the end of the handshake, and returns whether it succeeded.
    func isSecure() async -> Bool {
        _ = await eventually { self.seen.isSecure || self.seen.isClosed }
        return seen.isSecure
    }
}
