import NIOCore
import Testing

@testable import Server

@Suite struct ZstdTests {
    private static func inflate(
        _ body: [UInt8], limit: Int = 1 << 20, pieceBytes: Int = .max
    ) throws -> [UInt8] {
        let stream = try #require(ZstdStream())
        return try Inflater(coding: .zstd, limit: limit, decoder: .zstd(stream)).all(of: body, pieceBytes: pieceBytes)
    }

    @Test("R-HTTP-11 zstd is decompressed, in pieces of any size", arguments: [Int.max, 1000, 7, 1])
    func zstdIsUndone(pieceBytes: Int) throws {
        for plain in [InflaterTests.plain, Array("short".utf8), []] {
            #expect(try Self.inflate(zstdCompressed(plain), pieceBytes: pieceBytes) == plain)
        }
    }

    @Test("R-HTTP-11 a zstd body may have several frames, including skippable ones", arguments: [Int.max, 1])
    func framesAreJoined(pieceBytes: Int) throws {
        let skippable: [UInt8] = [0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3]
        let body = zstdCompressed(Array("ab".utf8)) + skippable + zstdCompressed(Array("c".utf8))
        #expect(try Self.inflate(body, pieceBytes: pieceBytes) == Array("abc".utf8))
    }

    @Test("R-HTTP-12 exactly the limit passes, one byte more does not", arguments: [1, 4095, 4096, 70_001])
    func limitIsExact(count: Int) throws {
        let plain = Array(InflaterTests.plain[..<count])
        #expect(try Self.inflate(zstdCompressed(plain), limit: count) == plain)
        #expect(throws: ServerRefusal.bodyTooLarge(limit: count - 1)) {
            try Self.inflate(zstdCompressed(plain), limit: count - 1)
        }
    }

    @Test("R-HTTP-13 a zstd bomb produces no more than the limit")
    func bombStopsAtTheLimit() throws {
        let body = zstdCompressed([UInt8](repeating: 0, count: 64 << 20))
        #expect(body.count < 16 << 10)
        let stream = try #require(ZstdStream())
        var inflater = Inflater(coding: .zstd, limit: 100_000, decoder: .zstd(stream))
        var output = ByteBuffer()
        #expect(throws: ServerRefusal.bodyTooLarge(limit: 100_000)) {
            try body.withUnsafeBytes { try inflater.inflate($0, into: &output) }
        }
        #expect(output.readableBytes <= 100_001)
        #expect(output.capacity <= 1 << 18)
    }

    @Test("R-HTTP-14 a zstd body cut anywhere is refused")
    func truncationIsRefused() {
        let body = zstdCompressed(Array("a body that is cut".utf8))
        for count in 0..<body.count {
            #expect(throws: ServerRefusal.badRequest("the zstd body ends early")) {
                try Self.inflate(Array(body[..<count]))
            }
        }
    }

    @Test("R-HTTP-14 bytes that are not zstd are refused, before and after a frame", arguments: [Int.max, 1])
    func garbageIsRefused(pieceBytes: Int) {
        #expect(throws: ServerRefusal.badRequest("the body is declared as zstd, but is not")) {
            try Self.inflate(Array("plain text".utf8), pieceBytes: pieceBytes)
        }
        for body in [[0x28] + Array("plain text".utf8), zstdCompressed(Array("x".utf8)) + Array("plain text".utf8)] {
            let refusal = #expect(throws: ServerRefusal.self) { try Self.inflate(body, pieceBytes: pieceBytes) }
            guard case .badRequest(let reason) = refusal else {
                return #expect(Bool(false), "\(String(describing: refusal))")
            }
            #expect(reason.hasPrefix("the zstd body is damaged: "))
        }
    }

    @Test("R-HTTP-13 a window beyond 8 MiB is refused for a body of any size", arguments: [(23, true), (24, false)])
    func windowIsBounded(windowLog: Int32, isTaken: Bool) {
        let body = zstdCompressed(Array("small".utf8), windowLog: windowLog)
        if isTaken {
            #expect(throws: Never.self) { try Self.inflate(body) }
        } else {
            #expect(throws: ServerRefusal.self) { try Self.inflate(body) }
        }
    }

    @Test("R-HTTP-11 zstd is accepted over a socket; with another coding it is a 415")
    func throughASocket() async throws {
        let service = TestService()
        try await withListener(service) { listener in
            let client = try RawClient(port: listener.port)
            let body = zstdCompressed(InflaterTests.plain)
            for _ in 0..<3 {
                try client.send(
                    "POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: ZSTD\r\nContent-Length: \(body.count)\r\n\r\n")
                try client.send(body)
                #expect(try client.response().status == 200)
            }
            #expect(service.requests.map(\.body) == [[UInt8]](repeating: InflaterTests.plain, count: 3))
            for coding in ["zstd, gzip", "gzip, zstd", "zstd, zstd"] {
                let refused = try RawClient(port: listener.port)
                try refused.send(
                    "POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: \(coding)\r\nContent-Length: 1\r\n\r\nx")
                #expect(try refused.response().status == 415)
            }
        }
    }
}
