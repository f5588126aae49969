import Foundation
import Testing

/// Records exports and pages for `check_exports.py`, which compares the pages with the totals of the exports.
final class CheckedExchange {
    /// Supports every format and the current escapings.
    static func configuration(otlpPort: Int = 0, metricsPort: Int = 0, exporter: String = "") -> String {
        TestConfiguration.collector(
            otlpPort: otlpPort, metricsPort: metricsPort,
            exporter: "    enable_open_metrics: true\n    metric_expiration: 0\n" + exporter,
            rest: "odometer:\n  created_timestamps: true\n")
    }

    private let folder: TemporaryFolder
    private let client: HTTPClient
    private let metricsPort: Int
    private var steps: [[String: Any]] = []

    init(otlpPort: Int, metricsPort: Int) throws {
        folder = try TemporaryFolder()
        client = try HTTPClient(port: otlpPort)
        self.metricsPort = metricsPort
    }

    /// Sends an export, which must be accepted completely.
    /// - Parameter isDelivered: whether it is actually sent.
    func send(_ export: HTTPExport, isDelivered: Bool = true) throws {
        if isDelivered {
            let reply = try client.exchange(export)
            #expect(reply.status == 200, "\(reply.text)")
            #expect(try OTLPAnswer.partialSuccess(of: reply) == nil)
        }
        let headers = Dictionary(export.headers) { first, _ in first }
        steps.append([
            "body": try keep(export.body), "json": headers["Content-Type"] == "application/json",
            "gzip": headers["Content-Encoding"] == "gzip",
        ])
    }

    /// Scrapes with an Accept header and returns the Content-Type of the page.
    @discardableResult
    func scrape(_ accept: String) throws -> String {
        let reply = try HTTPClient.exchange(port: metricsPort, "GET", "/metrics", headers: [("Accept", accept)])
        #expect(reply.status == 200)
        let type = try #require(reply.header("Content-Type"))
        steps.append(["page": try keep(reply.body), "type": type])
        return type
    }

    /// Expects that all pages show the exports before them.
    /// - Parameter what: the message if they do not.
    func check(_ what: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let outcome = try run("check_exports.py")
        if let kept = ProcessInfo.processInfo.environment["ODOMETER_KEEP_EXPORTS"] {
            try? FileManager.default.copyItem(atPath: folder.url.path, toPath: kept)
        }
        #expect(
            outcome.ending == .exited(0) && outcome.output.hasPrefix("agreed: "),
            "\(what): \(outcome.output)\(outcome.errors)", sourceLocation: sourceLocation)
    }

    /// The output of the script.
    func run(_ script: String, _ arguments: [String] = []) throws -> PythonScript.Outcome {
        try JSONSerialization.data(withJSONObject: steps).write(to: folder.url.appending(path: "steps.json"))
        return try PythonScript.run(script, [folder.url.path] + arguments, within: .seconds(60))
    }

    private func keep(_ bytes: [UInt8]) throws -> String {
        let name = "\(steps.count)"
        try Data(bytes).write(to: folder.url.appending(path: name))
        return name
    }
}

/// Accept headers that ask for one format.
enum AcceptHeader {
    static let text = "text/plain;version=0.0.4"
    static let openMetrics = "application/openmetrics-text;version=1.0.0"
    static let protobuf =
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
    static let all = [text, openMetrics, protobuf]
}
