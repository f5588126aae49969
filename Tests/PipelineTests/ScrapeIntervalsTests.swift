import Testing

@testable import Pipeline

/// Measuring the scrape interval of each server.
@Suite struct ScrapeIntervalsTests {
    private let start = ContinuousClock.now

    /// Records scrapes at these seconds, each with the number of its connection; returns the last result in seconds.
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
        let times = [0.0, 4, 25, 31, 60, 62, 90, 99, 130, 135]
        let single = times.enumerated().map { (connection: UInt64($0 + 1), at: $1) }
        #expect(interval(steady + single) == 60)
        #expect(interval(single) == 60)
        #expect(interval(Array(single.prefix(3))) == nil)
    }

    @Test func timeoutIsALowerBoundOfTheInterval() {
        #expect(interval([(1, 0), (1, 0.001)], timeout: .seconds(10)) == 10)
        #expect(interval([(1, 0), (1, 15)], timeout: .seconds(10)) == 15)
    }

    @Test(
        "R-OM-18 three servers behind one address, one restarted, one with new connections, see every increment once"
    )
    func everyServerSeesEveryIncrement() throws {
        // A tenth of a second a step; three servers scrape every 5 s at offsets 0, 1 and 3 s. The third is down from
        // 40 s to 60 s, without new series; the second one loses its connection every 20 s.
        let series = try TestSeries()
        var increases = [[UInt8]: [UInt64: Double]]()
        var last = [[UInt8]: [UInt64: Double]]()
        var fallen = Set<[UInt8]>()
        var born = 0
        for step in 0..<1_200 {
            for (server, offset) in [(UInt64(1), 0), (2, 10), (3, 30)] where step % 50 == offset {
                if server == 3, (400..<600).contains(step) { continue }
                let age = server == 2 ? step / 200 : server == 3 ? step / 500 : 0
                let scraper = Scraper(connection: server + UInt64(age) * 10, origin: 0)
                for (labels, value) in try series.scrape(by: scraper, at: step, start: start) {
                    let before = last[labels]?[server]
                    if let before { increases[labels, default: [:]][server, default: 0] += value - before }
                    if value < before ?? 0 { fallen.insert(labels) }
                    last[labels, default: [:]][server] = value
                }
            }
            // After the intervals are known each step creates a series, which increases once more.
            guard (150..<350).contains(step) || (700..<900).contains(step) else { continue }
            try series.send(born, at: step)
            if born > 0 { try series.send(born - 1, at: step) }
            born += 1
        }
        #expect(increases.count == 400)
        #expect(fallen.isEmpty)
        // The last one never increased again.
        let wrong = increases.filter { labels, seen in
            let expected: Double = labels == Array("k=\"399\"".utf8) ? 1 : 2
            return seen != [1: expected, 2: expected, 3: expected]
        }
        #expect(wrong.map { String(decoding: $0.key, as: UTF8.self) } == [])
    }

    @Test func tableIsBounded() {
        var intervals = ScrapeIntervals()
        for connection in 0..<1_000 {
            _ = intervals.take(
                PrometheusScrape(Scraper(connection: UInt64(connection), origin: 0)),
                at: start + .milliseconds(connection))
        }
        let newest = Scraper(connection: 999, origin: 0)
        #expect(intervals.take(PrometheusScrape(newest), at: start + .milliseconds(5999)) == .seconds(5))
        // The oldest ones were removed.
        let forgotten = Scraper(connection: 0, origin: 0)
        #expect(intervals.take(PrometheusScrape(forgotten), at: start + .seconds(7)) == .seconds(5))
        #expect(intervals.take(PrometheusScrape(forgotten), at: start + .seconds(13)) == .seconds(6))
    }
}
