import Foundation
import Testing

@testable import App

/// Configurations of articles and projects start unchanged, except for ports, which an overlay sets to free ones.
@Suite struct ArticleTests {
    private static let overlay = """
        receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
        exporters: {prometheus: {endpoint: "127.0.0.1:0"}}
        service: {telemetry: {metrics: {level: none}}}
        """

    private static func text(_ name: String) throws -> String {
        let file = Fixtures.package.appending(path: "Tests/Fixtures/Config/good/\(name).yaml")
        return try String(contentsOf: file, encoding: .utf8)
    }

    @Test(
        "configurations of articles start and count",
        arguments: ["article_full", "article_loki", "article_limits", "article_resource", "compose_quickstart"])
    func articleStarts(name: String) async throws {
        let exports = try CaptureFixture("session-pb-delta").exports { _ in true }
        let overlay =
            name == "compose_quickstart"
            ? Self.overlay + "\nextensions: {health_check: {endpoint: \"127.0.0.1:0\"}}" : Self.overlay
        try await AppInProcess.run(try Self.text(name), overlay: overlay) { collector in
            var statuses: [String: Set<Int>] = [:]
            for export in exports {
                statuses[export.path, default: []].insert(try collector.connect().exchange(export).status)
            }
            let takesLogs = ["article_loki", "article_resource", "compose_quickstart"].contains(name)
            #expect(statuses["/v1/metrics"] == [200])
            #expect(statuses["/v1/logs"] == [takesLogs ? 200 : 404])
            let page = try collector.scrape()
            #expect(page.total(of: "claude_code_token_usage_tokens_total") ?? 0 > 0)
        }
    }
}
