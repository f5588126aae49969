import Foundation
import Testing

@testable import App

/// Features of configurations in articles, over both protocols.
@Suite struct ArticleFeatureTests {
    private static let overlay = """
        receivers: {otlp: {protocols: {grpc: {endpoint: "127.0.0.1:0"}, http: {endpoint: "127.0.0.1:0"}}}}
        exporters: {prometheus: {endpoint: "127.0.0.1:0"}}
        service: {telemetry: {metrics: {level: none}}}
        """

    private static func article(_ name: String) throws -> String {
        let file = Fixtures.package.appending(path: "Tests/Fixtures/Config/good/\(name).yaml")
        return try String(contentsOf: file, encoding: .utf8)
    }

    /// Every other export of a session is sent over gRPC.
    private static func send(_ capture: CaptureFixture, to collector: AppInProcess) throws {
        let client = try HTTP2Client(port: collector.grpcPort)
        for (index, export) in try capture.metricsExports.enumerated() {
            if index % 2 == 0 {
                let answer = try client.answer(to: try client.send(frame: HTTP2Client.framed(export.body)))
                #expect(answer.status == "0")
            } else {
                #expect(try collector.connect().exchange(export).status == 200)
            }
        }
    }

    @Test("gRPC, HTTP, batch and a page with OpenMetrics: totals are exact, without waiting for a batch")
    func gRPCAndOpenMetrics() async throws {
        let capture = try CaptureFixture("session-pb-delta")
        try await AppInProcess.run(try Self.article("article_full"), overlay: Self.overlay) { collector in
            try Self.send(capture, to: collector)
            #expect(capture.differences(from: try collector.scrape().samples) == [])
            #expect(try collector.scrapeOpenMetrics().hasSuffix("# EOF\n"))
        }
    }

    @Test("memory_limiter, batch, time stamps, a long expiry, sampled debug output, no extensions, telemetry at debug")
    func limitsAndTimestamps() async throws {
        let capture = try CaptureFixture("session-pb-delta")
        try await AppInProcess.run(try Self.article("article_limits"), overlay: Self.overlay) { collector in
            try Self.send(capture, to: collector)
            let text = try collector.scrapeText()
            let lines = text.split(separator: "\n").filter { $0.hasPrefix("claude_code_token_usage_tokens_total{") }
            #expect(!lines.isEmpty)
            for line in lines { #expect(line.wholeMatch(of: #/.*} [0-9.e+]+ \d{13}/#) != nil, "\(line)") }
            #expect(try collector.scrapeOpenMetrics().hasSuffix("# EOF\n"))
            #expect(capture.differences(from: try collector.scrape().samples) == [])
        }
    }
}
