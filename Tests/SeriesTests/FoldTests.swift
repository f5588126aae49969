import OTLP
import Series
import Settings
import Testing

@Suite struct FoldTests {
    private func settings(writers: Int = 1_000_000, spared: Int = 1024) -> SeriesSettings {
        var settings = SeriesSettings()
        settings.stateLimits.maxWriters = writers
        settings.idleWritersPerSeriesLimit = spared
        settings.retention.evictAfter = 3600 * 1_000_000_000
        return settings
    }

    @Test("R-LIFE-03 a service that restarts again and again neither reaches the limit of writers nor loses counts")
    func restartsForEver() throws {
        var harness = StoreHarness(settings(writers: 50))
        for restart in 0..<2000 {
            harness.now += 600
            let start = Double(restart) * 600
            let text = sum("c", .cumulative, point("3", start: start, time: start + 1))
            #expect(try harness.send(text).rejected.isEmpty)
            #expect(harness.store.counts.writers + harness.store.counts.tombstones <= 50)
        }
        #expect(harness.exposed() == ["c": .int(6000)])
        #expect(harness.store.counters.foldedWriters > 1900)
    }

    @Test(
        "R-LIFE-03 streams of one series are folded at the limit",
        arguments: [Temporality.delta, .cumulative])
    func streamsAreFolded(temporality: Temporality) throws {
        var harness = StoreHarness(settings(writers: 50))
        for process in 0..<2000 {
            harness.now += 600
            let time = Double(process) * 600
            let outcome = try harness.send(
                sum("c", temporality, point("3", start: time, time: time + 1)),
                resource: #"{"key":"service.instance.id","value":{"intValue":"\#(process)"}}"#)
            #expect(outcome.rejected.isEmpty)
            #expect(harness.store.counts.writers + harness.store.counts.tombstones <= 50)
        }
        #expect(harness.exposed() == ["c": .int(6000)])
        // Records without references are removed, too.
        var state = MemoryState()
        harness.store.trackChanges()
        harness.checkpoint(into: &state)
        #expect(state.records.count < 150)
    }

    @Test("of a folded writer that returns only the growth counts")
    func returningWriterAddsItsGrowth() throws {
        var harness = StoreHarness(settings(spared: 0))
        try harness.send(sum("c", .cumulative, point("100", start: 0, time: 1)))
        try harness.send(sum("c", .cumulative, point("10", start: 1, time: 2)))
        try harness.send(
            sum("c", .cumulative, point("1000", start: 1, time: 2)), resource: #"{"key":"r","value":{}}"#)
        harness.now += 2 * 3600
        try harness.send(sum("c", .cumulative, point("11", start: 1, time: 7200)))
        harness.store.maintain(at: UnixNanoseconds(harness.now * 1e9))
        #expect(harness.store.counts.writers == 1)
        #expect(harness.store.counts.tombstones == 2)
        #expect(harness.exposed() == ["c": .int(1111)])
        try harness.send(sum("c", .cumulative, point("105", start: 0, time: 7300)))
        #expect(harness.exposed() == ["c": .int(1116)])
        try harness.send(
            sum("c", .cumulative, point("1002", start: 1, time: 7300)), resource: #"{"key":"r","value":{}}"#)
        #expect(harness.exposed() == ["c": .int(1118)])
    }

    @Test("a writer whose stream is folded at the limit by its own point is not lost")
    func ownStreamIsFolded() throws {
        var harness = StoreHarness(settings(writers: 2))
        try harness.send(sum("c", .cumulative, point("5", start: 0, time: 1)))
        harness.now += 1
        try harness.send(sum("c", .cumulative, point("7", start: 0, time: 1)), resource: #"{"key":"r","value":{}}"#)
        harness.now += 2 * 3600
        #expect(try harness.send(sum("c", .cumulative, point("1", start: 9, time: 7200))).rejected.isEmpty)
        #expect(harness.exposed() == ["c": .int(13)])
    }

    @Test("folding runs at most once a second, so that rejecting stays cheap")
    func fullStoreRejectsCheaply() throws {
        var harness = StoreHarness(settings(writers: 20_000))
        let points = (0..<20_000).map { point("1", start: 0, time: 1, attributes: [("n", "\($0)")]) }
        try harness.send(sum("c", .delta, points.joined(separator: ",")))
        let more = (0..<20_000).map { point("1", start: 0, time: 1, attributes: [("m", "\($0)")]) }
        let text = sum("c", .delta, more.joined(separator: ","))
        let start = ContinuousClock.now
        #expect(try harness.send(text).rejected == [.writerLimit: 20_000])
        // With a search over all writers for every point it took minutes.
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test("folding never changes a value on the page", arguments: 0..<16)
    func foldingChangesNothing(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed) &* 0x9E37_79B9 &+ 3)
        var settings = settings(spared: 0)
        settings.retention.evictAfter = 400 * 1_000_000_000
        var harness = StoreHarness(settings, tracksChanges: true)
        var state = MemoryState()
        var folded: UInt64 = 0
        for step in 0..<300 {
            harness.now += Double.random(in: 0..<200, using: &random)
            try harness.sendJSON(RandomExport.text(&random))
            let before = harness.exposed()
            harness.store.maintain(at: UnixNanoseconds(harness.now * 1e9))
            let after = harness.exposed()
            for (name, value) in before { #expect(after[name] == value, "step \(step) \(name)") }
            #expect(after.count == before.count)
            folded = max(folded, harness.store.counters.foldedWriters)
            if Int.random(in: 0..<6, using: &random) == 0 {
                harness.checkpoint(into: &state)
                let counts = harness.store.counts
                #expect(harness.restart(from: state, settings) == [])
                #expect(harness.store.counts.writers == counts.writers, "step \(step)")
                #expect(harness.store.counts.tombstones == counts.tombstones, "step \(step)")
                #expect(harness.exposed() == before, "step \(step)")
            }
        }
        #expect(folded > 0)
    }

    @Test("a store with folding shows the same totals as one without", arguments: 0..<8)
    func foldingStoreIsExact(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed) &* 0x9E37_79B9 &+ 5)
        var settings = settings(writers: 12, spared: 2)
        settings.retention.evictAfter = 100 * 1_000_000_000
        var folding = StoreHarness(settings)
        var steady = StoreHarness(self.settings(spared: .max))
        var totals = [Int](repeating: 0, count: 40)
        for step in 0..<1500 {
            folding.now += Double.random(in: 0..<60, using: &random)
            steady.now = folding.now
            let process = min(39, Int.random(in: 0..<10, using: &random) + step / 50)
            totals[process] += Int.random(in: 0..<5, using: &random)
            let time = folding.now - 1_700_000_000
            let isDelta = process % 3 == 0
            let value = isDelta ? step : totals[process]
            let text = sum(
                "c", isDelta ? .delta : .cumulative,
                point("\(value)", start: isDelta ? time - 1 : Double(process / 10), time: time))
            let resource = #"{"key":"r","value":{"intValue":"\#(process % 10)"}}"#
            // The limit still rejects points; the other store must not count those.
            guard try folding.send(text, resource: resource).rejected.isEmpty else { continue }
            try steady.send(text, resource: resource)
            if step % 7 == 0 { folding.store.maintain(at: UnixNanoseconds(folding.now * 1e9)) }
            #expect(folding.exposed() == steady.exposed(), "step \(step)")
        }
        #expect(folding.store.counters.foldedWriters > 0)
    }
}
