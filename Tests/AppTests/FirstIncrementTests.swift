import Foundation
import Testing

extension ProcessTests {
    /// The samples of a real Prometheus for series created while it scrapes (docs/semantics.md, S13).
    @Suite struct FirstIncrementTests {
        private static let counters = #"{__name__=~".+_total"}"#

        /// Two pages of the same exports, the second one with `send_timestamps`.
        private static func configuration(otlpPort: Int, metricsPort: Int, timedPort: Int) -> String {
            TestConfiguration.collector(
                otlpPort: otlpPort, metricsPort: metricsPort,
                exporter: """
                      prometheus/timed:
                        endpoint: 127.0.0.1:\(timedPort)
                        send_timestamps: true

                    """
            ).replacing("exporters: [prometheus]", with: "exporters: [prometheus, prometheus/timed]")
        }

        /// One recorded run, replayed to its own collector.
        private struct Replay {
            var capture: CaptureFixture
            var odometer: OdometerProgram
            var timedPort: Int
            var exports: [HTTPExport] = []

            init(_ name: String) throws {
                capture = try CaptureFixture(name)
                let timedPort = try freePort()
                odometer = try OdometerProgram {
                    FirstIncrementTests.configuration(otlpPort: $0, metricsPort: $1, timedPort: timedPort)
                }
                self.timedPort = timedPort
            }

            var targets: [PrometheusServer.Target] {
                [
                    PrometheusServer.Target(port: odometer.metricsPort, labels: ["page": "\(capture.name) plain"]),
                    PrometheusServer.Target(port: timedPort, labels: ["page": "\(capture.name) timed"]),
                ]
            }

            /// Errors in the samples of both pages.
            func differences(from histories: [PrometheusServer.History]) -> [String] {
                ["plain", "timed"].flatMap { kind in
                    let mine = histories.filter { $0.series.labels["page"] == "\(capture.name) \(kind)" }
                    let increases = mine.map { history in
                        var sample = history.series
                        sample.value = history.increase
                        return sample
                    }
                    let wrong = [("increase", increases), ("sum", mine.map(\.series))].flatMap { what, samples in
                        capture.differences(from: samples.map(Self.withoutPage)).map { "\(kind) \(what) \($0)" }
                    }
                    return wrong + mine.filter(\.hasFallen).map { "\(kind) has fallen: \($0.series)" }
                }
            }

            private static func withoutPage(_ sample: ExpositionText.Sample) -> ExpositionText.Sample {
                var sample = sample
                sample.labels["page"] = nil
                return sample
            }
        }

        /// Replays all recorded runs in parallel, each to its collector; one Prometheus scrapes all of them.
        /// - Parameter signals: end each collector, one after the other, during the run.
        /// - Returns: errors at the end, and the longest time between two successful scrapes of one page.
        private static func replayAll(endedBy signals: [Int32]) throws -> (differences: [String], longestGap: Double) {
            var replays = try CaptureFixture.names.map { try Replay($0) }
            let targets = replays.flatMap(\.targets)
            let prometheus = try PrometheusServer(scraping: targets)
            let isScraped = wait(within: .seconds(60)) {
                (try? prometheus.query("count_over_time(up[1m]) >= 3").count) == targets.count
            }
            #expect(isScraped, "\(prometheus.program.standardError)")
            for index in replays.indices {
                let now = Int64(Date().timeIntervalSince1970 * 1e9)
                replays[index].exports = try replays[index].capture.metricsExports(
                    movedBy: now - replays[index].capture.firstTime)
            }
            let clock = ContinuousClock.now
            for turn in 0..<(replays.map(\.exports.count).max() ?? 0) {
                // Slower than the scrapes, so that each state is stored.
                wait(within: .milliseconds(1300 * turn) - (ContinuousClock.now - clock)) { false }
                for replay in replays where turn < replay.exports.count {
                    let part = replay.exports.count / (signals.count + 1)
                    if part > 0, turn % part == 0, turn / part > 0, turn / part <= signals.count {
                        try replay.odometer.restart(signals[turn / part - 1])
                    }
                    let client = try replay.odometer.connect()
                    #expect(try client.exchange(replay.exports[turn]).status == 200)
                }
            }
            var differences: [String] = []
            _ = try wait(within: .seconds(10)) {
                let histories = try prometheus.histories(counters)
                differences = replays.flatMap { $0.differences(from: histories) }
                return differences.isEmpty
            }
            let gap = try prometheus.histories("up").map(\.longestGap).max() ?? 0
            return (differences, gap)
        }

