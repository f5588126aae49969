import ConfigFile
import Testing

/// Where the Collector is right, we agree with what was recorded from it: statuses and pages.
@Suite struct GoldenTests {
    /// Cases that were recorded as right, and where we differ all the same.
    private static let exceptions = [
        // What is not UTF-8 is refused (R-PB-05); the Collector takes the request and loses the point.
        "label_value_bad_utf8",
        // The Collector does not start with them; `refusedConfigurations` holds that neither do we.
        "opt_translation_bad", "opt_unknown_key",
        // Their further scrapes ask for text with UTF-8 names, which this comparison does not read.
        "opt_translation_NoTranslation", "opt_translation_UnderscoreEscapingWithSuffixes",
        "opt_translation_UnderscoreEscapingWithoutSuffixes", "opt_translation_namespace",
    ]

    static let names = GoldenCase.matching([
        "name_", "sum_", "gauge_", "cumulative_", "claude_", "json_", "http_", "attr_", "duplicate_points",
        "empty_things", "no_recorded_value", "series_", "label_", "scope_", "resource_",
        "conflict_", "opt_", "target_info_", "hist_", "exphist_", "summary_", "scrape_",
    ]).filter { !exceptions.contains($0) }

    @Test("The cases to agree with are there")
    func casesAreThere() {
        #expect(Self.names.count == 42)
    }

    @Test(
        "R-NAME-14 what the Collector refuses to start with, we refuse",
        arguments: ["opt_translation_bad", "opt_unknown_key"])
    func refusedConfigurations(name: String) async throws {
        let configuration = try GoldenCase(name).configuration
        await #expect(throws: ConfigFailure.self) { try await CollectorInProcess.run(configuration) { _ in } }
    }

    @Test(
        "R-NAME-01 R-NAME-02 R-NAME-03 R-NAME-05 R-NAME-08 R-NAME-10 R-TXT-07 statuses and text scrapes are the Collector's",
        arguments: names)
    func agreesWithTheCollector(name: String) async throws {
        let golden = try GoldenCase(name)
        try await CollectorInProcess.run(golden.configuration) { collector in
            try compareScrapes(of: golden, after: 0, on: collector)
            for (index, request) in golden.requests.enumerated() {
                let reply = try HTTPClient.exchange(
                    port: collector.otlpPort, request.method, request.path, headers: request.headers.map { ($0, $1) },
                    body: try golden.body(of: request), isChunked: request.chunked ?? false)
                #expect(reply.status == request.status, "request \(index + 1): \(reply.text)")
                try compareScrapes(of: golden, after: index + 1, on: collector)
            }
        }
    }

    private func compareScrapes(of golden: GoldenCase, after count: Int, on collector: CollectorInProcess) throws {
        for (scrape, after, recorded) in try golden.textScrapes where after == count {
            let reply = try HTTPClient.exchange(
                port: collector.metricsPort, scrape.method, scrape.path, headers: scrape.headers?.map { ($0, $1) } ?? []
            )
            #expect(reply.status == scrape.status)
            let differences = try ExpositionText(reply.body).differences(from: recorded)
            #expect(differences == [], "after request \(count)")
        }
    }
}
