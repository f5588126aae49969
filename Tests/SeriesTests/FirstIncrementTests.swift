import OTLP
import Series
import Settings
import Testing

/// docs/semantics.md, S13.
@Suite struct FirstIncrementTests {
    /// The arrival of the first export, seconds; times of points are relative to it.
    private static let birth: Double = 1_700_000_000

    private static func resource(_ name: String) -> String {
        #"{"key":"writer","value":{"stringValue":"\#(name)"}}"#
    }

    private func harness(timestamps: Bool = false, createdAt: Double = birth, limit: Int = 200_000) -> StoreHarness {
        var settings = SeriesSettings(state: StateLimits { $0.maxSeries = limit })
        settings.firstSampleZero = true
        settings.createdAt = UnixNanoseconds(createdAt * 1e9)
        settings.tracksExposedTimes = timestamps
        return StoreHarness(settings)
    }

    @Test("R-OM-18 a new counter is 0 for Prometheus until a time set at its creation, independent of scrapes")
    func counterIsZeroFirst() throws {
        var harness = harness()
        harness.store.firstIncrement.scrapeInterval = 8_000_000_000
        try harness.send(sum("c", .delta, point("5", start: 0, time: 1)))
        #expect(harness.exposed() == ["c": .int(5)])
        for _ in 0..<3 { #expect(harness.scraped() == ["c": .int(0)]) }
        // An interval measured later applies to later series.
        harness.store.firstIncrement.scrapeInterval = 1_000_000_000
        harness.now += 9.999
        try harness.send(sum("c", .delta, point("2", start: 1, time: 9)))
        #expect(harness.scraped() == ["c": .int(0)])
        #expect(harness.exposed() == ["c": .int(7)])
        harness.now += 0.001
        #expect(harness.scraped() == ["c": .int(7)])
    }

    @Test(
        "the zero-until time is 1.25 times the scrape interval, 75 s until one is known, at most 2 minutes",
        arguments: [(nil, 75.0), (1, 1.25), (15, 18.75), (96, 120), (97, 120), (1e10, 120)] as [(Double?, Double)])
    func zeroDuration(interval: Double?, seconds: Double) throws {
        var harness = harness()
        if let interval { harness.store.firstIncrement.scrapeInterval = UInt64(interval * 1e9) }
        try harness.send(sum("c", .delta, point("5", start: 0, time: 1)))
        harness.now += seconds - 0.001
        #expect(harness.scraped() == ["c": .int(0)])
        harness.now += 0.002
        #expect(harness.scraped() == ["c": .int(5)])
    }

    @Test("new histograms are empty first, with their bounds or scale; gauges and summaries are never 0")
    func distributionsAreEmptyFirst() throws {
        var harness = harness()
        try harness.send(
            gauge("g", point("4", time: 1)),
            sum("u", .delta, monotonic: false, point("4", start: 0, time: 1)))
        try harness.send(
            histogram("h", .delta, bucketed([1, 2], [1, 2, 3], sum: 9, time: 1)),
            histogram("n", .cumulative, bucketed([1], [1, 2], sum: nil, time: 1)),
            exponential(
                "e", .delta,
                TestPoint(start: 0, time: 1, sum: 7, scale: 3, zeroCount: 2, positive: (1, [4, 5]))),
            summary("s", TestPoint(start: 0, time: 1, count: 3, sum: 7)))
        let early = harness.scraped()
        #expect(early["h"] == .histogram(HistogramValue(bounds: [1, 2], counts: [0, 0, 0], count: 0, sum: 0)))
        #expect(early["n"] == .histogram(HistogramValue(bounds: [1], counts: [0, 0], count: 0, sum: nil)))
        #expect(early["e"] == .nativeHistogram(NativeHistogramValue(scale: 3, count: 0, sum: 0)))
        #expect(early["g"] == .int(4))
        #expect(early["u"] == .int(4))
        #expect(early["s"] == .summary(SummaryValue(quantiles: [], count: 3, sum: 7)))
        harness.now += 75
        #expect(harness.scraped() == harness.exposed())
    }

    @Test(
        "R-CUM-05 a cumulative series that may have been counted before shows its value at once",
        arguments: [
            (start: 10.0, time: 15.0, isZero: true), (start: 13, time: 15, isZero: true),
            (start: 9.999, time: 15, isZero: false), (start: nil, time: 15, isZero: false),
            (start: 15, time: 15, isZero: false),
        ] as [(start: Double?, time: Double, isZero: Bool)])
    func cumulativeSeries(start: Double?, time: Double, isZero: Bool) throws {
        var harness = harness(createdAt: Self.birth + 10)
        try harness.send(
            sum("c", .cumulative, point("5", start: start, time: time)),
            sum("system.c", .cumulative, point("6", start: start, time: time)))
        #expect(
            harness.scraped() == (isZero ? ["c": .int(0), "system.c": .int(0)] : ["c": .int(5), "system.c": .int(6)]))
        // The start of a delta is that of its increment; it does not show earlier increments.
        try harness.send(sum("d", .delta, point("5", start: start, time: time)))
        #expect(harness.scraped()["d"] == .int(0))
    }

