import Events
import Testing

/// The identity of an event.
@Suite struct EventIdentityTests {
    private typealias Export = EventExport

    /// Start and time of the one point of an event that only events_total counts.
    private func identity(_ record: String) throws -> [UInt64] {
        var harness = EventHarness()
        let derived = try harness.derive(record)
        #expect(derived.identities.count == 1)
        return derived.identities[0]
    }

    @Test("all points of an event have the same two numbers as identity")
    func onePerEvent() throws {
        var harness = EventHarness()
        let derived = try harness.derive(Export.record("api_request", ["cost_usd": "1.5", "duration_ms": "3"]))
        #expect(derived.identities.count == 4)
        #expect(Set(derived.identities).count == 1)
        #expect(derived.identities[0][1] == 1_700_000_000_001_000_000)
    }

    @Test("a repeated event is recognised, whatever else changed in it")
    func sentAgain() throws {
        let first = try identity(Export.record("x", sequence: 7))
        #expect(try identity(Export.record("x", sequence: 7)) == first)
        #expect(try identity(Export.record("x", sequence: 7, ["terminal.type": "\"tmux\""])) == first)
        #expect(try identity(Export.record("x", sequence: 7, ["a": "1"])) == first)
    }

    @Test("session, sequence, time and name distinguish events")
    func others() throws {
        let all = try [
            identity(Export.record("x", sequence: 7)), identity(Export.record("x", sequence: 8)),
            identity(Export.record("x", sequence: 7, session: "s-2")),
            identity(Export.record("x", sequence: 7, time: 2)),
            identity(Export.record("y", sequence: 7)), identity(Export.record("x", sequence: 71, session: "s-")),
        ]
        #expect(Set(all).count == all.count)
    }

    @Test(
        "processes that share a session are distinguished by the ids in their events",
        arguments: ["prompt.id", "message.uuid", "request_id", "client_request_id", "tool_use_id"])
    func sharedSession(id: String) throws {
        let all = try [
            identity(Export.record("x")), identity(Export.record("x", [id: "\"1\""])),
            identity(Export.record("x", [id: "\"2\""])), identity(Export.record("x", [id: "\"\""])),
        ]
        #expect(Set(all).count == all.count)
        #expect(try identity(Export.record("x", [id: "\"1\"", "a": "1"])) == all[1])
    }

    @Test("within one export an event counts once")
    func withinOneExport() throws {
        var harness = EventHarness()
        let derived = try harness.derive(Export.record("x"), Export.record("x"), Export.record("x", sequence: 2))
        #expect(derived.export.events == 3)
        #expect(derived.export.repeatedEvents == 1)
        #expect(derived.identities.count == 2)
    }

    @Test("an event without session or sequence is identified by its whole content; equal ones of one export all count")
    func withoutSequence() throws {
        let first = try identity(Export.record("x", sequence: nil))
        #expect(try identity(Export.record("x", sequence: nil)) == first)
        #expect(try identity(Export.record("x", sequence: nil, ["a": "1"])) != first)
        #expect(try identity(Export.record("x", session: nil)) != first)
        var harness = EventHarness()
        let derived = try harness.derive(Export.record("x", sequence: nil), Export.record("x", sequence: nil))
        #expect(derived.export.repeatedEvents == 0)
        #expect(derived.identities.count == 2)
    }

    @Test("an event without time and sequence has no identity, and counts each time")
    func withoutTime() throws {
        #expect(try identity(Export.record("x", sequence: nil, time: nil)) == [0, 0])
    }
}
