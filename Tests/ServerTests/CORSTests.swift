import NIOCore
import NIOHTTP1
import Settings
import Testing

@testable import Server

@Suite struct CORSTests {
    private static let service = CORSService(
        CORSPolicy(
            CORSSettings(
                allowedOrigins: ["https://app.example.com", "https://*.example.org"], allowedHeaders: ["X-Api-Key"],
                exposedHeaders: ["X-One", "X-Two"], maxAgeSeconds: 7200)), before: TestService())

    private static func exchange(_ port: Int, _ method: String, _ headers: [String]) throws -> RawResponse {
        let client = try RawClient(port: port)
        let head = ["\(method) /v1/metrics HTTP/1.1", "Host: h", "Content-Length: 0"] + headers
        try client.send(head.joined(separator: "\r\n") + "\r\n\r\n")
        return try client.response()
    }

    private static func preflight(
        _ port: Int, _ origin: String, method: String = "POST", headers: String? = nil
    ) throws -> RawResponse {
        let asked = headers.map { ["Access-Control-Request-Headers: \($0)"] } ?? []
        return try exchange(
            port, "OPTIONS", ["Origin: \(origin)", "Access-Control-Request-Method: \(method)"] + asked)
    }

    @Test("R-HTTP-27 a preflight of an allowed origin gets the permissions")
    func preflightIsAnswered() async throws {
        try await withListener(Self.service) { listener in
            let response = try Self.preflight(
                listener.port, "https://app.example.com", headers: "content-type, X-API-Key")
            #expect(response.status == 204)
            #expect(response["access-control-allow-origin"] == "https://app.example.com")
            #expect(response["access-control-allow-methods"] == "POST")
            #expect(response["access-control-allow-headers"] == "content-type, x-api-key")
            #expect(response["access-control-max-age"] == "7200")
            #expect(response["vary"] == "Origin, Access-Control-Request-Method, Access-Control-Request-Headers")
        }
    }

    @Test(
        "R-HTTP-27 * matches any characters within an origin",
        arguments: [
            ("https://a.example.org", true), ("https://a.b.example.org", true), ("HTTPS://A.EXAMPLE.ORG", true),
            ("https://example.org", false), ("https://.example.org.evil.com", false), ("http://a.example.org", false),
            ("https://app.example.com.evil.com", false), ("null", false), ("", false),
        ])
    func originsAreMatched(origin: String, isAllowed: Bool) async throws {
        try await withListener(Self.service) { listener in
            let response = try Self.preflight(listener.port, origin)
            #expect(response.status == 204)
            #expect(response["access-control-allow-origin"] == (isAllowed ? origin : nil))
            let post = try Self.exchange(listener.port, "POST", ["Origin: \(origin)"])
            #expect(post.status == 200)
            #expect(post["access-control-allow-origin"] == (isAllowed ? origin : nil))
        }
    }

    @Test("R-HTTP-27 methods and headers that are not allowed get no permission")
    func othersAreNotAllowed() async throws {
        try await withListener(Self.service) { listener in
            let origin = "https://app.example.com"
            for (method, headers) in [("DELETE", nil), ("POST", "x-secret"), ("POST", "content-type, x-secret")] {
                let response = try Self.preflight(listener.port, origin, method: method, headers: headers)
                #expect(response.status == 204)
                #expect(response["access-control-allow-origin"] == nil)
                #expect(response["access-control-allow-methods"] == nil)
            }
        }
    }

    @Test("R-HTTP-27 answers to web pages have the permission to read them, also refusals")
    func answersMayBeRead() async throws {
        let inner = TestService(admit: { head in
            head.method == .PUT ? .refuse(.text("no", status: .methodNotAllowed)) : .accept(bodyLimit: 10)
        })
        let policy = CORSPolicy(CORSSettings(allowedOrigins: ["*"], exposedHeaders: ["X-One", "X-Two"]))
        try await withListener(CORSService(policy, before: inner)) { listener in
            let origin = ["Origin: https://anybody.example.com"]
            for (method, further, status) in [
                ("POST", [], 200), ("PUT", [], 405), ("POST", ["Content-Encoding: lz4"], 415),
            ] {
                let response = try Self.exchange(listener.port, method, origin + further)
                #expect(response.status == status)
                #expect(response["access-control-allow-origin"] == "*")
                #expect(response["access-control-expose-headers"] == "X-One, X-Two")
                #expect(response["vary"] == "Origin")
            }
            #expect(try Self.exchange(listener.port, "POST", [])["access-control-allow-origin"] == nil)
            // Not a preflight: the service answers.
            #expect(try Self.exchange(listener.port, "OPTIONS", origin).status == 200)
        }
    }

    @Test("R-HTTP-27 * in the list allows all headers")
    func allHeadersMayBeAllowed() async throws {
        let policy = CORSPolicy(CORSSettings(allowedOrigins: ["*"], allowedHeaders: ["*"]))
        try await withListener(CORSService(policy, before: TestService())) { listener in
            let response = try Self.preflight(listener.port, "https://a", headers: "x-anything")
            #expect(response["access-control-allow-headers"] == "x-anything")
            #expect(response["access-control-max-age"] == nil)
            // More than any exporter has.
            let many = (0..<65).map { "x-\($0)" }.joined(separator: ",")
            #expect(try Self.preflight(listener.port, "https://a", headers: many)["access-control-allow-origin"] == nil)
        }
    }
}
