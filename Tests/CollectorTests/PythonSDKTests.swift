import Foundation
import Testing

extension ProcessTests {
    /// The real OpenTelemetry SDK of Python exports to the collector. It must be installed (`make deps`).
    @Suite struct PythonSDKTests {
        private struct Shown: Decodable {
            var name: String
            var labels: [String: String]
            var value: Double
        }

        @Test(
            "R-D2C-03 R-CUM-01 R-CUM-04 R-TYPE-01 R-TYPE-02 R-TYPE-03 what the SDK added is what is exposed",
            arguments: ["delta", "cumulative"], ["none", "gzip", "deflate"])
        func totalsAreWhatWasAdded(temporality: String, compression: String) async throws {
            try await CollectorInProcess.run { collector in
                let url = "http://127.0.0.1:\(collector.otlpPort)/v1/metrics"
                let outcome = try await blocking {
                    try PythonScript.run("sdk_exports.py", [url, temporality, compression], within: .seconds(60))
                }
                #expect(outcome.ending == .exited(0))
                // The SDK logs what it could not deliver.
                #expect(outcome.errors == "")
                let expected = try JSONDecoder().decode([Shown].self, from: Data(outcome.output.utf8))
                #expect(expected.count == 13)
                let page = try collector.scrape()
                let added = ["job": "test/shop", "otel_scope_name": "shop.meter", "otel_scope_version": "1.2"]
                for shown in expected {
                    let value = page[shown.name, shown.labels.merging(added) { _, new in new }]
                    #expect(
                        value.map { ExpositionText.isSame($0, shown.value) } == true,
                        "\(shown.name)\(shown.labels) is \(value.map { "\($0)" } ?? "absent") instead of \(shown.value)"
                    )
                }
                #expect(page.samples.count == expected.count)
                let types = Dictionary(page.families.map { ($0.name, $0.type) }) { first, _ in first }
                #expect(
                    types == [
                        "app_requests_total": "counter", "app_cost_USD_total": "counter",
                        "app_cpu_seconds_total": "counter", "app_queue": "gauge", "app_threads": "gauge",
                        "app_temperature_celsius": "gauge", "app_memory_bytes": "gauge",
                    ])
            }
        }
    }
}
