import Events
import OTLP
import Testing

/// How many sessions are active, by user and service.
@Suite struct SessionMemoryTests {
    private static let second: UInt64 = 1_000_000_000

    private static func owner(_ user: String, service: String = "claude-code") throws -> SessionOwner {
        let attributes = [("session.id", "s"), ("user.id", user)].map(attribute)
        return try #require(
            SessionOwner.ofStream(attributes, resource: Resource(attributes: [attribute("service.name", service)]))
        ).owner
    }

    private static func attribute(_ key: String, _ value: String) -> Attribute {
        Attribute(key: Array(key.utf8), value: .string(Array(value.utf8)))
    }

    /// The gauges as `metric{labels}`.
    private static func gauges(_ memory: inout SessionMemory, at seconds: UInt64) throws -> [String: Int64] {
        memory.removeExpired(at: seconds * second)
        let body = memory.gauges(at: seconds * second)
        var batch = MetricsBatch()
        let reader = AttributeReader(encoding: .protobuf)
        return try body.withUnsafeBytes { bytes in
            try batch.decode(bytes, as: .protobuf)
            var result: [String: Int64] = [:]
            for metric in batch.metrics {
                #expect(metric.kind == .gauge)
                for index in metric.points {
                    let point = batch.points.numbers[index]
                    #expect(point.time == seconds * second)
                    guard case .int(let value) = point.value else { continue }
                    let labels = try reader.attributes(point.attributes).map { attribute in
                        attribute.value.shownText.map { String(decoding: $0, as: UTF8.self) } ?? "?"
                    }
                    result["\(String(decoding: metric.name, as: UTF8.self)) \(labels.joined(separator: " "))"] = value
                }
            }
            return result
        }
    }

    @Test("sessions of each user count until the window has passed, and the last activity is shown for a day")
    func window() throws {
        var memory = SessionMemory(window: 300)
        #expect(memory.gauges(at: 5).isEmpty)
        let (a, b) = (try Self.owner("a"), try Self.owner("b"))
        memory.see(1, of: a, at: 1000 * Self.second)
        memory.see(2, of: a, at: 1100 * Self.second)
        memory.see(3, of: b, at: 1200 * Self.second)
        memory.see(1, of: a, at: 1050 * Self.second)
        let active = "claude_code.sessions.active claude-code"
        let lastSeen = "claude_code.session.last_seen.timestamp claude-code"
        #expect(
            try Self.gauges(&memory, at: 1250)
                == ["\(active) a": 2, "\(active) b": 1, "\(lastSeen) a": 1100, "\(lastSeen) b": 1200])
        #expect(try Self.gauges(&memory, at: 1349)["\(active) a"] == 2)
        #expect(try Self.gauges(&memory, at: 1350)["\(active) a"] == 1)
        #expect(try Self.gauges(&memory, at: 1400)["\(active) a"] == 0)
        #expect(try Self.gauges(&memory, at: 87_400)["\(lastSeen) a"] == 1100)
        #expect(try Self.gauges(&memory, at: 87_500) == ["\(active) b": 0, "\(lastSeen) b": 1200])
        #expect(try Self.gauges(&memory, at: 87_601) == [:])
    }

    @Test("a session counts once, for its last user")
    func oneOwner() throws {
        var memory = SessionMemory(window: 300)
        let (a, b) = (try Self.owner("a"), try Self.owner("b", service: "desktop"))
        memory.see(1, of: a, at: 1000 * Self.second)
        memory.see(1, of: b, at: 1001 * Self.second)
        let gauges = try Self.gauges(&memory, at: 1002)
        #expect(gauges["claude_code.sessions.active claude-code a"] == 0)
        #expect(gauges["claude_code.sessions.active desktop b"] == 1)
    }

    @Test("sessions beyond the limit are not counted and use no memory")
    func limit() throws {
        var memory = SessionMemory(window: 300)
        let a = try Self.owner("a")
        for session in 0..<100_500 { memory.see(UInt64(session), of: a, at: 1000 * Self.second) }
        #expect(try Self.gauges(&memory, at: 1001)["claude_code.sessions.active claude-code a"] == 100_000)
        memory.see(7, of: a, at: 2000 * Self.second)
        #expect(try Self.gauges(&memory, at: 2001)["claude_code.sessions.active claude-code a"] == 1)
    }

    @Test("a stream without a session has no owner")
    func withoutSession() {
        #expect(SessionOwner.ofStream([Self.attribute("user.id", "a")], resource: Resource()) == nil)
    }

    @Test("each session of events is reported once")
    func sessionsOfEvents() throws {
        var harness = EventHarness()
        let derived = try harness.derive(
            EventExport.record("auth", sequence: 1, ["user.id": "\"a\""]),
            EventExport.record("auth", sequence: 2, ["user.id": "\"a\""]),
            EventExport.record("auth", sequence: 1, session: "s-2"), EventExport.record("auth", session: nil))
        #expect(derived.export.sessions.count == 2)
        #expect(try derived.export.sessions[0].owner == Self.owner("a"))
    }
}
