import Foundation

/// One case recorded from the OpenTelemetry Collector: requests, their answers, and scrapes.
struct GoldenCase: Sendable {
    struct Request: Decodable, Sendable {
        var method: String
        var path: String
        var headers: [String: String]
        var file: String?
        var bodyBytes: Int?
        var chunked: Bool?
        var status: Int
    }

    struct Scrape: Decodable, Sendable {
        var headers: [String: String]?
        var path: String
        var method: String
        var status: Int
        var afterRequest: Int?
        var file: String?
    }

    private struct Description: Decodable {
        var requests: [Request]
        var scrapes: [Scrape]
        var verdict: String
    }

    let name: String
    let requests: [Request]
    let scrapes: [Scrape]
    let isMatch: Bool
    private let folder: URL

    init(_ name: String) throws {
        self.name = name
        folder = Fixtures.golden.appending(path: name)
        // Header names are data, but none of them is in snake case.
        let description = try Fixtures.decoded(Description.self, from: folder.appending(path: "case.json"))
        requests = description.requests
        scrapes = description.scrapes
        isMatch = description.verdict == "match"
    }

    /// The cases whose names begin with one of `prefixes` and whose verdict is `match`, by name.
    static func matching(_ prefixes: [String]) -> [String] {
        Fixtures.names(in: Fixtures.golden, holding: "case.json").filter { name in
            prefixes.contains(where: name.hasPrefix) && (try? GoldenCase(name).isMatch) == true
        }
    }

    /// The text scrapes, each with the number of requests before it.
    var textScrapes: [(scrape: Scrape, after: Int, recorded: ExpositionText)] {
        get throws {
            try scrapes.compactMap { scrape in
                guard let file = scrape.file, file.hasSuffix(".txt"), !file.hasSuffix(".om.txt") else { return nil }
                let recorded = try ExpositionText(Fixtures.bytes(folder.appending(path: file)))
                return (scrape, scrape.afterRequest ?? requests.count, recorded)
            }
        }
    }

    /// The body of a request; nil when it has none, or when it was too large to be recorded.
    func body(of request: Request) throws -> [UInt8]? {
        if let file = request.file { return try Fixtures.bytes(folder.appending(path: file)) }
        return request.method == "POST" && (request.bodyBytes ?? 0) == 0 ? [] : nil
    }

    /// The configuration it was recorded with; every port is chosen by the system.
    var configuration: String {
        let exporter = settings("exporter.yaml", indentation: 4)
        let receiver = settings("receiver.yaml", indentation: 8)
        return TestConfiguration.collector(receiver: receiver, exporter: exporter)
    }

    private func settings(_ file: String, indentation: Int) -> String {
        guard let text = try? String(contentsOf: folder.appending(path: file), encoding: .utf8),
            text.trimmingCharacters(in: .whitespacesAndNewlines) != "{}"
        else { return "" }
        let indent = String(repeating: " ", count: indentation)
        return text.split(separator: "\n").map { "\(indent)\($0)\n" }.joined()
    }
}

/// Configurations of the tests, in the Collector's YAML.
enum TestConfiguration {
    /// A metrics pipeline from OTLP/HTTP to Prometheus, own metrics off.
    /// - Parameters:
    ///   - receiver: further lines below `http:`, indented by 8.
    ///   - exporter: further lines below `prometheus:`, indented by 4.
    ///   - rest: what follows at the end, from the first column.
    static func collector(
        otlpPort: Int = 0, metricsPort: Int = 0, receiver: String = "", exporter: String = "", rest: String = ""
    ) -> String {
        """
        receivers:
          otlp:
            protocols:
              http:
                endpoint: 127.0.0.1:\(otlpPort)
        \(receiver)exporters:
          prometheus:
            endpoint: 127.0.0.1:\(metricsPort)
        \(exporter)service:
          telemetry:
            metrics:
              level: none
          pipelines:
            metrics:
              receivers: [otlp]
              exporters: [prometheus]
        \(rest)
        """
    }
}
