import Foundation
import OTLP
import Series
import Testing

@testable import Exposition

/// A real Prometheus scrapes all formats. `prometheus` must be installed: without it these tests fail.
@Suite struct PrometheusScrapeTests {
    private static let snapshot = SeriesSnapshot(families: [
        FamilySnapshot(
            "c_total", .counter, help: "a \"b\"\\\n", labels: #"k="v\\\"\n""#, .int(5),
            exemplars: [SampleExemplar(#"trace_id="5b8e""#, 0.7, time: 1_700_000_050_000_000_000)],
            startTime: 1_700_000_000_000_000_000),
        FamilySnapshot("g", .gauge, .double(.nan)),
        FamilySnapshot(
            "h", .histogram,
            .histogram(HistogramValue(bounds: [1, 2, 4], counts: [0, 100, 0, 0], count: 100, sum: 150)),
            exemplars: [SampleExemplar("", 1.5)]),
        FamilySnapshot(
            "n", .nativeHistogram,
            .nativeHistogram(
                NativeHistogramValue(scale: 3, positive: .init(offset: 8, counts: [100]), count: 100, sum: 210))),
        FamilySnapshot("n_empty", .nativeHistogram, .nativeHistogram(NativeHistogramValue(scale: 0, count: 0, sum: 0))),
        FamilySnapshot(
            "s", .summary,
            .summary(SummaryValue(quantiles: [QuantileValue(quantile: 0.5, value: 3)], count: 2, sum: 6))),
        FamilySnapshot("t_info", .info, labels: #"a="b""#, .int(1)),
        FamilySnapshot("u", .unknown, .int(-1)),
    ])

    @Test(
        "R-OM-22 R-PBX-04 R-PBX-05 R-TYPE-06 Prometheus parses every format and computes quantiles of both kinds of histograms",
        .timeLimit(.minutes(1)))
    func everyFormatIsTaken() throws {
        let queries: KeyValuePairs = [
            #"count(c_total{k="v\\\"\n"} == 5)"#: 4.0,
            #"histogram_quantile(0.5, h_bucket{job="protobuf"})"#: 1.5,
            #"histogram_quantile(0.5, h_bucket{job="openMetrics100"})"#: 1.5,
            #"histogram_count(n{job="protobuf"})"#: 100, #"histogram_sum(n{job="protobuf"})"#: 210,
            #"histogram_count(n_empty{job="protobuf"})"#: 0,
            #"histogram_quantile(1, n{job="protobuf"})"#: 2.181,
            #"histogram_quantile(0, n{job="protobuf"})"#: 2.0,
            #"count(n_bucket == 100)"#: 3, #"count(s{quantile="0.5"} == 3)"#: 4, #"count(t_info == 1)"#: 4,
            #"count(u == -1)"#: 4, #"count(c_created == 1.7e9)"#: 2, #"count(g)"#: 4,
        ]
        let found = try withTemporaryFolder { directory in
            for format in ExpositionFormat.allCases {
                let response = ScrapeResponse(format: format, hasBody: true)
                var exposition = FormattedExposition(
                    Self.snapshot, as: response, settings: ExpositionSettings(createdTimestamps: true))
                let body = whole(pieceSize: 100) { exposition.write(into: $0) }
                try Data(body).write(to: directory.appending(path: "\(format).body"))
                let type = try #require(response.headers.first).value
                try Data(type.utf8).write(to: directory.appending(path: "\(format).type"))
            }
            return try answers(to: queries.map(\.key), in: directory)
        }
        for (query, expected) in queries {
            let value = try #require(found[query], "\(query)")
            #expect(abs(value - expected) < 0.001, "\(query)")
        }
    }

    private func answers(to queries: [String], in directory: URL) throws -> [String: Double] {
        let (status, output) = try runPython("scrape_with_prometheus.py", [directory.path] + queries)
        try #require(status == 0, "\(output)")
        // Messages of Prometheus precede the result.
        let answer = try #require(output.split(separator: "\n").last)
        return try JSONDecoder().decode([String: Double].self, from: Data(answer.utf8))
    }
}
