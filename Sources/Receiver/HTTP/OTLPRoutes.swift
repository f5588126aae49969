internal import OTLP
internal import Server
internal import Settings

/// The paths of the signals, and the messages for other paths.
struct OTLPRoutes: Sendable {
    private let metrics: String
    private let logs: String
    private let traces: String

    init(_ settings: OTLPHTTPSettings) {
        metrics = settings.path(of: .metrics)
        logs = settings.path(of: .logs)
        traces = settings.path(of: .traces)
    }

    func path(of signal: Signal) -> String {
        switch signal {
        case .metrics: metrics
        case .logs: logs
        case .traces: traces
        }
    }

    /// The signal of a request target. Paths are compared exactly, since with many clients a redirect would lose the
    /// body.
    func signal(of target: String) -> Signal? {
        if target == metrics { return .metrics }
        let path = RequestTarget(target).path
        if path == metrics { return .metrics }
        if path == logs { return .logs }
        return path == traces ? .traces : nil
    }

    /// One or two clauses for a client that requests an unknown path. They name the right one.
    func advice(for target: String) -> String {
        let path = RequestTarget(target).path
        let segments = path.lowercased().split(separator: "/").filter { $0 != "." && $0 != ".." }
        let plain = "/" + segments.joined(separator: "/")
        if plain.contains("opentelemetry.proto.collector.") {
            return "this is the OTLP/HTTP port; gRPC exporters send to the gRPC port, usually 4317. \(allPaths)"
        }
        if plain.hasSuffix("/profiles") { return "profiles are not supported. \(allPaths)" }
        for signal in Signal.allCases {
            let right = self.path(of: signal)
            guard plain.hasSuffix(right.lowercased()) else { continue }
            let prefix = plain.dropLast(right.count)
            if prefix.isEmpty { return "send \(signal.rawValue) to exactly \(right)" }
            if Signal.allCases.contains(where: { prefix.hasSuffix(self.path(of: $0).lowercased()) }) {
                return
                    "the path is doubled: send \(signal.rawValue) to \(right). OTEL_EXPORTER_OTLP_ENDPOINT takes the "
                    + "base URL, to which the exporter adds the path; only OTEL_EXPORTER_OTLP_"
                    + "\(signal.rawValue.uppercased())_ENDPOINT takes the whole URL"
            }
            return "send \(signal.rawValue) to \(right), without \"\(prefix)\" before it"
        }
        if segments.isEmpty {
            return "the endpoint lacks the path: \(allPaths). OTEL_EXPORTER_OTLP_METRICS_ENDPOINT takes the whole URL"
        }
        if plain == "/metrics" {
            return
                "this port receives exports; the page for Prometheus is on the port of the prometheus exporter. \(allPaths)"
        }
        return allPaths
    }

    private var allPaths: String { "send metrics to \(metrics), logs to \(logs), traces to \(traces)" }
}
