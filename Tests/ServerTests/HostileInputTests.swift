import NIOCore
import NIOHTTP1
import Settings
import Testing

@testable import Server

@Suite struct HostileInputTests {
    @Test(
        "a request that is not HTTP/1.1, or has ambiguous framing, is a 400",
        arguments: [
            "nonsense\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/2.0\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "\0\0\0\0", "{}",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, identity\r\n\r\nabc",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999999\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length : 1\r\n\r\na",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nX\0Y: 1\r\n\r\n", "POST / HTTP/1.1\r\nHost: h\r\n: 1\r\n\r\n",
        ], [false, true])
    func malformedRequestsAreRefused(request: String, byteByByte: Bool) async throws {
        let service = TestService()
        try await withListener(service) { listener in
            let client = try RawClient(port: listener.port)
            if byteByByte { try? client.sendByteByByte(request.utf8) } else { try client.send(request) }
            let response = try client.response()
            #expect(response.status == 400)
            #expect(response["connection"] == "close")
            client.closeOutput()
            #expect(try client.isClosedByServer())
            #expect(service.requests.isEmpty)
        }
    }

    @Test("a request after a malformed one is not served")
    func nothingBehindAFaultIsServed() async throws {
        let service = TestService()
        try await withListener(service) { listener in
            let client = try RawClient(port: listener.port)
            try client.send(
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                    + "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n")
            client.closeOutput()
            #expect(try client.response().status == 400)
            #expect(try client.isClosedByServer())
            #expect(service.requests.isEmpty)
        }
    }

    @Test("Upgrade is not accepted, and ends the connection after the answer")
    func upgradeIsNotTaken() async throws {
        let service = TestService()
        try await withListener(service) { listener in
            let client = try RawClient(port: listener.port)
            try client.send(
                "POST /a HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 1\r\n\r\nx"
                    + "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\ny")
            let response = try client.response()
            #expect(response.text == "/a x")
            #expect(response["connection"] == "close")
            #expect(try client.isClosedByServer())
            #expect(service.requests.count == 1)
        }
    }

    @Test("an echoed header value cannot inject a header")
    func headersCannotBeSplit() async throws {
        let service = TestService(answer: { _, _ in
            .now(HTTPResponse(status: .ok, headers: ["X-Echo": "a\r\nX-Evil: b\0"]))
        })
        try await withListener(service) { listener in
            let client = try RawClient(port: listener.port)
            try client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            let response = try client.response()
            #expect(response["x-echo"] == "a  X-Evil: b ")
            #expect(response["x-evil"] == nil)
        }
    }

    @Test("damaged requests never crash the server", arguments: 0..<4 as Range<UInt64>)
    func damagedRequestsDoNoHarm(seed: UInt64) async throws {
        var numbers = SeededRandom(seed: seed)
        let service = TestService(admit: { _ in .accept(bodyLimit: 64) })
        let limits = ServerLimits {
            $0.headTimeout = .milliseconds(50)
            $0.bodyTimeout = .milliseconds(50)
            $0.idleTimeout = .milliseconds(50)
        }
        let valid = Array(
            ("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Encoding: identity\r\n\r\nabc"
                + "POST /b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
                + "3;a=b\r\nabc\r\n0\r\nX: y\r\n\r\nGET /c HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").utf8)
        try await withListener(service, limits: limits) { listener in
            for _ in 0..<60 {
                var request = valid
                for _ in 0..<Int.random(in: 1...4, using: &numbers) {
                    let index = Int.random(in: 0..<request.count, using: &numbers)
                    switch Int.random(in: 0..<4, using: &numbers) {
                    case 0: request[index] = UInt8.random(in: 0...255, using: &numbers)
                    case 1: request.remove(at: index)
                    case 2: request.insert(UInt8.random(in: 0...255, using: &numbers), at: index)
                    default: request.removeLast(min(request.count - 1, index))
                    }
                }
                let client = try RawClient(port: listener.port)
                // The server may close before everything is sent.
                try? client.send(request)
                if Bool.random(using: &numbers) { client.closeOutput() }
                _ = try? client.readToEnd()
            }
            // With such short time-outs a busy machine may need several attempts.
            let isAlive = await eventually {
                let client = try? RawClient(port: listener.port)
                try? client?.send("POST /alive HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nyes")
                return (try? client?.response())?.text == "/alive yes"
            }
            #expect(isAlive)
        }
    }
}
