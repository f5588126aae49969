import OTLP
import Series
import Settings
import Testing

/// Existing state cannot exceed the limit through points with other buckets, nor can one export with all it brings.
@Suite struct StateGrowthTests {
    private static let limit = 1 << 20

    private static func harness(_ limit: Int = limit, tracksChanges: Bool = false) -> StoreHarness {
        StoreHarness(settings(limit), tracksChanges: tracksChanges)
    }

    private static func settings(_ limit: Int) -> SeriesSettings {
        var settings = SeriesSettings()
        settings.stateLimits.maxStateMemory = limit
        return settings
    }

    /// Fills the remaining memory with other series.
    private static func fill(_ harness: inout StoreHarness) throws {
        for number in 0..<10_000 {
            let outcome = try harness.send(
                sum("fill", .delta, point("1", start: 0, time: 1, attributes: [("n", "\(number)")])))
            if !outcome.rejected.isEmpty { return }
        }
        Issue.record("the limit was not reached")
    }

    private static func wide(_ count: Int, from first: Double = 0) -> ([Double], [UInt64]) {
        ((0..<count).map { first + Double($0) }, [UInt64](repeating: 1, count: count + 1))
    }

    @Test("a delta histogram without buckets gets none beyond the limit, and continues")
    func blankDelta() throws {
        var harness = Self.harness()
        #expect(try harness.send(histogram("h", .delta, bucketed([], [0], time: 1))).rejected.isEmpty)
        try Self.fill(&harness)
        let (bounds, counts) = Self.wide(500)
        #expect(
            try harness.send(histogram("h", .delta, bucketed(bounds, counts, start: 1, time: 2))).rejected
                == [.stateMemory: 1])
        #expect(try harness.send(histogram("h", .delta, bucketed([], [3], start: 1, time: 3))).rejected.isEmpty)
        #expect(harness.histogram()?.count == 3)
        #expect(harness.store.counts.stateMemory <= Self.limit)
    }

    @Test("a cumulative writer with other buckets is rejected if there is no memory, and continues with the old ones")
    func otherBuckets() throws {
        var harness = Self.harness()
        #expect(try harness.send(histogram("h", .cumulative, bucketed([1], [1, 1], time: 1))).rejected.isEmpty)
        try Self.fill(&harness)
        let (bounds, counts) = Self.wide(500)
        #expect(
            try harness.send(histogram("h", .cumulative, bucketed(bounds, counts, time: 2))).rejected
                == [.stateMemory: 1])
        #expect(try harness.send(histogram("h", .cumulative, bucketed([1], [5, 2], time: 3))).rejected.isEmpty)
        #expect(harness.histogram()?.counts == [5, 2])
        // A reset: the counts before it stay, although there is no room for anything else.
        #expect(try harness.send(histogram("h", .cumulative, bucketed([1], [1, 0], time: 4))).rejected.isEmpty)
        #expect(harness.histogram()?.counts == [6, 2])
        #expect(harness.store.counters.resets == 1)
    }

    @Test("buckets of one histogram, from one writer and from many, are weighed and released")
    func shapes() throws {
        var harness = Self.harness()
        var rejected = 0
        for number in 0..<300 {
            let (bounds, counts) = Self.wide(300, from: Double(number) / 1000)
            let point = bucketed(bounds, counts, time: Double(number + 1))
            rejected += try harness.send(histogram("h", .cumulative, point)).rejected[.stateMemory] ?? 0
            rejected +=
                try harness.send(histogram("h", .cumulative, point), resource: "\(number)").rejected[.stateMemory] ?? 0
            #expect(harness.store.counts.stateMemory <= Self.limit)
        }
        #expect(rejected > 300)
        _ = harness.store.forget { _, _ in true }
        #expect(harness.store.counts.stateMemory == harness.store.counts.tombstones * 48)
    }

    @Test("very many writers of one histogram are weighed one by one")
    func manyWriters() throws {
        var harness = Self.harness(64 << 20)
        var batch: [TestPoint] = []
        for number in 0..<30_000 {
            batch.append(bucketed([1], [1, 0], start: Double(number), time: Double(number + 1)))
        }
        let metric = TestMetric(name: "h", kind: .histogram, temporality: .cumulative, points: batch)
        #expect(try harness.send(metric).rejected.isEmpty)
        #expect(harness.store.counts.writers == 30_000)
        #expect(harness.histogram()?.count == 30_000)
        #expect(harness.store.counts.stateMemory > 30_000 * 500)
    }

    @Test("an attribute of very many small values weighs its memory, not its encoded size")
    func smallValues() throws {
        var harness = Self.harness()
        let flags = [String](repeating: #"{"boolValue":true}"#, count: 2_000).joined(separator: ",")
        var rejected = 0
        for number in 0..<50 {
            let resource =
                #"{"key":"r","value":{"arrayValue":{"values":[\#(flags)]}}},{"key":"n","value":{"intValue":"\#(number)"}}"#
            rejected +=
                try harness.send(sum("c", .delta, point("1", start: 0, time: 1)), resource: resource)
                .rejected[.stateMemory] ?? 0
        }
        // 40 bytes a value.
        #expect(rejected > 50 - Self.limit / (2_000 * 40))
        #expect(harness.store.counts.stateMemory <= Self.limit)
    }

    @Test("of an export with more resources, scopes or metrics than fit, those that fit and known ones count")
    func oneExport() throws {
        for kind in ["resource", "scope", "metric"] {
            var harness = Self.harness()
            let known = sum("known", .delta, point("1", start: 0, time: 1))
            #expect(try harness.send(known).rejected.isEmpty)
            let parts = (0..<3_000).map { number in
                let resource =
                    kind == "resource" ? #"{"attributes":[{"key":"k","value":{"intValue":"\#(number)"}}]}"# : "{}"
                let scope = kind == "scope" ? "\(number)" : ""
                let name = kind == "metric" ? "m\(number)" : "m"
                return
                    #"{"resource":\#(resource),"scopeMetrics":[{"scope":{"name":"\#(scope)"},"metrics":[\#(sum(name, .delta, point("1", time: 1)))]}]}"#
            }
            let last = #"{"scopeMetrics":[{"metrics":[\#(sum("known", .delta, point("1", start: 1, time: 2)))]}]}"#
            let outcome = try harness.sendJSON(
                #"{"resourceMetrics":[\#(parts.joined(separator: ",")),\#(last)]}"#)
            let rejected = try #require(outcome.rejected[.stateMemory])
            #expect(rejected > 1_000 && outcome.acceptedPoints == 3_001 - rejected)
            #expect(harness.exposed()["known"] == .int(2))
            #expect(harness.store.counts.stateMemory <= Self.limit)
        }
    }

    @Test("target_info takes an eighth of a page: resources beyond it are counted, and their series are shown")
    func targets() throws {
        var settings = SeriesSettings()
        settings.stateLimits.maxPageSize = 400_000
        var harness = StoreHarness(settings)
        let long = String(repeating: "x", count: 5_000)
        for number in 0..<100 {
            let resource = #"{"key":"r","value":{"stringValue":"\#(number)\#(long)"}}"#
            #expect(try harness.send(sum("c", .delta, point("1", time: 1)), resource: resource).rejected.isEmpty)
        }
        let snapshot = harness.store.snapshot(at: UnixNanoseconds(harness.now * 1e9))
        #expect(snapshot.targets.count == 9)
        #expect(harness.store.counts.hiddenTargets == 91)
        #expect(snapshot.families.first?.samples.first?.value == .number(.int(100)))
        #expect(harness.store.counts.pageBytes <= 100_000)
    }

    @Test("a state from a higher limit stays, with the exports since its last checkpoint; new series are rejected")
    func loweredLimit() throws {
        var harness = Self.harness(tracksChanges: true)
        var state = MemoryState()
        try Self.fill(&harness)
        let kept = harness.store.counts.series
        let known = sum("fill", .delta, point("1", start: 1, time: 2, attributes: [("n", "0")]))
        harness.checkpoint(into: &state)

        harness.restart(from: state, Self.settings(100_000))
        #expect(harness.store.counts.series == kept)
        #expect(harness.store.exceedsStateMemory && harness.store.hasOtherLimits)
        // An export of the previous run, with its limit.
        #expect(try harness.send(gauge("new", point("1", time: 1))).rejected == [.stateMemory: 1])
        #expect(try harness.send(known).rejected.isEmpty)
        harness.store.resetCounters()
        #expect(try harness.send(gauge("other", point("1", time: 1))).rejected == [.stateMemory: 1])
        let next = sum("fill", .delta, point("1", start: 2, time: 3, attributes: [("n", "0")]))
        #expect(try harness.send(next).rejected.isEmpty)
        #expect(harness.exposed()["fill{n=0}"] == .int(3))
    }

    @Test("exports of a run with higher limits are replayed under those")
    func replayOfHigherLimits() throws {
        var harness = Self.harness(tracksChanges: true)
        var state = MemoryState()
        harness.checkpoint(into: &state)
        var low = Self.settings(1_000)
        low.stateLimits.maxHistogramBounds = 1
        low.stateLimits.maxSummaryQuantiles = 1
        harness.restart(from: state, low)
        let (bounds, counts) = Self.wide(50)
        #expect(try harness.send(histogram("h", .delta, bucketed(bounds, counts, time: 1))).rejected.isEmpty)
        let quantiles = [(0.1, 1.0), (0.2, 1.0)]
        #expect(try harness.send(summary("q", TestPoint(time: 1, quantiles: quantiles))).rejected.isEmpty)
        harness.store.resetCounters()
        #expect(
            try harness.send(histogram("h", .delta, bucketed(bounds, counts, start: 1, time: 2))).rejected
                == [.boundLimit: 1])
        #expect(harness.histogram()?.count == 51)
    }

    @Test("longer exemplars that replace others stay within the memory of exemplars")
    func longerExemplars() throws {
        var settings = SeriesSettings()
        settings.exemplarMemoryLimitBytes = 10_000
        var harness = StoreHarness(settings)
        for length in [1, 500] {
            for number in 0..<40 {
                let text = String(repeating: "k", count: length)
                let exemplar = TestExemplar(value: .int(1), time: Double(length), filtered: text)
                try harness.send(
                    histogram(
                        "h\(number)", .delta,
                        bucketed([2], [1, 1], time: Double(length), exemplars: [exemplar])))
            }
        }
        let labels = (0..<40).flatMap { harness.samples(of: "h\($0)").first?.exemplars.map(\.labels.count) ?? [] }
        #expect(labels.count == 40)
        #expect(labels.reduce(0, +) + 40 * 150 <= 10_000 && labels.contains { $0 > 500 })
    }
}
