import OTLP
import Series
import Settings
import Testing

/// The state directory, in memory.
struct MemoryState: StateSink {
    struct Key: Hashable, Comparable {
        var kind: UInt8
        var id: UInt32

        static func < (a: Key, b: Key) -> Bool { (a.kind, a.id) < (b.kind, b.id) }
    }

    var records: [Key: [UInt8]] = [:]
    /// Records written by the last checkpoint.
    var written = 0

    mutating func put(_ kind: StateKind, _ id: UInt32, _ bytes: [UInt8], tail: ArraySlice<UInt8>) {
        records[Key(kind: kind.rawValue, id: id)] = bytes + tail
        written += 1
    }

    mutating func delete(_ kind: StateKind, _ id: UInt32) { records[Key(kind: kind.rawValue, id: id)] = nil }
}

extension StoreHarness {
    mutating func checkpoint(into state: inout MemoryState) {
        state.written = 0
        store.takeChanges(into: &state)
    }

    /// Makes the next checkpoint write all of these records again.
    mutating func markChanged(_ state: MemoryState) throws {
        for key in state.records.keys {
            store.markChanged(try #require(StateKind(rawValue: key.kind)), key.id)
        }
    }

    /// A new store restored from the records.
    /// - Returns: why records were left out.
    @discardableResult
    mutating func restart(
        from state: MemoryState, _ settings: SeriesSettings = SeriesSettings(), filtered: String? = nil
    ) -> [StateFault] {
        var next = StoreHarness(settings, filtered: filtered)
        let faults = next.restore(state)
        next.now = now
        self = next
        return faults
    }

    /// Restores the records into a new store.
    /// - Returns: why records were left out.
    mutating func restore(_ state: MemoryState) -> [StateFault] {
        store.trackChanges()
        var faults: [StateFault] = []
        for (key, bytes) in state.records.sorted(by: { $0.key < $1.key }) {
            guard let kind = StateKind(rawValue: key.kind) else { continue }
            let fault = bytes.withUnsafeBytes { bytes -> StateFault? in
                do throws(StateFault) {
                    try store.restore(kind, key.id, bytes)
                    return nil
                } catch {
                    return error
                }
            }
            if let fault { faults.append(fault) }
        }
        return faults + [StateFault](repeating: .orphan, count: store.finishRestoring())
    }
}

@Suite struct StateTests {
    @Test("a store restarted many times shows and counts the same as one that never was", arguments: 0..<12)
    func restartsChangeNothing(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed) &* 0x9E37_79B9 &+ 7)
        var settings = SeriesSettings()
        if seed % 2 == 0 {
            settings.stateLimits.maxSeries = 8
            settings.stateLimits.maxWriters = 16
        }
        if seed % 3 == 0 { settings.stateLimits.maxStateMemory = 30_000 }
        settings.windowsPerStreamLimit = 6
        var steady = StoreHarness(settings)
        var restarted = StoreHarness(settings, tracksChanges: true)
        var state = MemoryState()
        for step in 0..<200 {
            if Int.random(in: 0..<20, using: &random) == 0 { steady.now += 25 * 3600 }
            steady.now += Double.random(in: 0..<200, using: &random)
            restarted.now = steady.now
            let text = RandomExport.text(&random)
            let expected = try steady.sendJSON(text)
            let outcome = try restarted.sendJSON(text)
            #expect(outcome == expected, "step \(step)")
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                restarted.checkpoint(into: &state)
                #expect(restarted.restart(from: state, settings) == [])
            case 1: restarted.checkpoint(into: &state)
            default: break
            }
            let shown = restarted.exposed()
            #expect(shown == steady.exposed(), "step \(step)")
            var counts = restarted.store.counts
            // After a restart it is that of the remaining streams.
            counts.pageBytes = steady.store.counts.pageBytes
            counts.snapshotBytes = steady.store.counts.snapshotBytes
            #expect(counts == steady.store.counts, "step \(step)")
            #expect(restarted.store.checkInvariants() == [], "step \(step)")
        }
    }

    @Test("only changed records are written again")
    func checkpointsAreIncremental() throws {
        var harness = StoreHarness(tracksChanges: true)
        var state = MemoryState()
        let points = (0..<100).map { point("1", start: 0, time: 10, attributes: [("n", "\($0)")]) }
        try harness.send(
            #"{"name":"c","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[\#(points.joined(separator: ","))]}}"#
        )
        harness.checkpoint(into: &state)
        #expect(state.written == 1 + 3 + 200)
        harness.checkpoint(into: &state)
        #expect(state.written == 1)
        try harness.send(sum("c", .delta, point("1", start: 10, time: 20, attributes: [("n", "7")])))
        harness.checkpoint(into: &state)
        // The header, the resource, and one total.
        #expect(state.written == 3)
    }

    @Test("records that could not be written are passed again")
    func failedCheckpointIsRepeated() throws {
        var harness = StoreHarness(tracksChanges: true)
        var lost = MemoryState()
        try harness.send(sum("c", .delta, point("3", start: 0, time: 10)))
        harness.checkpoint(into: &lost)
        try harness.markChanged(lost)
        var state = MemoryState()
        harness.checkpoint(into: &state)
        #expect(state.records == lost.records)
    }

    @Test(
        "streams created during a checkpoint, or whose checkpoint failed, are in the next one"
    )
    func identitiesWaitForTheirRecord() throws {
        var harness = StoreHarness(tracksChanges: true)
        var state = MemoryState()
        func born(_ name: String, _ harness: inout StoreHarness) throws {
            try harness.send(sum("c", .delta, point("1", start: 0, time: 10, attributes: [("name", name)])))
        }
        try born("first", &harness)
        var lost = MemoryState()
        harness.checkpoint(into: &lost)
        try born("meanwhile", &harness)
        harness.store.changesEnded(areWritten: false)
        try harness.markChanged(lost)
        harness.checkpoint(into: &state)
        try born("last", &harness)
        harness.store.changesEnded(areWritten: true)
        harness.checkpoint(into: &state)
        harness.store.changesEnded(areWritten: true)
        #expect(harness.restart(from: state).isEmpty)
        #expect(harness.exposed() == ["c{name=first}": .int(1), "c{name=meanwhile}": .int(1), "c{name=last}": .int(1)])
    }

    @Test("the record of a stream is written once, even if marked again")
    func recordsOfStreamsStay() throws {
        var harness = StoreHarness(tracksChanges: true)
        var state = MemoryState()
        try harness.send(sum("c", .delta, point("3", start: 0, time: 10, attributes: [("a", "b")])))
        harness.checkpoint(into: &state)
        harness.store.changesEnded(areWritten: true)
        let written = state
        try harness.markChanged(written)
        harness.checkpoint(into: &state)
        #expect(state.records == written.records)
        #expect(harness.restart(from: state).isEmpty)
        #expect(harness.exposed() == ["c{a=b}": .int(3)])
    }

    @Test("a point sent before a restart and again after it counts once")
    func windowsSurvive() throws {
        var harness = StoreHarness(tracksChanges: true)
        var state = MemoryState()
        try harness.send(sum("c", .delta, point("3", start: 0, time: 10)))
        harness.checkpoint(into: &state)
        harness.restart(from: state)
        try harness.send(sum("c", .delta, point("3", start: 0, time: 10)))
        #expect(harness.exposed()["c"] == .int(3))
        #expect(harness.store.counters.duplicatePoints == 1)
    }

    @Test("the help and the start of a total are the same after a restart")
    func headsSurvive() throws {
        var harness = StoreHarness(tracksChanges: true)
        var state = MemoryState()
        try harness.send(
            #"{"name":"c","description":"What was counted.","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[\#(point("1", start: 5, time: 10))]}}"#
        )
        harness.checkpoint(into: &state)
        let startTime = harness.startTime(of: "c")
        harness.restart(from: state)
        let family = harness.store.snapshot(at: UnixNanoseconds(harness.now * 1e9)).families.first
        #expect(family?.help == Array("What was counted.".utf8))
        #expect(harness.startTime(of: "c") == startTime)
        #expect(startTime != 0)
    }

    @Test("records of another version are left out, all of them")
    func foreignVersion() throws {
        var harness = StoreHarness(tracksChanges: true)
        var state = MemoryState()
        try harness.send(sum("c", .delta, point("3", start: 0, time: 10)))
        harness.checkpoint(into: &state)
        let header = MemoryState.Key(kind: StateKind.header.rawValue, id: 0)
        try #require(state.records[header]?.isEmpty == false)
        state.records[header]?[0] &+= 1
        let faults = harness.restart(from: state)
        #expect(faults.count == state.records.count && faults.allSatisfy { $0 == .unknownTag })
        #expect(harness.exposed().isEmpty)
    }

    @Test("a total continues when the mode of its writers changes from sum to latest, and back")
    func writerRuleMayChange() throws {
        var harness = StoreHarness(tracksChanges: true)
        var state = MemoryState()
        try harness.send(sum("c", .cumulative, point("30", start: 1, time: 10)))
        harness.checkpoint(into: &state)
        var settings = SeriesSettings()
        settings.writerRules = WriterRules([WriterRule(metric: "*", mode: .latest)])
        harness.restart(from: state, settings)
        #expect(harness.exposed()["c"] == .int(30))
        try harness.send(sum("c", .cumulative, point("35", start: 1, time: 20)))
        #expect(harness.exposed()["c"] == .int(35))
        harness.checkpoint(into: &state)
        harness.restart(from: state)
        try harness.send(sum("c", .cumulative, point("36", start: 1, time: 30)))
        #expect(harness.exposed()["c"] == .int(36))
    }

    @Test("R-LIFE-05 a record with any byte changed or cut is left out or read, without a trap", arguments: 0..<8)
    func damagedRecordsAreLeftOut(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed) &+ 99)
        var harness = StoreHarness(tracksChanges: true)
        for _ in 0..<20 {
            harness.now += 10
            try harness.sendJSON(RandomExport.text(&random))
        }
        var state = MemoryState()
        harness.checkpoint(into: &state)
        let keys = state.records.keys.sorted()
        for _ in 0..<150 {
            var damaged = state
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                guard let key = keys.randomElement(using: &random), var bytes = damaged.records[key] else { continue }
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
                case 1: bytes.append(UInt8.random(in: .min ... .max, using: &random))
                default:
                    guard let place = bytes.indices.randomElement(using: &random) else { continue }
                    bytes[place] = UInt8.random(in: .min ... .max, using: &random)
                }
                damaged.records[key] = bytes
            }
            if Bool.random(using: &random), let key = keys.randomElement(using: &random) { damaged.records[key] = nil }
            var other = StoreHarness()
            other.now = harness.now
            other.restart(from: damaged)
            _ = other.exposed()
            var traffic = random
            for _ in 0..<3 { try other.sendJSON(RandomExport.text(&traffic)) }
            var again = MemoryState()
            other.checkpoint(into: &again)
            _ = other.exposed()
        }
    }
}

