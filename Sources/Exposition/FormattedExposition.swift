package import Series

/// A snapshot in the negotiated format.
package enum FormattedExposition: Sendable {
    case text(TextExposition)
    case openMetrics(OpenMetricsExposition)
    case protobuf(ProtobufExposition)

    /// The exposition for `response`.
    package init(
        _ snapshot: SeriesSnapshot, as response: ScrapeResponse, settings: ExpositionSettings = ExpositionSettings()
    ) {
        let escaping = response.escaping
        self =
            switch response.format {
            case .text004: .text(TextExposition(snapshot, settings: settings, escaping: escaping))
            case .openMetrics100, .openMetrics001:
                .openMetrics(OpenMetricsExposition(snapshot, settings: settings, escaping: escaping))
            case .protobuf: .protobuf(ProtobufExposition(snapshot, settings: settings, escaping: escaping))
            }
    }

    /// Does ahead what else would delay the first piece of a family: in protobuf its length is computed, and with names
    /// in UTF-8 its label sets are compared. To be called before the first `write`, on any thread; the output is the
    /// same without it.
    ///
    /// Complexity: O(bytes of the page) in time; a few bytes are kept for each family.
    package mutating func prepare() {
        switch self {
        case .text(var exposition):
            exposition.prepare()
            self = .text(exposition)
        case .openMetrics(var exposition):
            exposition.prepare()
            self = .openMetrics(exposition)
        case .protobuf(var exposition):
            exposition.prepare()
            self = .protobuf(exposition)
        }
    }

    /// See `TextExposition.write`.
    package mutating func write(into output: UnsafeMutableRawBufferPointer) -> Int {
        let count: Int
        switch self {
        case .text(var exposition):
            count = exposition.write(into: output)
            self = .text(exposition)
        case .openMetrics(var exposition):
            count = exposition.write(into: output)
            self = .openMetrics(exposition)
        case .protobuf(var exposition):
            count = exposition.write(into: output)
            self = .protobuf(exposition)
        }
        return count
    }
}
