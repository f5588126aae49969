import Testing

@testable import Collector

/// How far apart the scrapes of one server are.
@Suite struct ScrapeIntervalsTests {
    private let start = ContinuousClock.now

    /// Takes scrapes at these seconds, each with the number of its connection; returns the last outcome in seconds.
    private func interval(
        _ scrapes: [(connection: UInt64, at: Double)], timeout: Duration = .zero
    ) -> Double? {
        var intervals = ScrapeIntervals()
        var last: Duration?
        for scrape in scrapes.sorted(by: { $0.at < $1.at }) {
            last = intervals.take(
                PrometheusScrape(Scraper(connection: scrape.connection, origin: 0), timeout: timeout),
                at: start + .seconds(scrape.at))
        }
        return last.map { Double($0.components.seconds) + Double($0.components.attoseconds) / 1e18 }
    }

    @Test func intervalIsThatOfOneConnection() {
        #expect(interval([(1, 0)]) == nil)
        #expect(interval([(1, 0), (1, 5)]) == 5)
        // Three servers at offsets 0, 1 and 3 s.
        let servers = (0..<4).flatMap { turn in
            [(UInt64(1), 0.0), (2, 1), (3, 3)].map { (connection: $0.0, at: $0.1 + Double(turn) * 5) }
        }
        #expect(interval(servers) == 5)
        #expect(interval(servers + [(4, 2), (4, 17)]) == 15)
    }

    @Test func gapBetweenConnectionsSaysNothing() {
        // A server was restarted.
        #expect(interval([(1, 0), (1, 5), (2, 40), (2, 45)]) == 5)
        #expect(interval([(1, 0), (2, 1), (3, 2), (4, 3)]) == nil)
    }

    @Test func longGapIsForgottenAfterTwoWindows() {
        let steady = (0..<200).map { (connection: UInt64(1), at: 30 + Double($0) * 5) }
        #expect(interval([(1, 0)] + steady.prefix(20)) == 30)
        #expect(interval([(1, 0)] + steady) == 5)
    }

    @Test func scraperThatHasGoneIsForgotten() {
        let steady = (0..<200).map { (connection: UInt64(1), at: Double($0) * 5) }
        #expect(interval([(2, 0), (2, 60)] + steady.prefix(100)) == 60)
        #expect(interval([(2, 0), (2, 60)] + steady) == 5)
    }

    @Test func scrapersWithoutGapsCountAsUnknown() {
        let steady = (0..<30).map { (connection: UInt64(0), at: Double($0) * 5) }
        let single = (0..<10).map { (connection: UInt64($0 + 1), at: Double($0) * 15) }
        #expect(interval(steady + single) == 60)
        #expect(interval(single) == 60)
        #expect(interval(Array(single.prefix(3))) == nil)
    }

    @Test func timeoutIsALowerBoundOfTheInterval() {
        #expect(interval([(1, 0), (1, 0.001)], timeout: .seconds(10)) == 10)
        #expect(interval([(1, 0), (1, 15)], timeout: .seconds(10)) == 15)
    }

    @Test func tableIsBounded() {
        var intervals = ScrapeIntervals()
        for connection in 0..<10_000 {
            _ = intervals.take(
                PrometheusScrape(Scraper(connection: UInt64(connection), origin: 0)), at: start)
        }
        let flooded = Scraper(connection: 9_999, origin: 0)
        #expect(intervals.take(PrometheusScrape(flooded), at: start + .seconds(5)) == .seconds(5))
        // The oldest ones made room.
        let forgotten = Scraper(connection: 0, origin: 0)
        #expect(intervals.take(PrometheusScrape(forgotten), at: start + .seconds(7)) == .seconds(5))
    }
}
