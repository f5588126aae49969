import Foundation
import Testing

extension ProcessTests {
    /// Every metric of the Python SDK, of every type, is exact in every format. The truth is from another decoder of
    /// the recorded points.
    @Suite struct RecordedTruthTests {
        static let names = CaptureFixture.names.filter { $0.hasPrefix("python-sdk-") }

        @Test("the recorded runs of the SDK have every type except summaries, in both temporalities and encodings")
        func captures() {
            #expect(
                Self.names == [
                    "python-sdk-grpc-delta", "python-sdk-http-cumulative-gzip", "python-sdk-http-delta",
                    "python-sdk-json-cumulative",
                ])
        }

        @Test(
            "R-DM-01 R-D2C-13 R-D2C-15 R-TYPE-04 R-TYPE-06 R-ST-01 every metric of a recorded run of the SDK is exact",
            arguments: names, [CaptureTests.Replay.asRecorded, .eachTwice])
        func everyTypeIsExact(name: String, replay: CaptureTests.Replay) async throws {
            let exports = replay.order(try CaptureFixture(name).metricsExports)
            try await blocking {
                let odometer = try OdometerProgram {
                    CheckedExchange.configuration(otlpPort: $0, metricsPort: $1)
                }
                let exchange = try CheckedExchange(otlpPort: odometer.otlpPort, metricsPort: odometer.metricsPort)
                for export in exports {
                    try exchange.send(export)
                    for accept in AcceptHeader.all { try exchange.scrape(accept) }
                }
                try exchange.check("\(name), \(replay.rawValue)")
                #expect(odometer.program.stop() == .exited(0))
            }
        }

        @Test("the comparison detects points that were not counted")
        func lossIsNoticed() async throws {
            let exports = try CaptureFixture("python-sdk-http-delta").metricsExports
            try await AppInProcess.run(CheckedExchange.configuration()) { collector in
                let exchange = try CheckedExchange(otlpPort: collector.otlpPort, metricsPort: collector.metricsPort)
                for (number, export) in exports.enumerated() { try exchange.send(export, isDelivered: number != 1) }
                for accept in AcceptHeader.all { try exchange.scrape(accept) }
                let outcome = try exchange.run("check_exports.py")
                #expect(outcome.ending == .exited(1), "\(outcome.output)\(outcome.errors)")
                for format in ["text/plain", "openmetrics-text", "google.protobuf"] {
                    #expect(outcome.output.contains("\(format): "), "\(outcome.output)")
                }
            }
        }

        private struct Quantile: Decodable {
            var query: String
            var value: Double
        }

        @Test(
            "R-NEG-03 R-PBX-04 R-TYPE-06 quantiles of native and classic histograms in Prometheus are those of the points",
            arguments: names)
        func quantilesArriveInPrometheus(name: String) async throws {
            let exports = try CaptureFixture(name).metricsExports
            try await blocking {
                // Prometheus starts after the series exist, so that it does not see 0 first.
                let odometer = try OdometerProgram {
                    TestConfiguration.collector(
                        otlpPort: $0, metricsPort: $1, rest: "odometer:\n  first_sample_zero: false\n")
                }
                let prometheus = try PrometheusServer(
                    scraping: odometer.metricsPort, features: ["native-histograms"])
                let exchange = try CheckedExchange(otlpPort: odometer.otlpPort, metricsPort: odometer.metricsPort)
                for export in exports { try exchange.send(export) }
                var version = ""
                // It answers 503 until it is ready.
                _ = wait(within: .seconds(30)) {
                    version = (try? prometheus.version()) ?? ""
                    return !version.isEmpty
                }
                let outcome = try exchange.run("expected_quantiles.py", [version])
                #expect(outcome.ending == .exited(0), "\(outcome.errors)")
                let expected = try JSONDecoder().decode([Quantile].self, from: Data(outcome.output.utf8))
                #expect(expected.count == 4 * 10)
                var wrong: [String] = []
                _ = wait(within: .seconds(30)) {
                    wrong = expected.compactMap { quantile in
                        let found = (try? prometheus.query(quantile.query).map(\.value)) ?? []
                        let isNear = found.count == 1 && abs(found[0] - quantile.value) <= abs(quantile.value) / 100
                        return isNear ? nil : "\(quantile.query) is \(found) instead of \(quantile.value)"
                    }
                    return wrong.isEmpty
                }
                #expect(wrong == [], "\(prometheus.program.standardError)")
                #expect(prometheus.program.stop() == .exited(0))
                #expect(odometer.program.stop() == .exited(0))
            }
        }
    }
}
