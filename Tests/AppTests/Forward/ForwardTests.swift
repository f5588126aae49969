import ConfigFile
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import Testing

@testable import App

/// Forwarding exporters.
@Suite struct ForwardTests {
    /// - Parameters:
    ///   - exporters: further lines below `exporters:`, indented by 2.
    ///   - pipelines: all pipelines, indented by 4.
    ///   - rest: further blocks.
    private static func configuration(exporters: String, pipelines: String, rest: String = "") -> String {
        """
        receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}, grpc: {endpoint: "127.0.0.1:0"}}}}
        exporters:
          prometheus: {endpoint: "127.0.0.1:0"}
        \(exporters)
        service:
          telemetry: {metrics: {level: normal, readers: [{pull: {exporter: {prometheus: {host: 127.0.0.1, port: 0}}}}]}}
          pipelines:
        \(pipelines)
        \(rest)
        """
    }

    private static func telemetry(_ collector: AppInProcess) throws -> ExpositionText {
        try ExpositionText(HTTPClient.exchange(port: collector.telemetryPort, "GET", "/metrics").body)
    }

    private static func send(_ export: HTTPExport, to collector: AppInProcess) throws {
        let status = try collector.connect().exchange(export).status
        #expect(status == 200)
    }

    @Test("logs, traces and metrics are forwarded unchanged to their paths, and counted under both kinds of names")
    func signalsGoToTheirPaths() async throws {
        let backend = try await BackendStandIn.start()
        let other = try await BackendStandIn.start()
        let configuration = Self.configuration(
            exporters: """
                  otlphttp:
                    endpoint: http://127.0.0.1:\(backend.port)/base/
                    traces_endpoint: http://127.0.0.1:\(other.port)/spans?tenant=1
                    headers: {X-Scope-OrgID: tenant, authorization: Bearer t}
                    compression: none
                """,
            pipelines: """
                    metrics: {receivers: [otlp], exporters: [prometheus, otlphttp]}
                    logs: {receivers: [otlp], exporters: [otlphttp]}
                    traces: {receivers: [otlp], exporters: [otlphttp]}
                """)
        let exports = try CaptureFixture("json-traces").exports { _ in true }
        try await AppInProcess.run(configuration) { collector in
            for export in exports {
                let reply = try collector.connect().exchange(export)
                #expect(reply.status == 200)
                #expect(reply.text == "{}")
            }
            #expect(wait(within: .seconds(20)) { backend.taken.count + other.taken.count == exports.count })
            let bodies = (backend.taken + other.taken).map(\.body)
            #expect(Set(bodies) == Set(exports.map(\.body)))
            #expect(Set(backend.taken.map(\.path)).isSubset(of: ["/base/v1/logs", "/base/v1/metrics"]))
            #expect(other.taken.map(\.path) == ["/spans?tenant=1"])
            for request in backend.taken + other.taken {
                #expect(request.headers["content-type"] == ["application/json"])
                #expect(request.headers["x-scope-orgid"] == ["tenant"])
                #expect(request.headers["authorization"] == ["Bearer t"])
                #expect(request.headers["content-encoding"] == [])
            }
            let page = try Self.telemetry(collector)
            #expect(page.total(of: "otelcol_exporter_sent_log_records") ?? 0 > 0)
            #expect(page.total(of: "otelcol_exporter_sent_spans") ?? 0 > 0)
            #expect(page.total(of: "otelcol_exporter_send_failed_log_records") == 0)
            #expect(page.total(of: "otelcol_exporter_enqueue_failed_spans") == 0)
            #expect(page.total(of: "otelcol_exporter_queue_capacity") == 268_435_456)
            #expect(page.samples.contains { $0.name == "odometer_forward_queue_exports" })
        }
        try await backend.stop()
        try await other.stop()
    }

    @Test("one connection sends many exports")
    func connectionIsKept() async throws {
        let backend = try await BackendStandIn.start()
        let configuration = Self.configuration(
            exporters: "  otlphttp: {endpoint: \"http://127.0.0.1:\(backend.port)\"}",
            pipelines: "    logs: {receivers: [otlp], exporters: [otlphttp]}")
        let exports = try CaptureFixture("session-pb-delta").exports { $0.contains("logs") }
        try await AppInProcess.run(configuration) { collector in
            for (number, export) in exports.enumerated() {
                try Self.send(export, to: collector)
                #expect(wait(within: .seconds(20)) { backend.taken.count == number + 1 })
            }
            #expect(backend.connections == 1)
        }
        try await backend.stop()
    }

    @Test("metrics forwarded over gRPC to another collector, from protobuf and JSON, are exact there")
    func metricsGoOverGRPC() async throws {
        for name in ["session-pb-delta", "session-json-cumulative"] {
            let capture = try CaptureFixture(name)
            try await AppInProcess.run(
                Self.configuration(
                    exporters: "", pipelines: "    metrics: {receivers: [otlp], exporters: [prometheus]}")
            ) { backend in
                let configuration = Self.configuration(
                    exporters: "  otlp: {endpoint: \"127.0.0.1:\(backend.grpcPort)\", tls: {insecure: true}}",
                    pipelines: "    metrics: {receivers: [otlp], exporters: [otlp]}")
                try await AppInProcess.run(configuration) { collector in
                    for export in try capture.metricsExports {
                        try Self.send(export, to: collector)
                    }
                    let isExact = try wait(within: .seconds(20)) {
                        capture.differences(from: try backend.scrape().samples).isEmpty
                    }
                    #expect(isExact)
                }
            }
        }
    }