    @Test("a further writer neither makes a series 0 again nor ends its zero")
    func furtherWritersJoin() throws {
        var harness = harness(createdAt: Self.birth + 10)
        try harness.send(sum("c", .cumulative, point("5", start: 10, time: 11)))
        try harness.send(
            sum("c", .cumulative, point("7", start: 1, time: 11)), resource: Self.resource("a"))
        #expect(harness.scraped() == ["c": .int(0)])
        harness.now += 75
        #expect(harness.scraped() == ["c": .int(12)])
        try harness.send(sum("c", .cumulative, point("1", start: 70, time: 75)), resource: Self.resource("b"))
        #expect(harness.scraped() == ["c": .int(13)])
    }

    @Test("a series that was withdrawn or evicted and returns is not 0 again")
    func returningSeries() throws {
        var harness = harness(limit: 2)
        try harness.send(
            sum("c", .delta, point("5", start: 0, time: 1)), sum("w", .cumulative, point("5", start: 0, time: 1)))
        harness.now += 75
        try harness.send(sum("c", .delta, point("", start: 1, time: 2, flags: 1)))
        try harness.send(sum("c", .delta, point("1", start: 2, time: 3)))
        #expect(harness.scraped()["c"] == .int(6))
        harness.now += 25 * 3600
        try harness.send(sum("c", .delta, point("1", start: 3, time: 4)))
        try harness.send(sum("other", .delta, point("1", start: 3, time: 4)))
        #expect(harness.scraped() == ["c": .int(7), "other": .int(0)])
        harness.now += 25 * 3600
        try harness.send(sum("c", .delta, point("1", start: 4, time: 5)))
        try harness.send(sum("w", .cumulative, point("8", start: 0, time: 90_000)))
        #expect(harness.scraped() == ["c": .int(8), "w": .int(3)])
    }

    @Test("no reader sees 0 after a value, also if the clock is set back")
    func clockGoesBack() throws {
        var harness = harness()
        try harness.send(sum("c", .delta, point("5", start: 0, time: 1)))
        harness.now += 75
        #expect(harness.scraped() == ["c": .int(5)])
        // Two threads read the clock in another order.
        harness.now -= 0.9
        #expect(harness.scraped() == ["c": .int(5)])
        try harness.send(sum("d", .delta, point("6", start: 0, time: 1)))
        harness.now -= 3600
        #expect(harness.scraped() == ["c": .int(5), "d": .int(6)])
        // Series created from now on are 0 as long as before.
        try harness.send(sum("e", .delta, point("7", start: 0, time: 1)))
        #expect(harness.scraped() == ["c": .int(5), "d": .int(6), "e": .int(0)])
        harness.now += 75
        #expect(harness.scraped() == ["c": .int(5), "d": .int(6), "e": .int(7)])
    }

    @Test(
        "S13.6 an export that waited during scrapes does not mean that the clock was set back",
        arguments: [2.0, 3600])
    func exportsWait(seconds: Double) throws {
        var harness = harness()
        try harness.send(sum("c", .delta, point("5", start: 0, time: 1)))
        #expect(harness.scraped() == ["c": .int(0)])
        // It arrived before this scrape and was written to disk after it.
        let arrival = harness.now + 1
        harness.now = arrival + seconds
        let shown = harness.scraped()
        let present = harness.now
        harness.now = arrival
        try harness.send(sum("d", .delta, point("6", start: 0, time: 1)))
        harness.now = present
        #expect(harness.scraped() == shown.merging(["d": .int(0)]) { $1 })
        harness.now += 75
        #expect(harness.scraped() == ["c": .int(5), "d": .int(6)])
    }

