import OTLP
import Series
import Settings
import Testing

@Suite struct RandomTrafficTests {
    @Test(
        "random exports at the limits: no trap, no limit exceeded, no name shown twice", arguments: 0..<12)
    func boundsHold(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed) &* 0x9E37_79B9 &+ 1)
        var settings = SeriesSettings()
        settings.stateLimits.maxSeries = 6
        settings.stateLimits.maxWriters = 12
        settings.aliasLimit = 2
        settings.windowsPerStreamLimit = 3
        settings.retention.maxWindowsMemory = 10 * 40
        var harness = StoreHarness(settings)
        for _ in 0..<400 {
            if Int.random(in: 0..<8, using: &random) == 0 { harness.now += 25 * 3600 }
            harness.now += Double.random(in: 0..<400, using: &random)
            let groups = (0..<Int.random(in: 1...3, using: &random)).map { _ in
                #"{"scope":{"name":"s\#(Int.random(in: 0..<2, using: &random))"},"metrics":[\#(metrics(&random))]}"#
            }
            let text = #"{"resourceMetrics":[{"scopeMetrics":[\#(groups.joined(separator: ","))]}]}"#
            try harness.sendJSON(text)
            #expect(harness.store.checkInvariants() == [])
            let counts = harness.store.counts
            #expect(counts.series <= 6)
            #expect(counts.writers + counts.tombstones <= 12)
            #expect(counts.families <= counts.series)
            #expect(counts.series <= counts.streams)
            #expect(counts.windowMemory >= 0)
            let families = harness.store.snapshot(at: UnixNanoseconds(harness.now * 1e9)).families
            #expect(Set(families.map(\.descriptor.name)).count == families.count)
            for family in families { #expect(Set(family.samples.map(\.labels)).count == family.samples.count) }
        }
        #expect(harness.store.counters.evictedSeries > 0)
    }

    private func metrics(_ random: inout SeededRandom) -> String {
        (0..<Int.random(in: 1...4, using: &random)).map { _ in
            let name = ["a", "b", "system.c"].randomElement(using: &random) ?? "a"
            let points = (0..<Int.random(in: 1...4, using: &random)).map { _ in anyPoint(&random) }
                .joined(separator: ",")
            if Int.random(in: 0..<4, using: &random) == 0 { return gauge(name, points) }
            return sum(
                name, Bool.random(using: &random) ? .delta : .cumulative,
                monotonic: Int.random(in: 0..<5, using: &random) > 0, points)
        }.joined(separator: ",")
    }

    private func anyPoint(_ random: inout SeededRandom) -> String {
        var attributes = [("n", "\(Int.random(in: 0..<4, using: &random))"), ("m", "1")]
        if Bool.random(using: &random) { attributes.reverse() }
        let isMissing = Int.random(in: 0..<6, using: &random) == 0
        return point(
            isMissing ? "" : "\(Int.random(in: -1..<100, using: &random))",
            start: Double(Int.random(in: 0..<3, using: &random)), time: Double(Int.random(in: 0..<50, using: &random)),
            attributes: attributes, flags: isMissing ? 1 : 0)
    }
}
