import Series
import Testing

@testable import Exposition
@testable import Pipeline

/// When the scrape interval counts as known, for new series and for those still at 0.
@Suite struct SharedSeriesTests {
    private let start = ContinuousClock.now

    /// Records a scrape at tenths of a second.
    private func take(
        _ page: TestSeries, by connection: UInt64 = 1, at step: Int, among pages: [TestSeries]
    ) -> Bool {
        page.series.take(
            PrometheusScrape(Scraper(connection: connection, origin: 0)), at: TestSeries.time(step),
            arrival: start + .milliseconds(100 * step), among: pages.map(\.series))
    }

    /// What Prometheus sees of the only series.
    private func value(of page: TestSeries, at step: Int) -> Double? {
        let snapshot = page.series.snapshot(at: TestSeries.time(step), for: .prometheus)
        guard case .number(let value)? = snapshot.families.first?.samples.first?.value else { return nil }
        return value.asDouble
    }

    @Test func everyPageHasToBeKnown() throws {
        let (first, second) = (try TestSeries(), try TestSeries())
        try first.send(0, at: 0)
        for step in stride(from: 10, through: 150, by: 10) {
            _ = take(first, at: step, among: [first, second])
            #expect(value(of: first, at: step) == 0)
        }
        for step in [100, 150] { _ = take(second, at: step, among: [first, second]) }
        // The interval of the slower page applies to both.
        _ = take(first, at: 151, among: [first, second])
        #expect(value(of: first, at: 151 + 62) == 0)
        #expect(value(of: first, at: 151 + 63) == 1)
    }

    @Test func everyScraperHasToBeKnown() throws {
        let page = try TestSeries()
        try page.send(0, at: 0)
        _ = take(page, by: 1, at: 10, among: [page])
        _ = take(page, by: 2, at: 15, among: [page])
        _ = take(page, by: 1, at: 20, among: [page])
        #expect(value(of: page, at: 64) == 0)
        _ = take(page, by: 2, at: 65, among: [page])
        #expect(value(of: page, at: 127) == 0)
        #expect(value(of: page, at: 128) == 1)
    }

    @Test func formerIntervalCountsUntilItIsOver() throws {
        let page = try TestSeries()
        #expect(page.series.knownScrapeInterval == nil)
        page.series.restore(scrapeInterval: 15_000_000_000, at: start)
        for step in [0, 10, 20, 187] {
            _ = take(page, at: step, among: [page])
            _ = take(page, by: 2, at: step + 1, among: [page])
            #expect(page.series.knownScrapeInterval ?? 0 >= 15_000_000_000)
        }
        let other = try TestSeries()
        other.series.restore(scrapeInterval: 15_000_000_000, at: start)
        for step in [170, 180, 190] { _ = take(other, at: step, among: [other]) }
        #expect(other.series.knownScrapeInterval == 1_000_000_000)
    }
}
