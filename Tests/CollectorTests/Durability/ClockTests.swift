import Foundation
import OTLP
import Synchronization
import Testing

@testable import Collector

/// A time of day that a test sets, forwards and back.
final class SetClock: WallClock {
    private let seconds: Mutex<UInt64>

    /// - Parameter seconds: after `TestExport.epoch`.
    init(_ seconds: UInt64) { self.seconds = Mutex(seconds) }

    func set(_ seconds: UInt64) { self.seconds.withLock { $0 = seconds } }

    func now() -> UnixNanoseconds { TestExport.epoch + seconds.withLock(\.self) * 1_000_000_000 }
}

/// The clock of a machine without a battery starts anywhere.
@Suite struct ClockTests {
    private static func configuration(_ path: String) -> String {
        TestConfiguration.collector(rest: "odometer:\n  state:\n    path: \(path)\n")
    }

    /// What Prometheus sees.
    private static func prometheusPage(_ collector: CollectorInProcess) throws -> ExpositionText {
        let reply = try HTTPClient.exchange(
            port: collector.metricsPort, "GET", "/metrics",
            headers: [("X-Prometheus-Scrape-Timeout-Seconds", "10")])
        return try ExpositionText(reply.body)
    }

    @Test("a clock that goes back between two runs, or within one: totals stay exact and nothing falls")
    func clockGoesBack() async throws {
        let folder = try TemporaryFolder()
        let path = folder.url.appending(path: "state").path
        var delta = 0.0
        var highest = 0.0
        // Far ahead, back by an hour, back to the beginning, ahead again.
        for (run, start) in [100_000, 96_400, 0, 200_000].enumerated() {
            let clock = SetClock(UInt64(start))
            try await CollectorInProcess.run(Self.configuration(path), clock: clock) { collector in
                #expect(try collector.scrape()["c_total", [:]] ?? 0 == delta, "run \(run)")
                for step in 0..<3 {
                    let window = run * 10 + step
                    let export = TestExport.sum("c", 5, start: window, time: window + 1)
                    _ = try collector.post(export)
                    // A retry is known as one, whatever the clock says.
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

    @Test("an export that was acknowledged before the clock went back is not counted a second time after it")
    func retryOverRestart() async throws {
        let folder = try TemporaryFolder()
        let path = folder.url.appending(path: "state").path
        let export = TestExport.sum("c", 5, start: 1, time: 2)
        for start in [100_000, 50_000, 0] as [UInt64] {
            try await CollectorInProcess.run(Self.configuration(path), clock: SetClock(start)) { collector in
                _ = try collector.post(export)
                #expect(try collector.scrape()["c_total", [:]] == 5)
            }
        }
    }
}
