import NIOCore
import NIOPosix
import Synchronization

/// A server that gives a fixed answer to any request.
final class RawServer: Sendable {
    let port: Int
    private let channel: any Channel
    private let written: Counter

    /// - Parameters:
    ///   - answer: written once something was read.
    ///   - endless: written after it as long as the client reads; nil: nothing.
    ///   - closes: whether the connection is closed after the answer.
    static func start(answer: String, endless: String? = nil, closes: Bool = false) async throws -> RawServer {
        let written = Counter()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Speaker(answer: answer, endless: endless, closes: closes, written: written))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return RawServer(channel, written)
    }

    private init(_ channel: any Channel, _ written: Counter) {
        self.channel = channel
        self.written = written
        port = channel.localAddress?.port ?? 0
    }

    /// Bytes of the endless part that were read.
    var bytesTaken: Int { written.value.withLock { $0 } }

    func stop() async throws { try await channel.close().get() }

    final class Counter: Sendable {
        let value = Mutex(0)
    }

    private final class Speaker: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let answer: String
        private let endless: String?
        private let closes: Bool
        private let written: Counter
        private var hasBegun = false

        init(answer: String, endless: String?, closes: Bool, written: Counter) {
            self.answer = answer
            self.endless = endless
            self.closes = closes
            self.written = written
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard !hasBegun else { return }
            hasBegun = true
            let channel = context.channel
            let first = channel.writeAndFlush(ByteBuffer(string: answer))
            if let endless {
                let bytes = ByteBuffer(string: String(repeating: endless, count: max(1, 65_536 / endless.utf8.count)))
                Self.goOn(channel, bytes, written)
            } else if closes {
                first.whenComplete { _ in channel.close(promise: nil) }
            }
        }

        private static func goOn(_ channel: any Channel, _ bytes: ByteBuffer, _ written: Counter) {
            channel.writeAndFlush(bytes).whenSuccess {
                written.value.withLock { $0 += bytes.readableBytes }
                goOn(channel, bytes, written)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
