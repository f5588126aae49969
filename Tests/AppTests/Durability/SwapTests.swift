import Foundation
import Testing

@testable import App

extension ProcessTests {
    /// The increase in Prometheus when a collector is replaced, or its state directory lost, while cumulative clients
    /// continue.
    @Suite struct SwapTests {
        /// Cumulative clients that run longer than the collectors.
        private struct Clients {
            /// Series -> start of the writer, seconds -> its value.
            private(set) var values: [String: [Int: Int]] = [:]
            mutating func grow(_ series: String, _ start: Int, by growth: Int) {
                values[series, default: [:]][start, default: 0] += growth
            }

            /// Exports one writer, or all.
            /// - Parameter time: seconds after `TestExport.epoch`.
            func export(_ only: Int? = nil, at time: Int, to port: Int) throws {
                for (series, writers) in values {
                    for (start, value) in writers where only == nil || start == only {
                        let export = TestExport.sum(series, value, .cumulative, start: start, time: time)
                        let reply = try HTTPClient.exchange(
                            port: port, "POST", "/v1/metrics", headers: [("Content-Type", "application/json")],
                            body: Array(export.utf8))
                        #expect(reply.status == 200)
                    }
                }
            }

            func total(_ series: String) -> Int { values[series]?.values.reduce(0, +) ?? 0 }
        }

        private static func configuration(_ folder: TemporaryFolder, state: String, metricsPort: Int) -> String {
            let path = folder.url.appending(path: state).path
            return TestConfiguration.collector(
                metricsPort: metricsPort, rest: "odometer:\n  state:\n    path: \(path)\n")
        }

        private static func waitForScrapes(_ count: Int, of prometheus: PrometheusServer) throws {
            func scrapes() -> Int {
                ((try? prometheus.histories("up")) ?? []).flatMap(\.values).filter { $0 == 1 }.count
            }
            let before = scrapes()
            #expect(wait(within: .seconds(30)) { scrapes() >= before + count }, "\(prometheus.program.standardError)")
        }

        @Test(
            "after a lost state directory Prometheus sees the growth of the clients, also with several writers of one series"
        )
        func lostState() async throws {
            let folder = try TemporaryFolder()
            let metricsPort = try freePort()
            let prometheus = try PrometheusServer(scraping: metricsPort)
            var clients = Clients()
            clients.grow("one", 1, by: 100)
            for (start, value) in [(1, 100), (2, 200), (3, 50)] { clients.grow("several", start, by: value) }
            let clock = SetClock(1_000)
            // A state older than these clients: their first increment is seen.
            try await AppInProcess.run(
                Self.configuration(folder, state: "first", metricsPort: metricsPort), clock: clock
            ) { collector in
                try clients.export(at: 1_000, to: collector.otlpPort)
                clock.set(1_200)
                try Self.waitForScrapes(2, of: prometheus)
            }
            let before = ["one": clients.total("one"), "several": clients.total("several")]
            for (start, growth) in [(1, 10), (2, 5)] { clients.grow("several", start, by: growth) }
            clients.grow("one", 1, by: 7)
            clock.set(2_000)
            try await AppInProcess.run(
                Self.configuration(folder, state: "second", metricsPort: metricsPort), clock: clock
            ) { collector in
                // One after the other, with scrapes in between.
                for start in [1, 2, 3] {
                    clock.set(2_000 + UInt64(start) * 20)
                    try clients.export(start, at: 2_000 + start * 20, to: collector.otlpPort)
                    try Self.waitForScrapes(2, of: prometheus)
                    let page = try ExpositionText(
                        HTTPClient.exchange(port: collector.metricsPort, "GET", "/metrics").body)
                    #expect(page["several_total", [:]] != nil, "everybody else sees what there is")
                }
                clock.set(2_075)
                try Self.waitForScrapes(2, of: prometheus)
                clients.grow("several", 3, by: 4)
                clients.grow("one", 1, by: 2)
                try clients.export(at: 2_080, to: collector.otlpPort)
                try Self.waitForScrapes(2, of: prometheus)
                for series in ["one", "several"] {
                    let history = try #require(try prometheus.histories("\(series)_total").first)
                    #expect(history.values.last == Double(clients.total(series)), "\(history.values)")
                    let growth = clients.total(series) - (before[series] ?? 0)
                    // The first sample is the total before the loss.
                    #expect(history.increase == Double(growth), "\(series): \(history.values)")
                    #expect(!history.hasFallen, "\(series): \(history.values)")
                }
            }
        }
    }
}
