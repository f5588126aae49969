import ConfigFile
import Events
import Foundation
import Logging
import NIOCore
import NIOPosix
import OTLP
import Series
import Server
import Testing

@testable import App
@testable import Pipeline

/// Data removed by processors is not in event metrics: not on the page, on disk or in the log.
@Suite struct EventPrivacyTests {
    static let address = "ada@example.org"
    /// SHA-256 of the address.
    private static let hashedAddress = "cfe00dde46ef942601ffafb9e2825e802858b460e586b8305b344c1eb826357d"

    /// A collector with these processors; names of them in the pipelines of metrics and of logs.
    static func configuration(
        _ processors: String, metrics: String = "", logs: [String] = [""], exporter: String = "", events: String = "",
        path: String = "", labels: String = "", logsExporter: String = "nop"
    ) -> String {
        let pipelines = logs.enumerated().map {
            "    logs/\($0): {receivers: [otlp], processors: [\($1)], exporters: [\(logsExporter)]}"
        }
        return """
            receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
            processors: {\(processors)}
            exporters: {prometheus: {endpoint: "127.0.0.1:0", \(exporter)}, nop: {}, debug: {verbosity: detailed}}
            service:
              telemetry: {metrics: {level: none}}
              pipelines:
                metrics: {receivers: [otlp], processors: [\(metrics)], exporters: [prometheus]}
            \(pipelines.joined(separator: "\n"))
            odometer: {state: {path: "\(path)"}, events: {\(events)}, labels: {\(labels)}}
            """
    }

