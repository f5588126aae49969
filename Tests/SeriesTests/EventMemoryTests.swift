import OTLP
import Series
import Testing

/// An event counts once in each of its metrics, however often it is sent.
@Suite struct EventMemoryTests {
    private static let eventFlag = 1 << 31

    /// A point of an event with this identity and time.
    private static func event(_ identity: Int, time: Double, _ value: String = "1") -> String {
        point(value, time: time, flags: eventFlag)
            .replacing(#""startTimeUnixNano":"0""#, with: #""startTimeUnixNano":"\#(identity)""#)
    }

    private static func histogram(_ identity: Int, time: Double) -> String {
        #"{"name":"h","histogram":{"aggregationTemporality":1,"dataPoints":[{"startTimeUnixNano":"\#(identity)","timeUnixNano":"\#(nanoseconds(time))","flags":\#(eventFlag),"count":"1","sum":2,"bucketCounts":["1","0"],"explicitBounds":[5]}]}}"#
    }

    @Test("an event repeated in a later export does not count in any metric")
    func repeatedEvent() throws {
        var harness = StoreHarness()
        for _ in 0..<2 {
            try harness.send(
                sum("a", .delta, Self.event(7, time: 1)), sum("b", .delta, Self.event(7, time: 1, "5")),
                Self.histogram(7, time: 1))
        }
        #expect(harness.exposed()["a"] == .int(1))
        #expect(harness.exposed()["b"] == .int(5))
        guard case .histogram(let histogram)? = harness.exposed()["h"] else {
            Issue.record("no histogram")
            return
        }
        #expect(histogram.count == 1)
        #expect(harness.store.counters.duplicatePoints == 3)
        // In another metric too, since duplicates are recognised by the event, not the point.
        try harness.send(sum("c", .delta, Self.event(7, time: 1)))
        #expect(harness.exposed()["c"] == nil)
    }

    @Test("other events count, at the same time or with the same number; so do two points of one export")
    func otherEvents() throws {
        var harness = StoreHarness()
        try harness.send(sum("a", .delta, Self.event(7, time: 1), Self.event(8, time: 1), Self.event(7, time: 1)))
        try harness.send(sum("a", .delta, Self.event(7, time: 2), Self.event(9, time: 0.5)))
        #expect(harness.exposed()["a"] == .int(5))
        #expect(harness.store.counters.gaps == 0)
        #expect(harness.store.counters.overlaps == 0)
        #expect(harness.store.counts.windowMemory == 0)
    }

    @Test("the identity of an event is not shown as the start of its series")
    func startTime() throws {
        var harness = StoreHarness()
        try harness.send(sum("a", .delta, Self.event(7, time: 1)))
        #expect(harness.startTime(of: "a") == 1_700_000_001_000_000_000)
    }

    @Test("points of other kinds are not events, whatever their flags say")
    func otherKinds() throws {
        var harness = StoreHarness()
        for value in ["3", "4"] {
            try harness.send(
                gauge("g", Self.event(7, time: 1, value)), sum("c", .cumulative, Self.event(7, time: 1, value)))
        }
        #expect(harness.exposed()["g"] == .int(4))
        #expect(harness.exposed()["c"] == .int(4))
    }

    @Test("events are remembered as long as windows, up to the limit")
    func forgetting() throws {
        var settings = SeriesSettings()
        settings.eventLimit = 2000
        var harness = StoreHarness(settings)
        func send(_ identity: Int, _ harness: inout StoreHarness) throws {
            try harness.send(sum("a", .delta, Self.event(identity, time: 1)))
        }
        for identity in 1...3000 { try send(identity, &harness) }
        try send(3000, &harness)
        try send(1001, &harness)
        #expect(harness.exposed()["a"] == .int(3000))
        try send(1000, &harness)
        #expect(harness.exposed()["a"] == .int(3001))
        harness.now += 901
        harness.store.maintain(at: UnixNanoseconds(harness.now * 1e9))
        try send(3000, &harness)
        #expect(harness.exposed()["a"] == .int(3002))
    }

    @Test("after a restart events are remembered, and forgotten ones have no records")
    func restart() throws {
        var harness = StoreHarness(tracksChanges: true)
        var state = MemoryState()
        func runs() -> Int { state.records.keys.count { $0.kind == StateKind.events.rawValue } }
        try harness.send(sum("a", .delta, Self.event(1, time: 1)))
        harness.checkpoint(into: &state)
        for identity in 2...1500 { try harness.send(sum("a", .delta, Self.event(identity, time: 1))) }
        harness.checkpoint(into: &state)
        #expect(runs() == 3)
        try harness.send(sum("a", .delta, Self.event(1501, time: 1)))
        harness.checkpoint(into: &state)
        #expect(state.written < 5, "runs that are full are not written again")
        #expect(harness.restart(from: state) == [])
        for identity in [1, 2, 700, 1501] { try harness.send(sum("a", .delta, Self.event(identity, time: 1))) }
        #expect(harness.exposed()["a"] == .int(1501))
        try harness.send(sum("a", .delta, Self.event(1502, time: 1)))
        harness.checkpoint(into: &state)
        #expect(harness.restart(from: state) == [])
        try harness.send(sum("a", .delta, Self.event(1502, time: 1)))
        #expect(harness.exposed()["a"] == .int(1502))
        harness.now += 901
        harness.store.maintain(at: UnixNanoseconds(harness.now * 1e9))
        harness.checkpoint(into: &state)
        #expect(runs() <= 1)
    }
}
