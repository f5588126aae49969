import OTLP
import Testing

@testable import Series

/// Metrics that a `filter` processor drops.
@Suite struct FilterTests {
    private static func delta(_ name: String, _ value: Int, _ start: Double) -> String {
        sum(name, .delta, point("\(value)", start: start, time: start + 10))
    }

    @Test("points of a filtered metric do not count, create no series, and are not rejected")
    func filteredPointsDoNotCount() throws {
        var harness = StoreHarness(filtered: "a")
        let outcome = try harness.send(
            Self.delta("a", 1, 0), Self.delta("b", 2, 0), gauge("a", point("1", time: 1), point("2", time: 2)))
        #expect(outcome.acceptedPoints == 1)
        #expect(outcome.filteredPoints == 3)
        #expect(outcome.rejectedPoints == 0)
        #expect(harness.exposed().keys.sorted() == ["b"])
        #expect(harness.store.counters.filteredPoints == 3)
        #expect(harness.store.counters.acceptedPoints == 1)
        #expect(harness.store.counts.streams == 1)
        // Filtered points leave no state.
        #expect(harness.store.held.ledger.identities.metricCount == 1)
    }

    @Test("a filter hides existing totals; they are shown again when it is removed")
    func filteredTotalsAreKept() throws {
        var harness = StoreHarness(tracksChanges: true)
        var state = MemoryState()
        try harness.send(
            Self.delta("a", 5, 0), sum("c", .cumulative, point("7", start: 0, time: 10)),
            gauge("g", point("1", time: 10)))
        harness.checkpoint(into: &state)

        for name in ["a", "c"] {
            var kept = state
            harness.restart(from: kept, filtered: name)
            harness.store.resetCounters()
            try harness.send(Self.delta("a", 1, 10), sum("c", .cumulative, point("9", start: 0, time: 20)))
            #expect(harness.exposed()[name] == nil)
            #expect(harness.exposed()["g"] != nil)
            harness.checkpoint(into: &kept)

            harness.restart(from: kept)
            harness.store.resetCounters()
            #expect(harness.exposed()["a"] == .number(.int(name == "a" ? 5 : 6)))
            #expect(harness.exposed()["c"] == .number(.int(name == "c" ? 7 : 9)))
            try harness.send(Self.delta("a", 1, 20), sum("c", .cumulative, point("10", start: 0, time: 30)))
            #expect(harness.exposed()["a"] == .number(.int(name == "a" ? 6 : 7)))
            #expect(harness.exposed()["c"] == .number(.int(10)))
        }
    }

    @Test("an export that counted before the filter is replayed after a crash, but not shown")
    func replayCatchesUp() throws {
        var harness = StoreHarness(tracksChanges: true)
        var state = MemoryState()
        try harness.send(Self.delta("a", 5, 0))
        harness.checkpoint(into: &state)

        // The journal has the exports after the checkpoint.
        harness.restart(from: state, filtered: "a")
        try harness.send(
            Self.delta("a", 3, 10), sum("a", .delta, point("4", start: 0, time: 5, attributes: [("k", "v")])))
        harness.store.resetCounters()
        #expect(harness.exposed().isEmpty)
        try harness.send(Self.delta("a", 100, 20))
        #expect(harness.store.counts.streams == 1)
        harness.checkpoint(into: &state)

        harness.restart(from: state)
        harness.store.resetCounters()
        try harness.send(Self.delta("a", 1, 30))
        #expect(harness.exposed() == ["a": .number(.int(9))])
    }

    @Test("filtered metrics leave no records")
    func checkpointsHoldNothingFiltered() throws {
        var harness = StoreHarness(filtered: "a", tracksChanges: true)
        var state = MemoryState()
        for round in 0..<5 {
            try harness.send(Self.delta("a", 1, Double(round)))
            harness.checkpoint(into: &state)
        }
        // The header.
        #expect(state.records.count == 1)
        #expect(state.written == 1)
    }

    @Test("points without a value and NoRecordedValue points have no effect on a filtered metric")
    func withdrawalIsFiltered() throws {
        var harness = StoreHarness(filtered: "a")
        let outcome = try harness.send(sum("a", .delta, point("", start: 0, time: 1, flags: 1), point("", time: 2)))
        #expect(outcome.filteredPoints == 2)
        #expect(outcome.rejectedPoints == 0)
    }

    @Test("parts that cannot be decoded are reported also in filtered metrics")
    func malformedIsTold() throws {
        var harness = StoreHarness(filtered: "a")
        let outcome = try harness.send(sum("a", .delta, #"{"asInt":1,"attributes":7}"#))
        #expect(outcome.filteredPoints == 1)
        #expect(outcome.losses[.attribute] == 1)
    }
}
