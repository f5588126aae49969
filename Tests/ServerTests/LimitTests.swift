import NIOCore
import NIOHTTP1
import Settings
import Testing

@testable import Server

@Suite struct LimitTests {
    private let head = "POST / HTTP/1.1\r\nHost: h\r\n"

    @Test(
        "a head beyond the limit is a 431",
        arguments: [
            "X: " + String(repeating: "a", count: 2000) + "\r\n\r\n", "X:" + String(repeating: " ", count: 4000),
            (0..<20).map { "X-\($0): " + String(repeating: "a", count: 100) + "\r\n" }.joined(),
        ])
    func largeHeadIsRefused(fields: String) async throws {
        let service = TestService()
        try await withListener(service, limits: ServerLimits { $0.maxHeadSize = 1024 }) { listener in
            let client = try RawClient(port: listener.port)
            try client.send(head + fields)
            let response = try client.response()
            #expect(response.status == 431)
            #expect(response["connection"] == "close")
            #expect(service.admissions == 0)
        }
    }

    @Test("a request target beyond the limit is a 431")
    func largeTargetIsRefused() async throws {
        try await withListener(limits: ServerLimits { $0.maxHeadSize = 1024 }) { listener in
            let client = try RawClient(port: listener.port)
            try client.send("GET /" + String(repeating: "a", count: 1100))
            #expect(try client.response().status == 431)
        }
    }

    @Test("more header fields than the limit are a 431")
    func manyFieldsAreRefused() async throws {
        try await withListener(limits: ServerLimits { $0.headFields = 10 }) { listener in
            let client = try RawClient(port: listener.port)
            let fields = { (count: Int) in (0..<count).map { "X\($0): y\r\n" }.joined() }
            try client.send(head + fields(8) + "Content-Length: 0\r\n\r\n")
            #expect(try client.response().status == 200)
            try client.send(head + fields(9) + "Content-Length: 0\r\n\r\n")
            #expect(try client.response().status == 431)
        }
    }

    @Test("a head that does not arrive in time is a 408", arguments: ["", "G", "GET / HTTP/1.1\r\nHost: h\r\n"])
    func slowHeadIsRefused(start: String) async throws {
        let limits = ServerLimits {
            $0.headTimeout = .milliseconds(80)
            $0.idleTimeout = .milliseconds(200)
        }
        try await withListener(limits: limits) { listener in
            let client = try RawClient(port: listener.port)
            if start.isEmpty {
                // Without any byte it is an idle connection, which is closed without an answer.
                #expect(try client.isClosedByServer())
            } else {
                try client.send(start)
                let response = try client.response()
                #expect(response.status == 408)
                #expect(response["connection"] == "close")
            }
        }
    }

