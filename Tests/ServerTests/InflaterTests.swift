import NIOCore
import Testing

@testable import Server

@Suite struct InflaterTests {
    /// Of an odd length, half of it incompressible.
    static let plain: [UInt8] = {
        var numbers = SeededRandom(seed: 1)
        return (0..<70_001).map { $0 % 2 == 0 ? UInt8(truncatingIfNeeded: numbers.next()) : UInt8($0 >> 10) }
    }()

    private static func inflate(
        _ body: [UInt8], _ coding: ContentCoding, limit: Int = 1 << 20, pieceBytes: Int = .max
    ) throws -> [UInt8] {
        let stream = try #require(InflateStream())
        return try Inflater(coding: coding, limit: limit, decoder: .zlib(stream)).all(of: body, pieceBytes: pieceBytes)
    }

    @Test(
        "R-HTTP-10 R-HTTP-11 every coding is decompressed, in pieces of any size",
        arguments: [
            (ContentCoding.gzip, Int32(31)), (.zlib, 15), (.deflate, 15), (.deflate, -15),
        ], [Int.max, 1000, 7, 1])
    func codingIsUndone(coding: (ContentCoding, Int32), pieceBytes: Int) throws {
        for plain in [Self.plain, Array("short".utf8), []] {
            let body = compressed(plain, windowBits: coding.1)
            #expect(try Self.inflate(body, coding.0, pieceBytes: pieceBytes) == plain)
        }
    }

    @Test("R-HTTP-10 a gzip body may have several members", arguments: [Int.max, 1])
    func gzipMembersAreJoined(pieceBytes: Int) throws {
        let body = ["a", "", "bc"].flatMap { compressed(Array($0.utf8), windowBits: 31) }
        #expect(try Self.inflate(body, .gzip, pieceBytes: pieceBytes) == Array("abc".utf8))
    }

    @Test(
        "R-HTTP-14 a body cut anywhere is refused",
        arguments: [(ContentCoding.gzip, Int32(31)), (.zlib, 15), (.deflate, -15)])
    func truncationIsRefused(coding: (ContentCoding, Int32)) throws {
        let body = compressed(Array("a body that is cut".utf8), windowBits: coding.1)
        for count in 0..<body.count {
            #expect(throws: ServerRefusal.badRequest("the \(coding.0.name) body ends early")) {
                try Self.inflate(Array(body[..<count]), coding.0)
            }
        }
    }

    @Test(
        "R-HTTP-14 bytes after the end are refused",
        arguments: [(ContentCoding.gzip, Int32(31)), (.zlib, 15), (.deflate, -15)], [Int.max, 1])
    func garbageIsRefused(coding: (ContentCoding, Int32), pieceBytes: Int) throws {
        let body = compressed(Array("x".utf8), windowBits: coding.1) + [0]
        #expect(throws: ServerRefusal.badRequest("bytes follow the end of the \(coding.0.name) body")) {
            try Self.inflate(body, coding.0, pieceBytes: pieceBytes)
        }
    }

    @Test("R-HTTP-14 every flipped byte is detected in gzip, and harmless in the others")
    func damageIsRefused() throws {
        let plain = Array("a body that is damaged, a body that is damaged".utf8)
        let gzip = compressed(plain, windowBits: 31)
        // The ten bytes of the header have a time and an operating system, which do not affect the body.
        for index in gzip.indices where !(4..<10).contains(index) {
            var damaged = gzip
            damaged[index] ^= 0x55
            #expect(throws: ServerRefusal.self) { try Self.inflate(damaged, .gzip) }
        }
        for windowBits: Int32 in [15, -15] {
            let body = compressed(plain, windowBits: windowBits)
            for index in body.indices {
                var damaged = body
                damaged[index] ^= 0x55
                _ = try? Self.inflate(damaged, .deflate)
            }
        }
    }

    @Test("R-HTTP-12 exactly the limit passes, one byte more does not", arguments: [1, 4095, 4096, 70_001])
    func limitIsExact(count: Int) throws {
        let plain = Array(Self.plain[..<count])
        let body = compressed(plain, windowBits: 31)
        #expect(try Self.inflate(body, .gzip, limit: count) == plain)
        #expect(throws: ServerRefusal.bodyTooLarge(limit: count - 1)) {
            try Self.inflate(body, .gzip, limit: count - 1)
        }
    }

    @Test("R-HTTP-13 a decompression bomb produces no more than the limit")
    func bombStopsAtTheLimit() throws {
        let stream = try #require(InflateStream())
        var inflater = Inflater(coding: .gzip, limit: 100_000, decoder: .zlib(stream))
        var output = ByteBuffer()
        let body = bomb(inflatingTo: 64 << 20)
        #expect(throws: ServerRefusal.bodyTooLarge(limit: 100_000)) {
            try body.withUnsafeBytes { try inflater.inflate($0, into: &output) }
        }
        #expect(output.readableBytes <= 100_001)
        #expect(output.capacity <= 1 << 18)
    }

    @Test("a reused stream behaves like a new one")
    func streamIsUsedAgain() throws {
        let stream = try #require(InflateStream())
        let formats: [(ContentCoding, Int32)] = [(.gzip, 31), (.deflate, -15), (.zlib, 15), (.gzip, 31)]
        for (coding, windowBits) in formats {
            var broken = Inflater(coding: coding, limit: 1 << 20, decoder: .zlib(stream))
            var waste = ByteBuffer()
            let damaged = Array(compressed(Self.plain, windowBits: windowBits)[..<5000])
            try? damaged.withUnsafeBytes { try broken.inflate($0, into: &waste) }
            var inflater = Inflater(coding: coding, limit: 1 << 20, decoder: .zlib(stream))
            var output = ByteBuffer()
            try compressed(Self.plain, windowBits: windowBits).withUnsafeBytes {
                try inflater.inflate($0, into: &output)
            }
            try inflater.finish()
            #expect(Array(output.readableBytesView) == Self.plain)
        }
    }
}

extension Inflater {
    /// The decompressed `body`, given in pieces of at most `pieceBytes`.
    consuming func all(of body: [UInt8], pieceBytes: Int) throws -> [UInt8] {
        var output = ByteBuffer()
        var rest = body[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(pieceBytes))
            rest = rest.dropFirst(piece.count)
            try piece.withUnsafeBytes { try inflate($0, into: &output) }
        }
        try finish()
        return Array(output.readableBytesView)
    }
}
