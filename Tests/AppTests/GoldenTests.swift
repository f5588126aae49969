import ConfigFile
import Testing

/// Cases in which we match the recorded statuses and pages of the Collector.
@Suite struct GoldenTests {
    /// The Collector does not start with them.
    private static let refused = ["opt_translation_bad", "opt_unknown_key"]

    static let names = GoldenCase.names(isMatch: true).filter { !refused.contains($0) }

    @Test("The cases to match are there")
    func casesAreThere() {
        #expect(Self.names.count == 47)
    }

    @Test(
        "R-NAME-14 configurations that the Collector refuses are refused",
        arguments: refused)
    func refusedConfigurations(name: String) async throws {
        let configuration = try GoldenCase(name).configuration
        await #expect(throws: ConfigFailure.self) { try await AppInProcess.run(configuration) { _ in } }
    }

    @Test(
        "R-NAME-01 R-NAME-02 R-NAME-03 R-NAME-05 R-NAME-08 R-NAME-10 R-TXT-07 R-TXT-08 answers equal those of the Collector",
        arguments: names)
    func agreesWithTheCollector(name: String) async throws {
        let golden = try GoldenCase(name)
        try await AppInProcess.run(golden.configuration) { collector in
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

    private func compareScrapes(of golden: GoldenCase, after count: Int, on collector: AppInProcess) throws {
        for (scrape, after, recorded) in try golden.recordedScrapes where after == count {
            let reply = try HTTPClient.exchange(
                port: collector.metricsPort, scrape.method, scrape.path, headers: scrape.headers?.map { ($0, $1) } ?? []
            )
            #expect(reply.status == scrape.status)
            let page = try GoldenCase.Page(reply.body, type: reply.header("Content-Type") ?? "")
            #expect(page.differences(from: recorded) == [], "\(scrape.file ?? "")")
        }
    }
}
