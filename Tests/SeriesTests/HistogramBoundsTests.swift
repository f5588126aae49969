import OTLP
import Series
import Settings
import Testing

/// Histograms of one series with different bounds: count and sum are the totals of all, the buckets the common ones.
@Suite struct HistogramBoundsTests {
    /// Checks every page of one series: nothing falls, and a bound that disappeared does not return.
    struct Watcher {
        private var last: HistogramValue?
        private var gone: Set<Double> = []

        mutating func look(at harness: inout StoreHarness) throws {
            let shown = harness.histogram()
            let value = try #require(shown)
            defer { last = value }
            guard let last else { return }
            #expect(value.count >= last.count)
            gone.formUnion(Set(last.bounds).subtracting(value.bounds))
            #expect(gone.isDisjoint(with: value.bounds))
            for (bound, count) in value.below { #expect(count >= last.below[bound] ?? 0) }
            #expect(value.counts.reduce(0, +) == value.count)
        }
    }

    @Test("R-D2C-13 deltas with alternating bounds: the totals grow, the buckets are the common ones")
    func deltasInTurn() throws {
        var harness = StoreHarness()
        var watcher = Watcher()
        for round in 0..<3 {
            let time = Double(round) * 20
            try harness.send(histogram("h", .delta, bucketed([1], [5, 5], sum: 10, start: time, time: time + 10)))
            try watcher.look(at: &harness)
            try harness.send(
                histogram("h", .delta, bucketed([1, 5], [2, 2, 3], sum: 7, start: time + 10, time: time + 20)))
            try watcher.look(at: &harness)
        }
        #expect(harness.histogram() == HistogramValue(bounds: [1], counts: [21, 30], count: 51, sum: 51))
        #expect(harness.startTime(of: "h") == 1_700_000_000_000_000_000)
        #expect(harness.store.counters.resets == 0)
    }

    /// Start times of the two writers, and whether they export at one time.
    static let writers = [(0.0, 0.0, false), (0, 0, true), (0, 3, false), (3, 0, true)] as [(Double, Double, Bool)]

    @Test(
        "cumulative writers with alternating bounds: the totals of both, with or without a common start",
        arguments: writers, [1, 3] as [UInt64])
    func cumulativeInTurn(_ writers: (Double, Double, Bool), factor: UInt64) throws {
        var harness = StoreHarness()
        var watcher = Watcher()
        for round in 1...4 {
            let (count, time) = (UInt64(round), Double(round) * 20)
            try harness.send(
                histogram(
                    "h", .cumulative,
                    bucketed([1], [5 * count, 5 * count], sum: 10, start: writers.0, time: time)))
            try watcher.look(at: &harness)
            let other = [2 * count * factor, 2 * count * factor, 3 * count * factor]
            try harness.send(
                histogram(
                    "h", .cumulative,
                    bucketed([1, 5], other, sum: 7, start: writers.1, time: writers.2 ? time : time + 10)))
            try watcher.look(at: &harness)
        }
        let counts = [20 + 8 * factor, 20 + 20 * factor]
        #expect(
            harness.histogram()
                == HistogramValue(bounds: [1], counts: counts, count: counts[0] + counts[1], sum: 17))
    }

    @Test(
        "three writers without common bounds: count and sum only",
        arguments: [Temporality.delta, .cumulative])
    func disjointBounds(temporality: Temporality) throws {
        var harness = StoreHarness()
        var watcher = Watcher()
        for round in 1...3 {
            for (writer, bounds) in [[1, 2], [3.0, 4], [5]].enumerated() {
                let factor: UInt64 = temporality == .delta ? 1 : UInt64(round)
                let counts = [UInt64](repeating: factor, count: bounds.count + 1)
                let time = Double(round * 10 + writer)
                let start = temporality == .delta ? time - 1 : Double(writer)
                try harness.send(
                    histogram("h", temporality, bucketed(bounds, counts, sum: 2, start: start, time: time)))
                try watcher.look(at: &harness)
            }
        }
        let sum: Double = temporality == .delta ? 18 : 6
        #expect(harness.histogram() == HistogramValue(bounds: [], counts: [24], count: 24, sum: sum))
    }

