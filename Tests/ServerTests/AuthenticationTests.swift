import Credentials
import NIOCore
import NIOHTTP1
import Server
import Settings
import Synchronization
import Testing

/// Accepted credentials, and refusals before the body is read.
@Suite struct AuthenticationTests {
    private static let body = String(repeating: "x", count: 100)

    private func request(
        _ credentials: String? = nil, header: String = "Authorization", target: String = "/a", body: String = body
    ) -> String {
        let line = credentials.map { "\(header): \($0)\r\n" } ?? ""
        return "POST \(target) HTTP/1.1\r\nHost: h\r\n\(line)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private func authenticated(
        _ authenticator: any Authenticator, parameters: [String] = [], _ service: TestService
    ) -> AuthenticatedService {
        AuthenticatedService(authenticator, parameters: parameters, before: service)
    }

    private static let bearer = BearerAuthenticator(
        header: "Authorization", scheme: "Bearer", tokens: BearerTokens(scheme: "Bearer", tokens: ["one", "two"]))

    private static func basic(_ lines: String) -> BasicAuthenticator {
        var table = PasswordTable()
        table.add(Array(lines.utf8), name: "test")
        return BasicAuthenticator(table)
    }

    /// Sends requests on one connection and returns the answers.
    private func answers(_ listener: HTTPListener, _ requests: [String]) async throws -> [RawResponse] {
        try await onOwnThread {
            let client = try RawClient(port: listener.port)
            return try requests.map {
                try client.send($0)
                return try client.response()
            }
        }
    }

    @Test func tokensLetInAndOthersAreToldBeforeTheirBodyIsRead() async throws {
        let service = TestService()
        let observer = TestObserver()
        try await withListener(authenticated(Self.bearer, service), observer: observer) {
            let answers = try await answers(
                $0,
                [
                    request("Bearer one"), request(), request("Bearer three"), request(""), request("Basic one"),
                    request("Bearer two"),
                ])
            #expect(answers.map(\.status) == [200, 401, 401, 401, 401, 200])
            for answer in answers[1...4] { #expect(answer["www-authenticate"] == "Bearer realm=\"odometer\"") }
            #expect(!answers[2].text.contains("three"))
        }
        #expect(service.requests.count == 2)
        #expect(service.admissions == 2)
        #expect(observer.refusedRequests.count == 4)
        #expect(observer.refusedRequests.allSatisfy { $0.reason == .unauthenticated })
        #expect(!observer.refusedRequests.contains { $0.explanation.contains("three") })
    }

    @Test func aBodyThatIsStillToComeIsNotWaitedFor() async throws {
        let service = TestService()
        try await withListener(authenticated(Self.bearer, service)) { listener in
            let status = try await onOwnThread {
                let client = try RawClient(port: listener.port)
                try client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n")
                return try client.response().status
            }
            #expect(status == 401)
        }
        #expect(service.admissions == 0)
    }

    @Test func otherHeadersAndSchemesAreThoseOfTheConfiguration() async throws {
        let authenticator = BearerAuthenticator(
            header: "X-Api-Key", scheme: "", tokens: BearerTokens(scheme: "", tokens: ["one"]))
        try await withListener(authenticated(authenticator, TestService())) {
            let answers = try await answers(
                $0, [request("one", header: "x-api-key"), request("Bearer one"), request("", header: "X-Api-Key")])
            #expect(answers.map(\.status) == [200, 401, 401])
            #expect(answers[1]["www-authenticate"] == "Bearer realm=\"odometer\"")
        }
    }

    @Test func parametersOfTheQueryComeBeforeHeaders() async throws {
        let service = TestService()
        try await withListener(authenticated(Self.bearer, parameters: ["authorization"], service)) {
            let answers = try await answers(
                $0,
                [
                    request(target: "/a?b=c&authorization=Bearer+one"),
                    request(target: "/a?authorization=Bearer%20two"),
                    request("Bearer one", target: "/a?authorization=wrong"), request("Bearer one", target: "/a?x=y"),
                    request(target: "/a?Authorization=Bearer+one"), request(target: "/a?authorization"),
                    request(target: "/a?authorization=%zz"), request(target: "/a"),
                ])
            #expect(answers.map(\.status) == [200, 200, 401, 200, 401, 401, 401, 401])
        }
    }

    @Test(
        "basic authentication accepts user and password in Base64",
        arguments: [
            ("Basic YWRhOnNlY3JldA==", 200), ("basic YWRhOnNlY3JldA==", 200), ("Basic YWRhOndyb25n", 401),
            ("Basic bm9ib2R5OnNlY3JldA==", 401), ("Basic YWRh", 401), ("Basic !!!!", 401), ("Basic", 401),
            ("Basic ", 401), ("Bearer YWRhOnNlY3JldA==", 401), ("YWRhOnNlY3JldA==", 401), ("Basic /zpzZWNyZXQ=", 401),
        ])
    func passwordsLetIn(credentials: String, status: Int) async throws {
        let service = TestService()
        try await withListener(authenticated(Self.basic("ada:secret"), service)) {
            let answer = try #require(try await answers($0, [request(credentials)]).first)
            #expect(answer.status == status)
            #expect(
                answer["www-authenticate"] == (status == 401 ? "Basic realm=\"odometer\", charset=\"UTF-8\"" : nil))
        }
        #expect(service.requests.count == (status == 200 ? 1 : 0))
    }

