import Foundation
import OTLP
import Testing

@testable import App
@testable import Pipeline

/// Clocks that are set forward or back, as on machines without a battery.
@Suite struct ClockTests {
    private let folder: TemporaryFolder
    /// A collector whose state survives its runs.
    private let configuration: String

    init() throws {
        folder = try TemporaryFolder()
        let path = folder.url.appending(path: "state").path
        configuration = TestConfiguration.collector(rest: "odometer:\n  state:\n    path: \(path)\n")
    }

    /// What Prometheus sees.
    private static func prometheusPage(_ collector: AppInProcess) throws -> ExpositionText {
        let reply = try HTTPClient.exchange(
            port: collector.metricsPort, "GET", "/metrics",
            headers: [("X-Prometheus-Scrape-Timeout-Seconds", "10")])
        return try ExpositionText(reply.body)
    }

    @Test("a clock set back between two runs, or within one: totals stay exact and never fall")
    func clockGoesBack() async throws {
        var delta = 0.0
        var highest = 0.0
        // Far ahead, back by an hour, back to the start, ahead again.
        for (run, start) in [100_000, 96_400, 0, 200_000].enumerated() {
            let clock = SetClock(UInt64(start))
            try await AppInProcess.run(configuration, clock: clock) { collector in
                #expect(try collector.scrape()["c_total", [:]] ?? 0 == delta, "run \(run)")
                for step in 0..<3 {
                    let window = run * 10 + step
                    let export = TestExport.sum("c", 5, start: window, time: window + 1)
                    _ = try collector.post(export)
                    // A retry is recognised with any clock.
                    _ = try collector.post(export)
                    delta += 5
                    _ = try collector.post(TestExport.sum("g", 100 + window, .cumulative, start: 0, time: window + 1))
                    let page = try collector.scrape()
                    #expect(page["c_total", [:]] == delta, "run \(run)")
                    #expect(page["g_total", [:]] == Double(100 + window), "run \(run)")
                    let seen = try Self.prometheusPage(collector)["c_total", [:]] ?? -1
                    #expect(seen >= highest, "run \(run)")
                    highest = max(highest, seen)
                    clock.set(UInt64(max(0, start - (step == 1 ? 5_000 : -200))))
                }
            }
        }
        #expect(highest == delta)
    }

    @Test(
        "after any change of the clock retried exports and events are recognised",
        arguments: [3_600, 1_000_000_000, -3_600, 40 * 86_400] as [Int64])
    func clockIsSet(seconds: Int64) async throws {
        let export = TestExport.sum("c", 5, start: 1, time: 2)
        let other = TestExport.sum("d", 3, start: 3, time: 4, attributes: ["a": "b"])
        let clock = SetClock(100_000)
        // Before and after, within one run and across a restart, also with a jump in between.
        for _ in 0..<2 {
            try await AppInProcess.run(configuration, clock: clock) { collector in
                for _ in 0..<2 {
                    for body in [export, other] { _ = try collector.post(body) }
                    let page = try collector.scrape()
                    #expect(page["c_total", [:]] == 5)
                    #expect(page["d_total", ["a": "b"]] == 3)
                    clock.jump(by: seconds)
                }
            }
            clock.jump(by: seconds)
        }
    }

    /// The same export in several runs; it counts in the first.
    private func sendAgain(at starts: [UInt64]) async throws {
        let export = TestExport.sum("c", 5, start: 1, time: 2)
        for start in starts {
            try await AppInProcess.run(configuration, clock: SetClock(start)) { collector in
                _ = try collector.post(export)
                #expect(try collector.scrape()["c_total", [:]] == 5)
            }
        }
    }

    @Test("windows do not age while no collector runs")
    func longPause() async throws {
        try await sendAgain(at: [100_000, 200_000, 400_000])
    }

    @Test("a clock that was not set has no jumps")
    func systemClock() {
        let clock = SystemClock()
        for _ in 0..<1_000 { #expect(clock.reading().jump == 0) }
        #expect(clock.reading().time / 1_000_000_000 - clock.now() / 1_000_000_000 <= 1)
    }

    @Test("an export acknowledged before the clock was set back does not count twice after it")
    func retryOverRestart() async throws {
        try await sendAgain(at: [100_000, 50_000, 0])
    }
}
