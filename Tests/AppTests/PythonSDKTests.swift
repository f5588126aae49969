import Testing

extension ProcessTests {
    /// The real OpenTelemetry SDK of Python exports to the collector.
    @Suite struct PythonSDKTests {
        @Test(
            "R-D2C-03 R-CUM-01 R-CUM-04 R-TYPE-01 R-TYPE-02 R-TYPE-03 the page has the values of the SDK",
            arguments: ["delta", "cumulative"], ["none", "gzip", "deflate"])
        func totalsAreWhatWasAdded(temporality: String, compression: String) async throws {
            try await AppInProcess.run { collector in
                let page = try await SDKExport.expectTotals(
                    of: collector, to: "http://127.0.0.1:\(collector.otlpPort)/v1/metrics", temporality: temporality,
                    compression: compression)
                #expect(page.samples.count == SDKExport.seriesCount)
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
