import Foundation
import Testing

@testable import Collector

/// Each exporter has totals of its own, which go by its name.
@Suite struct ExporterStateTests {
    /// The exporters in this order; all get what is sent.
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

    @Test("exporters keep their totals in any order; a new one begins at zero, one that comes back where it ended")
    func exportersChange() async throws {
        let folder = try TemporaryFolder()
        let names = ["prometheus/a", "prometheus/b", "prometheus/c"]
        let ports = Dictionary(uniqueKeysWithValues: try names.map { ($0, try freePort()) })
        var totals: [String: Double] = [:]
        let runs = [["a", "b"], ["b", "a"], ["c", "b"], ["a", "b", "c"]].map { $0.map { "prometheus/\($0)" } }
        for (run, exporters) in runs.enumerated() {
            let configuration = Self.configuration(folder, exporters: exporters, ports: ports)
            try await CollectorInProcess.run(configuration) { collector in
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

    private static func page(_ port: Int?) throws -> ExpositionText {
        try ExpositionText(HTTPClient.exchange(port: port ?? 0, "GET", "/metrics").body)
    }
}
