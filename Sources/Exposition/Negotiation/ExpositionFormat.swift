/// A format of `/metrics`.
package enum ExpositionFormat: Equatable, Sendable, CaseIterable {
    /// The Prometheus text format 0.0.4: what every scraper reads and every doubt ends with.
    case text004
    case openMetrics100
    /// The same text as `openMetrics100`, for scrapers that ask for its draft or for no version.
    case openMetrics001
    /// Delimited `io.prometheus.client.MetricFamily` messages.
    case protobuf

    /// The whole Content-Type (R-TXT-01, R-OM-01): Prometheus 3 fails a scrape without a valid one.
    ///
    /// The escaping is told from version 1.0.0 on (R-NEG-06), and before it only where it is not what a reader of that
    /// time takes for granted.
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

    /// Whether an entry of an Accept header means this format. Wildcards mean text 0.0.4 only: who reads anything is
    /// no scraper of a special format.
    func isMeant(by entry: AcceptEntry) -> Bool {
        let version = entry.parameter("version")
        switch self {
        case .text004:
            switch entry.value {
            case "text/plain":
                // Without a version it is any text. Text 1.0.0 is 0.0.4 with an escaping: who reads it reads this, and
                // the Content-Type tells that it is the older one.
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
