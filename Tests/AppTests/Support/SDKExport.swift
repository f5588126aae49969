import Foundation
import Testing

/// Exports of the real OpenTelemetry SDK of Python (`sdk_exports.py`). It must be installed (`make deps`).
enum SDKExport {
    /// A series that must be on the page, by the script.
    private struct Shown: Decodable {
        var name: String
        var labels: [String: String]
        var value: Double
    }

    /// Number of series of the exports of the script.
    static let seriesCount = 13

    /// Lets the SDK export once to `url`, whose scheme chooses the exporter.
    static func run(
        to url: String, temporality: String = "delta", compression: String = "gzip", environment: [String: String] = [:]
    ) async throws -> PythonScript.Outcome {
        try await blocking {
            try PythonScript.run(
                "sdk_exports.py", [url, temporality, compression], environment: environment, within: .seconds(60))
        }
    }

    /// Exports and expects the values of the SDK on the page, which is returned.
    @discardableResult
    static func expectTotals(
        of collector: AppInProcess, to url: String, temporality: String = "delta", compression: String = "gzip",
        environment: [String: String] = [:]
    ) async throws -> ExpositionText {
        let outcome = try await run(
            to: url, temporality: temporality, compression: compression, environment: environment)
        #expect(outcome.ending == .exited(0), "\(outcome.errors)")
        // The SDK logs what it could not deliver.
        #expect(outcome.errors == "")
        let expected = try JSONDecoder().decode([Shown].self, from: Data(outcome.output.utf8))
        #expect(expected.count == seriesCount)
        let page = try collector.scrape()
        let added = ["job": "test/shop", "otel_scope_name": "shop.meter", "otel_scope_version": "1.2"]
        for shown in expected {
            let value = page[shown.name, shown.labels.merging(added) { _, new in new }]
            #expect(
                value.map { ExpositionText.isSame($0, shown.value) } == true,
                "\(shown.name)\(shown.labels) is \(value.map { "\($0)" } ?? "absent") instead of \(shown.value)")
        }
        return page
    }
}
