import Events
import NIOCore
import NIOPosix
import OTLP
import Series
import Server
import Settings
import Synchronization
import Testing

@testable import Pipeline

/// Gauges of active sessions on a page.
@Suite struct SessionGaugesTests {
    private static let start: UnixNanoseconds = 1_800_000_000_000_000_000
    private static let eventLoop = MultiThreadedEventLoopGroup.singleton.next()

    private static func metrics(session: String, user: String, name: String = "claude_code.cost.usage") -> String {
        #"""
        {"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"claude-code"}}]},
        "scopeMetrics":[{"metrics":[{"name":"\#(name)","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[
        {"asDouble":1,"timeUnixNano":"5","attributes":[{"key":"session.id","value":{"stringValue":"\#(session)"}},
        {"key":"user.email","value":{"stringValue":"\#(user)"}}]}]}}]}]}]}
        """#
    }

    private static func events(session: String, user: String) -> [DerivedExport.Session] {
        let record =
            #"{"body":{"stringValue":"claude_code.x"},"attributes":[{"key":"session.id","value":{"stringValue":"\#(session)"}},{"key":"user.email","value":{"stringValue":"\#(user)"}}]}"#
        let text =
            #"{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"claude-code"}}]},"scopeLogs":[{"logRecords":[\#(record)]}]}]}"#
        var batch = LogsBatch()
        var counting = EventCounting(EventSettings())
        return Array(text.utf8).withUnsafeBytes { bytes in
            guard (try? batch.decode(bytes, as: .json)) != nil else { return [] }
            return (try? counting.count(batch).sessions) ?? []
        }
    }

    /// The gauge of each user.
    private static func active(_ series: SharedSeries, at time: UnixNanoseconds) -> [String: SeriesValue] {
        var result: [String: SeriesValue] = [:]
        for family in series.snapshot(at: time, for: .any).families
        where family.descriptor.name == Array("claude_code_sessions_active".utf8) {
            for sample in family.samples {
                let labels = String(decoding: sample.labels, as: UTF8.self)
                for user in ["a", "b"] where labels.contains("user=\"\(user)\"") { result[user] = sample.value }
            }
        }
        return result
    }

    @Test("events and metrics both keep a session active, and it counts once")
    func bothSigns() async throws {
        let series = try TestSeries().series
        let gauges = SessionGauges(of: series, window: .seconds(300), limits: DecodingLimits(), loopTurns: LoopTurns())
        var batch = MetricsBatch()
        func send(_ text: String, at time: UnixNanoseconds) throws {
            try Array(text.utf8).withUnsafeBytes { bytes in
                try batch.decode(bytes, as: .json)
                _ = try series.ingest(batch, at: ArrivalStamp(arrival: time, scrapeInterval: 60_000_000_000))
            }
        }
        try await gauges.update(at: Self.start, on: Self.eventLoop).get()
        #expect(Self.active(series, at: Self.start) == [:])
        let now = Self.start + 1_000_000_000
        try send(Self.metrics(session: "s-1", user: "a"), at: now)
        try send(Self.metrics(session: "s-2", user: "a"), at: now)
        try send(Self.metrics(session: "s-9", user: "b", name: "another.metric"), at: now)
        gauges.see(Self.events(session: "s-1", user: "a"), at: now)
        gauges.see(Self.events(session: "s-3", user: "b"), at: now)
        try await gauges.update(at: now, on: Self.eventLoop).get()
        #expect(Self.active(series, at: now) == ["a": .int(2), "b": .int(1)])
        let later = now + 200_000_000_000
        gauges.see(Self.events(session: "s-2", user: "a"), at: later)
        try await gauges.update(at: now + 301_000_000_000, on: Self.eventLoop).get()
        #expect(Self.active(series, at: now + 301_000_000_000) == ["a": .int(1), "b": .int(0)])
    }

    @Test("the gauges are not accepted points, since nobody sent them")
    func gaugesAreNotAccepted() async throws {
        let series = try TestSeries().series
        let gauges = SessionGauges(of: series, window: .seconds(300), limits: DecodingLimits(), loopTurns: LoopTurns())
        gauges.see(Self.events(session: "s-1", user: "a"), at: Self.start)
        try await gauges.update(at: Self.start, on: Self.eventLoop).get()
        #expect(Self.active(series, at: Self.start) == ["a": .int(1)])
        #expect(series.state.counters.acceptedPoints == 0)
    }

    @Test("the gauges of many users are counted in parts, between which the event loop does other work")
    func manyUsers() async throws {
        let series = try TestSeries().series
        let turns = LoopTurns()
        let gauges = SessionGauges(of: series, window: .seconds(300), limits: DecodingLimits(), loopTurns: turns)
        let users = 2_000
        for user in 0..<users { gauges.see(Self.events(session: "s-\(user)", user: "u\(user)"), at: Self.start) }
        // Work that waits for its turns as the parts do: it gets one after each of them.
        let turnsOfOthers = Mutex(0)
        let isOver = Mutex(false)
        @Sendable func work() {
            turnsOfOthers.withLock { $0 += 1 }
            if !isOver.withLock({ $0 }) { turns.wait(for: .response, on: Self.eventLoop, work) }
        }
        try await Self.eventLoop.flatSubmit {
            work()
            return gauges.update(at: Self.start, on: Self.eventLoop)
        }.get()
        isOver.withLock { $0 = true }
        #expect(series.state.counts.series == 2 * users)
        #expect(turnsOfOthers.withLock { $0 } >= 2 * users / ExportParts.room)
    }
}
