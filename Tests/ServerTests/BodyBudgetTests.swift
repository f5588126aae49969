import Settings
import Synchronization
import Testing

@testable import Server

/// One budget of bytes for all bodies in flight.
@Suite struct BodyBudgetTests {
    private let head = "POST / HTTP/1.1\r\nHost: h\r\n"

    /// Claims by number, and those that were revoked.
    private final class Claims: Sendable {
        let budget: BodyBudget
        private let seen = Mutex<[Int]>([])
        var givenWay: [Int] { seen.withLock { $0 } }

        init(limit: Int) { budget = BodyBudget(limit: limit) }

        func begin(_ number: Int) -> BodyClaim { budget.claim { self.seen.withLock { $0.append(number) } } }
    }

    @Test("the oldest incomplete bodies are refused, as many as needed")
    func oldestGiveWay() {
        let claims = Claims(limit: 100)
        let all = (0..<4).map { claims.begin($0) }
        for claim in all { #expect(claim.grow(to: 25)) }
        let next = claims.begin(4)
        #expect(next.grow(to: 30))
        #expect(claims.givenWay == [0, 1])
        #expect(claims.budget.used == 80)
        #expect(all[0].hasEnded && !all[2].hasEnded)
        #expect(!all[0].grow(to: 1))
        #expect(!all[0].keep())
        // The oldest itself is refused.
        #expect(!all[2].grow(to: 60))
        #expect(claims.givenWay == [0, 1])
        #expect(claims.budget.used == 55)
        #expect(claims.budget.givenWay == 3)
    }

    @Test("a complete body is never refused, and none is refused without effect")
    func wholeStays() {
        let claims = Claims(limit: 100)
        let (whole, other) = (claims.begin(0), claims.begin(1))
        #expect(whole.grow(to: 70) && whole.keep() && other.grow(to: 20))
        #expect(!claims.begin(2).grow(to: 60))
        #expect(claims.givenWay.isEmpty)
        #expect(claims.begin(3).grow(to: 30))
        #expect(claims.givenWay == [1])
        whole.end()
        whole.end()
        #expect(claims.budget.used == 30)
        #expect(claims.begin(4).grow(to: 70))
    }

    @Test("while memory is short no incomplete body is kept or accepted")
    func closed() {
        let claims = Claims(limit: 100)
        let (whole, other) = (claims.begin(0), claims.begin(1))
        #expect(whole.grow(to: 10) && whole.keep() && other.grow(to: 10))
        claims.budget.setClosed(true)
        #expect(claims.givenWay == [1])
        #expect(!claims.begin(2).grow(to: 1))
        #expect(whole.grow(to: 20))
        claims.budget.setClosed(false)
        #expect(claims.begin(3).grow(to: 80))
    }

    @Test("ended claims release their memory")
    func endedAreSwept() {
        let claims = Claims(limit: 100)
        let first = claims.begin(-1)
        #expect(first.grow(to: 50))
        for number in 0..<10_000 {
            let claim = claims.begin(number)
            #expect(claim.grow(to: 50))
            claim.end()
        }
        #expect(claims.budget.used == 50 && claims.givenWay.isEmpty)
    }

    // MARK: Connections

    @Test("incomplete bodies get 503 with Retry-After, oldest first, and a new one succeeds")
    func unfinishedGiveWay() async throws {
        let budget = BodyBudget(limit: 1 << 20)
        let service = TestService(admit: { _ in .accept(bodyLimit: 1 << 20) })
        try await withListener(service, bodies: budget) { listener in
            let part = [UInt8](repeating: 0x61, count: 200_000)
            let framings = ["Content-Length: 200001\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n30d40\r\n"]
            var clients: [RawClient] = []
            for number in 0..<12 {
                let client = try RawClient(port: listener.port)
                clients.append(client)
                try client.send(head + framings[number % 2])
                try client.send(part)
                if number < 5 {
                    #expect(await eventually { budget.used == (number + 1) * 200_000 })
                } else {
                    let refused = try clients[number - 5].response()
                    #expect(refused.status == 503)
                    #expect(refused["retry-after"] == "1")
                    #expect(refused["connection"] == "close")
                }
            }
            let good = try RawClient(port: listener.port)
            try good.send(head + "Content-Length: 400000\r\n\r\n")
            try good.send(part)
            try good.send(part)
            let answer = try good.response()
            #expect(answer.status == 200)
            #expect(answer.body.count > 400_000)
            #expect(budget.used <= 5 * 200_000)
            for client in clients { client.reset() }
            #expect(await eventually { budget.used == 0 })
        }
    }

    @Test(
        "a compressed body uses only its sent size until it is complete",
        arguments: [("gzip", 31), ("zlib", 15), ("deflate", -15)] as [(String, Int32)])
    func codedBodiesStayAsSent(coding: String, windowBits: Int32) async throws {
        let budget = BodyBudget(limit: 4 << 20)
        let service = TestService(admit: { _ in .accept(bodyLimit: 20 << 20) })
        try await withListener(service, bodies: budget) { listener in
            let bomb = compressed([UInt8](repeating: 0, count: 8 << 20), windowBits: windowBits)
            let client = try RawClient(port: listener.port)
            try client.send(head + "Content-Encoding: \(coding)\r\nContent-Length: \(bomb.count)\r\n\r\n")
            try client.send(bomb.dropLast())
            #expect(await eventually { budget.used == bomb.count - 1 })
            try client.send([bomb[bomb.count - 1]])
            #expect(try client.response().status == 413)
            #expect(await eventually { budget.used == 0 })
        }
    }

    @Test("decompressed bytes are part of the budget")
    func inflatedCounts() async throws {
        let budget = BodyBudget(limit: 2 << 20)
        let service = TestService(admit: { _ in .accept(bodyLimit: 20 << 20) })
        try await withListener(service, limits: ServerLimits { $0.maxInflateRatio = 1_000_000 }, bodies: budget) {
            listener in
            let client = try RawClient(port: listener.port)
            for (count, status) in [(1 << 20, 200), (6 << 20, 503), (1 << 20, 200)] {
                let body = compressed([UInt8](repeating: 0x61, count: count), windowBits: 31)
                try client.send(head + "Content-Encoding: gzip\r\nContent-Length: \(body.count)\r\n\r\n")
                try client.send(body)
                #expect(try client.response().status == status)
            }
            #expect(await eventually { budget.used == 0 })
        }
    }

    // MARK: Ratio

    @Test("beyond 1 MiB a body cannot decompress to more than a hundred times its size")
    func ratioIsBounded() async throws {
        let service = TestService(admit: { _ in .accept(bodyLimit: 20 << 20) })
        let lines = (0..<200_000).flatMap { Array("{\"asInt\":\"\($0 % 977)\",\"timeUnixNano\":\"\($0)\"},".utf8) }
        let cases: [([UInt8], Int)] = [
            ([UInt8](repeating: 0x61, count: 1 << 20), 200), ([UInt8](repeating: 0x61, count: 1 << 20 | 1), 413),
            ([UInt8](repeating: 0x61, count: 19 << 20), 413), (lines, 200),
        ]
        try await withListener(service) { listener in
            for (plain, status) in cases {
                for (coding, body) in [
                    ("gzip", compressed(plain, windowBits: 31, level: 9)),
                    ("deflate", compressed(plain, windowBits: 15)),
                    ("zstd", zstdCompressed(plain)),
                ] {
                    let client = try RawClient(port: listener.port)
                    try client.send(head + "Content-Encoding: \(coding)\r\nContent-Length: \(body.count)\r\n\r\n")
                    try client.send(body)
                    let response = try client.response()
                    #expect(response.status == status, "\(coding) \(plain.count)")
                    if status == 413 { #expect(response.text.contains("inflatesTooFar(ratio: 100)")) }
                }
            }
        }
    }
}
