import OTLP
import Series
import Testing

/// Histograms whose count differs from the sum of their buckets: the buckets count.
@Suite struct HistogramCountTests {
    @Test(
        "a delta whose count differs counts by its buckets, and is reported",
        arguments: [([1], [5, 3], 10), ([1], [5, 3], 0), ([], [8], 10), ([1, .infinity], [5, 1, 2], 9)]
            as [([Double], [UInt64], UInt64)])
    func deltaCount(bounds: [Double], counts: [UInt64], count: UInt64) throws {
        var harness = StoreHarness()
        try harness.send(histogram("h", .delta, bucketed([1], [1, 1], sum: 2, start: 0, time: 10)))
        let outcome = try harness.send(
            histogram("h", .delta, bucketed(bounds, counts, sum: 8, start: 10, time: 20, count: count)))
        #expect(outcome.rejected.isEmpty)
        #expect(outcome.acceptedPoints == 1)
        #expect(outcome.mendedCounts == 1)
        #expect(outcome.firstMendedMetric == "h")
        #expect(harness.histogram()?.count == 10)
        #expect(harness.histogram()?.sum == 10)
        #expect(harness.store.counters.mendedCounts == 1)
    }

    @Test("a cumulative writer whose count differs now and then has no resets")
    func cumulativeCount() throws {
        var harness = StoreHarness()
        for step in 1...6 {
            let buckets = [UInt64(5 * step), UInt64(3 * step)]
            let counts = [buckets[0] + buckets[1], 100, 0]
            try harness.send(
                histogram(
                    "h", .cumulative,
                    bucketed([1], buckets, sum: Double(step), time: Double(step), count: counts[step % 3])))
        }
        #expect(harness.histogram() == HistogramValue(bounds: [1], counts: [30, 18], count: 48, sum: 6))
        #expect(harness.store.counters.resets == 0)
        #expect(harness.store.counters.mendedCounts == 4)
    }

    @Test(
        "an exponential histogram counts its buckets and its zero bucket", arguments: [Temporality.delta, .cumulative])
    func exponentialCount(temporality: Temporality) throws {
        var harness = StoreHarness()
        let outcome = try harness.send(
            exponential("h", temporality, TestPoint(time: 10, count: 10, sum: 3, positive: (0, [8]))),
            exponential(
                "i", temporality,
                TestPoint(time: 10, count: 1, sum: 3, zeroCount: 2, positive: (0, [8]), negative: (0, [1]))),
            exponential("j", temporality, TestPoint(time: 10, count: 3, sum: 3, zeroCount: 2)),
            exponential("k", .delta, TestPoint(time: 10, count: 9, sum: 3, positive: (0, [1]))))
        #expect(outcome.rejected.isEmpty)
        #expect(outcome.mendedCounts == 4)
        #expect(harness.native("k")?.count == 1)
        #expect(harness.native("h")?.count == 8)
        #expect(harness.native("i")?.count == 11)
        #expect(harness.native("j")?.count == 2)
    }

    @Test("a cumulative exponential histogram that has lost most of its buckets is rejected, and resets nothing")
    func mostBucketsLost() throws {
        var harness = StoreHarness()
        for (count, isTaken) in [(8, true), (1, false), (9, true)] {
            let outcome = try harness.send(
                exponential(
                    "h", .cumulative,
                    TestPoint(time: Double(count), count: 9, sum: 3, positive: (0, [UInt64(count)]))))
            #expect(outcome.rejected == (isTaken ? [:] : [.invalidHistogram: 1]))
        }
        #expect(harness.native()?.count == 9)
        #expect(harness.store.counters.resets == 0)
    }

    @Test("a repeated point is reported and counts once")
    func repeatedPoint() throws {
        var harness = StoreHarness()
        for _ in 0..<2 {
            try harness.send(histogram("h", .delta, bucketed([1], [5, 3], sum: 8, start: 0, time: 10, count: 9)))
        }
        #expect(harness.histogram()?.count == 8)
        #expect(harness.store.counters.duplicatePoints == 1)
    }

    @Test("a count without any bucket is a histogram without buckets; an exponential one needs some")
    func countAlone() throws {
        var harness = StoreHarness()
        let outcome = try harness.send(histogram("h", .delta, bucketed([], [], sum: 8, time: 10, count: 9)))
        #expect(outcome.mendedCounts == 0)
        #expect(harness.histogram() == HistogramValue(bounds: [], counts: [9], count: 9, sum: 8))
        #expect(
            try harness.send(exponential("e", .delta, TestPoint(time: 10, count: 9, sum: 8))).rejected
                == [.invalidHistogram: 1])
    }

    @Test("buckets beyond 64 bits are rejected, whatever the count says")
    func bucketsOverflow() throws {
        var harness = StoreHarness()
        let outcome = try harness.send(
            histogram("h", .delta, bucketed([1], [.max, 1], time: 10, count: 5)),
            exponential("e", .delta, TestPoint(time: 10, count: 5, zeroCount: .max, positive: (0, [1]))))
        #expect(outcome.rejected == [.invalidHistogram: 2])
        #expect(outcome.mendedCounts == 0)
    }
}
