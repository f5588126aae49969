import Foundation
import Testing

@testable import App

@Suite struct ProcessorTests {
    /// - Parameter processors: the block `processors`; each of them is used.
    private static func configuration(_ processors: String, used: [String], state: String = "") -> String {
        TestConfiguration.collector(rest: "odometer: {state: {path: \"\(state)\"}}\n\(processors)")
            .replacing(
                "      exporters: [prometheus]",
                with: "      processors: [\(used.joined(separator: ", "))]\n      exporters: [prometheus]")
    }

    private static let deleting = "processors: {attributes: {actions: [{key: user, action: delete}]}}\n"

    @Test("a deleted attribute merges several series, whose total is their sum")
    func deletingAddsUp() async throws {
        try await AppInProcess.run(Self.configuration(Self.deleting, used: ["attributes"])) { collector in
            for (user, value, time) in [("ada", 5, 10), ("bob", 7, 10), ("ada", 1, 20)] {
                _ = try collector.post(
                    TestExport.sum("c", value, start: time - 10, time: time, attributes: ["user": user, "kind": "k"]))
            }
            for (user, value, time) in [("ada", 100, 10), ("bob", 50, 10), ("ada", 130, 20)] {
                _ = try collector.post(
                    TestExport.sum("t", value, .cumulative, start: 0, time: time, attributes: ["user": user]))
            }
            let page = try collector.scrape()
            #expect(page["c_total", ["kind": "k"]] == 13)
            #expect(page["t_total", [:]] == 180)
        }
    }

    @Test("the state has streams as received, so that changes of processors lose or mix no totals")
    func changedProcessorsKeepTotals() async throws {
        let folder = try TemporaryFolder()
        let state = folder.url.appending(path: "state").path
        let plain = Self.configuration("", used: [], state: state)
        let processed = Self.configuration(Self.deleting, used: ["attributes"], state: state)
        try await AppInProcess.run(plain) { collector in
            _ = try collector.post(TestExport.sum("c", 5, start: 0, time: 10, attributes: ["user": "ada"]))
            _ = try collector.post(TestExport.sum("c", 7, start: 0, time: 10, attributes: ["user": "bob"]))
        }
        try await AppInProcess.run(processed) { collector in
            #expect(try collector.scrape()["c_total", [:]] == 12)
            _ = try collector.post(TestExport.sum("c", 1, start: 10, time: 20, attributes: ["user": "ada"]))
            #expect(try collector.scrape()["c_total", [:]] == 13)
        }
        try await AppInProcess.run(plain) { collector in
            let page = try collector.scrape()
            #expect(page["c_total", ["user": "ada"]] == 6)
            #expect(page["c_total", ["user": "bob"]] == 7)
        }
    }

    @Test("resource processors change job, target_info and the labels copied from the resource")
    func resourcesAreChanged() async throws {
        let processors = """
            processors:
              resource:
                attributes:
                  - {key: service.name, value: renamed, action: update}
                  - {key: environment, value: production, action: upsert}
                  - {key: environment, value: other, action: insert}
                  - {key: host, from_attribute: service.instance.id, action: insert}
              attributes: {actions: [{key: team, value: 7, action: insert}, {key: secret, action: hash}]}

            """
        let configuration = Self.configuration(processors, used: ["resource", "attributes"])
            .replacing(
                "service:\n",
                with:
                    "    resource_to_telemetry_conversion: {enabled: true, exclude_service_attributes: true}\nservice:\n",
                maxReplacements: 1)
        let export = """
            {"resourceMetrics":[{"resource":{"attributes":[\
            {"key":"service.name","value":{"stringValue":"app"}},\
            {"key":"service.instance.id","value":{"stringValue":"i"}}]},\
            "scopeMetrics":[{"metrics":[{"name":"g","gauge":{"dataPoints":[{"asInt":"1","timeUnixNano":"1","attributes":[\
            {"key":"secret","value":{"stringValue":"1"}}]}]}}]}]}]}
            """
        try await AppInProcess.run(configuration) { collector in
            _ = try collector.post(export)
            let text = try collector.scrapeText()
            let page = try ExpositionText(Array(text.utf8))
            let target = ["job": "renamed", "instance": "i", "environment": "production", "host": "i"]
            #expect(page["target_info", target] == 1)
            let labels = target.merging([
                "team": "7", "secret": "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b",
            ]) { $1 }
            #expect(page["g", labels] == 1, "\(text)")
        }
    }

    @Test("a filter drops metrics by name, without a log line; its points have a counter, and the state stays")
    func filteredMetricsAreNotShown() async throws {
        let folder = try TemporaryFolder()
        let state = folder.url.appending(path: "state").path
        let filter = """
            processors:
              filter:
                metrics: {exclude: {match_type: regexp, metric_names: ['^claude_code\\.(token|active)']}}

            """
        let plain = Self.configuration("", used: [], state: state)
        let filtered = Self.configuration(filter, used: ["filter"], state: state)
            .replacing("odometer: {state", with: "odometer: {own_metrics_on_exporters: true, state")
        let names = ["claude_code.token.usage", "claude_code.cost.usage"]
        try await AppInProcess.run(plain) { collector in
            for name in names { _ = try collector.post(TestExport.sum(name, 5, start: 0, time: 10)) }
        }
        try await AppInProcess.run(filtered) { collector in
            for name in names {
                let reply = try collector.post(TestExport.sum(name, 7, start: 10, time: 20))
                #expect(reply.status == 200)
                #expect(!reply.text.contains("partialSuccess") || reply.text.contains("{}"), "\(reply.text)")
            }
            let page = try collector.scrape()
            #expect(page["claude_code_cost_usage_total", [:]] == 12)
            #expect(page.total(of: "claude_code_token_usage_total") == nil)
            #expect(page["odometer_filtered_points_total", ["exporter": "prometheus"]] == 1)
            #expect(page["odometer_accepted_points_total", ["exporter": "prometheus"]] == 1)
        }
        try await AppInProcess.run(plain) { collector in
            let page = try collector.scrape()
            #expect(page["claude_code_token_usage_total", [:]] == 5)
            #expect(page["claude_code_cost_usage_total", [:]] == 12)
        }
    }

    @Test("extracted, converted and deleted attributes change the labels of the selected metrics")
    func patternsWork() async throws {
        let processors = """
            processors:
              attributes:
                exclude: {match_type: strict, metric_names: [other]}
                actions:
                  - {key: model, pattern: '^claude-(?P<family>[a-z]+)-(?P<version>.*)$', action: extract}
                  - {key: version, converted_type: int, action: convert}
                  - {pattern: '^user\\.', key: model, action: delete}

            """
        try await AppInProcess.run(Self.configuration(processors, used: ["attributes"])) { collector in
            for (model, user) in [("claude-opus-4", "ada"), ("claude-opus-4", "bob"), ("gpt", "eve")] {
                for name in ["c", "other"] {
                    _ = try collector.post(
                        TestExport.sum(name, 1, start: 0, time: 10, attributes: ["model": model, "user.name": user]))
                }
            }
            let page = try collector.scrape()
            #expect(page["c_total", ["family": "opus", "version": "4"]] == 2)
            #expect(page["c_total", [:]] == 1)
            #expect(page["other_total", ["model": "gpt", "user_name": "eve"]] == 1)
        }
    }
}
