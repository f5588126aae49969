import Foundation
import Testing

/// The memory of endless bodies, and their effect on other clients.
@Suite struct BodyMemoryTests {
    /// A way of beginning a body of up to 20 MiB that never ends.
    struct Attack: CustomTestStringConvertible, Sendable {
        var name: String
        var connections: Int
        var coding = "identity"
        var isChunked = false
        /// The result for each body.
        var content: @Sendable () -> [UInt8]

        var testDescription: String { name }

        var head: String {
            "POST /v1/metrics HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-protobuf\r\nContent-Encoding: \(coding)\r\n"
                + (isChunked ? "Transfer-Encoding: chunked\r\n\r\n" : "Content-Length: \(20 << 20)\r\n\r\n")
        }

        /// As it is sent.
        func bytes() -> [UInt8] {
            let content = content()
            guard isChunked else { return Array(head.utf8) + content }
            return Array((head + String(content.count, radix: 16) + "\r\n").utf8) + content
        }
    }

    private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    static let attacks = [
        Attack(name: "gzip", connections: 60, coding: "gzip") {
            Array(compressed(BodyMemoryTests.zeros(20 << 20), windowBits: 31).dropLast())
        },
        Attack(name: "deflate, chunked", connections: 60, coding: "deflate", isChunked: true) {
            Array(compressed(BodyMemoryTests.zeros(20 << 20), windowBits: 15).dropLast())
        },
        Attack(name: "plain", connections: 27) { BodyMemoryTests.zeros((20 << 20) - 1) },
        Attack(name: "plain, chunked", connections: 27, isChunked: true) { BodyMemoryTests.zeros(19 << 20) },
        Attack(name: "many tiny", connections: 800) { BodyMemoryTests.zeros(60_000) },
    ]

    @Test("endless bodies take little memory, and other clients are served", arguments: attacks)
    func unfinishedBodies(attack: Attack) async throws {
        try await blocking {
            let odometer = try OdometerProgram()
            let bytes = attack.bytes()
            var held: [HTTPClient] = []
            for number in 0..<attack.connections {
                let client = try odometer.connect()
                // A refused one may not read all of it.
                try? client.send(bytes)
                held.append(client)
                guard number % 10 == 9 else { continue }
                #expect(try odometer.post(TestExport.sum("c", 1, start: number, time: number + 1)).status == 200)
            }
            let body = Array(TestExport.sum("large", 1).utf8) + [UInt8](repeating: 0x20, count: 2 << 20)
            let large = try odometer.connect().exchange(
                "POST", "/v1/metrics", headers: [("Content-Type", "application/json")], body: body)
            #expect(large.status == 200)
            #expect(try #require(odometer.program.peakResidentBytes) < 300 << 20)
            #expect(odometer.program.poll() == nil)
            withExtendedLifetime(held) {}
            #expect(odometer.program.stop() == .exited(0))
        }
    }
}
