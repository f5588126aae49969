/// A format of `/metrics`.
package enum ExpositionFormat: Equatable, Sendable, CaseIterable {
    /// The Prometheus text format 0.0.4: every scraper reads it, and it is the default.
    case text004
    case openMetrics100
    /// The same text as `openMetrics100`, for scrapers that request its draft or no version.
    case openMetrics001
    /// Delimited `io.prometheus.client.MetricFamily` messages.
    case protobuf

    /// The whole Content-Type (R-TXT-01, R-OM-01): Prometheus 3 fails a scrape without a valid one.
    ///
    /// It names the escaping from version 1.0.0 on (R-NEG-06), and before that only if it is not what readers of that
    /// version expect.
    package func contentType(escaping: NameEscaping) -> String {
        let told = "; escaping=\(escaping.rawValue)"
        let toldIfUnusual = escaping == .underscores ? "" : told
        return switch self {
        case .text004: "text/plain; version=0.0.4; charset=utf-8" + toldIfUnusual
        case .openMetrics100: "application/openmetrics-text; version=1.0.0; charset=utf-8" + told
        case .openMetrics001: "application/openmetrics-text; version=0.0.1; charset=utf-8" + toldIfUnusual
        case .protobuf:
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited" + told
        }
    }

    /// Whether an entry of an Accept header means this format. Wildcards mean text 0.0.4 only: a reader of anything
    /// does not need a special format.
    func isMeant(by entry: AcceptEntry) -> Bool {
        let version = entry.parameter("version")
        switch self {
        case .text004:
            switch entry.value {
            case "text/plain":
                // Without a version it is any text. Text 1.0.0 is 0.0.4 with an escaping: its readers can read this,
                // and the Content-Type says that it is the older one.
                return version == nil || version == "0.0.4" || version == "1.0.0"
            case "text/*", "*/*": return true
            default: return false
            }
        case .openMetrics100:
            return entry.value == "application/openmetrics-text" && version == "1.0.0"
        case .openMetrics001:
            return entry.value == "application/openmetrics-text" && (version == nil || version == "0.0.1")
        case .protobuf:
            return entry.value == "application/vnd.google.protobuf"
                && entry.parameter("proto") == "io.prometheus.client.MetricFamily"
                && entry.parameter("encoding") == "delimited"
        }
    }
}