    @Test("a clock set back has an effect even without an earlier export")
    func knownJump() throws {
        var harness = harness()
        harness.store.noteClockJump(0)
        try harness.send(sum("c", .delta, point("5", start: 0, time: 1)))
        harness.now += 7200
        #expect(harness.scraped() == ["c": .int(5)])
        harness.now -= 3600
        harness.store.noteClockJump(-3600)
        try harness.send(sum("d", .delta, point("6", start: 0, time: 1)))
        #expect(harness.scraped() == ["c": .int(5), "d": .int(0)])
        harness.now += 75
        #expect(harness.scraped() == ["c": .int(5), "d": .int(6)])
    }

    @Test("first_sample_zero: false shows every value at once")
    func turnedOff() throws {
        var harness = StoreHarness()
        try harness.send(sum("c", .delta, point("5", start: 0, time: 1)))
        #expect(harness.scraped() == ["c": .int(5)])
    }

    @Test("R-TS-02 the 0 has the time of the point minus a millisecond")
    func timeOfTheZero() throws {
        var harness = harness(timestamps: true)
        try harness.send(sum("c", .delta, point("5", start: 0, time: 1.5)))
        #expect(harness.sample("c", for: .prometheus) == TimedSample(value: .int(0), milliseconds: 1_700_000_001_499))
        #expect(harness.sample("c") == TimedSample(value: .int(5), milliseconds: 1_700_000_001_500))
    }

    @Test("R-TS-02 times strictly increase whenever a value changes, for every reader")
    func timesIncrease() throws {
        var harness = harness(timestamps: true)
        var generator = SeededRandom(seed: 3784)
        var seen: [String: [TimedSample]] = [:]
        for step in 0..<300 {
            // Several streams of one series, with late, equal and missing times.
            for name in ["delta", "cumulative", "mixed"] {
                let cumulative = name == "cumulative"
                let isTimed = name != "mixed" || Bool.random(using: &generator)
                let time = Double(step) - Double(Int.random(in: 0...3, using: &generator))
                let writer = Int.random(in: 0...2, using: &generator)
                try harness.send(
                    sum(
                        name, cumulative ? .cumulative : .delta,
                        point(
                            "\(cumulative ? step : 1)", start: cumulative ? Double(writer) / 10 : nil,
                            time: isTimed ? max(1, time) : nil)),
                    resource: Self.resource("\(writer)"))
                for reader in [SnapshotReader.any, .prometheus] where Bool.random(using: &generator) {
                    let sample = harness.sample(name, for: reader)
                    seen["\(name) \(reader)", default: []].append(try #require(sample))
                }
            }
            harness.now += 1
        }
        for (name, samples) in seen {
            for (earlier, later) in zip(samples, samples.dropFirst()) {
                // A sample without a time gets that of the scrape.
                guard earlier.milliseconds != 0, later.milliseconds != 0 else { continue }
                let isNewer = later.milliseconds > earlier.milliseconds
                #expect(later.value == earlier.value ? later.milliseconds >= earlier.milliseconds : isNewer, "\(name)")
            }
            let zeros = samples.prefix { $0.value == .int(0) }.count
            #expect(!samples.dropFirst(zeros).contains { $0.value == .int(0) }, "\(name)")
        }
    }

    @Test("a total that was shown without a time never gets an older one")
    func timeAfterNone() throws {
        var harness = harness(timestamps: true)
        try harness.send(sum("c", .delta, point("5", start: nil, time: nil)))
        #expect(harness.sample("c")?.milliseconds == 0)
        harness.now += 10
        try harness.send(sum("c", .delta, point("5", start: 3, time: 4)))
        #expect(harness.sample("c") == TimedSample(value: .int(10), milliseconds: 1_700_000_010_001))
        // Values in between of one request are never shown.
        try harness.send(
            sum("c", .delta, point("1", start: 3, time: 4), point("1", start: 4, time: 5), point("1", time: 12)))
        #expect(harness.sample("c") == TimedSample(value: .int(13), milliseconds: 1_700_000_012_000))
    }
}

private struct TimedSample: Equatable {
    var value: SeriesValue
    var milliseconds: UInt64
}

extension StoreHarness {
    /// The only sample of a family.
    fileprivate mutating func sample(_ name: String, for reader: SnapshotReader = .any) -> TimedSample? {
        store.snapshot(at: UnixNanoseconds(now * 1e9), for: reader).families
            .first { $0.descriptor.name == Array(name.utf8) }?.samples.first
            .map { TimedSample(value: $0.value, milliseconds: $0.time / 1_000_000) }
    }
}
