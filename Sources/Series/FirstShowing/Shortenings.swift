internal import OTLP

/// Zero-until times that are decided but not on disk yet.
struct Shortenings: Sendable {
    struct Shortening: Sendable {
        var series: SeriesID
        /// The former time; if the series has another one, its row was reused, or the clock was set back.
        var from: UnixNanoseconds
        var until: UnixNanoseconds
        /// Whether the current checkpoint has it.
        var isHandedOver = false
    }

    private var bySeries: [SeriesID: Shortening] = [:]

    var isEmpty: Bool { bySeries.isEmpty }

    mutating func add(_ series: SeriesID, from: UnixNanoseconds, to until: UnixNanoseconds) {
        bySeries[series] = Shortening(series: series, from: from, until: until)
    }

    func until(of series: SeriesID, from: UnixNanoseconds) -> UnixNanoseconds? {
        guard let shortening = bySeries[series], shortening.from == from else { return nil }
        return shortening.until
    }

    mutating func handOver() {
        for series in bySeries.keys { bySeries[series]?.isHandedOver = true }
    }

    mutating func takeBack() {
        for series in bySeries.keys { bySeries[series]?.isHandedOver = false }
    }

    mutating func takeHandedOver() -> [Shortening] {
        let taken = bySeries.values.filter(\.isHandedOver)
        for shortening in taken { bySeries[shortening.series] = nil }
        return taken
    }
}
