internal import OTLP

extension SeriesStore {
    /// What the series of the table have elsewhere.
    func checkSeries(_ report: inout InvariantReport) {
        exposed.check(&report)
        exposed.forEach { number, _ in
            report.require(
                writtenZeroUntil(of: number) <= firstIncrement.latestZeroUntil,
                "series \(number): 0 for longer than the latest")
        }
        exposedTimes.check(&report, rows: exposed.rowCount)
    }
}