    @Test("the time for the head does not restart with each byte")
    func tricklingHeadIsRefused() async throws {
        try await withListener(
            limits: ServerLimits {
                $0.headTimeout = .milliseconds(150)
                $0.lingerTimeout = .milliseconds(50)
            }
        ) {
            listener in
            let client = try RawClient(port: listener.port)
            let clock = ContinuousClock()
            let start = clock.now
            await #expect(throws: RawClient.Failure.self) {
                try client.send("GET / HTTP/1.1\r\nX: ")
                while true {
                    guard clock.now - start < .seconds(RawClient.patienceSeconds) else { return }
                    try client.send("a")
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
        }
    }

    @Test("a body that does not arrive in time is a 408")
    func slowBodyIsRefused() async throws {
        let service = TestService()
        try await withListener(service, limits: ServerLimits { $0.bodyTimeout = .milliseconds(80) }) { listener in
            for body in ["Content-Length: 5\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n5\r\nab"] {
                let client = try RawClient(port: listener.port)
                try client.send(head + body)
                #expect(try client.response().status == 408)
            }
            #expect(service.requests.isEmpty)
        }
    }

    @Test("an idle connection is closed, also after requests")
    func idleConnectionIsClosed() async throws {
        try await withListener(limits: ServerLimits { $0.idleTimeout = .milliseconds(80) }) { listener in
            let client = try RawClient(port: listener.port)
            try client.send(head + "Content-Length: 0\r\n\r\n")
            #expect(try client.response().status == 200)
            #expect(try client.isClosedByServer())
            #expect(await eventually { listener.openConnections == 0 })
        }
    }

    @Test("R-HTTP-12 a body whose length is beyond the limit is refused before it is read")
    func declaredLengthIsRefusedAtOnce() async throws {
        let service = TestService(admit: { _ in .accept(bodyLimit: 100) })
        try await withListener(service) { listener in
            let client = try RawClient(port: listener.port)
            try client.send(head + "Content-Length: 101\r\n\r\n")
            let response = try client.response()
            #expect(response.status == 413)
            #expect(response.text == "\(ServerRefusal.bodyTooLarge(limit: 100))")
            // The rest of a small body is skipped, and the connection continues.
            try client.send(
                String(repeating: "x", count: 101) + head + "Content-Length: 100\r\n\r\n"
                    + String(repeating: "y", count: 100))
            #expect(try client.response().body.count == 102)
            #expect(service.requests.count == 1)
        }
    }

    @Test("R-HTTP-12 a chunked body is refused when it grows beyond the limit")
    func chunkedBodyIsRefusedAsItGrows() async throws {
        let service = TestService(admit: { _ in .accept(bodyLimit: 100) })
        try await withListener(service) { listener in
            let client = try RawClient(port: listener.port)
            try client.send(
                head + "Transfer-Encoding: chunked\r\n\r\n" + "64\r\n" + String(repeating: "x", count: 100) + "\r\n")
            try client.send("1\r\nx\r\n")
            let response = try client.response()
            #expect(response.status == 413)
            #expect(response["connection"] == "close")
            #expect(service.requests.isEmpty)
        }
    }

    @Test("R-HTTP-13 a gigabyte compressed to a megabyte is refused at the limit, with little memory")
    func bombIsRefused() async throws {
        let service = TestService(admit: { _ in .accept(bodyLimit: 20 << 20) })
        try await withListener(service) { listener in
            let body = bomb(inflatingTo: 1 << 30)
            // Parallel tests use memory, too, so one undisturbed attempt is enough.
            let isSmall = try await eventually {
                let client = try RawClient(port: listener.port)
                let before = try residentBytes()
                try client.send(head + "Content-Encoding: gzip\r\nContent-Length: \(body.count)\r\n\r\n")
                var peak = before
                for start in stride(from: 0, to: body.count, by: 65536) {
                    try client.send(body[start..<min(body.count, start + 65536)])
                    peak = max(peak, try residentBytes())
                }
                #expect(try client.response().status == 413)
                peak = max(peak, try residentBytes())
                return peak - before < 64 << 20
            }
            #expect(isSmall)
            #expect(service.requests.isEmpty)
        }
    }

    @Test("R-HTTP-13 with two nested codings both are bounded")
    func nestedBombIsRefused() async throws {
        let service = TestService(admit: { _ in .accept(bodyLimit: 1 << 20) })
        try await withListener(service) { listener in
            // A hundred thousand empty members, 2 MB.
            let member = compressed([], windowBits: 31)
            let middle = (0..<100_000).flatMap { _ in member }
            let body = compressed(middle, windowBits: 31)
            let client = try RawClient(port: listener.port)
            try client.send(head + "Content-Encoding: gzip, gzip\r\nContent-Length: \(body.count)\r\n\r\n")
            try client.send(body)
            #expect(try client.response().status == 413)
            let twice = compressed(compressed(Array("twice".utf8), windowBits: 15), windowBits: 31)
            try client.send(
                head + "Content-Encoding: deflate\r\nContent-Encoding: gzip\r\nContent-Length: \(twice.count)\r\n\r\n")
            try client.send(twice)
            #expect(try client.response().text == "/ twice")
        }
    }

    @Test("more pipelined requests than the limit end the connection")
    func pipeliningIsBounded() async throws {
        let service = TestService(answer: { _, eventLoop in
            .later(eventLoop.scheduleTask(in: .milliseconds(500)) { .text("late") }.futureResult)
        })
        try await withListener(service, limits: ServerLimits { $0.pipelinedRequests = 10 }) { listener in
            let client = try RawClient(port: listener.port)
            try client.send(String(repeating: head + "Content-Length: 0\r\n\r\n", count: 12))
            #expect(await eventually { service.requests.count == 1 })
            #expect(await eventually { listener.openConnections == 0 })
            #expect(service.requests.count == 1)
        }
    }
}

/// Resident memory of this process.
func residentBytes() throws -> Int {
    let statm = try readFile("/proc/self/statm")
    let fields = statm.split(separator: " ")
    return (Int(fields[1]) ?? 0) * 4096
}
