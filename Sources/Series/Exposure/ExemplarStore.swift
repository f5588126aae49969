internal import OTLP

/// The exemplars of all series, by `SeriesExemplars`. Most series have none.
struct ExemplarStore {
    private let limit: Int
    private let byteLimit: Int
    private var bySeries: [SeriesID: SeriesExemplars] = [:]
    private var count = 0
    private var bytes = 0

    /// Limit of exemplars of an exponential histogram.
    private static let exponentialLimit = ExponentialScale.bucketLimit

    /// - Parameters:
    ///   - limit: exemplars of all series together.
    ///   - byteLimit: limit of the memory of all of them, bytes.
    init(limit: Int, byteLimit: Int) {
        self.limit = limit
        self.byteLimit = byteLimit
    }

    subscript(_ series: SeriesID) -> SeriesExemplars? { bySeries.isEmpty ? nil : bySeries[series] }

    /// Whether an exemplar of this time would be kept: it is not older than the one in its place, or the limit allows
    /// one more.
    func takes(_ place: SeriesExemplars.Place, time: UnixNanoseconds, of series: SeriesID) -> Bool {
        let kept = bySeries[series] ?? SeriesExemplars()
        var mayGrow = count < limit
        if case .exponential = place { mayGrow = mayGrow && kept.count < Self.exponentialLimit }
        return kept.takes(place, time: time, mayGrow: mayGrow)
    }

    /// Keeps an exemplar that `takes` allows and replaces the one in its place; not if there is no memory for it.
    mutating func keep(_ exemplar: SampleExemplar, at place: SeriesExemplars.Place, of series: SeriesID) {
        let kept = bySeries[series] ?? SeriesExemplars()
        let growth = kept.growth(by: exemplar, at: place)
        guard growth <= 0 || bytes + growth <= byteLimit else { return }
        bySeries[series, default: SeriesExemplars()].keep(exemplar, at: place)
        count += (bySeries[series]?.count ?? 0) - kept.count
        bytes += growth
    }

    mutating func forget(_ series: SeriesID) {
        guard !bySeries.isEmpty, let gone = bySeries.removeValue(forKey: series) else { return }
        count -= gone.count
        bytes -= gone.weight
    }
}

// MARK: - Invariants

extension ExemplarStore {
    func check(_ report: inout InvariantReport, isSeries: (SeriesID) -> Bool) {
        report.compare("exemplars", kept: count, held: bySeries.values.reduce(0) { $0 + $1.count })
        report.compare("bytes of exemplars", kept: bytes, held: bySeries.values.reduce(0) { $0 + $1.weight })
        for (number, exemplars) in bySeries {
            report.require(isSeries(number), "exemplars of series \(number), which is gone")
            report.require(exemplars.count > 0, "series \(number) has no exemplars, but a place for some")
        }
    }

    static var keptCounts: [KeptCount<ExemplarStore>] {
        [KeptCount("exemplars", \.count), KeptCount("bytes of exemplars", \.bytes)]
    }
}
