import Foundation
import Testing

@testable import App

/// Each exporter has its own totals, by its name.
@Suite struct ExporterStateTests {
    /// The exporters in this order; all get every export.
    private static func configuration(_ folder: TemporaryFolder, exporters: [String], ports: [String: Int]) -> String {
        let pages = exporters.map { "  \($0):\n    endpoint: 127.0.0.1:\(ports[$0] ?? 0)\n" }.joined()
        return """
            receivers:
              otlp:
                protocols:
                  http:
                    endpoint: 127.0.0.1:0
            exporters:
            \(pages)service:
              telemetry:
                metrics:
                  level: none
              pipelines:
                metrics:
                  receivers: [otlp]
                  exporters: [\(exporters.joined(separator: ", "))]
            odometer:
              state:
                path: \(folder.url.appending(path: "state").path)
            """
    }

    @Test("exporters keep their totals in any order; a new one begins at zero, a returning one where it ended")
    func exportersChange() async throws {
        let folder = try TemporaryFolder()
        let names = ["prometheus/a", "prometheus/b", "prometheus/c"]
        let ports = Dictionary(uniqueKeysWithValues: try names.map { ($0, try freePort()) })
        var totals: [String: Double] = [:]
        let runs = [["a", "b"], ["b", "a"], ["c", "b"], ["a", "b", "c"]].map { $0.map { "prometheus/\($0)" } }
        for (run, exporters) in runs.enumerated() {
            let configuration = Self.configuration(folder, exporters: exporters, ports: ports)
            try await AppInProcess.run(configuration) { collector in
                for exporter in exporters {
                    let page = try Self.page(ports[exporter])
                    #expect(page["c_total", [:]] == totals[exporter], "\(exporter) in run \(run)")
                }
                _ = try collector.post(TestExport.sum("c", 1 << run, start: run, time: run + 1))
                for exporter in exporters {
                    totals[exporter, default: 0] += Double(1 << run)
                    let page = try Self.page(ports[exporter])
                    #expect(page["c_total", [:]] == totals[exporter], "\(exporter) in run \(run)")
                }
            }
        }
        #expect(totals == ["prometheus/a": 11, "prometheus/b": 15, "prometheus/c": 12])
    }

    @Test("exports acknowledged for an exporter removed after a crash count when it returns")
    func absentExporterKeepsItsExports() async throws {
        let folder = try TemporaryFolder()
        let names = ["prometheus/a", "prometheus/b"]
        let ports = Dictionary(uniqueKeysWithValues: try names.map { ($0, try freePort()) })
        let otlpPort = try freePort()
        try await blocking {
            func run(_ exporters: [String], _ signal: Int32, _ body: () throws -> Void) throws -> String {
                let text = Self.configuration(folder, exporters: exporters, ports: ports)
                    .replacing("127.0.0.1:0", with: "127.0.0.1:\(otlpPort)")
                let program = try RunningProgram(
                    OdometerProgram.path, ["--config=\(try folder.write(text, to: "config.yaml"))"],
                    environment: OdometerProgram.environment)
                try program.waitForPorts([otlpPort] + exporters.compactMap { ports[$0] })
                try body()
                program.send(signal: signal)
                _ = program.waitForEnd()
                return program.standardError
            }
            func post(_ value: Int, time: Int) throws {
                let reply = try HTTPClient.exchange(
                    port: otlpPort, "POST", "/v1/metrics", headers: [("Content-Type", "application/json")],
                    body: Array(TestExport.sum("c", value, start: time - 1, time: time).utf8))
                #expect(reply.status == 200)
            }
            _ = try run(names, SIGTERM) { try post(1, time: 1) }
            _ = try run(names, SIGKILL) { try post(2, time: 2) }
            let log = try run(["prometheus/a"], SIGTERM) {
                try post(4, time: 3)
                #expect(try Self.page(ports["prometheus/a"])["c_total", [:]] == 7)
            }
            #expect(log.contains("exports of the last run are counted for an exporter that is no longer configured"))
            let next = try run(["prometheus/a"], SIGTERM) {}
            #expect(!next.contains("is no longer configured"))
            _ = try run(names, SIGTERM) {
                let pages = try names.map { try Self.page(ports[$0]) }
                #expect(pages.map { $0["c_total", [:]] } == [7, 3])
            }
        }
    }

    private static func page(_ port: Int?) throws -> ExpositionText {
        try ExpositionText(HTTPClient.exchange(port: port ?? 0, "GET", "/metrics").body)
    }
}
