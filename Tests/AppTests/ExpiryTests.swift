import ConfigFile
import Testing

/// Expiry, with a clock that the tests set.
@Suite struct ExpiryTests {
    private static func send(_ collector: AppInProcess, time: Int) throws {
        _ = try collector.post(TestExport.sum("c", 5, start: time - 10, time: time))
        _ = try collector.post(TestExport.gauge("g", 7, time: time))
    }

    @Test("R-LIFE-01 without metric_expiration counters never expire, gauges after 5 minutes")
    func defaultExpiry() async throws {
        let clock = TestClock()
        try await AppInProcess.run(clock: clock) { collector in
            try Self.send(collector, time: 10)
            clock.advance(by: .seconds(299))
            #expect(try collector.scrape().samples.map(\.name) == ["c_total", "g"])
            clock.advance(by: .seconds(1))
            #expect(try collector.scrape().samples.map(\.name) == ["c_total"])
            clock.advance(by: .seconds(10 * 365 * 86_400))
            #expect(try collector.scrape()["c_total", [:]] == 5)
        }
    }

    @Test("R-LIFE-01 metric_expiration: 0 never empties the page", arguments: ["0", "0s"])
    func zeroExpiry(written: String) async throws {
        let clock = TestClock()
        let configuration = TestConfiguration.collector(exporter: "    metric_expiration: \(written)\n")
        try await AppInProcess.run(configuration, clock: clock) { collector in
            try Self.send(collector, time: 10)
            for _ in 0..<3 {
                #expect(try collector.scrape().samples.map(\.value) == [5, 7])
                clock.advance(by: .seconds(365 * 86_400))
            }
        }
    }

    @Test("R-LIFE-02 an expired counter continues its total when it returns")
    func returningCounter() async throws {
        let clock = TestClock()
        let configuration = TestConfiguration.collector(exporter: "    metric_expiration: 1m\n")
        try await AppInProcess.run(configuration, clock: clock) { collector in
            try Self.send(collector, time: 10)
            clock.advance(by: .seconds(60))
            #expect(try collector.scrapeText() == "")
            try Self.send(collector, time: 80)
            #expect(try collector.scrape().samples.map(\.value) == [10, 7])
        }
    }
}
