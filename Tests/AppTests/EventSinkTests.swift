import Foundation
import Testing

/// Logs, from a socket to the page.
@Suite struct EventSinkTests {
    private static let json = [("Content-Type", "application/json")]

    private static func configuration(_ events: String = "", logs: Bool = true) -> String {
        let text = TestConfiguration.collector(rest: "odometer: {state: {path: \"\"}, events: {\(events)}}\n")
        return logs ? TestConfiguration.withLogs(text) : text
    }

    /// One event; `sequence` distinguishes it.
    private static func event(_ name: String, _ sequence: Int, _ attributes: String = "") -> String {
        #"""
        {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"claude-code"}}]},
        "scopeLogs":[{"scope":{"name":"com.anthropic.claude_code.events"},"logRecords":[{"timeUnixNano":"1700000000000000000",
        "body":{"stringValue":"claude_code.\#(name)"},"attributes":[\#(attributes)
        {"key":"session.id","value":{"stringValue":"s"}},{"key":"event.sequence","value":{"intValue":\#(sequence)}},
        {"key":"event.timestamp","value":{"stringValue":"t"}},{"key":"user.id","value":{"stringValue":"u"}}]}]}]}]}
        """#
    }

    private static func post(_ body: String, to collector: AppInProcess) throws -> HTTPReply {
        try collector.connect().exchange("POST", "/v1/logs", headers: json, body: Array(body.utf8))
    }

    @Test("R-HTTP-06 events that count get an empty answer, and count once")
    func countedOnce() async throws {
        try await AppInProcess.run(Self.configuration()) { collector in
            for _ in 0..<3 {
                let reply = try Self.post(Self.event("user_prompt", 1), to: collector)
                #expect(reply.status == 200)
                #expect(reply.text == "{}")
            }
            #expect(try Self.post(Self.event("user_prompt", 2), to: collector).status == 200)
            let labels = ["job": "claude-code", "otel_scope_name": "odometer.events", "user": "u"]
            #expect(try collector.scrape()["claude_code_user_prompts_total", labels] == 2)
        }
    }

    @Test("R-HTTP-08 logs that are not events are discarded with a warning")
    func otherLogs() async throws {
        try await AppInProcess.run(Self.configuration()) { collector in
            let body = #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"hello"}}]}]}]}"#
            let warning = try #require(try OTLPAnswer.partialSuccess(of: try Self.post(body, to: collector)))
            #expect(warning.message.contains("not forwarded"))
            #expect(try collector.scrapeText() == "")
        }
    }

    @Test("without a logs pipeline they are refused, and with events turned off nothing counts")
    func turnedOff() async throws {
        try await AppInProcess.run(Self.configuration(logs: false)) { collector in
            let reply = try Self.post(Self.event("user_prompt", 1), to: collector)
            #expect(reply.status == 404)
        }
        try await AppInProcess.run(Self.configuration("enabled: false")) { collector in
            let reply = try Self.post(Self.event("user_prompt", 1), to: collector)
            #expect(reply.status == 200)
            #expect(try collector.scrapeText() == "")
        }
    }

    @Test("if the mail address is left out, user is the next attribute, and nothing shows the address")
    func droppedMailAddress() async throws {
        let text = TestConfiguration.withLogs(
            TestConfiguration.collector(rest: "odometer: {state: {path: \"\"}, labels: {drop: [user_email]}}\n"))
        try await AppInProcess.run(text) { collector in
            let mail = #"{"key":"user.email","value":{"stringValue":"a@b.c"}},"#
            #expect(try Self.post(Self.event("user_prompt", 1, mail), to: collector).status == 200)
            let labels = ["job": "claude-code", "otel_scope_name": "odometer.events", "user": "u"]
            #expect(try collector.scrape()["claude_code_user_prompts_total", labels] == 1)
            let page = try collector.scrapeText()
            #expect(!page.contains("a@b.c"))
        }
    }

    @Test("rules of the configuration count")
    func ownRules() async throws {
        let rule = #"{event: "*", histogram: my.size, unit: By, value: size, buckets: [1, 2], labels: {who: user}}"#
        try await AppInProcess.run(Self.configuration("built_in: false, rules: [\(rule)]")) { collector in
            let size = #"{"key":"size","value":{"stringValue":"2"}},"#
            #expect(try Self.post(Self.event("any", 1, size), to: collector).status == 200)
            let page = try collector.scrape()
            let labels = ["job": "claude-code", "otel_scope_name": "odometer.events", "who": "u"]
            #expect(page["my_size_bytes_sum", labels] == 2)
            #expect(page.samples.filter { $0.name == "my_size_bytes_bucket" }.map(\.value) == [0, 1, 1])
            #expect(page.samples.count == 5)
        }
    }

    @Test("R-HTTP-14 malformed logs get 400 and count nothing; random ones, too")
    func hostileLogs() async throws {
        let exports = try ["session-pb-delta", "json-delta"].flatMap { name in
            try CaptureFixture(name).exports { $0.contains("logs") }
        }
        try await AppInProcess.run(Self.configuration()) { collector in
            var random = SeededRandom(seed: 2920)
            var statuses: [Int: Int] = [:]
            let client = try collector.connect()
            for turn in 0..<300 {
                var export = exports[turn % exports.count]
                switch turn % 3 {
                case 0:
                    let count = Int.random(in: 1..<200, using: &random)
                    export.body = (0..<count).map { _ in .random(in: 0...255, using: &random) }
                case 1: export.body = Array(export.body.prefix(Int.random(in: 0..<export.body.count, using: &random)))
                default:
                    for _ in 0..<10 {
                        let place = Int.random(in: export.body.indices, using: &random)
                        export.body[place] = .random(in: 0...255, using: &random)
                    }
                }
                statuses[try client.exchange(export).status, default: 0] += 1
            }
            #expect(Set(statuses.keys).isSubset(of: [200, 400, 413]), "\(statuses)")
            #expect(statuses[400, default: 0] > 100, "\(statuses)")
            let deep = String(repeating: #"{"arrayValue":{"values":["#, count: 10_000)
            for body in [
                "", "null", "[]", "{", #"{"resourceLogs":[{"scopeLogs":7}]}"#,
                #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":"# + deep,
            ] {
                #expect(try Self.post(body, to: collector).status == 400, "\(body.prefix(60))")
            }
            #expect(try Self.post(Self.event("quite_new", 1), to: collector).status == 200)
            let huge = #"{"key":"prompt","value":{"stringValue":""# + String(repeating: "p", count: 1 << 20) + #""}},"#
            #expect(try Self.post(Self.event("user_prompt", 2, huge), to: collector).status == 200)
            #expect(!(try collector.scrapeText()).contains("ppp"))
        }
    }

    @Test("R-PB-05 a label that is not UTF-8 rejects its points with a warning, and no other event")
    func invalidText() async throws {
        let field = { (number: UInt8, content: [UInt8]) in [number << 3 | 2] + [UInt8(content.count)] + content }
        let attribute = { (key: String, value: [UInt8]) in
            field(6, field(1, Array(key.utf8)) + field(2, field(1, value)))
        }
        let time: [UInt8] = [0x09, 1, 0, 0, 0, 0, 0, 0, 0]
        let record = { (name: String, user: [UInt8]) in
            field(2, time + field(5, field(1, Array("claude_code.\(name)".utf8))) + attribute("user.id", user))
        }
        let body = field(1, field(2, record("user_prompt", [0xFF]) + record("user_prompt", Array("u".utf8))))
        try await AppInProcess.run(Self.configuration()) { collector in
            let reply = try collector.connect().exchange(
                "POST", "/v1/logs", headers: [("Content-Type", "application/x-protobuf")], body: body)
            #expect(reply.status == 200)
            let warning = try #require(try OTLPAnswer.partialSuccess(of: reply))
            #expect(warning.rejected == 0)
            #expect(warning.message.contains("1 points derived from events are not counted"), "\(warning.message)")
            let page = try collector.scrape()
            #expect(page.samples.filter { $0.name == "claude_code_user_prompts_total" }.map(\.value) == [1])
            #expect(page.samples.filter { $0.name == "claude_code_events_total" }.map(\.value) == [2])
        }
    }
}
