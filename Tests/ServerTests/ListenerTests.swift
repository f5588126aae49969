import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@testable import Server

@Suite struct ListenerTests {
    private func start(host: String, port: Int) async throws(ListenError) -> HTTPListener {
        try await HTTPListener.start(
            ListenerSettings(name: "test", host: host, port: port), on: MultiThreadedEventLoopGroup.singleton,
            service: TestService())
    }

    @Test("a port in use is reported as such")
    func portInUseIsTold() async throws {
        try await withListener { listener in
            let error = await #expect(throws: ListenError.self) {
                try await start(host: "127.0.0.1", port: listener.port)
            }
            #expect(error == .portInUse(host: "127.0.0.1", port: listener.port))
            #expect(
                error?.description.hasPrefix("cannot listen on 127.0.0.1:\(listener.port): the port is in use") == true)
        }
    }

    @Test("a host that is not local, or does not exist, is reported as such")
    func wrongHostIsTold() async throws {
        await #expect(throws: ListenError.addressNotAvailable(host: "192.0.2.1")) {
            try await start(host: "192.0.2.1", port: 0)
        }
        await #expect(throws: ListenError.unknownHost("no such host.invalid")) {
            try await start(host: "no such host.invalid", port: 0)
        }
        for port in [-1, 65536] {
            await #expect(throws: ListenError.invalidPort(port)) { try await start(host: "127.0.0.1", port: port) }
        }
    }

    @Test(
        "an empty host, localhost and plain addresses are reached by IPv4",
        arguments: ["", "localhost", "0.0.0.0", "127.0.0.1"])
    func hostsAreReached(host: String) async throws {
        let listener = try await start(host: host, port: 0)
        #expect(listener.port > 0)
        let client = try RawClient(port: listener.port)
        try client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try client.response().text == "/a ")
        try await listener.drain(until: .now()).get()
    }

    @Test(
        "a listener on all addresses is reached by IPv6 and IPv4",
        .enabled(if: Self.hasIPv6), arguments: ["0.0.0.0", "", "::", "[::]"])
    func everyAddressIsBothProtocols(host: String) async throws {
        let listener = try await start(host: host, port: 0)
        for isIPv6 in [true, false] {
            let client = try RawClient(port: listener.port, isIPv6: isIPv6)
            try client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try client.response().text == "/a ")
        }
        try await listener.drain(until: .now()).get()
    }

    @Test(
        "an address of one protocol has only that protocol", .enabled(if: Self.hasIPv6),
        arguments: ["127.0.0.1", "::1"])
    func oneAddressIsOneProtocol(host: String) async throws {
        let listener = try await start(host: host, port: 0)
        #expect((try? RawClient(port: listener.port, isIPv6: true)) != nil || host == "127.0.0.1")
        #expect(throws: RawClient.Failure.self) { try RawClient(port: listener.port, isIPv6: host == "127.0.0.1") }
        try await listener.drain(until: .now()).get()
    }

    @Test("a port used on one address is in use for all", arguments: ["127.0.0.1", "0.0.0.0"])
    func portInUseOfEveryAddressIsTold(host: String) async throws {
        let first = try await start(host: host, port: 0)
        await #expect(throws: ListenError.portInUse(host: "0.0.0.0", port: first.port)) {
            try await start(host: "0.0.0.0", port: first.port)
        }
        try await first.drain(until: .now()).get()
    }

    /// Whether this machine has ::1.
    private static let hasIPv6: Bool = {
        let addresses = try? System.enumerateDevices().compactMap(\.address?.ipAddress)
        return addresses?.contains("::1") ?? false
    }()

    @Test("draining completes open requests, closes other connections, and frees the port")
    func drainFinishesRequests() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let promise = group.next().makePromise(of: HTTPResponse.self)
        let service = TestService(answer: { request, _ in
            request.head.uri == "/slow" ? .later(promise.futureResult) : .now(.echo(request))
        })
        let settings = ListenerSettings(name: "test", host: "127.0.0.1", port: 0)
        let listener = try await HTTPListener.start(settings, on: group, service: service)
        let idle = try RawClient(port: listener.port)
        try idle.send("GET /idle HTTP/1.1\r\nHost: h\r\n\r\n")
        _ = try idle.response()
        let answering = try RawClient(port: listener.port)
        try answering.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n")
        let sending = try RawClient(port: listener.port)
        try sending.send("POST /sending HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbo")
        #expect(await eventually { service.admissions == 3 })

        let drained = listener.drain(until: .now() + .seconds(30))
        #expect(try idle.isClosedByServer())
        #expect(throws: RawClient.Failure.self) { try RawClient(port: listener.port) }
        try sending.send("dy")
        let sent = try sending.response()
        #expect(sent.text == "/sending body")
        #expect(sent["connection"] == "close")
        #expect(try sending.isClosedByServer())
        promise.succeed(.text("slow"))
        let answered = try answering.response()
        #expect(answered.text == "slow")
        #expect(answered["connection"] == "close")
        #expect(try answering.isClosedByServer())
        try await drained.get()
        #expect(await eventually { listener.openConnections == 0 })
        try await listener.drain(until: .now()).get()

        let again = try await HTTPListener.start(
            ListenerSettings(name: "again", host: "127.0.0.1", port: listener.port), on: group, service: service)
        try await again.drain(until: .now()).get()
        try await group.shutdownGracefully()
    }

    @Test("draining closes a connection once the rest of its refused body has arrived")
    func drainEndsBehindARefusedBody() async throws {
        let service = TestService(admit: { _ in .refuse(.text("no", status: .notFound)) })
        let settings = ListenerSettings(name: "test", host: "127.0.0.1", port: 0)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let listener = try await HTTPListener.start(settings, on: group, service: service)
        let idle = try RawClient(port: listener.port)
        let client = try RawClient(port: listener.port)
        try client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n")
        #expect(try client.response().status == 404)
        let drained = listener.drain(until: .now() + .hours(1))
        #expect(try idle.isClosedByServer())
        try client.send("0123456789")
        #expect(try client.isClosedByServer())
        try await drained.get()
        try await group.shutdownGracefully()
    }

    @Test("draining closes remaining connections at its deadline")
    func drainEndsAtItsDeadline() async throws {
        let service = TestService(answer: { _, eventLoop in
            .later(eventLoop.scheduleTask(in: .hours(1)) { .text("never") }.futureResult)
        })
        let settings = ListenerSettings(name: "test", host: "127.0.0.1", port: 0)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let listener = try await HTTPListener.start(settings, on: group, service: service)
        let client = try RawClient(port: listener.port)
        try client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(await eventually { service.requests.count == 1 })
        try await listener.drain(until: .now() + .milliseconds(50)).get()
        #expect(try client.isClosedByServer())
        try await group.shutdownGracefully()
    }
}
