import Testing

@testable import ConfigFile

/// `odometer.events`.
@Suite struct EventsConfigTests {
    private func events(_ block: String) throws -> EventsConfig {
        let text = "odometer:\n  events:\n" + block.split(separator: "\n").map { "    \($0)\n" }.joined()
        return try ConfigLoader.load(files: ["env:TEXT"]) { ["TEXT": text][$0] }.events
    }

    @Test func defaults() throws {
        let events = try ConfigLoader.load(files: []) { _ in nil }.events
        #expect(events == EventsConfig())
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
        var counter = EventRuleConfig(event: "tool_result", metric: "a", kind: .counter)
        counter.labels = ["tool_name", "user"].map { EventRuleConfig.Label(name: $0, attribute: $0) }
        counter.conditions = [
            EventRuleConfig.Condition(attribute: "success", text: "false"),
            EventRuleConfig.Condition(attribute: "attempt", text: "1"),
        ]
        var histogram = EventRuleConfig(event: nil, metric: "b", kind: .histogram(buckets: [0.5, 1, 2000]))
        histogram.unit = "s"
        histogram.description = "How long."
        histogram.value = "duration_ms"
        histogram.divisor = 1000
        histogram.labels = [EventRuleConfig.Label(name: "kind", attribute: "event_name")]
        #expect(rules == [counter, histogram])
    }
}
