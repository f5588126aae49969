/// A format of `/metrics`.
package enum ExpositionFormat: Equatable, Sendable, CaseIterable {
    /// The Prometheus text format 0.0.4: what every scraper reads and every doubt ends with.
    case text004

    /// The whole Content-Type (R-TXT-01): Prometheus 3 fails a scrape without a valid one.
    package var contentType: String {
        switch self {
        case .text004: "text/plain; version=0.0.4; charset=utf-8"
        }
    }

    /// Whether an entry of an Accept header means this format.
    func isMeant(by entry: AcceptEntry) -> Bool {
        switch self {
        case .text004:
            switch entry.value {
            case "text/plain":
                // Without a version it is any text; text 1.0.0 is a format of its own.
                entry.parameter("version").map { $0 == "0.0.4" } ?? true
            case "text/*", "*/*": true
            default: false
            }
        }
    }
}
