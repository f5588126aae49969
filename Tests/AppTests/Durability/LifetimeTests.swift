import Foundation
import Testing

@testable import App

/// The expiry of series across restarts.
@Suite struct LifetimeTests {
    private static func configuration(_ folder: TemporaryFolder, expiration: String) -> String {
        let path = folder.url.appending(path: "state").path
        return TestConfiguration.collector(
            exporter: "    metric_expiration: \(expiration)\n", rest: "odometer:\n  state:\n    path: \(path)\n")
    }

    @Test("R-LIFE-01 a restart does not change the expiry of a series")
    func expiryOverRestarts() async throws {
        let folder = try TemporaryFolder()
        let configuration = Self.configuration(folder, expiration: "5m")
        let clock = SetClock(1_000)
        try await AppInProcess.run(configuration, clock: clock) { collector in
            _ = try collector.post(TestExport.sum("c", 5))
            _ = try collector.post(TestExport.gauge("g", 7))
        }
        clock.set(1_299)
        try await AppInProcess.run(configuration, clock: clock) { collector in
            let page = try collector.scrape()
            #expect(page["c_total", [:]] == 5)
            #expect(page["g", [:]] == 7)
        }
        clock.set(1_301)
        try await AppInProcess.run(configuration, clock: clock) { collector in
            let page = try collector.scrape()
            #expect(page.samples.isEmpty)
        }
    }

    @Test("R-LIFE-02 an expired counter that returns after a restart continues its total")
    func returningCounter() async throws {
        let folder = try TemporaryFolder()
        let configuration = Self.configuration(folder, expiration: "5m")
        let clock = SetClock(1_000)
        try await AppInProcess.run(configuration, clock: clock) { collector in
            _ = try collector.post(TestExport.sum("c", 5))
            clock.set(2_000)
            #expect(try collector.scrape().samples.isEmpty)
        }
        try await AppInProcess.run(configuration, clock: clock) { collector in
            #expect(try collector.scrape().samples.isEmpty)
            _ = try collector.post(TestExport.sum("c", 2, start: 20, time: 30))
            #expect(try collector.scrape()["c_total", [:]] == 7)
        }
    }
}