    @Test("a full queue refuses logs with 503, but never metrics that are also counted here")
    func fullQueueRefuses() async throws {
        let configuration = Self.configuration(
            exporters: """
                  otlphttp/down:
                    endpoint: http://127.0.0.1:1
                    sending_queue: {queue_size: 1, num_consumers: 1}
                """,
            pipelines: """
                    metrics: {receivers: [otlp], exporters: [prometheus, otlphttp/down]}
                    logs: {receivers: [otlp], exporters: [otlphttp/down]}
                """)
        let logs = try CaptureFixture("session-pb-delta").exports { $0.contains("logs") }
        let log = LogCapture(level: .info)
        try await AppInProcess.run(configuration, log: log.logger) { collector in
            #expect(try collector.connect().exchange(logs[0]).status == 200)
            let refused = try collector.connect().exchange(logs[1])
            #expect(refused.status == 503)
            #expect(refused.header("Retry-After") == "10")
            for value in [1, 2] { _ = try collector.post(TestExport.sum("own.count", value)) }
            #expect(try collector.scrape().total(of: "own_count_total") != nil)
            let page = try Self.telemetry(collector)
            #expect(page.total(of: "otelcol_exporter_enqueue_failed_metric_points") == 2)
            #expect(page.total(of: "otelcol_exporter_queue_size") == 1)
            #expect(page.total(of: "otelcol_exporter_queue_capacity") == 1)
        }
        let lines = try log.text().split(separator: "\n")
        #expect(lines.count { $0.contains("metrics are counted but not forwarded") } == 1)
    }

    @Test("malformed logs are refused and not forwarded")
    func malformedLogsAreRefused() async throws {
        let backend = try await BackendStandIn.start()
        let configuration = Self.configuration(
            exporters: "  otlphttp: {endpoint: \"http://127.0.0.1:\(backend.port)\"}",
            pipelines: "    logs: {receivers: [otlp], exporters: [otlphttp]}")
        try await AppInProcess.run(configuration) { collector in
            let reply = try collector.connect().exchange(
                "POST", "/v1/logs", headers: [("Content-Type", "application/x-protobuf")], body: [0x0A, 5, 1])
            #expect(reply.status == 400)
        }
        #expect(backend.requests.isEmpty)
        try await backend.stop()
    }

    @Test(
        "resource and attributes processors change forwarded data, in any encoding",
        arguments: ["session-pb-delta", "json-delta"])
    func processorsAreApplied(name: String) async throws {
        let backend = try await BackendStandIn.start()
        let configuration = Self.configuration(
            exporters: "  otlphttp: {endpoint: \"http://127.0.0.1:\(backend.port)\"}",
            pipelines: """
                    logs: {receivers: [otlp], processors: [resource, attributes], exporters: [otlphttp]}
                    metrics: {receivers: [otlp], processors: [resource, attributes], exporters: [otlphttp]}
                """,
            rest: """
                processors:
                  resource: {attributes: [{key: environment, value: production, action: upsert}]}
                  attributes: {actions: [{key: session.id, action: delete}]}
                """)
        let exports = try CaptureFixture(name).exports { $0.contains("logs") || $0.contains("metrics") }
        try await AppInProcess.run(configuration) { collector in
            for export in exports { try Self.send(export, to: collector) }
            #expect(wait(within: .seconds(20)) { backend.taken.count == exports.count })
        }
        for request in backend.taken {
            #expect(request.headers["content-type"] == ["application/x-protobuf"])
            let content = Data(try request.content)
            #expect(content.range(of: Data("session.id".utf8)) == nil)
            #expect(content.range(of: Data("environment".utf8)) != nil)
            #expect(content.range(of: Data("production".utf8)) != nil)
            #expect(content.range(of: Data("service.name".utf8)) != nil)
        }
        try await backend.stop()
    }

    @Test("a file gets a line of JSON for each export, or its message after its length", arguments: ["json", "proto"])
    func fileGetsExports(format: String) async throws {
        let folder = try TemporaryFolder()
        let path = folder.url.appending(path: "out").path
        let configuration = Self.configuration(
            exporters: "  file: {path: \"\(path)\", format: \(format)}",
            pipelines: "    logs: {receivers: [otlp], exporters: [file]}")
        let exports = try CaptureFixture("session-pb-delta").exports { $0.contains("logs") }
        try await AppInProcess.run(configuration) { collector in
            for export in exports { try Self.send(export, to: collector) }
        }
        let content = try Fixtures.bytes(URL(filePath: path))
        if format == "json" {
            let lines = content.split(separator: UInt8(ascii: "\n"))
            #expect(lines.count == exports.count)
            for line in lines {
                let value = try JSONDecoder().decode(JSONValue.self, from: Data(line))
                guard case .object(let object) = value else {
                    Issue.record("no object")
                    continue
                }
                #expect(object.keys.sorted() == ["resourceLogs"])
            }
        } else {
            #expect(
                content
                    == exports.flatMap { export in
                        withUnsafeBytes(of: UInt32(export.body.count).bigEndian) { Array($0) } + export.body
                    })
        }
    }
}
