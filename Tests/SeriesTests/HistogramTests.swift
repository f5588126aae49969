import OTLP
import Series
import Settings
import Testing

@Suite struct HistogramTests {
    @Test("R-D2C-13 R-TYPE-04 counts, sum and buckets of deltas add up, over gaps and overlaps")
    func deltasAddUp() throws {
        var harness = StoreHarness()
        try harness.send(histogram("h", .delta, bucketed([1], [1, 2], sum: 3, start: 0, time: 10)))
        try harness.send(histogram("h", .delta, bucketed([1], [10, 20], sum: 30, start: 8, time: 20)))
        try harness.send(histogram("h", .delta, bucketed([1], [100, 200], sum: 0.5, start: 50, time: 60)))
        #expect(harness.histogram() == HistogramValue(bounds: [1], counts: [111, 222], count: 333, sum: 33.5))
        #expect(harness.startTime(of: "h") == 1_700_000_000_000_000_000)
        #expect(harness.store.counters.overlaps == 1)
        #expect(harness.store.counters.gaps == 1)
    }

    @Test("R-D2C-06 a repeated delta counts once; another value in its window counts")
    func duplicateCountsOnce() throws {
        var harness = StoreHarness()
        for _ in 0..<3 {
            try harness.send(histogram("h", .delta, bucketed([1], [1, 2], sum: 3, start: 0, time: 10)))
        }
        try harness.send(histogram("h", .delta, bucketed([1], [2, 1], sum: 3, start: 0, time: 10)))
        try harness.send(histogram("h", .delta, bucketed([1], [1, 2], sum: 4, start: 0, time: 10)))
        #expect(harness.histogram() == HistogramValue(bounds: [1], counts: [4, 5], count: 9, sum: 10))
        #expect(harness.store.counters.duplicatePoints == 2)
    }

    @Test("streams with different bounds add up in their common buckets")
    func commonBucketsAddUp() throws {
        var harness = StoreHarness()
        try harness.send(histogram("h", .delta, bucketed([1, 2, 4], [1, 2, 3, 4], time: 10)), resource: "a")
        try harness.send(histogram("h", .delta, bucketed([1, 3, 4], [10, 20, 30, 40], time: 10)), resource: "b")
        #expect(harness.histogram() == HistogramValue(bounds: [1, 4], counts: [11, 55, 44], count: 110, sum: 0))
    }

    @Test("R-CUM-01 R-CUM-02 with one start the newer point replaces the older, an older one is late")
    func newerReplaces() throws {
        var harness = StoreHarness()
        try harness.send(histogram("h", .cumulative, bucketed([1], [3, 2], sum: 3, time: 20)))
        try harness.send(histogram("h", .cumulative, bucketed([1], [1, 2], sum: 1, time: 10)))
        try harness.send(histogram("h", .cumulative, bucketed([1], [3, 4], sum: 9, time: 30)))
        #expect(harness.histogram() == HistogramValue(bounds: [1], counts: [3, 4], count: 7, sum: 9))
        #expect(harness.store.counters.latePoints == 1)
    }

    @Test("R-CUM-03 any lower bucket is a reset: the total continues, its start stays")
    func fallingBucketIsReset() throws {
        var harness = StoreHarness()
        try harness.send(histogram("h", .cumulative, bucketed([1], [5, 1], sum: 6, time: 10)))
        try harness.send(histogram("h", .cumulative, bucketed([1], [2, 9], sum: 11, time: 20)))
        #expect(harness.histogram() == HistogramValue(bounds: [1], counts: [7, 10], count: 17, sum: 17))
        #expect(harness.store.counters.resets == 1)
        #expect(harness.startTime(of: "h") == 1_700_000_000_000_000_000)
    }

    @Test("a lower sum is not a reset: observations may be negative")
    func fallingSumIsNoReset() throws {
        var harness = StoreHarness()
        try harness.send(histogram("h", .cumulative, bucketed([-1, 1], [0, 2, 0], sum: 1, time: 10)))
        try harness.send(histogram("h", .cumulative, bucketed([-1, 1], [3, 2, 0], sum: -8, time: 20)))
        #expect(harness.histogram() == HistogramValue(bounds: [-1, 1], counts: [3, 2, 0], count: 5, sum: -8))
        #expect(harness.store.counters.resets == 0)
    }

    @Test("R-CUM-04 parallel writers add up bucket by bucket")
    func parallelWritersAddUp() throws {
        var harness = StoreHarness()
        for step in 1...20 {
            let count = UInt64(step)
            let time = Double(step * 10)
            try harness.send(histogram("h", .cumulative, bucketed([1], [count, 0], sum: 1, start: 0, time: time)))
            try harness.send(histogram("h", .cumulative, bucketed([1], [0, 2 * count], sum: 2, start: 5, time: time)))
        }
        #expect(harness.histogram() == HistogramValue(bounds: [1], counts: [20, 40], count: 60, sum: 3))
        #expect(harness.store.counts.writers == 2)
    }