        @Test(
            "R-OM-18 R-LIFE-04 R-LIFE-05 the increase of every counter of every recorded run is its true total, also with timestamps and restarts",
            arguments: [[], [SIGTERM, SIGKILL]])
        func increasesAreTrue(signals: [Int32]) async throws {
            try await blocking {
                // On a busy machine Prometheus may scrape late or not at all, and then misses samples.
                for _ in 0..<3 {
                    let outcome = try Self.replayAll(endedBy: signals)
                    if outcome.longestGap > 1.2, !outcome.differences.isEmpty { continue }
                    #expect(outcome.differences == [])
                    return
                }
                Issue.record("Prometheus never scraped in time")
            }
        }

        /// Counters created and incremented one after the other, and their totals.
        private struct Traffic {
            private(set) var totals: [String: Int] = [:]

            /// Adds 1 to a series.
            mutating func increase(_ name: String, at odometer: OdometerProgram) throws {
                let export = TestExport.sum("c", 1, start: nil, time: nil, attributes: ["k": name])
                #expect(try odometer.post(export).status == 200)
                totals[name, default: 0] += 1
            }

            /// Creates one series after the other and increments earlier ones, for about three seconds.
            mutating func run(_ prefix: String, at odometer: OdometerProgram) throws {
                for turn in 0..<15 {
                    for series in Set([0, turn / 2, turn]) { try increase("\(prefix)\(series)", at: odometer) }
                    wait(within: .milliseconds(200)) { false }
                }
            }

            /// Differences in the samples of a server.
            func differences(from histories: [PrometheusServer.History]) -> [String] {
                let seen = Dictionary(histories.map { ($0.series.labels["k"] ?? "", $0) }) { first, _ in first }
                let wrong = totals.filter { name, total in
                    seen[name].map { [$0.increase, $0.series.value] } != [Double(total), Double(total)]
                }
                let fallen = histories.filter(\.hasFallen)
                return wrong.keys.sorted().map { name in
                    "\(name): \(seen[name].map { "\($0.values)" } ?? "absent") instead of \(totals[name] ?? 0)"
                } + fallen.map { "has fallen: \($0.values)" }
            }
        }

        /// Waits until every server has scraped `count` times from now on.
        private static func waitForScrapes(_ count: Int, by servers: [PrometheusServer]) throws {
            func scrapes(_ server: PrometheusServer) -> Int {
                (try? server.histories("up").first?.values.filter { $0 == 1 }.count) ?? 0
            }
            let before = servers.map(scrapes)
            let isDone = wait(within: .seconds(60)) {
                zip(servers, before).allSatisfy { scrapes($0) >= $1 + count }
            }
            #expect(isDone)
        }

        private static func expect(_ traffic: Traffic, in servers: [PrometheusServer]) throws {
            var differences: [String] = []
            _ = try wait(within: .seconds(20)) {
                differences = try servers.flatMap { traffic.differences(from: try $0.histories("c_total")) }
                return differences.isEmpty
            }
            #expect(differences == [])
        }

        @Test(
            "R-OM-18 three servers behind one address, one with changing addresses, one restarted, see every increment once"
        )
        func everyServerSeesEveryIncrement() async throws {
            try await blocking {
                let odometer = try OdometerProgram()
                let relayPort = try freePort()
                let relay = try RunningProgram(
                    PythonScript.interpreter,
                    [Fixtures.python.appending(path: "relay.py").path, "\(relayPort)", "\(odometer.metricsPort)"])
                try relay.waitForPorts([relayPort])
                // Prometheus derives the offset of its scrapes from the labels.
                let servers = try [odometer.metricsPort, relayPort, odometer.metricsPort].enumerated().map {
                    try PrometheusServer(
                        scraping: [PrometheusServer.Target(port: $1, labels: ["server": "\($0)"])], interval: 5)
                }
                try Self.waitForScrapes(2, by: servers)
                var traffic = Traffic()
                try traffic.run("a", at: odometer)
                try Self.expect(traffic, in: servers)
                // While a server is down it can miss new series, but no increments.
                try servers[2].restart()
                for series in 0..<15 { try traffic.increase("a\(series)", at: odometer) }
                try Self.waitForScrapes(1, by: [servers[2]])
                try traffic.run("b", at: odometer)
                try Self.expect(traffic, in: servers)
            }
        }
    }
}
