import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing

@testable import Server

/// Long and short responses on one event loop.
@Suite struct LoopTurnsTests {
    /// Zeros, which compress so well that no socket is ever full.
    private final class Zeros: ResponseStream {
        let goesFirst: Bool
        private let left: Mutex<Int>

        init(pieces: Int, goesFirst: Bool = false) {
            self.goesFirst = goesFirst
            left = Mutex(pieces)
        }

        var piecesLeft: Int { left.withLock { $0 } }

        func begin(abort: @escaping @Sendable () -> Void) {}

        func writeNext(into buffer: inout ByteBuffer, targetBytes: Int) -> Bool {
            let isOver = left.withLock { left in
                left -= 1
                return left < 0
            }
            if !isOver { buffer.writeRepeatingByte(0, count: targetBytes) }
            return true
        }
    }

    private func withStreams(
        _ streams: [Zeros], _ body: ([HTTPListener]) async throws -> Void
    ) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let service = TestService(answer: { request, _ in
            guard let number = Int(request.head.uri.dropFirst()) else { return .now(.text("short")) }
            return .now(HTTPResponse(status: .ok, body: .stream(streams[number]), compressible: true))
        })
        let turns = LoopTurns()
        var listeners: [HTTPListener] = []
        for name in ["one", "two"] {
            let settings = ListenerSettings(name: name, host: "127.0.0.1", port: 0, turns: turns)
            listeners.append(try await HTTPListener.start(settings, on: group, service: service))
        }
        let result: Result<Void, any Error>
        do { result = .success(try await body(listeners)) } catch { result = .failure(error) }
        for listener in listeners { try await listener.drain(until: .now()).get() }
        try await group.shutdownGracefully()
        try result.get()
    }

    private static func get(_ path: String) -> String {
        "GET /\(path) HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n"
    }

    @Test("short requests are answered while long responses are rendered, on any listener")
    func shortRequestsAreAnswered() async throws {
        let streams = (0..<4).map { _ in Zeros(pieces: 8_000) }
        try await withStreams(streams) { listeners in
            let readers = try streams.indices.map { number in
                let client = try RawClient(port: listeners[number % 2].port)
                try client.send(Self.get("\(number)"))
                return client
            }
            for reader in readers { _ = try reader.readSome() }
            for listener in listeners {
                let client = try RawClient(port: listener.port)
                try client.send(Self.get("short"))
                #expect(try client.response().status == 200)
            }
            #expect(streams.allSatisfy { $0.piecesLeft > 0 })
            withExtendedLifetime(readers) {}
        }
    }

    @Test("a response with priority completes before one that began earlier, and all complete")
    func firstOnesGoFirst() async throws {
        let streams = [Zeros(pieces: 2_000), Zeros(pieces: 200, goesFirst: true), Zeros(pieces: 2_000)]
        try await withStreams(streams) { listeners in
            let clients = try streams.indices.map { number in
                let client = try RawClient(port: listeners[number % 2].port)
                try client.send(Self.get("\(number)"))
                if number == 0 { _ = try client.readSome() }
                return client
            }
            #expect(try clients[1].response().status == 200)
            #expect(streams[2].piecesLeft > 0)
            #expect(try clients[2].response().status == 200)
            #expect(await eventually { streams[0].piecesLeft < 0 })
        }
    }
}
