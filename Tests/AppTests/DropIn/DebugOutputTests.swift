import ConfigFile
import Logging
import Testing

@testable import App

@Suite struct DebugOutputTests {
    private static func configuration(_ verbosity: String) -> String {
        """
        receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
        exporters: {prometheus: {endpoint: "127.0.0.1:0"}, debug: {verbosity: \(verbosity)}}
        service:
          telemetry: {metrics: {level: none}}
          pipelines:
            metrics: {receivers: [otlp], exporters: [prometheus, debug]}
            logs: {receivers: [otlp], exporters: [debug]}
            traces: {receivers: [otlp], exporters: [debug]}
        """
    }

    /// The lines of a recorded session, after one metrics export of the test.
    private static func lines(_ verbosity: String, capture: String) async throws -> [String] {
        let log = LogCapture(level: .info)
        let exports = try CaptureFixture(capture).exports { _ in true }
        try await AppInProcess.run(configuration(verbosity), log: log.logger) { collector in
            _ = try collector.post(TestExport.sum("own.count", 42, attributes: ["user.email": "ada@example.com"]))
            for export in exports { #expect(try collector.connect().exchange(export).status == 200) }
        }
        return try log.text().split(separator: "\n").map(String.init)
    }

    private static func count(_ lines: [String], _ field: String) -> Int {
        lines.compactMap { line in
            line.split(separator: " ").first { $0.hasPrefix(field + "=") }.flatMap {
                Int($0.dropFirst(field.count + 1))
            }
        }.reduce(0, +)
    }

    @Test("basic logs the size of every export")
    func basicTellsCounts() async throws {
        let lines = try await Self.lines("basic", capture: "session-pb-delta")
        #expect(
            lines.contains {
                $0.hasSuffix(
                    "metrics received data_points=1 exporter=debug metrics=1 receiver=otlp resource_metrics=1")
            })
        #expect(!lines.contains { $0.contains("own.count") })
        let logs = lines.filter { $0.contains("logs received") }
        #expect(!logs.isEmpty)
        #expect(Self.count(logs, "log_records") >= logs.count)
        #expect(Self.count(logs, "bytes") > 0)
    }

    @Test("normal logs metric names, detailed their values")
    func moreVerbosityTellsMore() async throws {
        let normal = try await Self.lines("normal", capture: "json-traces")
        let line = try #require(normal.first { $0.contains("own.count") })
        #expect(line.hasSuffix("metric data_points=1 exporter=debug name=own.count type=sum"))
        let detailed = try await Self.lines("detailed", capture: "json-traces")
        #expect(detailed.contains { $0.hasSuffix("name=own.count type=sum values=42") })
        // They are JSON.
        #expect(detailed.contains { $0.contains("traces received") && $0.contains(" spans=") })
    }

    @Test("detailed logs logs in full; a warning at the start says so")
    func detailedShowsLogs() async throws {
        let text = try await Self.lines("detailed", capture: "pb-log-details").joined(separator: "\n")
        #expect(text.contains("resourceLogs"))
        #expect(text.contains("user_prompt"))
        #expect(text.contains("session.id"))
        let folder = try TemporaryFolder()
        let file = try folder.write(Self.configuration("detailed"), to: "c.yaml")
        let config = try ConfigLoader.load(files: [file], environment: { _ in nil })
        #expect(config.notes.contains { $0.path == "exporters.debug.verbosity" && $0.message.contains("PROMPTS") })
    }

    @Test("bodies and attribute values are logged only if configured", arguments: ["basic", "normal"])
    func nothingPrivateIsShown(verbosity: String) async throws {
        let text = try await Self.lines(verbosity, capture: "pb-log-details").joined(separator: "\n")
        #expect(text.contains("logs received"))
        for secret in ["ada@example.com", "user_prompt", "prompt", "user.email", "session.id"] {
            #expect(!text.contains(secret))
        }
    }

    @Test("exports over gRPC are logged like those over HTTP")
    func callsAreTold() async throws {
        let log = LogCapture(level: .info)
        let configuration = Self.configuration("basic").replacing(
            "http: {endpoint: \"127.0.0.1:0\"}",
            with: "http: {endpoint: \"127.0.0.1:0\"}, grpc: {endpoint: \"127.0.0.1:0\"}")
        let exports = try CaptureFixture("session-pb-delta").exports { $0.contains("logs") }
        try await AppInProcess.run(configuration, log: log.logger) { collector in
            let client = try HTTP2Client(port: collector.grpcPort)
            for export in exports { #expect(try client.call(HTTP2Client.logs, export.body).status == "0") }
        }
        let lines = try log.text().split(separator: "\n").map(String.init).filter { $0.contains("logs received") }
        #expect(lines.count == exports.count)
        #expect(Self.count(lines, "log_records") >= exports.count)
    }
}