    @Test(
        "after a histogram without bounds the series has count and sum only",
        arguments: [[], [4]] as [[UInt64]])
    func noBounds(counts: [UInt64]) throws {
        var harness = StoreHarness()
        try harness.send(histogram("h", .delta, bucketed([1, 2], [1, 2, 3], sum: 6, start: 0, time: 10)))
        try harness.send(histogram("h", .delta, bucketed([], counts, sum: 4, start: 10, time: 20, count: 4)))
        try harness.send(histogram("h", .delta, bucketed([1, 2], [1, 2, 3], sum: 6, start: 20, time: 30)))
        #expect(harness.histogram() == HistogramValue(bounds: [], counts: [16], count: 16, sum: 16))
    }

    @Test("bounds of -Inf and +Inf are bounds like others; a point that is rejected changes no bound")
    func infiniteBounds() throws {
        var harness = StoreHarness()
        try harness.send(histogram("h", .delta, bucketed([-.infinity, 1], [0, 2, 3], sum: 5, start: 0, time: 10)))
        try harness.send(histogram("h", .delta, bucketed([1, .infinity], [1, 1, 1], sum: 3, start: 10, time: 20)))
        for bounds in [[1.0, .nan], [5, 1], [1, 1]] {
            let outcome = try harness.send(
                histogram("h", .delta, bucketed(bounds, [1, 1, 1], sum: 3, start: 20, time: 30)))
            #expect(outcome.rejected == [.invalidHistogram: 1])
        }
        #expect(harness.histogram() == HistogramValue(bounds: [1], counts: [3, 5], count: 8, sum: 8))
    }

    @Test("R-D2C-13 one cumulative writer continues with new bounds, coarser, finer or different")
    func writerChangesItsBounds() throws {
        let changes: [(bounds: [Double], counts: [UInt64], shown: [Double])] = [
            ([1, 5], [6, 5, 6], [1]), ([], [17], []), ([2], [9, 8], []),
        ]
        for change in changes {
            var harness = StoreHarness()
            var watcher = Watcher()
            try harness.send(histogram("h", .cumulative, bucketed([1], [5, 5], sum: 10, start: 0, time: 10)))
            try watcher.look(at: &harness)
            try harness.send(
                histogram("h", .cumulative, bucketed(change.bounds, change.counts, sum: 17, start: 0, time: 20)))
            try watcher.look(at: &harness)
            #expect(harness.histogram()?.count == 17)
            #expect(harness.histogram()?.sum == 17)
            var grown = change.counts
            grown[0] += 8
            try harness.send(histogram("h", .cumulative, bucketed(change.bounds, grown, sum: 25, start: 0, time: 30)))
            try watcher.look(at: &harness)
            #expect(harness.histogram()?.count == 25)
            #expect(harness.histogram()?.bounds == change.shown)
            #expect(harness.startTime(of: "h") == 1_700_000_000_000_000_000)
        }
    }

    @Test("a reset with new bounds continues the total", arguments: [0.0, 15])
    func resetWithNewBounds(start: Double) throws {
        var harness = StoreHarness()
        var watcher = Watcher()
        try harness.send(histogram("h", .cumulative, bucketed([1], [5, 5], sum: 10, start: 0, time: 10)))
        try watcher.look(at: &harness)
        try harness.send(histogram("h", .cumulative, bucketed([1, 5], [2, 2, 3], sum: 7, start: start, time: 20)))
        try watcher.look(at: &harness)
        #expect(harness.histogram() == HistogramValue(bounds: [1], counts: [7, 10], count: 17, sum: 17))
        try harness.send(histogram("h", .cumulative, bucketed([1, 5], [3, 3, 4], sum: 10, start: start, time: 30)))
        try watcher.look(at: &harness)
        #expect(harness.histogram() == HistogramValue(bounds: [1], counts: [8, 12], count: 20, sum: 20))
    }

