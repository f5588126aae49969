import OTLP
import Series
import Testing

/// What Prometheus sees of cumulative series older than the state.
@Suite struct SettlingTests {
    /// The state is created 1000 seconds after the reference time of points.
    private func harness(at seconds: Double) -> StoreHarness {
        var settings = SeriesSettings()
        settings.firstSampleZero = true
        settings.createdAt = 1_700_001_000_000_000_000
        settings.settlingTime = 75_000_000_000
        var harness = StoreHarness(settings)
        harness.now += seconds
        return harness
    }

    @Test("R-CUM-05 Prometheus does not see an older total until every writer had time to export; others do")
    func olderTotals() throws {
        var harness = harness(at: 1010)
        try harness.send(
            sum("s", .cumulative, point("110", start: 5, time: 1010)),
            sum("new", .cumulative, point("7", start: 1001, time: 1010)),
            sum("nostart", .cumulative, point("7", time: 1010)),
            sum("d", .delta, point("5", start: 900, time: 1010)), gauge("g", point("4", time: 1010)))
        try harness.send(histogram("h", .cumulative, bucketed([1], [1, 2], sum: nil, time: 1010)))
        #expect(harness.exposed()["s"] == .int(110))
        #expect(harness.scraped() == ["new": .int(0), "nostart": .int(7), "d": .int(0), "g": .int(4)])
        harness.now += 50
        try harness.send(sum("s", .cumulative, point("205", start: 9, time: 1060)))
        #expect(harness.scraped()["s"] == nil)
        #expect(harness.exposed()["s"] == .int(315))
        harness.now += 15
        #expect(harness.scraped()["s"] == .int(315))
        #expect(harness.scraped()["h"] != nil)
        harness.now += 10
        #expect(harness.scraped() == harness.exposed(), "the zero-until times have passed as well")
        // A later series, and one that was already shown, is visible.
        try harness.send(sum("late", .cumulative, point("3", start: 5, time: 1085)))
        #expect(harness.scraped()["late"] == .int(3))
        #expect(harness.scraped()["s"] == .int(315))
    }

    @Test("if the clock is set back to before the creation everything is visible")
    func clockSetBack() throws {
        var harness = harness(at: 500)
        try harness.send(sum("s", .cumulative, point("110", start: 5, time: 400)))
        #expect(harness.scraped()["s"] == .int(110))
    }
}
