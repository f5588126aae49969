import Testing

/// Own metrics of the collector, and their pages.
@Suite struct OwnMetricsTests {
    /// Sends one export for each counter.
    private static func exercise(_ collector: AppInProcess) throws {
        let exports = [
            TestExport.sum("d", 5, start: 0, time: 10),
            // A gap, then an overlap.
            TestExport.sum("d", 7, start: 11, time: 20),
            TestExport.sum("d", 1, start: 19, time: 30),
            // A duplicate.
            TestExport.sum("d", 1, start: 19, time: 30),
            TestExport.sum("c", 5, .cumulative, start: 0, time: 10),
            // A reset, then a late point.
            TestExport.sum("c", 3, .cumulative, start: 0, time: 20),
            TestExport.sum("c", 4, .cumulative, start: 0, time: 15),
            // Rejected.
            TestExport.sum("d", -1, start: 30, time: 40),
        ]
        for export in exports { _ = try collector.post(export) }
        let malformed = try HTTPClient.exchange(
            port: collector.otlpPort, "POST", "/v1/metrics", headers: [("Content-Type", "application/json")],
            body: Array("{".utf8))
        #expect(malformed.status == 400)
    }

    private static func check(_ page: ExpositionText) {
        let exporter = ["exporter": "prometheus"]
        #expect(page["odometer_accepted_points_total", exporter] == 7)
        #expect(page["odometer_gaps_total", exporter] == 1)
        #expect(page["odometer_overlaps_total", exporter] == 1)
        #expect(page["odometer_duplicate_points_total", exporter] == 1)
        #expect(page["odometer_resets_total", exporter] == 1)
        #expect(page["odometer_late_points_total", exporter] == 1)
        #expect(page["odometer_series", exporter] == 2)
        #expect(page["odometer_writers", exporter] == 2)
        let rejected = "odometer_rejected_points_total"
        #expect(page[rejected, ["exporter": "prometheus", "reason": "negative_increment"]] == 1)
        #expect(page.total(of: rejected) == 1)
        #expect(page["odometer_refused_exports_total", ["reason": "malformed"]] == 1)
        #expect(page["odometer_http_responses_total", ["listener": "otlp", "status": "200"]] == 8)
        #expect(page["odometer_http_responses_total", ["listener": "otlp", "status": "400"]] == 1)
        // From the previous scrape.
        #expect(page["odometer_scrapes_total", [:]] == 1)
        #expect((page["odometer_scrape_duration_seconds_total", [:]] ?? 0) > 0)
    }

    /// Metrics that the OpenTelemetry Collector has, too, have its names, labels and types.
    private static func checkCollectorNames(_ page: ExpositionText) {
        let receiver = ["receiver": "otlp", "transport": "http"]
        #expect(page["otelcol_receiver_accepted_metric_points", receiver] == 7)
        #expect(page["otelcol_receiver_refused_metric_points", receiver] == 1)
        #expect(page["otelcol_exporter_sent_metric_points", ["exporter": "prometheus"]] == 7)
        #expect(page["otelcol_exporter_send_failed_metric_points", ["exporter": "prometheus"]] == 1)
        #expect((page["otelcol_process_uptime", [:]] ?? 0) > 0)
        #expect((page["otelcol_process_cpu_seconds", [:]] ?? 0) > 0)
        #expect((page["otelcol_process_memory_rss", [:]] ?? 0) > 1_048_576)
    }

    @Test(
        "R-DM-05 gaps, overlaps, resets, late and duplicate points are counted, on the page of the exporter if configured"
    )
    func onTheExportersPage() async throws {
        let configuration = TestConfiguration.collector(rest: "odometer:\n  own_metrics_on_exporters: true\n")
        try await AppInProcess.run(configuration) { collector in
            try Self.exercise(collector)
            _ = try collector.scrape()
            let page = try collector.scrape()
            Self.check(page)
            #expect(page["d_total", [:]] == 13)
            #expect(!page.families.contains { $0.name.hasPrefix("otelcol_") })
            #expect(page["c_total", [:]] == 8)
        }
    }

    @Test("With a Collector's configuration own metrics are on the telemetry page alone")
    func onTheTelemetryPage() async throws {
        let configuration = TestConfiguration.collector()
            .replacing(
                "level: none",
                with: "readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: 0}}}}]")
        try await AppInProcess.run(configuration) { collector in
            try Self.exercise(collector)
            #expect(try collector.scrape().families.map(\.name) == ["c_total", "d_total"])
            let reply = try HTTPClient.exchange(port: collector.telemetryPort, "GET", "/metrics")
            let page = try ExpositionText(reply.body)
            Self.check(page)
            #expect(
                page.families.allSatisfy { family in
                    ["odometer_", "otelcol_"].contains { family.name.hasPrefix($0) } && family.help?.isEmpty == false
                })
            Self.checkCollectorNames(page)
        }
    }

    @Test("A client cannot write own metrics of the collector")
    func ownNamesAreReserved() async throws {
        let configuration = TestConfiguration.collector(rest: "odometer:\n  own_metrics_on_exporters: true\n")
        try await AppInProcess.run(configuration) { collector in
            let reply = try collector.post(TestExport.gauge("odometer.series", 1))
            #expect(try OTLPAnswer.partialSuccess(of: reply)?.rejected == 1)
            #expect(try collector.scrape()["odometer_series", ["exporter": "prometheus"]] == 0)
        }
    }
}
