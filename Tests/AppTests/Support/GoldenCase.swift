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
        var responseHeaders: [String: String]?

        /// Of the recorded answer.
        var contentType: String { responseHeaders?["Content-Type"] ?? "" }
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

    /// The cases whose verdict is `match`, or those whose verdict is `better`, by name.
    static func names(isMatch: Bool) -> [String] {
        Fixtures.names(in: Fixtures.golden, holding: "case.json").filter { name in
            (try? GoldenCase(name).isMatch) == isMatch
        }
    }

    /// The scrapes whose page was recorded, each with the number of requests before it.
    var recordedScrapes: [(scrape: Scrape, after: Int, page: Page)] {
        get throws {
            try scrapes.compactMap { scrape in
                guard let file = scrape.file else { return nil }
                let bytes = try Fixtures.bytes(folder.appending(path: file))
                return (scrape, scrape.afterRequest ?? requests.count, try Page(bytes, type: scrape.contentType))
            }
        }
    }

    /// A page in the format that its Content-Type names.
    enum Page {
        case text(ExpositionText)
        case messages(ExpositionMessages)

        init(_ bytes: [UInt8], type: String) throws {
            if type.hasPrefix("application/vnd.google.protobuf") {
                self = .messages(try ExpositionMessages(bytes))
            } else {
                let isOpenMetrics = type.hasPrefix("application/openmetrics-text")
                self = .text(try ExpositionText(bytes, as: isOpenMetrics ? .openMetrics : .text))
            }
        }

        /// The differences of the page, one sentence each.
        func differences(from wanted: Page) -> [String] {
            switch (self, wanted) {
            case (.text(let mine), .text(let theirs)): mine.differences(from: theirs)
            case (.messages(let mine), .messages(let theirs)):
                Set(mine.families.keys).union(theirs.families.keys).sorted().compactMap { name in
                    let (family, other) = (mine.families[name], theirs.families[name])
                    return family == other ? nil : "\(name): \(family, default: "none") not \(other, default: "none")"
                }
            case (.text, .messages), (.messages, .text): ["another format"]
            }
        }
    }

    /// The body of a request; nil if it has none, or was too large to record.
    func body(of request: Request) throws -> [UInt8]? {
        if let file = request.file { return try Fixtures.bytes(folder.appending(path: file)) }
        return request.method == "POST" && (request.bodyBytes ?? 0) == 0 ? [] : nil
    }

    /// The configuration of the recording; the system chooses every port.
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
    ///   - rest: further lines at the end, not indented.
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

    /// The same with a logs pipeline that discards them.
    static func withLogs(_ text: String) -> String {
        text.replacing("exporters:\n  prometheus:", with: "exporters:\n  nop: {}\n  prometheus:")
            .replacing(
                "      exporters: [prometheus]\n",
                with: "      exporters: [prometheus]\n    logs:\n      receivers: [otlp]\n      exporters: [nop]\n")
    }
}