    static func attributes(_ all: [String: String]) -> String {
        all.sorted { $0.key < $1.key }.map { #"{"key":"\#($0)","value":{"stringValue":"\#($1)"}}"# }
            .joined(separator: ",")
    }

    /// One event that identifies its user in three ways.
    static func event(
        _ sequence: Int = 1, _ own: [String: String] = [:], resource: [String: String] = [:]
    ) -> [UInt8] {
        let record = [
            "event.name": "api_request", "session.id": "s-1", "event.sequence": "\(sequence)", "event.timestamp": "t",
            "user.email": address, "user.account_uuid": "acct", "user.id": "device", "model": "m",
            "query_source": "repl_main_thread", "prompt": "of \(address)", "terminal.type": "tty",
        ].merging(own) { $1 }
        let owner = ["service.name": "claude-code", "service.instance.id": "i"].merging(resource) { $1 }
        return Array(
            #"""
            {"resourceLogs":[{"resource":{"attributes":[\#(attributes(owner))]},"scopeLogs":[{"scope":{"name":"com.anthropic.claude_code.events"},
            "logRecords":[{"timeUnixNano":"1700000000000000000","body":{"stringValue":"claude_code.api_request"},"attributes":[\#(attributes(record))]}]}]}]}
            """#.utf8)
    }

    static func post(_ body: [UInt8], to collector: AppInProcess) throws {
        let reply = try collector.connect().exchange(
            "POST", "/v1/logs", headers: [("Content-Type", "application/json")], body: body)
        #expect(reply.status == 200, "\(reply.text)")
    }

    /// The page after the events.
    private static func page(_ configuration: String, _ events: [[UInt8]] = [event()]) async throws -> ExpositionText {
        try await AppInProcess.run(configuration) { collector in
            for event in events { try post(event, to: collector) }
            return try collector.scrape()
        }
    }

    private static func users(_ page: ExpositionText) -> [String?] {
        page.samples.filter { $0.name == "claude_code_api_requests_total" }.map { $0.labels["user"] }
    }

    private static func shows(_ text: String, _ page: ExpositionText) -> Bool {
        page.samples.contains { $0.labels.values.contains { $0.contains(text) } }
    }

    /// The pipelines of the processor `attributes/p`.
    enum Place: String, CaseIterable, Sendable {
        case metrics, logs, both

        var metrics: String { self == .logs ? "" : "attributes/p" }
        var logs: [String] { self == .metrics ? [""] : ["attributes/p"] }
    }

    @Test("a deleted address is on no metric, and user is derived from the rest", arguments: Place.allCases)
    func deleted(place: Place) async throws {
        for (actions, user) in [
            ("{key: user.email, action: delete}", "acct"),
            ("{key: user.email, action: delete}, {key: user.account_uuid, action: delete}", "device"),
            (#"{pattern: "^user\\..*mail$", action: delete}"#, "acct"),
            (#"{pattern: "^user\\.", action: delete}"#, nil),
        ] {
            let text = Self.configuration(
                "attributes/p: {actions: [\(actions)]}", metrics: place.metrics, logs: place.logs)
            let page = try await Self.page(text)
            #expect(Self.users(page) == [user], "\(actions)")
            #expect(!Self.shows(Self.address, page), "\(actions)")
        }
    }

    @Test("a hashed address is hashed once, in any pipeline", arguments: Place.allCases)
    func hashed(place: Place) async throws {
        for action in ["key: user.email", #"pattern: "mail""#] {
            let processors = "attributes/p: {actions: [{\(action), action: hash}]}"
            let text = Self.configuration(processors, metrics: place.metrics, logs: place.logs)
            let page = try await Self.page(text)
            let user = try #require(Self.users(page).first ?? nil)
            #expect(user.count == 64)
            #expect(!Self.shows(Self.address, page))
            #expect(user == Self.hashedAddress)
        }
    }

    @Test("labels have the values that processors set, rename, extract and convert", arguments: [Place.metrics, .logs])
    func otherActions(place: Place) async throws {
        for (actions, label, value) in [
            ("{key: user.email, value: somebody, action: update}", "user", "somebody"),
            ("{key: user.email, from_attribute: user.account_uuid, action: upsert}", "user", "acct"),
            (#"{key: user.email, pattern: "^(?P<model>[^@]+)@", action: extract}"#, "model", "ada"),
            ("{key: query_source, action: hash}", "user", Self.address),
            ("{key: model, from_attribute: user.id, action: upsert}", "model", "device"),
        ] {
            let processors = "attributes/p: {actions: [\(actions)]}"
            let page = try await Self.page(
                Self.configuration(processors, metrics: place.metrics, logs: place.logs))
            let sample = page.samples.first { $0.name == "claude_code_api_requests_total" }
            #expect(sample?.labels[label] == value, "\(actions)")
            if actions.contains("query_source") { #expect(sample?.labels["query_source"]?.count == 64) }
        }
    }

    @Test("labels with other names, conditions and the service of the resource use the processed values")
    func ownRules() async throws {
        let rules = """
            rules: [{event: api_request, counter: my.a, labels: {who: user.email, t: terminal.type, s: service, e: event_name}}, \
            {event: api_request, counter: my.b, where: {user.email: "\(Self.address)"}}]
            """
        let processors = """
            attributes/p: {actions: [{key: user.email, action: delete}, {key: terminal.type, action: delete}, \
            {key: event.name, action: delete}]}, resource/r: {attributes: [{key: service.name, action: delete}]}
            """
        for (metrics, logs) in [("attributes/p, resource/r", ""), ("", "attributes/p, resource/r")] {
            let page = try await Self.page(
                Self.configuration(processors, metrics: metrics, logs: [logs], events: rules))
            let labels = try #require(page.samples.first { $0.name == "my_a_total" }).labels
            #expect(labels["who"] == nil)
            #expect(labels["t"] == nil)
            #expect(labels["s"] == nil)
            #expect(labels["job"] == nil)
            #expect(page.samples.contains { $0.name == "my_b_total" } == logs.isEmpty)
            #expect(!Self.shows(Self.address, page))
            #expect(!Self.shows("claude-code", page))
        }
    }

    @Test("a label with another name is hashed or left out if its attribute is", arguments: ["hash", "drop"])
    func policy(action: String) async throws {
        let rules = "rules: [{event: api_request, counter: my.a, labels: {who: user.email}}]"
        let text = Self.configuration(
            "", events: rules, labels: "\(action): [user_email], salt: 0123456789abcdef")
        let page = try await Self.page(text)
        let sample = try #require(page.samples.first { $0.name == "my_a_total" })
        #expect(sample.labels["who"]?.count == (action == "hash" ? 16 : nil))
        #expect(!Self.shows(Self.address, page))
    }

    @Test("of several logs pipelines the most private result is used")
    func severalPipelines() async throws {
        let processors = """
            attributes/d: {actions: [{key: user.email, action: delete}]}, \
            attributes/h: {actions: [{key: user.email, action: hash}]}, \
            attributes/s: {actions: [{key: user.email, value: "x of \(Self.address)", action: upsert}]}
            """
        for (logs, user) in [
            (["", "attributes/d"], "acct"), (["attributes/d", ""], "acct"), (["attributes/h", ""], Self.hashedAddress),
            (["", "attributes/h"], Self.hashedAddress), (["attributes/h", "attributes/d"], "acct"),
            (["attributes/h", "attributes/s"], "acct"), (["", ""], Self.address),
        ] {
            let page = try await Self.page(Self.configuration(processors, logs: logs))
            #expect(Self.users(page) == [user], "\(logs)")
        }
    }

    @Test("a repeated event is recognised although its identity was deleted, also after a restart")
    func identity() async throws {
        let folder = try TemporaryFolder()
        let ids = ["session.id", "event.sequence", "event.timestamp", "event.name", "user.email"]
        let actions = ids.map { "{key: \($0), action: delete}" }.joined(separator: ", ")
        let text = Self.configuration(
            "attributes/p: {actions: [\(actions)]}", logs: ["attributes/p"],
            path: folder.url.appending(path: "state").path)
        for _ in 0..<2 {
            let page = try await Self.page(text, [Self.event(1), Self.event(1), Self.event(2), Self.event(1)])
            #expect(page.samples.filter { $0.name == "claude_code_api_requests_total" }.map(\.value) == [2])
        }
    }

    @Test("attributes deleted or hashed in the logs pipeline are not on disk, nor are other attributes of the resource")
    func disk() async throws {
        let folder = try TemporaryFolder()
        let processors = """
            attributes/p: {actions: [{key: user.email, action: delete}, {key: user.account_uuid, action: hash}]}, \
            resource/r: {attributes: [{key: owner, action: delete}]}
            """
        let text = Self.configuration(
            processors, logs: ["attributes/p, resource/r"], path: folder.url.appending(path: "state").path)
        func files() throws -> [String: Data] {
            let paths = FileManager.default.enumerator(at: folder.url, includingPropertiesForKeys: nil)
            let found = (paths?.allObjects ?? []).compactMap { $0 as? URL }
            return Dictionary(
                uniqueKeysWithValues: found.compactMap { url in
                    (try? Data(contentsOf: url)).map { (url.lastPathComponent, $0) }
                })
        }
        let during = try await AppInProcess.run(text) { collector in
            for sequence in 0..<20 {
                try Self.post(
                    Self.event(sequence, resource: ["secret": "hidden-\(sequence)", "owner": Self.address]),
                    to: collector)
            }
            return try files()
        }
        let after = try files()
        #expect(during.keys.contains { $0.hasPrefix("journal-") && $0.hasSuffix("-wal") })
        for (name, content) in Array(during) + Array(after) {
            for text in [Self.address, "acct", "hidden-"] {
                #expect(content.range(of: Data(text.utf8)) == nil, "\(text) in \(name)")
            }
        }
    }

    @Test("changes of the processors of a page change the labels of earlier events, but no total")
    func configurationChanges() async throws {
        let folder = try TemporaryFolder()
        let processors = """
            attributes/h: {actions: [{key: user.email, action: hash}]}, \
            attributes/d: {actions: [{pattern: "^user", action: delete}]}
            """
        func page(_ metrics: String, _ events: [[UInt8]] = []) async throws -> [String?: Double] {
            let text = Self.configuration(
                processors, metrics: metrics, path: folder.url.appending(path: "state").path)
            let samples = try await Self.page(text, events).samples
            return Dictionary(
                uniqueKeysWithValues: samples.filter { $0.name == "claude_code_api_requests_total" }.map {
                    ($0.labels["user"], $0.value)
                })
        }
        #expect(try await page("", [Self.event(1)]) == [Self.address: 1])
        #expect(try await page("attributes/h", [Self.event(2)]) == [Self.hashedAddress: 2])
        #expect(try await page("attributes/d", [Self.event(3)]) == [nil: 3])
        #expect(try await page("attributes/h") == [Self.hashedAddress: 3])
        #expect(try await page("") == [Self.address: 3])
    }

    @Test("a resource with events only shows only its service, while metrics would show all of it")
    func resources() async throws {
        let resource = ["secret": "hidden", "user.email": Self.address]
        let plain = try await Self.page(Self.configuration(""), [Self.event(resource: resource)])
        #expect(!plain.samples.contains { $0.name == "target_info" })
        #expect(!Self.shows("hidden", plain))
        #expect(plain.samples.first { $0.name == "claude_code_events_total" }?.labels["instance"] == "i")

        let processors = "resource/r: {attributes: [{key: user.email, action: delete}]}"
        let copied = try await Self.page(
            Self.configuration(
                processors, logs: ["resource/r"], exporter: "resource_to_telemetry_conversion: {enabled: true}"),
            [Self.event(1, ["user.email": ""], resource: resource)])
        let labels = copied.samples.first { $0.name == "claude_code_events_total" }?.labels
        #expect(labels?["secret"] == "hidden")
        #expect(!copied.samples.contains { $0.name == "target_info" })
        #expect(!Self.shows(Self.address, copied))
    }

    @Test("the target from metrics stays when events arrive")
    func targetOfMetrics() async throws {
        let metrics = #"""
            {"resourceMetrics":[{"resource":{"attributes":[\#(Self.attributes(["service.name": "claude-code", "service.instance.id": "i", "team": "a"]))]},
            "scopeMetrics":[{"metrics":[{"name":"x","gauge":{"dataPoints":[{"asInt":"1","timeUnixNano":"5"}]}}]}]}]}
            """#
        try await AppInProcess.run(Self.configuration("")) { collector in
            _ = try collector.post(metrics)
            try Self.post(Self.event(resource: ["secret": "hidden"]), to: collector)
            let target = try #require(try collector.scrape().samples.first { $0.name == "target_info" })
            #expect(target.labels["team"] == "a")
            #expect(target.labels["secret"] == nil)
        }
    }

    @Test("a detailed debug exporter shows the result of its pipeline")
    func debugOutput() async throws {
        let processors = "attributes/p: {actions: [{pattern: \"mail|prompt\", action: delete}]}"
        let log = LogCapture(level: .info)
        let text = Self.configuration(processors, logs: ["attributes/p"], logsExporter: "debug")
        try await AppInProcess.run(text, log: log.logger) { try Self.post(Self.event(), to: $0) }
        let lines = try log.text()
        #expect(lines.contains("resourceLogs"))
        #expect(!lines.contains(Self.address))
    }

    @Test("the gauges of sessions have the labels after the processors of the page, and count all")
    func gauges() async throws {
        let folder = try TemporaryFolder()
        for (actions, expected) in [
            ("{key: user.email, action: delete}", ["acct": 1, "other": 1]),
            (#"{pattern: "^user\\.", action: delete}"#, [nil: 2]),
            ("{key: model, action: delete}", ["a@x": 1, "b@x": 1]),
        ] as [(String, [String?: Double])] {
            let file = try folder.write(
                Self.configuration("attributes/p: {actions: [\(actions)]}", metrics: "attributes/p"), to: "c.yaml")
            let config = try ConfigLoader.load(files: [file], environment: { _ in nil })
            let exporter = config.prometheus[0]
            let series = SharedSeries(SeriesStore(exporter, of: config, createdAt: 0))
            let gauges = try #require(
                AppParts.sessionGauges(
                    config, EventSettings(config), [(exporter.name, series)], LoopTurns()
                ).first)
            let now = TestExport.epoch
            for (session, mail, account) in [("1", "a@x", "acct"), ("2", "b@x", "other")] {
                let body = #"""
                    {"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"claude_code.cost.usage","sum":{"aggregationTemporality":1,"isMonotonic":true,
                    "dataPoints":[{"asDouble":1,"timeUnixNano":"5","attributes":[\#(Self.attributes(["session.id": session, "user.email": mail, "user.account_uuid": account]))]}]}}]}]}]}
                    """#
                var batch = MetricsBatch()
                try Array(body.utf8).withUnsafeBytes { bytes in
                    try batch.decode(bytes, as: .json)
                    _ = try series.ingest(batch, at: ArrivalStamp(arrival: now, scrapeInterval: 0))
                }
            }
            try await gauges.update(at: now + 1, on: MultiThreadedEventLoopGroup.singleton.next()).get()
            var found: [String?: Double] = [:]
            for family in series.snapshot(at: now + 2, for: .any).families
            where family.descriptor.name == Array("claude_code_sessions_active".utf8) {
                for sample in family.samples {
                    guard case .number(.int(let value)) = sample.value else { continue }
                    let labels = String(decoding: sample.labels, as: UTF8.self)
                    let user = labels.split(separator: "user=\"").dropFirst().first?.split(separator: "\"").first
                    found[user.map(String.init)] = Double(value)
                }
            }
            #expect(found == expected, "\(actions)")
        }
    }

    @Test("a processor for some metrics only is refused in a logs pipeline")
    func metricsOnly() throws {
        let folder = try TemporaryFolder()
        let processors = """
            attributes/p: {include: {match_type: strict, metric_names: [a]}, actions: [{key: user.email, action: delete}]}
            """
        let file = try folder.write(Self.configuration(processors, logs: ["attributes/p"]), to: "c.yaml")
        #expect(throws: (any Error).self) { try ConfigLoader.load(files: [file], environment: { _ in nil }) }
    }
}