/// Exports of every kind of metric, with few names and labels, so that they collide.
enum RandomExport {
    static func text(_ random: inout SeededRandom) -> String {
        let groups = (0..<Int.random(in: 1...3, using: &random)).map { _ in
            let resource = Int.random(in: 0..<2, using: &random)
            let scope = Int.random(in: 0..<2, using: &random)
            return #"{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"r\#(resource)"}}]},"#
                + #""scopeMetrics":[{"scope":{"name":"s\#(scope)"},"metrics":[\#(metrics(&random))]}]}"#
        }
        return #"{"resourceMetrics":[\#(groups.joined(separator: ","))]}"#
    }

    private static func metrics(_ random: inout SeededRandom) -> String {
        (0..<Int.random(in: 1...4, using: &random)).map { _ in
            let points = { (random: inout SeededRandom, make: (String, inout SeededRandom) -> String) in
                (0..<Int.random(in: 1...4, using: &random)).map { _ in make(header(&random), &random) }
                    .joined(separator: ",")
            }
            let temporality = Int.random(in: 1...2, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0: return #"{"name":"g","gauge":{"dataPoints":[\#(points(&random, number))]}}"#
            case 1:
                return
                    #"{"name":"h","description":"H.","histogram":{"aggregationTemporality":\#(temporality),"dataPoints":[\#(points(&random, buckets))]}}"#
            case 2:
                return
                    #"{"name":"e","exponentialHistogram":{"aggregationTemporality":\#(temporality),"dataPoints":[\#(points(&random, exponential))]}}"#
            case 3: return #"{"name":"q","summary":{"dataPoints":[\#(points(&random, summary))]}}"#
            default:
                let name = ["a", "b", "system.c"].randomElement(using: &random) ?? "a"
                let isMonotonic = Int.random(in: 0..<4, using: &random) > 0
                return
                    #"{"name":"\#(name)","sum":{"aggregationTemporality":\#(temporality),"isMonotonic":\#(isMonotonic),"dataPoints":[\#(points(&random, number))]}}"#
            }
        }.joined(separator: ",")
    }

