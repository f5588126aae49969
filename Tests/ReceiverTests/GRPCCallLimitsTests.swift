import Server
import Testing

/// What open calls of hostile clients may cost.
@Suite struct GRPCCallLimitsTests {
    @Test("open calls without a message have their part of the budget: the oldest give way")
    func openCallsGiveWay() async throws {
        let budget = BodyBudget(limit: 64 << 10)
        try await withGRPC(bodies: budget) { listener in
            let client = try HTTP2Client(port: listener.port)
            let streams = try (0..<40).map { _ in try client.begin() }
            #expect(try client.answer(to: streams[0]).status == "8")
            #expect(budget.used <= 64 << 10)
            #expect(try HTTP2Client(port: listener.port).call([UInt8](repeating: 1, count: 100)).status == "0")
        }
        #expect(budget.used == 0)
    }

    @Test("a message in crumbs ends its connection with ENHANCE_YOUR_CALM")
    func crumbsEndTheConnection() async throws {
        try await withGRPC { listener in
            let client = try HTTP2Client(port: listener.port)
            let stream = try client.begin()
            try client.sendData([0, 0, 0, 0x0F, 0xA0], stream: stream, ends: false)
            try client.flood(1_500) { try client.sendData([1], stream: stream, ends: false) }
            #expect(client.goAways.first?.code == 11)
            #expect(try HTTP2Client(port: listener.port).call([1]).status == "0")
        }
    }
}
