import ConfigFile
import Foundation
import Testing

@testable import App

/// Attributes hashed by processors in both the logs and the metrics pipelines are hashed as often as on other metrics,
/// and no other value is taken for a hash.
@Suite struct EventHashTests {
    private typealias Privacy = EventPrivacyTests

    private static let rules = """
        rules: [{event: api_request, counter: events, labels: {user.email: user.email, user.id: user.id, copy: copy, \
        model: model, service: service}}]
        """
    /// As long as a hash, but not one.
    private static let digits = String(repeating: "0a", count: 32)

    /// A metric with the attributes of an event, as clients send it themselves.
    private static let metric: String = {
        let attributes = ["user.email": Privacy.address, "user.id": digits, "model": "m"]
        return #"""
            {"resourceMetrics":[{"resource":{"attributes":[\#(Privacy.attributes(["service.name": "claude-code"]))]},
            "scopeMetrics":[{"metrics":[{"name":"ordinary","sum":{"aggregationTemporality":1,"isMonotonic":true,
            "dataPoints":[{"asInt":"1","timeUnixNano":"5","attributes":[\#(Privacy.attributes(attributes))]}]}}]}]}]}
            """#
    }()

    /// The labels of an event and of the metric with the same attributes.
    private static func labels(
        _ configuration: String, _ own: [String: String] = [:], sends: Bool = true
    ) async throws -> (event: [String: String], ordinary: [String: String]) {
        try await AppInProcess.run(configuration) { collector in
            if sends {
                try Privacy.post(Privacy.event(1, ["user.id": digits].merging(own) { $1 }), to: collector)
                _ = try collector.post(metric)
            }
            let samples = try collector.scrape().samples
            let event = try #require(samples.first { $0.name == "events_total" }).labels
            let ordinary = samples.first { $0.name == "ordinary_total" }?.labels ?? [:]
            #expect(!event.keys.contains { $0.contains("hashed") })
            return (event, ordinary)
        }
    }

    @Test("the same processors in both pipelines have the same result on events and metrics")
    func both() async throws {
        for actions in [
            "{key: user.email, action: hash}",
            #"{pattern: "^user", action: hash}"#,
            "{key: user.email, action: hash}, {key: user.email, action: hash}",
            "{key: user.email, action: hash}, {key: user.email, action: convert, converted_type: string}",
            "{key: user.email, action: hash}, {key: user.email, value: x, action: update}",
            "{key: user.email, value: x, action: upsert}, {key: user.email, action: hash}",
            "{key: user.email, action: hash}, {key: copy, from_attribute: user.email, action: upsert}",
            "{key: user.email, action: hash}, {key: copy, from_attribute: user.email, action: upsert}, "
                + "{key: copy, action: hash}",
            "{key: copy, from_attribute: user.email, action: insert}, {key: user.email, action: delete}, "
                + "{key: copy, action: hash}",
            "{key: copy, from_attribute: user.email, action: upsert}, {key: copy, action: hash}, "
                + "{key: user.email, action: hash}",
            #"{key: user.email, pattern: "^(?P<copy>[^@]+)@", action: extract}, {key: copy, action: hash}"#,
        ] {
            let configuration = Privacy.configuration(
                "attributes/p: {actions: [\(actions)]}", metrics: "attributes/p", logs: ["attributes/p"],
                events: Self.rules)
            let (event, ordinary) = try await Self.labels(configuration)
            #expect(ordinary["model"] == "m")
            for label in ["user_email", "user_id", "copy", "model"] {
                #expect(event[label] == ordinary[label], "\(label) after \(actions)")
            }
        }
    }

    @Test("a hash of one pipeline is recognised only for its key, not by its form")
    func one() async throws {
        let processors = """
            attributes/id: {actions: [{key: user.id, action: hash}]}, \
            attributes/mail: {actions: [{key: user.email, action: hash}]}
            """
        func labels(metrics: String, logs: [String]) async throws -> ([String: String], [String: String]) {
            let configuration = Privacy.configuration(processors, metrics: metrics, logs: logs, events: Self.rules)
            // A client claims that the value is hashed.
            let marks = ["odometer.hashed/user.id": "1", "odometer.hashed/user.email": "1"]
            return try await Self.labels(configuration, marks)
        }
        let (_, ordinary) = try await labels(metrics: "attributes/id, attributes/mail", logs: [""])
        #expect(ordinary["user_id"] != Self.digits)
        for logs in [[""], ["attributes/id"], ["attributes/mail"], ["attributes/id", ""], ["", "attributes/mail"]] {
            let (event, _) = try await labels(metrics: "attributes/id, attributes/mail", logs: logs)
            #expect(event["user_id"] == ordinary["user_id"], "\(logs)")
            #expect(event["user_email"] == ordinary["user_email"], "\(logs)")
        }
    }

    @Test("a client cannot prevent hashing by setting the key of the mark")
    func forgedMark() async throws {
        let configuration = Privacy.configuration(
            "attributes/p: {actions: [{key: user.id, action: hash}]}, attributes/q: {actions: [{key: x, action: hash}]}",
            metrics: "attributes/p", logs: ["attributes/q"], events: Self.rules)
        try await AppInProcess.run(configuration) { collector in
            let text = String(decoding: Privacy.event(1, ["user.id": Self.digits]), as: UTF8.self)
            let mark = #"{"key":"odometer.hashed/user.id","value":{"intValue":"1"}},{"key":"user.id""#
            try Privacy.post(Array(text.replacing(#"{"key":"user.id""#, with: mark).utf8), to: collector)
            let sample = try #require(try collector.scrape().samples.first { $0.name == "events_total" })
            #expect(sample.labels["user_id"]?.count == 64)
            #expect(sample.labels["user_id"] != Self.digits)
        }
    }

    @Test("the service of events is hashed once where both pipelines hash it in the resource")
    func resource() async throws {
        let processors = "resource/r: {attributes: [{key: service.name, action: hash}]}"
        for exporter in ["", "resource_to_telemetry_conversion: {enabled: true}"] {
            let (event, ordinary) = try await Self.labels(
                Privacy.configuration(
                    processors, metrics: "resource/r", logs: ["resource/r"], exporter: exporter, events: Self.rules))
            #expect(ordinary["job"]?.count == 64)
            #expect(event["job"] == ordinary["job"])
            #expect(event["service"] == ordinary["job"])
            #expect(event["service_name"] == ordinary["service_name"])
        }
    }

    @Test("labels also hashed by odometer.labels, and user, have the same values as on metrics")
    func policy() async throws {
        let (event, ordinary) = try await Self.labels(
            Privacy.configuration(
                #"attributes/p: {actions: [{pattern: "^user", action: hash}]}"#, metrics: "attributes/p",
                logs: ["attributes/p"],
                events: "rules: [{event: api_request, counter: events, labels: [user, user.email]}]",
                labels: "hash: [user_email], user: [user.email], salt: 0123456789abcdef"))
        #expect(ordinary["user_email"] != nil)
        #expect(event["user_email"] == ordinary["user_email"])
        #expect(event["user"] == ordinary["user"])
    }

    @Test("validate lists attributes by metric if processors of a page apply to some metrics only")
    func summary() throws {
        let folder = try TemporaryFolder()
        func lines(_ include: String, logs: String = "") throws -> [String] {
            let text = Privacy.configuration(
                """
                attributes/p: {\(include) actions: [{key: user.id, action: delete}, {key: model, action: hash}]}, \
                attributes/q: {actions: [{key: model, action: hash}]}
                """, metrics: "attributes/p", logs: [logs],
                events: "built_in: false, rules: [{event: x, counter: a, labels: [user.id, model]}, "
                    + "{event: x, counter: b, labels: [user.id]}]")
            let file = try folder.write(text, to: "c.yaml")
            return EventSummary.lines(of: try ConfigLoader.load(files: [file], environment: { _ in nil }))
        }
        let all = try lines("")
        #expect(all.contains("           attributes left out by processors: user.id"))
        #expect(all.contains("           attributes hashed by processors: model"))
        #expect(try lines("", logs: "attributes/q") == all)
        for include in [
            "include: {match_type: strict, metric_names: [b]},",
            "exclude: {match_type: regexp, metric_names: [\"^[ac]\"]},",
        ] {
            let some = try lines(include)
            #expect(some.contains { $0.contains("left out by processors: user.id (of b") }, "\(some)")
            #expect(some.contains { $0.contains("shown: model, ") && $0.contains("user.id (of a") }, "\(some)")
        }
        let none = try lines("include: {match_type: strict, metric_names: [z]},")
        #expect(none.contains { $0.contains("shown: model, user.acc") })
    }

    @Test("hashed values are recognised after a restart, also by a page with other processors")
    func restart() async throws {
        let folder = try TemporaryFolder()
        func labels(metrics: String, sends: Bool) async throws -> [String: String] {
            let configuration = Privacy.configuration(
                "attributes/p: {actions: [{key: user.email, action: hash}]}", metrics: metrics, logs: ["attributes/p"],
                events: Self.rules, path: folder.url.appending(path: "state").path)
            return try await Self.labels(configuration, sends: sends).event
        }
        let first = try await labels(metrics: "attributes/p", sends: true)
        #expect(first["user_email"]?.count == 64)
        #expect(try await labels(metrics: "attributes/p", sends: false) == first)
        #expect(try await labels(metrics: "", sends: false) == first)
    }
}