    @Test("R-D2C-13 a delta series that was never shown restarts with finer bounds, as in the Collector")
    func finerSecondExport() throws {
        let first = histogram("h", .delta, bucketed([1], [1, 2], sum: 3, start: 0, time: 10))
        let second = histogram("h", .delta, bucketed([1, 2], [10, 20, 30], sum: 30, start: 10, time: 20))
        var settings = SeriesSettings()
        settings.createdAt = 1_700_000_021_000_000_000
        var unseen = StoreHarness(settings)
        try unseen.send(first)
        try unseen.send(second)
        #expect(unseen.histogram() == HistogramValue(bounds: [1, 2], counts: [10, 20, 30], count: 60, sum: 30))
        #expect(unseen.startTime(of: "h") == 1_700_000_010_000_000_000)
        // If shown, newer than the state, with a gap, with a lower count, or as the third: the total continues.
        var living = StoreHarness()
        try living.send(first)
        try living.send(second)
        #expect(living.histogram()?.count == 63)
        var shown = StoreHarness(settings)
        try shown.send(first)
        #expect(shown.histogram()?.count == 3)
        try shown.send(second)
        #expect(shown.histogram() == HistogramValue(bounds: [1], counts: [11, 52], count: 63, sum: 33))
        for others in [
            [histogram("h", .delta, bucketed([1, 2], [10, 20, 30], sum: 30, start: 11, time: 20))],
            [histogram("h", .delta, bucketed([1, 2], [0, 30, 30], sum: 30, start: 10, time: 20))],
            [
                histogram("h", .delta, bucketed([1], [0, 0], sum: 0, start: 10, time: 15)),
                histogram("h", .delta, bucketed([1, 2], [10, 20, 30], sum: 30, start: 15, time: 20)),
            ],
        ] {
            var harness = StoreHarness(settings)
            try harness.send(first)
            for other in others { try harness.send(other) }
            #expect(harness.histogram()?.count == 63)
        }
    }

    @Test("too many kinds of bounds under one start are rejected, without an effect on the others")
    func manyKindsOfBounds() throws {
        var harness = StoreHarness()
        var rejected = 0
        for kind in 0..<100 {
            let outcome = try harness.send(
                histogram("h", .cumulative, bucketed([Double(kind)], [1, 1], sum: 2, start: 0, time: 10)))
            rejected += outcome.rejected[.writerLimit] ?? 0
        }
        #expect(rejected == 35)
        #expect(harness.histogram()?.count == 130)
    }