    @Test("R-CUM-05 a further writer without a known start adds only its later growth", arguments: [nil, 50.0])
    func unknownStartAddsOnlyGrowth(start: Double?) throws {
        var harness = StoreHarness()
        try harness.send(histogram("h", .cumulative, bucketed([1], [10, 0], sum: 5, start: 0, time: 10)))
        try harness.send(histogram("h", .cumulative, bucketed([1], [7, 7], sum: 70, start: start, time: 50)))
        #expect(harness.histogram() == HistogramValue(bounds: [1], counts: [10, 0], count: 10, sum: 5))
        try harness.send(histogram("h", .cumulative, bucketed([1], [8, 9], sum: 72, start: start, time: 60)))
        #expect(harness.histogram() == HistogramValue(bounds: [1], counts: [11, 2], count: 13, sum: 7))
    }

    @Test("several processes behind one start: no bucket ever falls")
    func sharedWriterNeverFalls() throws {
        var harness = StoreHarness()
        var last: [UInt64] = [0, 0]
        for step in 0..<50 {
            let counts: [UInt64] = step.isMultiple(of: 2) ? [100 + UInt64(step), 3] : [5, 50 + UInt64(step)]
            try harness.send(histogram("h", .cumulative, bucketed([1], counts, time: Double(step + 1))))
            let now = try #require(harness.histogram()?.counts)
            #expect(zip(now, last).allSatisfy { $0 >= $1 })
            last = now
        }
        #expect(harness.store.counters.sharedWriters == 1)
    }

    @Test(
        "R-DM-04 an unspecified temporality counts as cumulative, as in the Collector"
    )
    func unspecifiedIsCumulative() throws {
        var harness = StoreHarness()
        try harness.send(histogram("h", .unspecified, bucketed([], [1], sum: 1, time: 10)))
        try harness.send(histogram("h", .unspecified, bucketed([], [3], sum: 2, time: 20)))
        #expect(harness.histogram() == HistogramValue(bounds: [], counts: [3], count: 3, sum: 2))
    }

    @Test("R-TYPE-04 a histogram without buckets has count and sum")
    func noBuckets() throws {
        var harness = StoreHarness()
        try harness.send(histogram("h", .delta, bucketed([], [], sum: 2.5, time: 10, count: 4)))
        #expect(harness.histogram() == HistogramValue(bounds: [], counts: [4], count: 4, sum: 2.5))
    }

    @Test("R-D2C-14 one point without a sum leaves the series without one")
    func missingSumStaysMissing() throws {
        var harness = StoreHarness()
        try harness.send(histogram("h", .delta, bucketed([1], [1, 0], sum: 1, start: 0, time: 10)))
        try harness.send(histogram("h", .delta, bucketed([1], [1, 0], sum: nil, start: 10, time: 20)))
        try harness.send(histogram("h", .delta, bucketed([1], [1, 0], sum: 1, start: 20, time: 30)))
        #expect(harness.histogram() == HistogramValue(bounds: [1], counts: [3, 0], count: 3, sum: nil))
    }

    @Test("R-D2C-10 a delta whose sum is not finite is rejected; a cumulative one shows it until the next point")
    func irregularSums() throws {
        var harness = StoreHarness()
        for sum in [Double.nan, .infinity] {
            let outcome = try harness.send(histogram("d", .delta, bucketed([1], [1, 0], sum: sum, time: 10)))
            #expect(outcome.rejected == [.notFinite: 1])
        }
        try harness.send(histogram("h", .cumulative, bucketed([1], [1, 0], sum: .nan, time: 10)))
        #expect(harness.histogram()?.sum?.isNaN == true)
        try harness.send(histogram("h", .cumulative, bucketed([1], [2, 0], sum: 4, time: 20)))
        #expect(harness.histogram()?.sum == 4)
        try harness.send(histogram("h", .cumulative, bucketed([1], [3, 0], sum: .infinity, time: 30)))
        try harness.send(histogram("h", .cumulative, bucketed([1], [1, 0], sum: 2, time: 40)))
        #expect(harness.histogram() == HistogramValue(bounds: [1], counts: [4, 0], count: 4, sum: 2))
    }

    @Test(
        "points whose bounds and buckets do not match are rejected",
        arguments: [
            ([1, 2, 3], [1, 2], 3), ([1], [1, 2, 3, 4], 10), ([5, 1], [1, 2, 3], 6), ([1, 1], [1, 2, 3], 6),
            ([1, .nan], [1, 2, 1], 4), ([1], [], 0), ([], [1, 2], 3), ([1], [.max, 1], 0),
        ] as [([Double], [UInt64], UInt64)])
    func malformedIsRejected(bounds: [Double], counts: [UInt64], count: UInt64) throws {
        var harness = StoreHarness()
        let outcome = try harness.send(histogram("h", .cumulative, bucketed(bounds, counts, time: 10, count: count)))
        #expect(outcome.rejected == [.invalidHistogram: 1])
        #expect(harness.store.counts.series == 0)
    }

