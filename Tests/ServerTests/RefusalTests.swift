import NIOCore
import NIOHTTP1
import Settings
import Testing

@testable import Server

@Suite struct RefusalTests {
    private static let refusing = TestService(admit: { head in
        head.uri == "/no" ? .refuse(.text("no", status: .notFound)) : .accept(bodyLimit: 1 << 20)
    })

    @Test("a refused request with a small body leaves the connection usable", arguments: [false, true])
    func connectionSurvivesASmallRefusedBody(inPieces: Bool) async throws {
        try await withListener(Self.refusing) { listener in
            let client = try RawClient(port: listener.port)
            let body = String(repeating: "x", count: 5000)
            try client.send("POST /no HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\n" + (inPieces ? "" : body))
            if inPieces {
                #expect(try client.response().status == 404)
                try client.send(body)
            } else {
                #expect(try client.response().status == 404)
            }
            try client.send("POST /yes HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\ny")
            #expect(try client.response().text == "/yes y")
        }
    }

    @Test("a complete refused chunked request leaves the connection usable")
    func connectionSurvivesAWholeChunkedBody() async throws {
        try await withListener(Self.refusing) { listener in
            let client = try RawClient(port: listener.port)
            try client.send("POST /no HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
            let response = try client.response()
            #expect(response.status == 404)
            #expect(response["connection"] == nil)
            try client.send("GET /yes HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try client.response().text == "/yes ")
        }
    }

    @Test("a client that sends all of a large refused body before it reads gets the answer, not a reset")
    func largeRefusedBodyIsReadToItsEnd() async throws {
        try await withListener(Self.refusing) { listener in
            for framing in ["Content-Length: 16000000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\nF42400\r\n"] {
                let client = try RawClient(port: listener.port)
                try client.send("POST /no HTTP/1.1\r\nHost: h\r\n" + framing)
                let piece = [UInt8](repeating: 0x78, count: 100_000)
                for _ in 0..<160 { try client.send(piece) }
                let response = try client.response()
                #expect(response.status == 404)
                #expect(response["connection"] == "close")
                #expect(response.text == "no")
                client.closeOutput()
                #expect(try client.isClosedByServer())
            }
        }
    }

    @Test(
        "a client that keeps sending after a refusal is disconnected, by bytes or by time",
        arguments: [
            ServerLimits { $0.lingerBytes = 1 << 20 }, ServerLimits { $0.lingerTimeout = .milliseconds(100) },
        ])
    func lingeringIsBounded(limits: ServerLimits) async throws {
        try await withListener(Self.refusing, limits: limits) { listener in
            let client = try RawClient(port: listener.port)
            try client.send("POST /no HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n")
            #expect(try client.response().status == 404)
            let piece = [UInt8](repeating: 0x78, count: 10_000)
            var sent = 0
            #expect(throws: RawClient.Failure.self) {
                while sent < 3 << 30 {
                    try client.send(piece)
                    sent += piece.count
                }
            }
            #expect(await eventually { listener.openConnections == 0 })
        }
    }

    @Test("a silent refused client is disconnected in time")
    func silentLingeringEnds() async throws {
        try await withListener(Self.refusing, limits: ServerLimits { $0.lingerTimeout = .milliseconds(60) }) {
            listener in
            let client = try RawClient(port: listener.port)
            try client.send("POST /no HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\nx")
            #expect(try client.response().status == 404)
            #expect(await eventually { listener.openConnections == 0 })
        }
    }

    @Test("a refused body that does not arrive ends the connection in time")
    func discardingEnds() async throws {
        try await withListener(Self.refusing, limits: ServerLimits { $0.bodyTimeout = .milliseconds(60) }) { listener in
            let client = try RawClient(port: listener.port)
            try client.send("POST /no HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nx")
            #expect(try client.response().status == 404)
            #expect(try client.isClosedByServer())
        }
    }

    @Test(
        "R-HTTP-14 a body that cannot be decompressed is a 400, and the connection continues",
        arguments: ["gzip", "deflate", "zlib"])
    func damagedBodyIsRefused(coding: String) async throws {
        let service = TestService()
        try await withListener(service) { listener in
            let client = try RawClient(port: listener.port)
            // For deflate: a block of the reserved type.
            try client.send(
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: \(coding)\r\nContent-Length: 3\r\n\r\n\u{7}xy")
            let response = try client.response()
            #expect(response.status == 400)
            #expect(response.text.contains(coding))
            try client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: \(coding)\r\nContent-Length: 0\r\n\r\n")
            #expect(try client.response().status == 400)
            #expect(service.requests.isEmpty)
            try client.send("GET /yes HTTP/1.1\r\nHost: h\r\n\r\n")
            #expect(try client.response().text == "/yes ")
        }
    }

    @Test(
        "R-HTTP-10 compressed bodies reach the service decompressed, with a length, in chunks and byte by byte",
        arguments: [("gzip", Int32(31)), ("X-GZIP", 31), ("deflate", 15), ("deflate", -15), ("Zlib", 15)])
    func codedBodyArrivesPlain(coding: (String, Int32)) async throws {
        let service = TestService()
        try await withListener(service) { listener in
            let plain = Array(String(repeating: "all work and no play ", count: 3000).utf8)
            let body = compressed(plain, windowBits: coding.1)
            let client = try RawClient(port: listener.port)
            let head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: \(coding.0)\r\n"
            try client.send(head + "Content-Length: \(body.count)\r\n\r\n")
            try client.send(body)
            #expect(try client.response().status == 200)
            try client.send(head + "Transfer-Encoding: chunked\r\n\r\n")
            for byte in body { try client.send(Array("1\r\n".utf8) + [byte, 13, 10]) }
            try client.send("0\r\n\r\n")
            #expect(try client.response().status == 200)
            #expect(service.requests.map(\.body) == [plain, plain])
        }
    }

    @Test("a large plain body arrives complete, in pieces of any size", arguments: [1_000_000, 70_000, 1])
    func largeBodyArrivesWhole(pieceBytes: Int) async throws {
        let service = TestService(admit: { _ in .accept(bodyLimit: 8 << 20) })
        try await withListener(service) { listener in
            let count = pieceBytes == 1 ? 3000 : 5_000_000
            let body = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
            let client = try RawClient(port: listener.port)
            for framing in ["Content-Length: \(count)", "Transfer-Encoding: chunked"] {
                let isChunked = framing.hasSuffix("chunked")
                try client.send("POST / HTTP/1.1\r\nHost: h\r\n\(framing)\r\n\r\n")
                for start in stride(from: 0, to: count, by: pieceBytes) {
                    let piece = body[start..<min(count, start + pieceBytes)]
                    if isChunked { try client.send(String(piece.count, radix: 16) + "\r\n") }
                    try client.send(piece)
                    if isChunked { try client.send("\r\n") }
                }
                if isChunked { try client.send("0\r\n\r\n") }
                #expect(try client.response().body.count == count + 2)
            }
            #expect(service.requests.map { $0.body == body } == [true, true])
        }
    }
}