    @Test("records written before histograms could have several bounds under one start can be read")
    func formerRecords() throws {
        let records: [(UInt8, UInt32, String)] = [
            (0, 0, "02c15c0289ec2d0a91e5e4a4e5a1a5e1b40505028080a8b1e39fe7cb17008080a8b1e39fe7cb170000"),
            (1, 0, "8080a8b1e39fe7cb17080000000000000000"),
            (2, 0, "00200000000000000000000000000000000000000000000000000000000000000000"),
            (3, 0, "0014010000000000000064000000000000000003010000"),
            (3, 1, "0014010000000000000063000000000000000003020000"),
            (4, 0, "00010100"),
            (4, 1, "01020100"),
            (
                5, 0,
                "8080a8b1e39fe7cb17008080a8b1e39fe7cb170000040102000000000000f03f000000000000004003050709"
                    + "00010000000000001e4000000000000000000000809087f2ada0e7cb17028090afa391c0ce972fff8fdfc04a"
                    + "00bec490bcd5d1fdf691010280c49fd50c8090dfc04aff8fdfc04a00f196f4e5bac78bce7102000200000000"
                    + "0000f03f0000000000000040"
            ),
            (
                5, 1,
                "8080a8b1e39fe7cb17008080a8b1e39fe7cb1700000402028080a8b1e39fe7cb17809087f2ada0e7cb1780e2"
                    + "cfaa0601000000000000f03f0202060100000000000020400101000000000000f03f02050500010000000000"
                    + "002440000000000000000000000080e2cfaa060080e4bf81f69fe7cb17809087f2ada0e7cb1780e2cfaa0601"
                    + "000000000000f03f020101010000000000000040000001000000000000f03f"
            ),
        ]
        var state = MemoryState()
        for (kind, id, text) in records {
            let digits = Array(text.utf8)
            let bytes = stride(from: 0, to: digits.count, by: 2).map {
                UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16) ?? 0
            }
            state.records[MemoryState.Key(kind: kind, id: id)] = bytes
        }
        var harness = StoreHarness()
        #expect(harness.restart(from: state).isEmpty)
        #expect(harness.histogram("d") == HistogramValue(bounds: [1, 2], counts: [5, 7, 9], count: 21, sum: 7.5))
        #expect(harness.histogram("c") == HistogramValue(bounds: [1], counts: [8, 12], count: 20, sum: 20))
        try harness.send(histogram("d", .delta, bucketed([2], [1, 1], sum: 2, start: 20, time: 30)))
        try harness.send(histogram("c", .cumulative, bucketed([], [1], sum: 1, start: 5, time: 30)))
        #expect(harness.histogram("d") == HistogramValue(bounds: [2], counts: [13, 10], count: 23, sum: 9.5))
        #expect(harness.histogram("c") == HistogramValue(bounds: [], counts: [21], count: 21, sum: 21))
    }

    @Test("folded streams stay in the totals and the common bounds")
    func foldedStreams() throws {
        var settings = SeriesSettings()
        settings.idleWritersPerSeriesLimit = 0
        settings.retention.evictAfter = 3600 * 1_000_000_000
        var harness = StoreHarness(settings)
        try harness.send(histogram("h", .delta, bucketed([1, 5], [2, 2, 3], sum: 7, time: 10)), resource: "a")
        try harness.send(exponential("h", .delta, TestPoint(time: 10, sum: 4, positive: (0, [4]))), resource: "b")
        try harness.send(histogram("h", .cumulative, bucketed([1], [5, 5], sum: 10, time: 10)), resource: "c")
        let before = harness.histogram()
        harness.now += 2 * 3600
        try harness.send(histogram("h", .delta, bucketed([1], [0, 0], sum: 0, time: 7200)), resource: "d")
        harness.store.maintain(at: UnixNanoseconds(harness.now * 1e9))
        #expect(harness.histogram() == before)
        #expect(harness.histogram()?.count == 21)
        #expect(harness.store.counts.writers == 1)
    }

    @Test("repeated points count once, whatever bounds came in between", arguments: [Temporality.delta, .cumulative])
    func repeatedPoints(temporality: Temporality) throws {
        var harness = StoreHarness()
        let first = histogram("h", temporality, bucketed([1], [5, 5], sum: 10, start: 0, time: 10))
        let second = histogram("h", temporality, bucketed([1, 5], [2, 2, 3], sum: 7, start: 0, time: 12))
        for metric in [first, second, first, second, second, first] { try harness.send(metric) }
        #expect(harness.histogram() == HistogramValue(bounds: [1], counts: [7, 10], count: 17, sum: 17))
        #expect(harness.store.counters.duplicatePoints == 4)
    }

    @Test("a writer without a sum leaves the series without one")
    func missingSum() throws {
        var harness = StoreHarness()
        try harness.send(histogram("h", .cumulative, bucketed([1], [5, 5], sum: nil, start: 0, time: 10)))
        try harness.send(histogram("h", .cumulative, bucketed([1, 5], [2, 2, 3], sum: 7, start: 3, time: 10)))
        #expect(harness.histogram() == HistogramValue(bounds: [1], counts: [7, 10], count: 17, sum: nil))
    }

    @Test("writers: latest shows the newest point with its bounds, and moves the start when it falls")
    func latestMode() throws {
        var harness = StoreHarness()
        let name = "system.latency"
        try harness.send(histogram(name, .cumulative, bucketed([1], [5, 5], sum: 1, start: 0, time: 10)))
        try harness.send(histogram(name, .cumulative, bucketed([1, 5], [6, 5, 1], sum: 2, start: 15, time: 20)))
        #expect(harness.histogram(name)?.counts == [6, 5, 1])
        #expect(harness.startTime(of: name) == 1_700_000_000_000_000_000)
        try harness.send(histogram(name, .cumulative, bucketed([2], [1, 0], sum: 2, start: 25, time: 30)))
        #expect(harness.histogram(name) == HistogramValue(bounds: [2], counts: [1, 0], count: 1, sum: 2))
        #expect(harness.startTime(of: name) == 1_700_000_025_000_000_000)
    }

    @Test("exponential and explicit buckets in one series: count and sum of both", arguments: [true, false])
    func exponentialBesideExplicit(isExplicitFirst: Bool) throws {
        var harness = StoreHarness()
        var watcher = Watcher()
        let explicit = histogram("h", .delta, bucketed([1], [1, 2], sum: 3, time: 10))
        let native = exponential("h", .delta, TestPoint(time: 10, sum: 4, zeroCount: 1, positive: (0, [2, 2])))
        for metric in isExplicitFirst ? [explicit, native] : [native, explicit] {
            #expect(try harness.send(metric).rejected.isEmpty)
        }
        try watcher.look(at: &harness)
        #expect(harness.histogram() == HistogramValue(bounds: [], counts: [8], count: 8, sum: 7))
        try harness.send(exponential("h", .delta, TestPoint(time: 20, sum: 1, positive: (3, [5]))))
        try watcher.look(at: &harness)
        #expect(harness.histogram() == HistogramValue(bounds: [], counts: [13], count: 13, sum: 8))
    }

    @Test("random writers, bounds and restarts: totals are exact and never fall", arguments: 0..<8)
    func randomWriters(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed) &* 0x9E37_79B9 &+ 3)
        let temporality: Temporality = seed.isMultiple(of: 2) ? .delta : .cumulative
        let shapes: [[Double]] = [[1, 2, 4], [1, 4], [1, 3, 4], [4], [1, 2, 3, 4, 5]]
        var harness = StoreHarness(tracksChanges: true)
        var state = MemoryState()
        var watcher = Watcher()
        var totals = shapes.map { [UInt64](repeating: 0, count: $0.count + 1) }
        var expected: UInt64 = 0
        for step in 1...200 {
            let writer = Int.random(in: 0..<shapes.count, using: &random)
            let growth = totals[writer].map { _ in UInt64.random(in: 0...5, using: &random) }
            for (bucket, count) in growth.enumerated() { totals[writer][bucket] += count }
            expected += growth.reduce(0, +)
            let time = Double(step)
            let counts = temporality == .delta ? growth : totals[writer]
            // Some writers share a start, some a stream, some neither.
            try harness.send(
                histogram(
                    "h", temporality,
                    bucketed(
                        shapes[writer], counts, sum: 1, start: temporality == .delta ? time - 1 : Double(writer / 2),
                        time: time)),
                resource: writer == 4 ? "other" : "")
            try watcher.look(at: &harness)
            if step.isMultiple(of: 23) {
                harness.checkpoint(into: &state)
                let before = harness.histogram()
                #expect(harness.restart(from: state).isEmpty)
                #expect(harness.histogram() == before)
            }
        }
        #expect(harness.histogram()?.count == expected)
        #expect(harness.histogram()?.bounds == [4])
    }
}

extension HistogramValue {
    /// Observations up to each bound.
    fileprivate var below: [Double: UInt64] {
        var sum: UInt64 = 0
        var result: [Double: UInt64] = [:]
        for (bound, count) in zip(bounds, counts) {
            sum += count
            result[bound] = sum
        }
        return result
    }
}
