import OTLP
import Series
import Settings
import Testing

/// Series of very many streams, such as a label policy makes of sessions.
@Suite struct CrowdTests {
    private static let settings: SeriesSettings = {
        var settings = SeriesSettings()
        settings.sharedStreamLimit = 100
        return settings
    }()

    private static func session(_ number: Int) -> String {
        #"{"key":"session","value":{"intValue":"\#(number)"}}"#
    }

    private static func one(_ value: Int, at time: Double) -> String {
        sum("c", .delta, point("\(value)", start: time, time: time + 1))
    }

    private static func cumulative(_ value: Int, start: Double, time: Double) -> String {
        sum("c", .cumulative, point("\(value)", start: start, time: time))
    }

    /// Sends a point for each of many sessions.
    private static func sessions(_ numbers: Range<Int>, to harness: inout StoreHarness) throws {
        for number in numbers {
            harness.now += 1
            let outcome = try harness.send(one(number, at: Double(number) * 2), resource: session(number))
            #expect(outcome.rejected.isEmpty)
        }
    }

    @Test("R-LIFE-03 the number of sessions kept for a shared series is bounded, and their total is exact")
    func numberIsBounded() throws {
        var harness = StoreHarness(Self.settings)
        for block in 0..<20 {
            try Self.sessions(block * 100..<block * 100 + 100, to: &harness)
            #expect(harness.store.counts.streams <= 110, "block \(block)")
        }
        #expect(harness.exposed() == ["c": .int(1999 * 1000)])
        #expect(harness.store.counters.foldedWriters > 1800)
        #expect(harness.store.counts.tombstones == 0)
    }

