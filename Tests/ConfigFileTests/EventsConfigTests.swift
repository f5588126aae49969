import Settings
import Testing

@testable import ConfigFile

/// `odometer.events`.
@Suite struct EventsConfigTests {
    private func events(_ block: String) throws -> EventMetricsSettings {
        let text = "odometer:\n  events:\n" + block.split(separator: "\n").map { "    \($0)\n" }.joined()
        return try ConfigLoader.load(files: ["env:TEXT"]) { ["TEXT": text][$0] }.events
    }

    @Test func defaults() throws {
        let events = try ConfigLoader.load(files: []) { _ in nil }.events
        #expect(events == EventMetricsSettings())
        #expect(events.isEnabled)
        #expect(events.hasBuiltInRules)
    }

    @Test func settingsAreRead() throws {
        let events = try events("enabled: false\nbuilt_in: false\nmax_label_values: 7\nactive_window: 90s")
        #expect(!events.isEnabled)
        #expect(!events.hasBuiltInRules)
        #expect(events.maxLabelValues == 7)
        #expect(events.activeWindow == .seconds(90))
    }

    @Test func rulesAreRead() throws {
        let rules = try events(
            """
            rules:
              - {event: claude_code.tool_result, counter: a, where: {success: "false", attempt: 1}, labels: [tool_name, user]}
              - event: "*"
                histogram: b
                unit: s
                description: How long.
                value: duration_ms
                divide_by: 1000
                buckets: [0.5, 1, 2e3]
                labels: {kind: event_name}
            """
        ).rules
        let counter = EventRule(
            event: "tool_result", metric: "a", labels: ["tool_name", "user"],
            conditions: [EventCondition("success", is: "false"), EventCondition("attempt", is: "1")])
        let histogram = EventRule(
            event: nil, metric: "b", unit: "s", description: "How long.", kind: .histogram(bounds: [0.5, 1, 2000]),
            values: [EventValue("duration_ms", dividedBy: 1000)], labels: [EventLabel("kind", .event)])
        #expect(rules == [counter, histogram])
    }
}
