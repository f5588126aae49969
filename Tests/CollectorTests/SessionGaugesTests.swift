import Events
import OTLP
import Series
import Settings
import Testing

@testable import Collector

/// Gauges of active sessions on a page.
@Suite struct SessionGaugesTests {
    private static let start: UnixNanoseconds = 1_800_000_000_000_000_000

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
    func bothSigns() throws {
        let series = try TestSeries().series
        let gauges = SessionGauges(of: series, window: .seconds(300), limits: DecodingLimits())
        var batch = MetricsBatch()
        func send(_ text: String, at time: UnixNanoseconds) throws {
            try Array(text.utf8).withUnsafeBytes { bytes in
                try batch.decode(bytes, as: .json)
                _ = try series.ingest(batch, at: ArrivalStamp(arrival: time, scrapeInterval: 60_000_000_000))
            }
        }
        gauges.update(at: Self.start)
        #expect(Self.active(series, at: Self.start) == [:])
        let now = Self.start + 1_000_000_000
        try send(Self.metrics(session: "s-1", user: "a"), at: now)
        try send(Self.metrics(session: "s-2", user: "a"), at: now)
        try send(Self.metrics(session: "s-9", user: "b", name: "another.metric"), at: now)
        gauges.see(Self.events(session: "s-1", user: "a"), at: now)
        gauges.see(Self.events(session: "s-3", user: "b"), at: now)
        gauges.update(at: now)
        #expect(Self.active(series, at: now) == ["a": .int(2), "b": .int(1)])
        let later = now + 200_000_000_000
        gauges.see(Self.events(session: "s-2", user: "a"), at: later)
        gauges.update(at: now + 301_000_000_000)
        #expect(Self.active(series, at: now + 301_000_000_000) == ["a": .int(1), "b": .int(0)])
    }

    @Test("the gauges are not accepted points, since nobody sent them")
    func gaugesAreNotAccepted() throws {
        let series = try TestSeries().series
        let gauges = SessionGauges(of: series, window: .seconds(300), limits: DecodingLimits())
        gauges.see(Self.events(session: "s-1", user: "a"), at: Self.start)
        gauges.update(at: Self.start)
        #expect(Self.active(series, at: Self.start) == ["a": .int(1)])
        #expect(series.state.counters.acceptedPoints == 0)
    }
}
