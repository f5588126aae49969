import OTLP
import Series
import Settings
import Testing

/// The state is bounded in bytes: at the limit new series are rejected, existing ones continue to count.
@Suite struct StateMemoryTests {
    private static func harness(_ limit: Int, _ change: (inout SeriesSettings) -> Void = { _ in }) -> StoreHarness {
        var settings = SeriesSettings()
        settings.stateLimits.maxStateMemory = limit
        change(&settings)
        return StoreHarness(settings)
    }

    private static func wide(_ name: String, _ number: Int) -> String {
        let attributes = (0..<20).map { ("k\($0)", "\(number)" + String(repeating: "v", count: 500)) }
        return sum(name, .delta, point("1", start: 0, time: Double(number + 1), attributes: attributes))
    }

    @Test("R-LIFE-03 series with long labels: rejected at the limit, evicted if idle; existing ones continue")
    func longLabels() throws {
        var harness = Self.harness(1 << 20)
        var rejected = 0
        for number in 0..<200 {
            rejected += try harness.send(Self.wide("c", number)).rejected[.stateMemory] ?? 0
            #expect(harness.store.counts.stateMemory <= 1 << 20)
        }
        let kept = harness.store.counts.series
        #expect(kept > 20 && kept < 60)
        #expect(rejected == 200 - kept)
        #expect(harness.store.counters.evictedSeries == 0)
        #expect(try harness.send(Self.wide("c", 0)).rejected.isEmpty)
        harness.now += 25 * 3600
        #expect(try harness.send(Self.wide("c", 1000)).rejected.isEmpty)
        #expect(harness.store.counters.evictedSeries > 0)
        #expect(harness.store.counts.stateMemory <= 1 << 20)
    }

