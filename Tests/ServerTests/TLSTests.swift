import Credentials
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Server
import Settings
import Synchronization
import Testing

/// Listeners with TLS, and clients with and without it.
@Suite struct TLSTests {
    private static let get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"

    private func withTLS(
        _ tls: TLSContextSource?, _ service: any HTTPService = TestService(), limits: ServerLimits = ServerLimits(),
        observer: TestObserver = TestObserver(), _ body: (HTTPListener) async throws -> Void
    ) async throws {
        let settings = ListenerSettings(
            name: "test", host: "127.0.0.1", port: 0, limits: limits, tls: tls, observer: observer)
        let listener = try await HTTPListener.start(
            settings, on: MultiThreadedEventLoopGroup.singleton, service: service)
        do {
            try await body(listener)
        } catch {
            try await listener.drain(until: .now()).get()
            throw error
        }
        try await listener.drain(until: .now() + .seconds(5)).get()
    }

    @Test func requestsAreAnsweredBehindTLS() async throws {
        let service = TestService()
        try await withTLS(try TLSFixtures.server(), service) { listener in
            let client = try await TLSClient.connect(port: listener.port, try TLSFixtures.client())
            // Sent together with the end of the handshake, and two more on the same connection.
            client.send(Self.get)
            #expect(await eventually { client.text.hasSuffix("/a ") })
            #expect(client.text.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(client.seen.negotiated == "http/1.1")
            client.send(Self.get + Self.get)
            #expect(await eventually { service.requests.count == 3 })
            client.close()
        }
    }

    @Test func aLongAnswerArrivesWhole() async throws {
        final class Stream: ResponseStream {
            private let left = Mutex(64)

            func begin(abort: @escaping @Sendable () -> Void) {}

            func writeNext(into buffer: inout ByteBuffer, targetBytes: Int) -> Bool {
                let isOver = left.withLock { left in
                    left -= 1
                    return left < 0
                }
                if !isOver { buffer.writeRepeatingByte(UInt8(ascii: "y"), count: 64 << 10) }
                return true
            }
        }
        let service = TestService(answer: { _, _ in
            .now(HTTPResponse(status: .ok, body: .stream(Stream())))
        })
        try await withTLS(try TLSFixtures.server(), service) { listener in
            let client = try await TLSClient.connect(port: listener.port, try TLSFixtures.client())
            client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            #expect(await eventually { client.seen.isClosed })
            #expect(client.seen.bytes.filter { $0 == UInt8(ascii: "y") }.count == 4 << 20)
        }
    }

    @Test(
        "only clients with a certificate of the right authority are accepted",
        arguments: [("client", true), ("intruder", false), (nil, false)] as [(String?, Bool)])
    func clientCertificatesAreAskedFor(certificate: String?, isLetIn: Bool) async throws {
        let observer = TestObserver()
        let service = TestService()
        let tls = try TLSFixtures.server { $0.trusted = TLSFixtures.file("authority.crt") }
        try await withTLS(tls, service, observer: observer) { listener in
            let client = try await TLSClient.connect(
                port: listener.port, try TLSFixtures.client(certificate: certificate))
            client.send(Self.get)
            #expect(await eventually { client.seen.isClosed || client.text.hasSuffix("/a ") })
            #expect(service.requests.count == (isLetIn ? 1 : 0))
            let fault: ConnectionFault = certificate == nil ? .noClientCertificate : .untrustedClientCertificate
            // The client is notified before the observer.
            #expect(await eventually { observer.refusedConnections == (isLetIn ? [] : [fault]) })
            client.close()
        }
    }

    @Test(
        "versions, suites and curves are those of the settings",
        arguments: [
            (TLSSettings.Version.v12...(.v13), TLSSettings.Version.v12...(.v12), true),
            (.v12...(.v13), .v10...(.v11), false),
            (.v13...(.v13), .v10...(.v12), false),
            (.v10...(.v11), .v12...(.v13), false),
            (.v10...(.v11), .v11...(.v11), true),
        ] as [(ClosedRange<TLSSettings.Version>, ClosedRange<TLSSettings.Version>, Bool)])
    func versionsAreKept(
        server: ClosedRange<TLSSettings.Version>, client: ClosedRange<TLSSettings.Version>, meets: Bool
    ) async throws {
        let tls = try TLSFixtures.server {
            $0.minimumVersion = server.lowerBound
            $0.maximumVersion = server.upperBound
        }
        let context = try TLSFixtures.client {
            $0.minimumVersion = client.lowerBound
            $0.maximumVersion = client.upperBound
        }
        try await expect(tls, context, meets: meets)
    }