    /// The password is `secret`; the lowest cost that bcrypt has.
    private static let slow = "ada:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a"

    @Test func aSlowHashLetsInTheSameAsAQuickOne() async throws {
        let service = TestService(admit: { head in
            head.uri == "/nowhere" ? .refuse(HTTPResponse(status: .notFound)) : .accept(bodyLimit: 1 << 20)
        })
        let observer = TestObserver()
        try await withListener(authenticated(Self.basic(Self.slow), service), observer: observer) {
            let right = "Basic YWRhOnNlY3JldA=="
            let wrong = "Basic YWRhOndyb25n"
            let answers = try await answers(
                $0,
                [
                    request(wrong), request(wrong, target: "/nowhere"), request(right, target: "/nowhere"),
                    request(right), request(wrong), request(right), request(),
                ])
            #expect(answers.map(\.status) == [401, 401, 404, 200, 401, 200, 401])
            #expect(answers[3].text == "/a \(Self.body)")
        }
        #expect(service.requests.count == 2)
        #expect(observer.refusedRequests.count == 4)
    }

    @Test func theFirstOfManyAtOnceIsEnough() async throws {
        let service = TestService()
        let authenticator = Self.basic(Self.slow)
        try await withListener(authenticated(authenticator, service)) { listener in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await answers(listener, [request("Basic YWRhOnNlY3JldA==")]).first?.status ?? 0
                    }
                }
                for try await status in group { #expect(status == 200) }
            }
        }
        #expect(service.requests.count == 20)
        // From now on no check waits.
        guard case .accepted = authenticator.verdict({ _ in "Basic YWRhOnNlY3JldA==" }) else {
            Issue.record("the password is checked again")
            return
        }
    }

    @Test func moreThanMayWaitAreToldToComeAgain() async throws {
        /// Checks that wait until they are released.
        final class Patient: Authenticator {
            let isOpen = Mutex(false)
            var hasSlowChecks: Bool { true }

            func verdict(_ header: (String) -> String?) -> AuthenticationVerdict {
                .pending {
                    while !self.isOpen.withLock({ $0 }) {}
                    return nil
                }
            }
        }
        let authenticator = Patient()
        let service = TestService()
        let guarded = authenticated(authenticator, service)
        try await withListener(guarded) { listener in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<70 {
                    group.addTask { try await answers(listener, [request("x")]).first?.status ?? 0 }
                }
                var statuses: [Int: Int] = [:]
                // One is being checked and 64 wait, so the other five are answered at once.
                while let status = try await group.next() {
                    statuses[status, default: 0] += 1
                    if statuses[503] == 5 { authenticator.isOpen.withLock { $0 = true } }
                }
                #expect(statuses == [503: 5, 200: 65])
            }
        }
        #expect(service.requests.count == 65)
    }

    @Test("R-HTTP-27 a preflight request is answered without authentication")
    func preflightComesBeforeCredentials() async throws {
        let service = TestService()
        let guarded = CORSService(
            CORSPolicy(CORSSettings(allowedOrigins: ["https://example.com"], allowedHeaders: ["Authorization"])),
            before: authenticated(Self.bearer, service))
        let origin = "Origin: https://example.com\r\n"
        let preflight =
            "OPTIONS /a HTTP/1.1\r\nHost: h\r\n\(origin)Access-Control-Request-Method: POST\r\n"
            + "Access-Control-Request-Headers: authorization\r\n\r\n"
        let post = "POST /a HTTP/1.1\r\nHost: h\r\n\(origin)Content-Length: 0\r\n\r\n"
        let options = "OPTIONS /a HTTP/1.1\r\nHost: h\r\n\(origin)\r\n"
        try await withListener(guarded) {
            let answers = try await answers($0, [preflight, post, options])
            #expect(answers.map(\.status) == [204, 401, 401])
            #expect(answers[0]["access-control-allow-headers"] == "authorization")
            // So that the web page can read the reason.
            #expect(answers[1]["access-control-allow-origin"] == "https://example.com")
        }
        #expect(service.admissions == 0)
    }
}