    @Test(
        "R-LIFE-03 every kind of state has a weight, and releases it",
        arguments: [
            "buckets", "exponential", "quantiles", "names", "units", "resources", "scopes", "writers",
        ])
    func everyKind(kind: String) throws {
        var harness = Self.harness(1 << 20)
        let long = String(repeating: "x", count: 10_000)
        var rejected = 0
        for number in 0..<2_000 {
            let (start, time) = (Double(number), Double(number + 1))
            let outcome: ExportOutcome
            switch kind {
            case "buckets":
                let bounds = (0..<1000).map { Double($0 * 3 + number) }
                let counts = [UInt64](repeating: 1, count: 1001)
                outcome = try harness.send(
                    histogram("h\(number)", .cumulative, bucketed(bounds, counts, start: start, time: time)))
            case "exponential":
                outcome = try harness.send(
                    exponential(
                        "e\(number)", .delta,
                        TestPoint(time: time, sum: 1, positive: (0, [UInt64](repeating: 1, count: 160)))))
            case "quantiles":
                let quantiles = (0..<100).map { (Double($0) / 100, 1.0) }
                outcome = try harness.send(summary("q\(number)", TestPoint(time: time, quantiles: quantiles)))
            case "names": outcome = try harness.send(sum("n\(number)\(long)", .delta, point("1", time: time)))
            case "units": outcome = try harness.send(sum("u", .delta, unit: "\(number)\(long)", point("1", time: time)))
            case "resources":
                outcome = try harness.send(
                    sum("c", .delta, point("1", time: time)),
                    resource: #"{"key":"r","value":{"stringValue":"\#(number)\#(long)"}}"#)
            case "scopes":
                outcome = try harness.send(
                    sum("c", .delta, point("1", time: time)), scope: #"{"name":"\#(number)\#(long)"}"#)
            default:
                let bounds = (0..<1000).map { Double($0) }
                outcome = try harness.send(
                    histogram(
                        "h", .cumulative,
                        bucketed(bounds, [UInt64](repeating: 1, count: 1001), start: start, time: time)))
            }
            rejected += outcome.rejected[.stateMemory] ?? 0
            #expect(harness.store.counts.stateMemory <= 1 << 20)
        }
        #expect(rejected > 1_000)
        _ = harness.store.forget { _, _ in true }
        #expect(harness.store.counts.stateMemory == harness.store.counts.tombstones * 48)
        #expect(harness.store.counts.pageBytes == 0)
    }

    @Test("descriptions beyond their memory are not kept, and nothing is rejected")
    func descriptions() throws {
        var harness = Self.harness(16 << 20) { $0.helpMemoryLimitBytes = 100_000 }
        let long = String(repeating: "x", count: 10_000)
        for number in 0..<200 {
            let text = gauge("g\(number)", point("1", time: 1)).dropLast() + #","description":"\#(long)"}"#
            #expect(try harness.send(String(text)).rejected.isEmpty)
        }
        let helps = harness.store.snapshot(at: UnixNanoseconds(harness.now * 1e9)).families.map(\.help.count)
        #expect(helps.filter { $0 == 10_000 }.count == 10)
        #expect(helps.filter { $0 == 0 }.count == 190)
        _ = harness.store.forget { _, _ in true }
        #expect(harness.store.counts.pageBytes == 0)
    }

    @Test("the memory of raw forms of one identity is bounded")
    func rawForms() throws {
        var harness = Self.harness(1 << 20)
        for number in 0..<200 {
            let padding = String(repeating: " ", count: 200_000 + number)
            try harness.send(sum("c", .delta, point("1", start: 0, time: Double(number + 1))), resource: padding)
        }
        #expect(harness.exposed() == ["c": .int(200)])
        #expect(harness.store.counts.streams == 1)
    }

    @Test("a histogram of too many bounds and a summary of too many quantiles are rejected, each for its own reason")
    func sizeOfPoints() throws {
        var harness = Self.harness(1 << 20) {
            $0.stateLimits.maxHistogramBounds = 3
            $0.stateLimits.maxSummaryQuantiles = 2
        }
        let counts: [UInt64] = [1, 1, 1, 1, 1]
        #expect(try harness.send(histogram("h", .delta, bucketed([1, 2, 3], [1, 1, 1, 1], time: 1))).rejected.isEmpty)
        #expect(
            try harness.send(histogram("h", .delta, bucketed([1, 2, 3, 4], counts, time: 2))).rejected
                == [.boundLimit: 1])
        let quantiles = [(0.1, 1), (0.2, 1), (0.3, 1)] as [(Double, Double)]
        #expect(
            try harness.send(summary("q", TestPoint(time: 1, quantiles: Array(quantiles.prefix(2))))).rejected.isEmpty)
        #expect(
            try harness.send(summary("q", TestPoint(time: 2, quantiles: quantiles))).rejected == [.quantileLimit: 1])
        #expect(harness.histogram()?.count == 4)
    }

    @Test("the page is bounded: a new series, or a wider summary, that would not fit is rejected")
    func page() throws {
        var harness = Self.harness(1 << 30) { $0.stateLimits.maxPageSize = 10_000 }
        var rejected = 0
        for number in 0..<200 {
            let text = sum("c", .delta, point("1", time: 1, attributes: [("n", "\(number)")]))
            rejected += try harness.send(text).rejected[.pageLimit] ?? 0
        }
        #expect(rejected > 0 && rejected < 100)
        #expect(harness.store.counts.pageBytes <= 10_000)
        var summaries = Self.harness(1 << 30) { $0.stateLimits.maxPageSize = 1_000 }
        #expect(try summaries.send(summary("q", TestPoint(time: 1, count: 1))).rejected.isEmpty)
        let wide = (0..<90).map { (Double($0) / 100, 1.0) }
        #expect(
            try summaries.send(summary("q", TestPoint(time: 2, count: 2, quantiles: wide))).rejected == [.pageLimit: 1])
        #expect(try summaries.send(summary("q", TestPoint(time: 3, count: 3))).rejected.isEmpty)
    }

    @Test("exemplars are bounded in bytes")
    func exemplars() throws {
        var harness = Self.harness(1 << 30) { $0.exemplarMemoryLimitBytes = 1_000 }
        for number in 0..<100 {
            let exemplars = [TestExemplar(value: .int(1), time: 1, filtered: String(repeating: "k", count: 100))]
            try harness.send(
                histogram("h\(number)", .delta, bucketed([2], [1, 1], time: 10, exemplars: exemplars)))
        }
        let shown = (0..<100).reduce(0) { $0 + (harness.samples(of: "h\($1)").first?.exemplars.count ?? 0) }
        #expect(shown > 0 && shown < 8)
    }
}