    @Test func onlyTheNamedSuitesAndCurvesAreOffered() async throws {
        let suites = { (names: [String]) in
            { (settings: inout TLSSettings) in
                settings.maximumVersion = .v12
                settings.cipherSuites = names
            }
        }
        let (first, second) = (
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"
        )
        let server = try TLSFixtures.server([], suites([first]))
        try await expect(server, try TLSFixtures.client(suites([second])), meets: false)
        try await expect(server, try TLSFixtures.client(suites([second, first])), meets: true)
        // Without forward secrecy: only if configured.
        let rsa = { (settings: inout TLSSettings) in
            settings.certificate = TLSFixtures.file("rsa.crt")
            settings.key = TLSFixtures.file("rsa.key")
        }
        let weak = suites(["TLS_RSA_WITH_AES_128_GCM_SHA256"])
        try await expect(try TLSFixtures.server([], rsa), try TLSFixtures.client(weak), meets: false)
        let weakServer = try TLSFixtures.server {
            rsa(&$0)
            weak(&$0)
        }
        try await expect(weakServer, try TLSFixtures.client(weak), meets: true)
        // A list for TLS 1.3 leaves no suite for TLS 1.2.
        let modern = try TLSFixtures.server { $0.cipherSuites = ["TLS_AES_128_GCM_SHA256"] }
        try await expect(modern, try TLSFixtures.client { $0.maximumVersion = .v12 }, meets: false)
        try await expect(modern, try TLSFixtures.client(), meets: true)
        let curves = try TLSFixtures.server { $0.curves = ["P384"] }
        try await expect(curves, try TLSFixtures.client { $0.curves = ["X25519", "P256"] }, meets: false)
        try await expect(curves, try TLSFixtures.client { $0.curves = ["X25519", "P384"] }, meets: true)
    }

    private func expect(_ tls: TLSContextSource, _ context: NIOSSLContext, meets: Bool) async throws {
        let observer = TestObserver()
        try await withTLS(tls, observer: observer) { listener in
            let client = try await TLSClient.connect(port: listener.port, context)
            #expect(await client.isSecure() == meets)
            client.close()
            #expect(await eventually { listener.openConnections == 0 })
            #expect(await eventually { observer.refusedConnections.isEmpty == meets })
        }
    }

    @Test func aClientThatDoesNotTrustTheListenerIsTold() async throws {
        let observer = TestObserver()
        try await withTLS(try TLSFixtures.server(), observer: observer) { listener in
            let client = try await TLSClient.connect(
                port: listener.port, try TLSFixtures.client { $0.trusted = TLSFixtures.file("stranger.crt") })
            #expect(await !client.isSecure())
            #expect(await eventually { observer.refusedConnections == [.certificateNotTrusted] })
        }
    }

    @Test(
        "clients without TLS on a TLS listener are distinguished",
        arguments: [
            "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\u{0}\u{1}\u{2}garbage..",
        ])
    func plainClientsAreTold(text: String) async throws {
        let observer = TestObserver()
        let service = TestService()
        try await withTLS(try TLSFixtures.server(), service, observer: observer) { listener in
            try await onOwnThread {
                let client = try RawClient(port: listener.port)
                try client.send(text)
                _ = try? client.readToEnd()
            }
            #expect(await eventually { observer.refusedConnections == [.plainOnTLSPort] })
            #expect(service.admissions == 0)
            #expect(await eventually { listener.openConnections == 0 })
        }
    }

    @Test func whoSpeaksTLSToAListenerThatDoesNotIsTold() async throws {
        let observer = TestObserver()
        let service = TestService()
        try await withTLS(nil, service, observer: observer) { listener in
            let client = try await TLSClient.connect(port: listener.port, try TLSFixtures.client())
            #expect(await !client.isSecure())
            #expect(await eventually { observer.refusedConnections == [.tlsOnPlainPort] })
            #expect(service.admissions == 0)
            // Other clients are served as before.
            let plain = try await onOwnThread {
                let client = try RawClient(port: listener.port)
                try client.send(Self.get)
                return try client.response().status
            }
            #expect(plain == 200)
            #expect(observer.refusedConnections.count == 1)
        }
    }

    @Test func aHandshakeHasTheTimeOfAHead() async throws {
        let observer = TestObserver()
        let limits = ServerLimits { $0.headTimeout = .milliseconds(200) }
        try await withTLS(try TLSFixtures.server(), limits: limits, observer: observer) { listener in
            let isClosed = try await onOwnThread {
                let client = try RawClient(port: listener.port)
                // A handshake record that never ends.
                try client.send([22, 3, 1, 1, 0, 1])
                return try client.isClosedByServer()
            }
            #expect(isClosed)
            #expect(await eventually { observer.refusedConnections == [.handshakeTimeout] })
            // After a handshake in time the usual time-outs apply: idle connections stay open.
            let client = try await TLSClient.connect(port: listener.port, try TLSFixtures.client())
            #expect(await client.isSecure())
            client.send(Self.get)
            #expect(await eventually { client.text.hasSuffix("/a ") })
            client.close()
        }
    }

    @Test func probesThatOnlyConnectAreNoFault() async throws {
        let observer = TestObserver()
        try await withTLS(try TLSFixtures.server(), observer: observer) { listener in
            try await onOwnThread { try RawClient(port: listener.port).closeOutput() }
            #expect(await eventually { listener.openConnections == 0 })
            #expect(observer.refusedConnections.isEmpty)
        }
    }

    @Test func drainEndsConnectionsInEveryState() async throws {
        let settings = ListenerSettings(
            name: "test", host: "127.0.0.1", port: 0, tls: try TLSFixtures.server(), observer: nil)
        let listener = try await HTTPListener.start(
            settings, on: MultiThreadedEventLoopGroup.singleton, service: TestService())
        let idle = try await TLSClient.connect(port: listener.port, try TLSFixtures.client())
        #expect(await idle.isSecure())
        // This client has not begun its handshake.
        let silent = try RawClient(port: listener.port)
        #expect(await eventually { listener.openConnections == 2 })
        try await listener.drain(until: .now() + .seconds(30)).get()
        #expect(await eventually { idle.seen.isClosed })
        #expect(try await onOwnThread { try silent.isClosedByServer() })
    }
}
