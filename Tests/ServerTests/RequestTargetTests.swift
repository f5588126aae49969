import NIOCore
import Testing

@testable import Server

/// All forms of targets, and messages for wrong framing.
@Suite struct RequestTargetTests {
    @Test(
        "the path of a target is the same with and without scheme and host, query and fragment left out",
        arguments: [
            ("/metrics", "/metrics", nil), ("/metrics?a=b&c", "/metrics", "a=b&c"), ("/a?", "/a", ""),
            ("http://host/metrics", "/metrics", nil), ("HTTPS://host:1/metrics?a", "/metrics", "a"),
            ("hTtP://user:secret@host/a/b#c", "/a/b", nil), ("http://host", "/", nil), ("http://[::1]:80?q", "/", "q"),
            ("*", "*", nil), ("host:443", "host:443", nil), ("/a?b?c", "/a", "b?c"),
            ("/http://host/x", "/http://host/x", nil),
            ("ftp://host/a", "ftp://host/a", nil), ("", "", nil), ("?a", "", "a"),
            ("http:/host/a", "http:/host/a", nil),
        ])
    func pathOfATarget(target: String, path: String, query: String?) {
        #expect(String(RequestTarget(target).path) == path)
        #expect(RequestTarget(target).query.map(String.init) == query)
    }

    private func answer(_ request: String, _ service: TestService = TestService()) async throws -> RawResponse {
        var response: RawResponse?
        try await withListener(service) { listener in
            let client = try RawClient(port: listener.port)
            try client.send(request)
            response = try client.response()
        }
        return try #require(response)
    }

    @Test("OPTIONS * is answered; * is invalid for other methods")
    func asteriskForm() async throws {
        let service = TestService()
        #expect(try await answer("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", service).status == 204)
        let refused = try await answer("GET * HTTP/1.1\r\nHost: h\r\n\r\n", service)
        #expect(refused.status == 400)
        #expect(refused.text.contains("for OPTIONS only"))
        #expect(service.admissions == 0)
    }

    @Test("CONNECT is refused, since this is no proxy, and ends the connection")
    func authorityForm() async throws {
        let refused = try await answer("CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n")
        #expect(refused.status == 400)
        #expect(refused.text.contains("this is not one"))
        #expect(refused["connection"] == "close")
    }

    @Test(
        "wrong framing is reported precisely",
        arguments: [
            ("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", FramingFault.lengthBesideChunks),
            ("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n", FramingFault.lengthBesideChunks),
            ("content-length: 1\r\nX: y\r\nCONTENT-LENGTH: 1\r\n", FramingFault.twoLengths),
            ("Content-Length: 1\r\nContent-Length: 2\r\n", FramingFault.twoLengths),
            ("Content-Length: 1, 1\r\n", "Content-Length is not a number of bytes"),
            ("Content-Length: -1\r\n", "Content-Length is not a number of bytes"),
        ])
    func framingFaultsAreNamed(headers: String, text: String) async throws {
        let refused = try await answer("POST / HTTP/1.1\r\nHost: h\r\n\(headers)\r\nx")
        #expect(refused.status == 400)
        #expect(refused.text.contains(text), "\(refused.text)")
        #expect(refused["connection"] == "close")
    }

    @Test(
        "lines that do not end with CR LF are reported, in complete and incomplete heads",
        arguments: [
            ("GET / HTTP/1.1\nHost: h\n\n", FramingFault.bareLineFeed),
            ("POST / HTTP/1.1\r\nHost: h\nContent-Length: 1\r\n\r\nx", FramingFault.bareLineFeed),
            ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\n\nx", FramingFault.bareLineFeed),
            ("GET / HTTP/1.1\rHost: h\r\r", FramingFault.bareCarriageReturn),
            ("POST / HTTP/1.1\r\nHost: h\rX: y\r\nContent-Length: 1\r\n\r\nx", FramingFault.bareCarriageReturn),
            ("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\rx", FramingFault.bareCarriageReturn),
            ("GET / HTTP/1.1\r\nHost: h\r\nA\r: b\r\n\r\n", FramingFault.bareCarriageReturn),
            ("GET / HTTP/1.1\r\nHost: h\r\nA: \rb\r\n\r\n", FramingFault.bareCarriageReturn),
        ])
    func lineEndsAreNamed(request: String, fault: String) async throws {
        let refused = try await answer(request)
        #expect(refused.status == 400)
        #expect(refused.text.contains(fault), "\(refused.text)")
    }

    @Test("a request after a valid one is checked by its own head")
    func laterHeadsAreJudgedAlone() async throws {
        try await withListener { listener in
            let client = try RawClient(port: listener.port)
            let good = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"
            try client.send(
                good + good + "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n")
            #expect(try client.response().status == 200)
            #expect(try client.response().status == 200)
            let refused = try client.response()
            #expect(refused.status == 400)
            #expect(refused.text.contains(FramingFault.twoLengths), "\(refused.text)")
        }
    }

    @Test("a head that arrives in pieces gets a correct message, too")
    func piecesAreToldSomethingTrue() async throws {
        try await withListener { listener in
            let client = try RawClient(port: listener.port)
            try client.sendByteByByte(
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n".utf8)
            let refused = try client.response()
            #expect(refused.status == 400)
            #expect(refused.text.contains("Content-Length is given twice"), "\(refused.text)")
        }
    }

    @Test(
        "a body that does not match its coding is reported", arguments: [("gzip", "{"), ("zstd", "{"), ("zlib", "{")])
    func uncodedBodyIsNamed(coding: String, body: String) async throws {
        let refused = try await answer(
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: \(coding)\r\nContent-Length: 20\r\n\r\n"
                + String(repeating: body, count: 20))
        #expect(refused.status == 400)
        #expect(refused.text.contains("the body is declared as \(coding), but is not"), "\(refused.text)")
    }
}