    @Test("an explicit bound of +Inf is the bucket that every histogram has")
    func explicitInfinity() throws {
        var harness = StoreHarness()
        try harness.send(histogram("h", .delta, bucketed([1, .infinity], [1, 2, 3], time: 10)))
        #expect(harness.histogram() == HistogramValue(bounds: [1], counts: [1, 5], count: 6, sum: 0))
    }

    @Test("an explicit bound of -Inf is valid, but only as the first")
    func minusInfinity() throws {
        var harness = StoreHarness()
        try harness.send(histogram("h", .delta, bucketed([-.infinity, 1], [0, 2, 3], time: 10)))
        #expect(harness.histogram() == HistogramValue(bounds: [-.infinity, 1], counts: [0, 2, 3], count: 5, sum: 0))
        let wrong: [[Double]] = [[-.infinity, -.infinity], [1, -.infinity], [.nan, 1], [-.infinity, .nan]]
        for bounds in wrong {
            let outcome = try harness.send(histogram("g", .delta, bucketed(bounds, [0, 2, 3], time: 10)))
            #expect(outcome.rejected == [.invalidHistogram: 1])
        }
    }

    @Test("counts beyond 64 bits stay at the greatest number", arguments: [Temporality.delta, .cumulative])
    func countsSaturate(temporality: Temporality) throws {
        var harness = StoreHarness()
        try harness.send(histogram("h", temporality, bucketed([1], [.max, 0], start: 0, time: 10)))
        try harness.send(histogram("h", temporality, bucketed([1], [0, .max], start: 5, time: 20)))
        try harness.send(histogram("h", temporality, bucketed([1], [.max, 0], start: 8, time: 30)))
        #expect(harness.histogram() == HistogramValue(bounds: [1], counts: [.max, .max], count: .max, sum: 0))
    }

    @Test("R-DM-03 a point without a recorded value withdraws the series; the next point with a value continues it")
    func noRecordedValueWithdraws() throws {
        var harness = StoreHarness()
        try harness.send(histogram("h", .delta, bucketed([1], [1, 0], sum: 1, start: 0, time: 10)))
        try harness.send(histogram("h", .delta, TestPoint(time: 20, flags: 1)))
        #expect(harness.samples().isEmpty)
        try harness.send(histogram("h", .delta, bucketed([1], [1, 0], sum: 1, start: 20, time: 30)))
        #expect(harness.histogram()?.count == 2)
    }

    @Test("one family can have classic and native histograms")
    func classicBesideNative() throws {
        var harness = StoreHarness()
        let outcome = try harness.send(
            histogram("h", .cumulative, bucketed([1], [1, 2], time: 10, attributes: "classic")),
            exponential("h", .cumulative, TestPoint(attributes: "native", time: 10, sum: 1, positive: (0, [1]))))
        #expect(outcome.rejected.isEmpty)
        #expect(harness.samples().count == 2)
    }

    @Test("of an evicted cumulative histogram that returns only later growth counts")
    func evictedWriterReturns() throws {
        var settings = SeriesSettings()
        settings.stateLimits.maxSeries = 1
        var harness = StoreHarness(settings)
        try harness.send(histogram("h", .cumulative, bucketed([1], [100, 0], sum: 1, time: 1)))
        harness.now += 25 * 3600
        try harness.send(histogram("other", .delta, bucketed([1], [1, 0], time: 1)))
        #expect(harness.store.counts.tombstones == 1)
        harness.now += 25 * 3600
        try harness.send(histogram("h", .cumulative, bucketed([1], [103, 1], sum: 9, time: 200_000)))
        #expect(harness.histogram()?.counts == [0, 0])
        try harness.send(histogram("h", .cumulative, bucketed([1], [105, 1], sum: 10, time: 200_010)))
        #expect(harness.histogram() == HistogramValue(bounds: [1], counts: [2, 0], count: 2, sum: 1))
        #expect(harness.store.counts.windowMemory == 0)
    }

    @Test("writers: latest shows the newest histogram of any writer, and moves the start when it falls")
    func latestModeFollowsTheNewest() throws {
        var harness = StoreHarness()
        let name = "system.latency"
        try harness.send(histogram(name, .cumulative, bucketed([1], [5, 5], sum: 1, start: 0, time: 10)))
        try harness.send(histogram(name, .cumulative, bucketed([1], [6, 6], sum: 2, start: 15, time: 20)))
        #expect(harness.histogram(name)?.counts == [6, 6])
        try harness.send(histogram(name, .cumulative, bucketed([1], [1, 0], sum: 2, start: 25, time: 30)))
        #expect(harness.histogram(name) == HistogramValue(bounds: [1], counts: [1, 0], count: 1, sum: 2))
        #expect(harness.startTime(of: name) == 1_700_000_025_000_000_000)
    }
}