    @Test("duplicates of a folded session are recognised for 15 minutes, also after a restart")
    func repetitionsAreKnown() throws {
        var harness = StoreHarness(Self.settings, tracksChanges: true)
        try Self.sessions(0..<500, to: &harness)
        var state = MemoryState()
        harness.checkpoint(into: &state)
        for restart in [false, true] {
            if restart { #expect(harness.restart(from: state, Self.settings) == []) }
            let before = harness.store.counters.duplicatePoints
            for number in stride(from: 0, to: 500, by: 7) {
                try harness.send(Self.one(number, at: Double(number) * 2), resource: Self.session(number))
            }
            #expect(harness.store.counters.duplicatePoints - before == 72)
            #expect(harness.exposed() == ["c": .int(499 * 250)])
        }
        harness.now += 901
        harness.store.maintain(at: UnixNanoseconds(harness.now * 1e9))
        #expect(harness.store.counts.windowMemory == 0)
        harness.checkpoint(into: &state)
        #expect(state.records.keys.allSatisfy { $0.kind != StateKind.foldedWindows.rawValue })
    }

    @Test("a session that returns continues to count, and its earlier points are duplicates in any order")
    func sessionsReturn() throws {
        var harness = StoreHarness(Self.settings)
        try harness.send(Self.one(1000, at: 50), resource: Self.session(-1))
        try harness.send(Self.one(2000, at: 70), resource: Self.session(-1))
        try Self.sessions(0..<300, to: &harness)
        let others = 299 * 150
        #expect(harness.exposed() == ["c": .int(Int64(3000 + others))])
        try harness.send(Self.one(4000, at: 60), resource: Self.session(-1))
        #expect(harness.exposed() == ["c": .int(Int64(7000 + others))])
        for (value, time) in [(1000, 50.0), (2000, 70.0), (4000, 60.0)] {
            try harness.send(Self.one(value, at: time), resource: Self.session(-1))
        }
        #expect(harness.exposed() == ["c": .int(Int64(7000 + others))])
        // Another value in the same window is another writer.
        try harness.send(Self.one(1001, at: 50), resource: Self.session(-1))
        #expect(harness.exposed() == ["c": .int(Int64(8001 + others))])
    }

    @Test("equal points of one request all count while other streams are folded")
    func equalPointsOfOneRequest() throws {
        var harness = StoreHarness(Self.settings)
        try Self.sessions(0..<100, to: &harness)
        harness.now += 1
        let twice = sum("c", .delta, point("5", start: 1, time: 2) + "," + point("5", start: 1, time: 2))
        func resource(_ number: Int) -> String {
            let attributes = #""resource":{"attributes":[\#(Self.session(number))]}"#
            return #"{\#(attributes),"scopeMetrics":[{"metrics":[\#(twice)]}]}"#
        }
        let resources = (1000..<1100).map(resource).joined(separator: ",")
        let outcome = try harness.sendJSON(#"{"resourceMetrics":[\#(resources)]}"#)
        #expect(outcome.acceptedPoints == 200)
        #expect(harness.exposed() == ["c": .int(99 * 50 + 1000)])
        #expect(harness.store.counters.duplicatePoints == 0)
    }

    @Test("the memory of windows is bounded: the oldest are forgotten and counted")
    func windowMemoryIsBounded() throws {
        var settings = Self.settings
        settings.retention.maxWindowsMemory = 100_000
        var harness = StoreHarness(settings)
        for block in 0..<10 {
            let points = (0..<1000).map { index in
                point("1", start: Double(block), time: Double(block) + 1, attributes: [("n", "\(index)")])
            }
            // One resource each: many streams, few series.
            for resource in 0..<3 {
                harness.now += 1
                try harness.send(
                    sum("c", .delta, points.joined(separator: ",")), resource: Self.session(block * 3 + resource))
            }
        }
        #expect(harness.store.counts.windowMemory <= 100_000)
        #expect(harness.store.counters.forgottenWindows > 0)
        #expect(harness.exposed().values.allSatisfy { $0 == .int(30) })
        #expect(harness.exposed().count == 1000)
    }

    @Test("cumulative sessions stay until they have been idle for evict_after: a late point must not count again")
    func cumulativeSessionsStay() throws {
        var harness = StoreHarness(Self.settings)
        for number in 0..<300 {
            harness.now += 1
            let text = Self.cumulative(10, start: Double(number), time: Double(number) + 5)
            try harness.send(text, resource: Self.session(number))
        }
        #expect(harness.store.counts.streams == 300)
        for number in 0..<300 {
            let text = Self.cumulative(9, start: Double(number), time: Double(number) + 4)
            try harness.send(text, resource: Self.session(number))
        }
        #expect(harness.exposed() == ["c": .int(3000)])
    }

    @Test("the page does not depend on the number of streams kept", arguments: 0..<8)
    func nothingShownDependsOnIt(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed) &* 0x9E37_79B9 &+ 11)
        var few = SeriesSettings()
        few.sharedStreamLimit = 1
        var crowded = StoreHarness(few, tracksChanges: true)
        var roomy = StoreHarness()
        var state = MemoryState()
        for step in 0..<120 {
            crowded.now += Double.random(in: 0..<40, using: &random)
            roomy.now = crowded.now
            // Without anything that depends on the order of streams: withdrawals, other bounds or thresholds.
            let text = RandomExport.text(&random).replacing(#","flags":1"#, with: "")
                .replacing(#""explicitBounds":[1, 3]"#, with: #""explicitBounds":[1, 2, 3]"#)
                .replacing(#""zeroThreshold":0.5"#, with: #""zeroThreshold":0"#)
            let expected = try roomy.sendJSON(text)
            #expect(try crowded.sendJSON(text) == expected, "step \(step)")
            #expect(crowded.store.checkInvariants() == [], "step \(step)")
            let (shown, wanted) = (crowded.exposed(), roomy.exposed())
            #expect(Set(shown.keys) == Set(wanted.keys), "step \(step)")
            for (name, value) in wanted {
                #expect(shown[name].map { $0.isNear(value) } == true, "step \(step) \(name)")
            }
            guard Int.random(in: 0..<8, using: &random) == 0 else { continue }
            crowded.checkpoint(into: &state)
            #expect(crowded.restart(from: state, few) == [])
        }
    }
}

extension SeriesValue {
    /// Equal except for the rounding of sums added in another order.
    fileprivate func isNear(_ other: SeriesValue) -> Bool {
        if self == other { return true }
        func isNear(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-12 * max(1, abs(a), abs(b)) }
        switch (self, other) {
        case (.number(.double(let a)), .number(.double(let b))): return isNear(a, b)
        case (.histogram(var a), .histogram(let b)):
            guard let (x, y) = a.sum.flatMap({ x in b.sum.map { (x, $0) } }), isNear(x, y) else { return false }
            a.sum = b.sum
            return a == b
        case (.nativeHistogram(var a), .nativeHistogram(let b)):
            guard let (x, y) = a.sum.flatMap({ x in b.sum.map { (x, $0) } }), isNear(x, y) else { return false }
            a.sum = b.sum
            return a == b
        default: return false
        }
    }
}
