import OTLP
import Series
import Testing

/// Zeros that end before the time set at creation (docs/decisions/0006-zero-ends-early.md).
@Suite struct ShortenedZeroTests {
    private static var settings: SeriesSettings {
        var settings = SeriesSettings()
        settings.firstSampleZero = true
        settings.createdAt = 1_700_000_000_000_000_000
        return settings
    }

    private static func delta(_ name: String) -> String { sum(name, .delta, point("1", start: nil, time: nil)) }

    @Test("R-OM-18 series created before an interval is known end their zeros with those created when it is")
    func zerosEndTogether() throws {
        var harness = StoreHarness(Self.settings)
        try harness.send(Self.delta("a"))
        harness.now += 3
        try harness.send(Self.delta("b"))
        harness.now += 1
        let isWanted = harness.shorten(4)
        #expect(!isWanted, "nothing has to be written")
        harness.interval(4)
        try harness.send(Self.delta("c"))
        harness.now += 4.999
        #expect(harness.scrapedSums() == ["a": 0, "b": 0, "c": 0])
        harness.now += 0.001
        #expect(harness.scrapedSums() == ["a": 1, "b": 1, "c": 1])
    }

    @Test func timesNeverBecomeLater() throws {
        var harness = StoreHarness(Self.settings)
        harness.interval(4)
        try harness.send(Self.delta("a"))
        harness.interval(60)
        try harness.send(Self.delta("b"))
        harness.now += 2
        _ = harness.shorten(4)
        harness.now += 3
        #expect(harness.scrapedSums() == ["a": 1, "b": 0])
        // Another call does not change the time.
        _ = harness.shorten(4)
        harness.now += 2
        #expect(harness.scrapedSums() == ["a": 1, "b": 1])
    }

    @Test func littleIsNotWorthACheckpoint() throws {
        var harness = StoreHarness(Self.settings, tracksChanges: true)
        harness.interval(4.5)
        try harness.send(Self.delta("a"))
        let isLittle = harness.shorten(4)
        #expect(!isLittle)
        let isMuch = harness.shorten(3)
        #expect(isMuch)
        // A checkpoint is being written.
        let isAgain = harness.shorten(3)
        #expect(!isAgain)
    }

    @Test("a shortened time takes effect once it is on disk")
    func timesAreDurableFirst() throws {
        var harness = StoreHarness(Self.settings, tracksChanges: true)
        var state = MemoryState()
        try harness.send(Self.delta("a"))
        harness.checkpoint(into: &state)
        harness.store.changesEnded(areWritten: true)
        let isWanted = harness.shorten(4)
        #expect(isWanted)
        // Earlier checkpoints have no effect.
        harness.store.changesEnded(areWritten: true)
        harness.now += 10
        #expect(harness.scrapedSums() == ["a": 0])
        var lost = MemoryState()
        harness.checkpoint(into: &lost)
        harness.store.changesEnded(areWritten: false)
        for key in lost.records.keys { harness.store.markChanged(StateKind(rawValue: key.kind) ?? .header, key.id) }
        #expect(harness.scrapedSums() == ["a": 0])
        harness.checkpoint(into: &state)
        // Created while the checkpoint is written: it is not part of it.
        try harness.send(Self.delta("b"))
        #expect(harness.scrapedSums() == ["a": 0, "b": 0])
        harness.store.changesEnded(areWritten: true)
        #expect(harness.scrapedSums() == ["a": 1, "b": 0])
        #expect(harness.restart(from: state, Self.settings) == [])
        #expect(harness.scrapedSums() == ["a": 1])
    }

    /// Survives a crash: the last written checkpoint, and all exports.
    private struct Disk {
        var state = MemoryState()
        var covered = 0
        var writing: (state: MemoryState, covered: Int)?
        var journal: [(text: String, now: Double, interval: Double)] = []
    }

