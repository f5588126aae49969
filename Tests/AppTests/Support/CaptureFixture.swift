import Foundation

/// One recorded run of a real client: the bodies it sent and the true totals of its counters.
struct CaptureFixture: Sendable {
    struct Request: Decodable, Sendable {
        var file: String
        var path: String?
        var contentType: String?
        var contentEncoding: String?
    }

    struct Total: Decodable, Sendable {
        var name: String
        var attributes: [String: JSONValue]
        var total: Double
    }

    private struct Manifest: Decodable {
        var requests: [Request]
    }

    static let names = Fixtures.names(in: Fixtures.captures, holding: "manifest.json")

    let name: String
    let requests: [Request]
    let expected: [Total]

    init(_ name: String) throws {
        self.name = name
        let folder = Fixtures.captures.appending(path: name)
        requests = try Fixtures.decoded(Manifest.self, from: folder.appending(path: "manifest.json")).requests
        // Attribute keys are data: they must not be converted from snake case.
        expected = try JSONDecoder().decode(
            [Total].self, from: try Data(contentsOf: folder.appending(path: "expected.json")))
    }

    /// The exports of metrics, in the order they were sent, as OTLP/HTTP requests.
    var metricsExports: [HTTPExport] {
        get throws { try exports { $0.contains("metrics") } }
    }

    /// All exports whose file name meets the condition.
    func exports(where isTaken: (String) -> Bool) throws -> [HTTPExport] {
        try requests.filter { isTaken($0.file) }.map { request in
            let signal = ["logs", "traces"].first { request.file.contains($0) } ?? "metrics"
            // Recordings over gRPC have the same messages.
            let recorded = request.contentType ?? "application/x-protobuf"
            let contentType = recorded.hasPrefix("application/grpc") ? "application/x-protobuf" : recorded
            var headers = [("Content-Type", contentType)]
            if let encoding = request.contentEncoding { headers.append(("Content-Encoding", encoding)) }
            let path = request.path.flatMap { $0.hasPrefix("/v1/") ? $0 : nil } ?? "/v1/\(signal)"
            let file = Fixtures.captures.appending(path: name).appending(path: request.file)
            return HTTPExport(path: path, headers: headers, body: try Fixtures.bytes(file))
        }
    }
}

/// One request with an OTLP body.
struct HTTPExport: Sendable {
    var path: String
    var headers: [(String, String)]
    var body: [UInt8]
}

extension CaptureFixture {
    /// Differences from the expected totals, one sentence each.
    ///
    /// `samples` may have labels that a collector or Prometheus adds; with any other label a sample is another series.
    func differences(from samples: [ExpositionText.Sample]) -> [String] {
        expected.compactMap { total in
            let stem = Self.stem(of: total.name)
            let wanted = Self.labels(of: total.attributes)
            let hits = samples.filter { sample in
                sample.name.hasPrefix(stem) && sample.name.hasSuffix("_total")
                    && wanted.allSatisfy { sample.labels[$0.key] == $0.value }
                    && sample.labels.keys.allSatisfy { wanted[$0] != nil || Self.isAdded($0) }
            }
            let shown = hits.map(\.value).reduce(0, +)
            let tolerance = 1e-9 * max(1, abs(total.total))
            if !hits.isEmpty, abs(shown - total.total) <= tolerance { return nil }
            return
                "\(name): \(total.name) \(wanted) is \(hits.isEmpty ? "absent" : "\(shown)") instead of \(total.total)"
        }
    }

    /// The name without suffixes of unit and type.
    static func stem(of name: String) -> String {
        let tokens = name.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }.joined(separator: "_")
        return tokens.hasSuffix("_total") ? String(tokens.dropLast(6)) : tokens
    }

    /// Label values by name; the values of keys with one label are joined in the order of the keys (R-LAB-04).
    static func labels(of attributes: [String: JSONValue]) -> [String: String] {
        var labels: [String: String] = [:]
        for (key, value) in attributes.sorted(by: { $0.key < $1.key }) {
            let characters = key.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
            let name = (characters.first?.isNumber == true ? "key_" : "") + String(characters)
            let text =
                switch value {
                case .bool(let flag): flag ? "true" : "false"
                case .string(let text): text
                case .number(let number): Int64(exactly: number).map(String.init) ?? "not an integer: \(number)"
                case .null, .array, .object: "not expected: \(value)"
                }
            if !text.isEmpty { labels[name] = labels[name].map { "\($0);\(text)" } ?? text }
        }
        return labels
    }

    static func isAdded(_ label: String) -> Bool {
        ["job", "instance", "service_name"].contains(label) || label.hasPrefix("otel_scope")
            || label.hasPrefix("exported_")
    }
}
