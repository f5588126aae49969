import Testing

@testable import Pipeline

/// The interval of scrapers that open a new connection for each scrape.
@Suite struct SingleScrapeTests {
    /// Scrapes at their times, and the known interval after each.
    private struct Timeline {
        private struct Scrape {
            var at: Double
            /// Nil: a new connection.
            var connection: UInt64?
        }

        private var scrapes: [Scrape] = []
        var timeout = Duration.seconds(1)

        /// A server with an interval and an offset, seconds.
        mutating func add(
            every interval: Double, offset: Double = 0, from start: Double = 0, to end: Double,
            connection: UInt64? = nil,
            jitter: Double = 0
        ) {
            var random = SeededRandom(seed: 3750)
            var time = offset
            while time < end {
                let late = jitter > 0 ? Double.random(in: 0..<jitter, using: &random) : 0
                if time >= start { scrapes.append(Scrape(at: time + late, connection: connection)) }
                time += interval
            }
        }

        /// The interval, rounded to whole seconds, after each scrape.
        func intervals() -> [(at: Double, interval: Int?, isSettled: Bool)] {
            let start = ContinuousClock.now
            var table = ScrapeIntervals()
            return scrapes.sorted { $0.at < $1.at }.enumerated().map { number, scrape in
                let scraper = Scraper(connection: scrape.connection ?? UInt64(1_000 + number), origin: 0)
                let interval = table.take(
                    PrometheusScrape(scraper, timeout: timeout), at: start + .seconds(scrape.at))
                let seconds = interval.map {
                    Int((Double($0.components.seconds) + Double($0.components.attoseconds) / 1e18).rounded())
                }
                return (scrape.at, seconds, table.isSettled)
            }
        }

        /// All intervals that are known at these times.
        func intervals(in times: ClosedRange<Double>) -> Set<Int?> {
            Set(intervals().filter { times.contains($0.at) }.map(\.interval))
        }
    }

    @Test(
        "the scrapes of several servers give their interval",
        arguments: [
            (offsets: [0.0], interval: 5.0), ([0, 2.4], 5), ([0, 1, 3], 5), ([0, 1, 3], 15), ([0, 0.4], 1), ([0], 60),
        ] as [(offsets: [Double], interval: Double)])
    func rhythmIsTheInterval(offsets: [Double], interval: Double) {
        var timeline = Timeline()
        for offset in offsets { timeline.add(every: interval, offset: offset, to: 400) }
        // Nothing is known while the connections may be reused.
        #expect(timeline.intervals(in: 0...59.9) == [nil])
        let known = max(60, 3 * interval + 1)
        #expect(timeline.intervals(in: known...400) == [Int(interval)])
        #expect(timeline.intervals().last?.isSettled == true)
    }

    @Test func jitterIsAllowed() {
        var timeline = Timeline()
        for offset in [0.0, 1, 3] { timeline.add(every: 5, offset: offset, to: 300, jitter: 0.14) }
        #expect(timeline.intervals(in: 60.2...300) == [5])
    }

    @Test func differentIntervalsAreNeverTooShort() {
        var timeline = Timeline()
        timeline.add(every: 5, to: 300)
        timeline.add(every: 7, offset: 1, to: 300)
        let intervals = timeline.intervals(in: 60...300).map { $0 ?? 60 }
        #expect(intervals.allSatisfy { $0 >= 7 })
    }

    @Test func rareScraperIsNotOverlooked() {
        var timeline = Timeline()
        timeline.add(every: 5, to: 600)
        timeline.add(every: 60, offset: 2, to: 600)
        #expect(timeline.intervals(in: 65...600) == [60])
    }

    @Test("no interval is shorter than the scrape time-out")
    func manyScrapersAreUnknown() {
        var timeline = Timeline()
        for offset in 0..<10 { timeline.add(every: 1, offset: Double(offset) / 10, to: 100) }
        #expect(timeline.intervals(in: 60...100) == [60])
    }

    @Test func restartedServerKeepsTheInterval() {
        var timeline = Timeline()
        timeline.add(every: 5, to: 600)
        timeline.add(every: 5, offset: 1, to: 600)
        timeline.add(every: 5, offset: 3, to: 200)
        timeline.add(every: 5, offset: 3, from: 220, to: 600)
        #expect(timeline.intervals(in: 60...600) == [5])
        #expect(timeline.intervals().last?.isSettled == true)
    }

    @Test func keptConnectionsAreNoRhythm() {
        // Eight servers begin at regular offsets, and scrape again.
        var timeline = Timeline()
        for server in 0..<8 {
            timeline.add(every: 15, offset: Double(server) * 1.9, to: 100, connection: UInt64(server))
        }
        #expect(timeline.intervals(in: 0...14.9) == [nil])
        #expect(timeline.intervals(in: 15...100) == [15])
        #expect(timeline.intervals().filter { $0.at < 28.2 }.allSatisfy { !$0.isSettled })
        #expect(timeline.intervals().last?.isSettled == true)
    }

    @Test func mixtureKnowsBoth() {
        var timeline = Timeline()
        timeline.add(every: 5, to: 400)
        timeline.add(every: 5, offset: 3, to: 400)
        timeline.add(every: 10, offset: 4, to: 200, connection: 1)
        // It is restarted: until its second scrape the first could be that of another server.
        timeline.add(every: 10, offset: 4, from: 221, to: 400, connection: 2)
        #expect(timeline.intervals(in: 60...400) == [10])
        #expect(timeline.intervals().filter { (224...233).contains($0.at) }.allSatisfy { !$0.isSettled })
        #expect(timeline.intervals().filter { (235...400).contains($0.at) }.allSatisfy { $0.isSettled })
    }

    @Test("R-OM-18 three servers with a new connection for each scrape, one down for a while, see every increment once")
    func everyServerSeesEveryIncrement() throws {
        let start = ContinuousClock.now
        let series = try TestSeries()
        var sums: [UInt64: [[UInt8]: Double]] = [:]
        var last: [UInt64: [[UInt8]: Double]] = [:]
        var longest: UInt64 = 0
        // A tenth of a second a step; the third server is down from 100 s to 120 s, without new series.
        for step in 0..<2_000 {
            for (server, offset) in [(UInt64(1), 0), (2, 10), (3, 30)] where step % 50 == offset {
                if server == 3, (1_000..<1_200).contains(step) { continue }
                let scraper = Scraper(connection: UInt64(step), origin: 0)
                for (labels, value) in try series.scrape(by: scraper, at: step, start: start) {
                    if let before = last[server, default: [:]][labels] {
                        sums[server, default: [:]][labels, default: 0] += value - before
                        #expect(value >= before)
                    }
                    last[server, default: [:]][labels] = value
                }
            }
            // In the first minute no interval is known.
            if (51..<950).contains(step) || (1_300..<1_850).contains(step), step % 3 == 0 {
                try series.send(step, at: step)
            }
            if step > 700 { longest = max(longest, series.interval) }
        }
        #expect(longest == 5_000_000_000)
        for server in sums.keys {
            #expect(sums[server]?.count == 483)
            #expect(sums[server]?.values.allSatisfy { $0 == 1 } == true)
        }
        #expect(sums.count == 3)
    }
}
