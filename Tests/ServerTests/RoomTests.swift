import NIOCore
import NIOHTTP1
import NIOPosix
import Settings
import Synchronization
import Testing

@testable import Server

/// Which connections are closed at the limit.
@Suite struct RoomTests {
    private static let request = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"

    /// On one event loop, as in the collector.
    private func withRoom(
        _ limits: ServerLimits, _ service: TestService = TestService(),
        _ body: (HTTPListener, TestObserver) async throws -> Void
    ) async throws {
        let observer = TestObserver()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let settings = ListenerSettings(name: "test", host: "127.0.0.1", port: 0, limits: limits, observer: observer)
        let listener = try await HTTPListener.start(settings, on: group, service: service)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(listener, observer))
        } catch {
            result = .failure(error)
        }
        try await listener.drain(until: .now()).get()
        try await group.shutdownGracefully()
        try result.get()
    }

    @Test(
        "at the limit the connection is closed that has waited longest for its client",
        arguments: [
            "", "P", "POST / HTTP/1.1\r\nHost: h\r\n", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nx",
            request,
        ])
    func longestWaitingGoes(start: String) async throws {
        try await withRoom(
            ServerLimits {
                $0.maxConnections = 3
                $0.evictableAfter = .zero
            }
        ) { listener, observer in
            var clients: [RawClient] = []
            for number in 0..<3 {
                let client = try RawClient(port: listener.port)
                try client.send(start)
                if start == Self.request { #expect(try client.response().status == 200) }
                clients.append(client)
                #expect(await eventually { listener.openConnections == number + 1 })
            }
            for number in 0..<2 {
                let next = try RawClient(port: listener.port)
                try next.send(Self.request)
                #expect(try next.response().status == 200)
                clients.append(next)
                // Of the others the oldest is known only if their first bytes were answered.
                if start.isEmpty || start == Self.request { _ = try? clients[number].readToEnd() }
                #expect(observer.evicted == [EvictionReason](repeating: .connectionLimit, count: number + 1))
                #expect(listener.openConnections == 3)
            }
            if start == Self.request {
                try clients[2].send(Self.request)
                #expect(try clients[2].response().status == 200)
            }
        }
    }

    @Test("connections without any request are closed before others", arguments: [0, 2])
    func idleOnesGoFirst(perSource: Int) async throws {
        let limits = ServerLimits {
            $0.maxConnections = perSource == 0 ? 2 : 10
            $0.maxConnectionsPerSource = perSource
            $0.evictableAfter = .zero
        }
        try await withRoom(limits) { listener, observer in
            let client = try RawClient(port: listener.port)
            try client.send(Self.request)
            #expect(try client.response().status == 200)
            var idle: [RawClient] = []
            for number in 0..<5 {
                idle.append(try RawClient(port: listener.port))
                try #require(await eventually { observer.evicted.count == number && listener.openConnections == 2 })
            }
            try client.send(Self.request)
            #expect(try client.response().status == 200)
        }
    }

    @Test("a reader that reads nothing is closed, too")
    func slowReaderMakesRoom() async throws {
        let service = TestService(answer: { _, _ in
            .now(HTTPResponse(status: .ok, body: .bytes(ByteBuffer(repeating: 0x78, count: 32 << 20))))
        })
        try await withRoom(
            ServerLimits {
                $0.maxConnections = 1
                $0.evictableAfter = .milliseconds(50)
            }, service
        ) {
            listener, observer in
            let slow = try RawClient(port: listener.port, receiveBufferBytes: 4096)
            try slow.send(Self.request)
            #expect(await eventually { service.requests.count == 1 })
            let next = try RawClient(port: listener.port)
            try next.send(Self.request)
            #expect(try next.response().body.count == 32 << 20)
            #expect(observer.evicted == [.connectionLimit])
        }
    }

    @Test("while all are busy none is closed, and new ones wait")
    func workIsNotInterrupted() async throws {
        let promises = Mutex<[EventLoopPromise<HTTPResponse>]>([])
        let service = TestService(answer: { _, eventLoop in
            let promise = eventLoop.makePromise(of: HTTPResponse.self)
            promises.withLock { $0.append(promise) }
            return .later(promise.futureResult)
        })
        try await withRoom(
            ServerLimits {
                $0.maxConnections = 2
                $0.evictableAfter = .zero
            }, service
        ) { listener, observer in
            var clients: [RawClient] = []
            for number in 0..<3 {
                clients.append(try RawClient(port: listener.port))
                try clients[number].send(Self.request)
                // A connection is not busy until its request has arrived.
                #expect(await eventually { service.requests.count == min(number + 1, 2) })
            }
            // More than the limit; they are in the queue of the system, which shows that the listener has run.
            let other = try RawClient(port: listener.port)
            #expect(listener.openConnections == 2)
            #expect(service.requests.count == 2)
            for promise in promises.withLock({ $0 }) { promise.succeed(.text("done")) }
            #expect(await eventually { service.requests.count == 3 })
            for promise in promises.withLock({ $0.suffix(1) }) { promise.succeed(.text("done")) }
            #expect(try clients.map { try $0.response().status } == [200, 200, 200])
            _ = other
        }
    }

    @Test("one source has its share, and does not affect others")
    func oneSourceHasItsShare() async throws {
        let limits = ServerLimits {
            $0.maxConnections = 10
            $0.maxConnectionsPerSource = 3
            $0.evictableAfter = .zero
        }
        try await withRoom(limits) { listener, observer in
            let other = try RawClient(port: listener.port, source: 9)
            try other.send(Self.request)
            #expect(try other.response().status == 200)
            var clients: [RawClient] = []
            for _ in 0..<3 {
                clients.append(try RawClient(port: listener.port))
                try clients[clients.count - 1].send(Self.request)
                #expect(try clients[clients.count - 1].response().status == 200)
            }
            let late = try RawClient(port: listener.port)
            try late.send(Self.request)
            #expect(try late.response().status == 200)
            #expect((try? clients[0].isClosedByServer()) != false)
            try clients[1].send(Self.request)
            #expect(try clients[1].response().status == 200)
            try other.send(Self.request)
            #expect(try other.response().status == 200)
            #expect(observer.evicted == [.sourceLimit])
        }
    }

    @Test("a source whose connections are all new or busy gets no further one")
    func sourceWithoutIdleConnectionsIsTurnedAway() async throws {
        let limits = ServerLimits {
            $0.maxConnectionsPerSource = 2
            $0.evictableAfter = .seconds(3600)
        }
        try await withRoom(limits) { listener, observer in
            let clients = try (0..<2).map { _ in try RawClient(port: listener.port) }
            #expect(await eventually { listener.openConnections == 2 })
            let further = try RawClient(port: listener.port)
            #expect((try? further.isClosedByServer()) != false)
            #expect(observer.evicted == [.sourceLimit])
            for client in clients {
                try client.send(Self.request)
                #expect(try client.response().status == 200)
            }
        }
    }

    @Test("the bytes of pipelined requests are bounded, over all connections")
    func waitingRequestsAreBounded() async throws {
        let service = TestService(answer: { _, eventLoop in
            .later(eventLoop.scheduleTask(in: .milliseconds(500)) { .text("late") }.futureResult)
        })
        try await withRoom(ServerLimits { $0.pipelinedBytes = 1 << 20 }, service) { listener, _ in
            let clients = try (0..<20).map { _ in try RawClient(port: listener.port) }
            #expect(await eventually { listener.openConnections == 20 })
            let head = "GET / HTTP/1.1\r\nHost: h\r\nX: \(String(repeating: "x", count: 8000))\r\n\r\n"
            for client in clients { try? client.send(String(repeating: head, count: 30)) }
            // Twenty times 30 heads of 8 KiB would be 4.7 MiB.
            #expect(await eventually { listener.openConnections < 20 })
            #expect(listener.openConnections > 0)
        }
    }

    @Test("a source is an IPv4 address, also if mapped, or an IPv6 network")
    func sourcesAreAddressesOrNetworks() throws {
        func source(_ address: String) throws -> ConnectionSource? {
            ConnectionSource(try SocketAddress(ipAddress: address, port: 1))
        }
        #expect(try source("192.0.2.1") == source("::ffff:192.0.2.1"))
        #expect(try source("192.0.2.1") != source("192.0.2.2"))
        #expect(try source("2001:db8::1") == source("2001:db8::ffff:2"))
        #expect(try source("2001:db8::1") != source("2001:db8:0:1::1"))
        #expect(try source("127.0.0.1") == source("::1"))
        #expect(try source("::1") != source("::2"))
        #expect(ConnectionSource(nil) == nil)
    }
}
