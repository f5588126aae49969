import Dispatch
import NIOCore
import NIOPosix
import Testing

@testable import Collector

/// Exports that take long to read.
@Suite struct LongWorkTests {
    @Test("while a long export is read others are answered, and those of one connection keep their order")
    func othersAreAnswered() async throws {
        try await CollectorInProcess.run(TestConfiguration.collector()) { collector in
            let gate = DispatchSemaphore(value: 0)
            // Whatever is read beside the event loop waits for this.
            let held = LongWork.run(on: MultiThreadedEventLoopGroup.singleton.any()) { gate.wait() }
            defer { gate.signal() }
            let (slow, quick) = (try collector.connect(), try collector.connect())
            let padding = [UInt8](repeating: UInt8(ascii: " "), count: LongWork.bodyBytes)
            try slow.send(Self.request(Array(TestExport.gauge("order", 1, time: 10).utf8) + padding))
            try slow.send(Self.request(Array(TestExport.gauge("order", 2, time: 20).utf8)))
            for value in 1...20 {
                try quick.send(Self.request(Array(TestExport.gauge("quick", value, time: 10 + value).utf8)))
                #expect(try quick.reply().status == 200)
            }
            let page = try collector.scrape()
            #expect(page["quick", [:]] == 20)
            #expect(page["order", [:]] == nil)
            gate.signal()
            #expect(try slow.reply().status == 200)
            #expect(try slow.reply().status == 200)
            #expect(try collector.scrape()["order", [:]] == 2)
            _ = held
        }
    }

    private static func request(_ body: [UInt8]) -> [UInt8] {
        HTTPClient.request("POST", "/v1/metrics", headers: [("Content-Type", "application/json")], body: body)
    }
}