    private static func header(_ random: inout SeededRandom) -> String {
        let start = Double(Int.random(in: 0..<3, using: &random))
        let time = Double(Int.random(in: 0..<60, using: &random))
        return
            #""attributes":[{"key":"n","value":{"stringValue":"\#(Int.random(in: 0..<4, using: &random))"}}],"startTimeUnixNano":"\#(nanoseconds(start))","timeUnixNano":"\#(nanoseconds(time))""#
    }

    private static func number(_ header: String, _ random: inout SeededRandom) -> String {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: "{\(header),\"flags\":1}"
        case 1: "{\(header),\"asDouble\":\(Double.random(in: 0..<100, using: &random))}"
        default: "{\(header),\"asInt\":\(Int.random(in: -1..<100, using: &random))}"
        }
    }

    private static func buckets(_ header: String, _ random: inout SeededRandom) -> String {
        let bounds = Int.random(in: 0..<12, using: &random) == 0 ? [1, 3] : [1, 2, 3]
        let counts = (0...bounds.count).map { _ in Int.random(in: 0..<9, using: &random) }
        let sum = Int.random(in: 0..<20, using: &random) == 0 ? "" : #","sum":\#(counts.reduce(0, +))"#
        return
            #"{\#(header),"count":\#(counts.reduce(0, +)),"bucketCounts":\#(counts),"explicitBounds":\#(bounds)\#(sum)}"#
    }

    private static func exponential(_ header: String, _ random: inout SeededRandom) -> String {
        let counts = (0..<Int.random(in: 0..<6, using: &random)).map { _ in Int.random(in: 0..<9, using: &random) }
        let zeroCount = Int.random(in: 0..<3, using: &random)
        let threshold = Int.random(in: 0..<6, using: &random) == 0 ? 0.5 : 0
        return
            #"{\#(header),"scale":\#(Int.random(in: -4...8, using: &random)),"zeroCount":\#(zeroCount),"zeroThreshold":\#(threshold),"count":\#(counts.reduce(zeroCount, +)),"sum":1.5,"positive":{"offset":\#(Int.random(in: -20..<20, using: &random)),"bucketCounts":\#(counts)}}"#
    }

    private static func summary(_ header: String, _ random: inout SeededRandom) -> String {
        #"{\#(header),"count":\#(Int.random(in: 0..<9, using: &random)),"sum":2.5,"quantileValues":[{"quantile":0.5,"value":1.25}]}"#
    }
}