    @Test("R-OM-18 a series that was shown with its value is never 0 again, crashes or not", arguments: 0..<12)
    func valueStaysThroughCrashes(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed) &* 0x9E37_79B9 &+ 11)
        var harness = StoreHarness(Self.settings, tracksChanges: true)
        var disk = Disk()
        var shown: [String: Int64] = [:]
        var shortened = 0
        for step in 0..<400 {
            harness.now += Double.random(in: 0..<3, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4:
                let name = "c\(Int.random(in: max(0, step / 8 - 3)...step / 8, using: &random))"
                let text = #"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[\#(Self.delta(name))]}]}]}"#
                let interval = Bool.random(using: &random) ? 5.0 : 60
                harness.interval(interval)
                try harness.sendJSON(text)
                disk.journal.append((text, harness.now, interval))
            case 4: if harness.shorten(5) { shortened += 1 }
            case 5 where disk.writing == nil:
                var state = disk.state
                harness.checkpoint(into: &state)
                disk.writing = (state, disk.journal.count)
            case 6, 7:
                guard let writing = disk.writing else { break }
                (disk.state, disk.covered, disk.writing) = (writing.state, writing.covered, nil)
                harness.store.changesEnded(areWritten: true)
            case 8 where Int.random(in: 0..<4, using: &random) == 0:
                // The checkpoint may be written although its end was not reported.
                if let writing = disk.writing, Bool.random(using: &random) {
                    (disk.state, disk.covered) = (writing.state, writing.covered)
                }
                disk.writing = nil
                let now = harness.now
                #expect(harness.restart(from: disk.state, Self.settings) == [])
                for export in disk.journal[disk.covered...] {
                    harness.now = export.now
                    harness.interval(export.interval)
                    try harness.sendJSON(export.text)
                }
                harness.now = now
            default: break
            }
            let seen = harness.scrapedSums()
            for (name, value) in shown {
                let now = try #require(seen[name])
                #expect(now >= value, "\(name) at step \(step)")
            }
            shown.merge(seen) { $1 }
        }
        #expect(shortened > 0)
    }

    /// Another configuration: all labels are dropped.
    private struct Merging: StreamTranslation {
        func exposure(of stream: StreamIdentity) throws(RejectionReason) -> Exposure {
            Exposure(family: FamilyDescriptor(name: stream.metric.name, type: .counter), labels: [])
        }

        func exemplarLabels(
            traceID: UnsafeRawBufferPointer, spanID: UnsafeRawBufferPointer, attributes: [Attribute]
        ) -> [UInt8] { [] }
    }

    @Test("series merged by configuration are 0 only if none of them has shown its value", arguments: [false, true])
    func mergedSeries(isBornLast: Bool) throws {
        func export(_ label: String) -> String {
            sum("c", .delta, point("1", start: nil, time: nil, attributes: [("k", label)]))
        }
        var harness = StoreHarness(Self.settings, tracksChanges: true)
        // The order of the records must not matter.
        harness.interval(isBornLast ? 4 : 60)
        try harness.send(export("a"))
        harness.interval(isBornLast ? 60 : 4)
        try harness.send(export("b"))
        for (elapsed, value) in [(4.0, Int64(0)), (1, 2)] {
            harness.now += elapsed
            var state = MemoryState()
            for kind in [StateKind.resource, .scope, .metric, .stream, .total] {
                for number in 0..<2 { harness.store.markChanged(kind, UInt32(number)) }
            }
            harness.checkpoint(into: &state)
            var generator = SeededRandom(seed: 2)
            var merged = StoreHarness(Self.settings)
            merged.now = harness.now
            merged.store = SeriesStore(settings: Self.settings, translation: Merging(), using: &generator)
            #expect(merged.restore(state) == [])
            #expect(merged.scrapedSums() == ["c": value])
        }
    }
}

extension StoreHarness {
    /// Series created from now on use this interval, seconds.
    fileprivate mutating func interval(_ seconds: Double) {
        store.firstIncrement.scrapeInterval = UInt64(seconds * 1e9)
    }

    /// Sets the known interval, seconds.
    fileprivate mutating func shorten(_ seconds: Double) -> Bool {
        store.shortenZeros(scrapeInterval: UInt64(seconds * 1e9), at: UnixNanoseconds(now * 1e9))
    }

    /// What Prometheus sees of counters.
    fileprivate mutating func scrapedSums() -> [String: Int64] {
        var result: [String: Int64] = [:]
        for family in store.snapshot(at: UnixNanoseconds(now * 1e9), for: .prometheus).families {
            for sample in family.samples {
                guard case .number(.int(let value)) = sample.value else { continue }
                result[String(decoding: family.descriptor.name, as: UTF8.self), default: 0] += value
            }
        }
        return result
    }
}
