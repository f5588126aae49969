import Foundation
import Testing

extension ProcessTests {
    /// Series created before the first scrape.
    @Suite struct FirstSecondsTests {
        /// The program with a directory that survives it.
        private struct Collector {
            let folder: TemporaryFolder
            let (otlpPort, metricsPort): (Int, Int)
            private let file: String

            init() throws {
                folder = try TemporaryFolder()
                (otlpPort, metricsPort) = (try freePort(), try freePort())
                file = try folder.write(
                    TestConfiguration.collector(otlpPort: otlpPort, metricsPort: metricsPort), to: "config.yaml")
            }

            func start() throws -> RunningProgram {
                let program = try RunningProgram(
                    OdometerProgram.path, ["--config=\(file)"], environment: OdometerProgram.environment,
                    directory: folder.url.path)
                try program.waitForPorts([otlpPort, metricsPort])
                return program
            }

            /// Adds 1 to a series.
            func increase(_ name: String) throws {
                let export = TestExport.sum("c", 1, start: nil, time: nil, attributes: ["k": name])
                let reply = try HTTPClient.exchange(
                    port: otlpPort, "POST", "/v1/metrics", headers: [("Content-Type", "application/json")],
                    body: Array(export.utf8))
                #expect(reply.status == 200)
            }
        }

        @Test(
            "R-OM-18 series created before the first scrape show their value after the third, and keep it after kill -9"
        )
        func firstIncrementsAreSeen() async throws {
            try await blocking {
                let collector = try Collector()
                var program = try collector.start()
                for name in ["a", "b", "a"] { try collector.increase(name) }
                let prometheus = try PrometheusServer(scraping: collector.metricsPort)
                try collector.increase("c")
                let expected = ["a": 2.0, "b": 1, "c": 1]
                func seen(_ value: (PrometheusServer.History) -> Double) throws -> [String: Double] {
                    Dictionary(try prometheus.histories("c_total").map { ($0.series.labels["k"] ?? "", value($0)) }) {
                        $0 + $1
                    }
                }
                // Much shorter than the zero with an unknown interval.
                let isSeen = try wait(within: .seconds(30)) { try seen(\.increase) == expected }
                let stored = try prometheus.histories("c_total").map(\.values)
                #expect(isSeen, "\(stored)")

                program.send(signal: SIGKILL)
                #expect(program.waitForEnd() == .signaled(SIGKILL))
                program = try collector.start()
                let before = Date().timeIntervalSince1970
                let isBack = try wait(within: .seconds(30)) {
                    try prometheus.histories("c_total").allSatisfy { ($0.times.last ?? 0) > before }
                }
                #expect(isBack)
                let fallen = try prometheus.histories("c_total").filter(\.hasFallen).map(\.values)
                #expect(fallen == [])
                let (increases, values) = (try seen(\.increase), try seen(\.series.value))
                #expect(increases == expected)
                #expect(values == expected)
            }
        }
    }
}
