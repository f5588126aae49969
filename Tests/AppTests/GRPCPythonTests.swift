import Foundation
import Testing

extension ProcessTests {
    /// The real gRPC library and exporter of Python against the whole collector. They must be installed (`make deps`).
    @Suite struct GRPCPythonTests {
        @Test(
            "R-GRPC-01 R-GRPC-03 the page has the values of the SDK's gRPC exporter",
            arguments: ["delta", "cumulative"], ["none", "gzip"])
        func totalsAreWhatWasAdded(temporality: String, compression: String) async throws {
            try await AppInProcess.run(GRPCTests.configuration()) { collector in
                _ = try await SDKExport.expectTotals(
                    of: collector, to: "grpc://127.0.0.1:\(collector.grpcPort)", temporality: temporality,
                    compression: compression)
            }
        }

        /// The acknowledged exports of the script, and those that may be counted in addition.
        private struct Acknowledged: Decodable {
            var acknowledged: Double
            var uncertain: Double
            var cancelled: Int
        }

        @Test(
            "R-GRPC-03 R-GRPC-10 R-GRPC-12 with 200 parallel calls, some cancelled, acknowledged exports count once",
            arguments: ["none", "gzip", "deflate"])
        func concurrentCallsCountOnce(compression: String) async throws {
            let state = try TemporaryFolder()
            let block = "  state: {path: \"\(state.url.appending(path: "state").path)\"}"
            try await AppInProcess.run(GRPCTests.configuration(state: block)) { collector in
                let outcome = try await blocking {
                    try PythonScript.run(
                        "grpc_load.py", ["127.0.0.1:\(collector.grpcPort)", compression, "2000", "cancel"],
                        within: .seconds(90))
                }
                #expect(outcome.ending == .exited(0), "\(outcome.errors)")
                let told = try JSONDecoder().decode(Acknowledged.self, from: Data(outcome.output.utf8))
                #expect(told.acknowledged > 0)
                #expect(told.cancelled > 0)
                let shown = try collector.scrape()["load_calls_total", ["job": "load"]] ?? 0
                #expect(shown >= told.acknowledged)
                #expect(shown <= told.acknowledged + told.uncertain)
            }
        }

        @Test("R-GRPC-12 a shutdown under load loses and doubles no acknowledged export")
        func shutdownLosesNothing() throws {
            let ports = (grpc: try freePort(), http: try freePort(), metrics: try freePort())
            let folder = try TemporaryFolder()
            let file = try folder.write(
                GRPCTests.configuration(
                    grpcPort: ports.grpc, httpPort: ports.http, metricsPort: ports.metrics,
                    state: "  state: {path: \"\(folder.url.appending(path: "state").path)\"}"),
                to: "config.yaml")
            let start = {
                let program = try RunningProgram(
                    OdometerProgram.path, ["--config=\(file)"], environment: OdometerProgram.environment)
                try program.waitForPorts([ports.metrics, ports.grpc])
                return program
            }
            var program = try start()
            let script = Fixtures.python.appending(path: "grpc_load.py").path
            let load = try RunningProgram(
                PythonScript.interpreter, [script, "127.0.0.1:\(ports.grpc)", "gzip", "3000", "retry"],
                environment: ["PYTHONDONTWRITEBYTECODE": "1"])
            for _ in 0..<2 {
                // Some calls are answered, others in flight.
                let before = try Self.shown(ports.metrics)
                let end = ContinuousClock.now + .seconds(30)
                while try Self.shown(ports.metrics) < before + 200, ContinuousClock.now < end {
                    usleep(1000)
                }
                program.send(signal: SIGTERM)
                #expect(program.waitForEnd() == .exited(0), "\(program.standardError)")
                program = try start()
            }
            #expect(load.waitForEnd(within: .seconds(90)) == .exited(0), "\(load.standardError)")
            let told = try JSONDecoder().decode(Acknowledged.self, from: Data(load.standardOutput.utf8))
            #expect(told.uncertain == 0)
            #expect(try Self.shown(ports.metrics) == told.acknowledged)
            #expect(told.acknowledged == 3000)
        }

        private static func shown(_ port: Int) throws -> Double {
            let page = try ExpositionText(HTTPClient.exchange(port: port, "GET", "/metrics").body)
            return page["load_calls_total", ["job": "load"]] ?? 0
        }
    }
}
