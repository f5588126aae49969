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
