import Foundation
import Testing

extension ProcessTests {
    /// All formats have the same families, labels and values, which are the totals of the exports. Exports, truth and
    /// parsers are independent of the collector.
    @Suite struct FormatParityTests {
        private struct Export: Decodable {
            var body: String
            var json: Bool
            var gzip: Bool
        }

        /// The rounds of random exports of a seed.
        private static func rounds(seed: Int) throws -> [[HTTPExport]] {
            let folder = try TemporaryFolder()
            let outcome = try PythonScript.run(
                "random_exports.py", ["\(seed)", folder.url.path], within: .seconds(60))
            try #require(outcome.ending == .exited(0), "\(outcome.errors)")
            let rounds = try JSONDecoder().decode(
                [[Export]].self, from: try Data(contentsOf: folder.url.appending(path: "exports.json")))
            return try rounds.map { exports in
                try exports.map { export in
                    let type = export.json ? "application/json" : "application/x-protobuf"
                    let coding = export.gzip ? [("Content-Encoding", "gzip")] : []
                    return HTTPExport(
                        path: "/v1/metrics", headers: [("Content-Type", type)] + coding,
                        body: try Fixtures.bytes(folder.url.appending(path: export.body)))
                }
            }
        }

        @Test(
            "R-DM-01 R-D2C-02 R-CUM-04 R-TYPE-04 R-TYPE-06 R-TYPE-08 R-ST-04 random exports are the same in all formats",
            arguments: 1...8)
        func formatsCarryTheSame(seed: Int) async throws {
            let rounds = try Self.rounds(seed: seed)
            try await AppInProcess.run(CheckedExchange.configuration()) { collector in
                let exchange = try CheckedExchange(otlpPort: collector.otlpPort, metricsPort: collector.metricsPort)
                for (number, exports) in rounds.enumerated() {
                    for export in exports { try exchange.send(export) }
                    // Each round has a scrape of another release of Prometheus, and one of each format.
                    let visitor = PrometheusAccept.all[(number + seed) % PrometheusAccept.all.count]
                    #expect(try exchange.scrape(visitor.header) == visitor.type, "seed \(seed), \(visitor.sender)")
                    for accept in AcceptHeader.all { try exchange.scrape(accept) }
                }
                try exchange.check("seed \(seed)")
            }
        }

        @Test("promtool parses pages with metrics of every type", arguments: [101, 102])
        func promtoolTakesEveryType(seed: Int) async throws {
            let rounds = try Self.rounds(seed: seed)
            let page = try await AppInProcess.run { collector in
                let client = try collector.connect()
                for export in rounds.joined() { #expect(try client.exchange(export).status == 200) }
                return try collector.scrapeText()
            }
            for type in ["counter", "gauge", "histogram", "summary"] { #expect(page.contains(" \(type)\n")) }
            let verdict = try Promtool.check(Array(page.utf8))
            #expect(verdict.status == 0 || verdict.status == 3, "seed \(seed): \(verdict.messages)")
            #expect(!verdict.messages.contains("error while linting"), "seed \(seed): \(verdict.messages)")
        }

        @Test(
            "R-NEG-01 R-NEG-02 R-NEG-03 R-NEG-06 R-NEG-08 Prometheus 2.45, 2.53 and 3 get the requested format",
            arguments: PrometheusAccept.all, [true, false])
        func prometheusIsAnswered(accept: PrometheusAccept, offersOpenMetrics: Bool) async throws {
            let exporter = offersOpenMetrics ? "    enable_open_metrics: true\n" : ""
            try await AppInProcess.run(TestConfiguration.collector(exporter: exporter)) { collector in
                _ = try collector.post(TestExport.sum("requests", 5))
                let reply = try HTTPClient.exchange(
                    port: collector.metricsPort, "GET", "/metrics", headers: [("Accept", accept.header)])
                #expect(
                    reply.header("Content-Type")
                        == (offersOpenMetrics ? accept.type : accept.typeWithoutOpenMetrics))
                #expect(!reply.body.isEmpty)
            }
        }
    }
}
