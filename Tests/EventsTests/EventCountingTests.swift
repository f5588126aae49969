import Events
import OTLP
import Settings
import Testing

/// Metrics derived from events.
@Suite struct EventCountingTests {
    private typealias Export = EventExport

    @Test("a request counts as a request, its tokens, its cost and its duration")
    func request() throws {
        var harness = EventHarness()
        let derived = try harness.derive(
            Export.record(
                "api_request",
                [
                    "model": "\"m\"", "cost_usd": "0.5", "cost_usd_micros": "1234567", "duration_ms": "2500",
                    "input_tokens": "3", "output_tokens": "\"4\"", "cache_read_tokens": "5",
                    "cache_creation_tokens": "6",
                    "query_source": "\"sdk\"", "user.email": "\"a@example.org\"", "user.id": "\"u\"",
                ]))
        #expect(derived.export.events == 1)
        let who = "user=a@example.org"
        #expect(derived.points["claude_code.api_requests{model=m,query_source=main,\(who)}"] == [.int(1)])
        #expect(derived.points["claude_code.api_request.cost{model=m,\(who)}"] == [.double(1.234567)])
        #expect(derived.points["claude_code.api_request.duration{model=m}"] == [.double(2.5)])
        #expect(
            derived.buckets["claude_code.api_request.duration{model=m}"] == [
                [0, 0, 0, 0, 1] + Array(repeating: 0, count: 9)
            ])
        for (type, count) in [("input", 3), ("output", 4), ("cacheRead", 5), ("cacheCreation", 6)] {
            let key = "claude_code.api_request.tokens{model=m,type=\(type),\(who)}"
            #expect(derived.points[key] == [.int(Int64(count))])
        }
        #expect(derived.points["claude_code.events{event_name=api_request,service=claude-code}"] == [.int(1)])
        #expect(derived.points.count == 8)
    }

    @Test(
        "numbers may be strings; other values and negative ones add nothing",
        arguments: [
            ("\"12\"", 0.012), ("12", 0.012), ("12.5", 0.0125), ("\"12.5\"", 0.0125), ("\"1e3\"", 1), ("-1", nil),
            ("\"-1\"", nil), ("\"abc\"", nil), ("\"\"", nil), ("true", nil), ("\"NaN\"", nil),
        ] as [(String, Double?)])
    func numbers(text: String, seconds: Double?) throws {
        var harness = EventHarness()
        let derived = try harness.derive(Export.record("tool_result", ["tool_name": "\"T\"", "duration_ms": text]))
        #expect(derived.points["claude_code.tool.duration{tool_name=T}"] == seconds.map { [.double($0)] })
        #expect(derived.points["claude_code.tool_results{tool_name=T}"] == [.int(1)])
    }

    @Test("the cost is that in dollars if there is none in micros")
    func costInDollars() throws {
        var harness = EventHarness()
        let derived = try harness.derive(Export.record("api_request", ["cost_usd": "\"0.25\""]))
        #expect(derived.points["claude_code.api_request.cost"] == [.double(0.25)])
    }

    @Test(
        "success is the same as a bool and as text",
        arguments: [("true", "true"), ("\"true\"", "true"), ("false", "false"), ("\"false\"", "false")])
    func success(given: String, shown: String) throws {
        var harness = EventHarness()
        let derived = try harness.derive(Export.record("tool_result", ["success": given]))
        #expect(derived.points["claude_code.tool_results{success=\(shown)}"] == [.int(1)])
    }

    @Test(
        "the source of a request is main, subagent or auxiliary",
        arguments: [
            ("repl_main_thread", "main"), ("repl_main_thread:outputStyle:x", "main"), ("sdk", "main"),
            ("agent:builtin:general-purpose", "subagent"), ("agent:custom", "subagent"), ("compact", "auxiliary"),
            ("sdk2", "auxiliary"),
        ])
    func querySource(given: String, shown: String) throws {
        var harness = EventHarness()
        let derived = try harness.derive(Export.record("api_request", ["query_source": "\"\(given)\""]))
        #expect(derived.points["claude_code.api_requests{query_source=\(shown)}"] == [.int(1)])
    }

    @Test(
        "the user is the first of mail, account and id",
        arguments: [
            (["user.id", "user.account_uuid", "user.account_id", "user.email"], "user.email"),
            (["user.id", "user.account_uuid", "user.account_id"], "user.account_id"),
            (["user.account_uuid", "user.id"], "user.account_uuid"), (["user.id"], "user.id"),
        ])
    func user(given: [String], shown: String) throws {
        var harness = EventHarness()
        let attributes = Dictionary(uniqueKeysWithValues: given.map { ($0, "\"\($0)\"") })
        let derived = try harness.derive(Export.record("user_prompt", attributes))
        #expect(derived.points["claude_code.user_prompts{user=\(shown)}"] == [.int(1)])
    }

    @Test("an event without a rule counts only as an event")
    func unknownEvent() throws {
        var harness = EventHarness()
        let derived = try harness.derive(Export.record("quite_new", ["model": "\"m\"", "duration_ms": "1"]))
        #expect(derived.points == ["claude_code.events{event_name=quite_new,service=claude-code}": [.int(1)]])
    }

    @Test("R-JSON-17 an event with a prompt cut within a character counts")
    func cutText() throws {
        var harness = EventHarness()
        let derived = try harness.derive(
            EventExport.record("user_prompt", ["prompt": #""abc\ud83d""#, "command_source": #""x\ude00""#]))
        #expect(derived.points["claude_code.user_prompts{command_source=x�}"] == [.int(1)])
    }

    @Test("a record is an event by its scope or its body only")
    func otherLogs() throws {
        var harness = EventHarness()
        let event = Export.record("user_prompt")
        #expect(try harness.derive(event, scope: "another").export.events == 1)
        #expect(
            try harness.derive(#"{"body":{"stringValue":"claude_code.auth"}}"#, scope: "another").export.events == 1)
        #expect(try harness.derive(#"{"eventName":"claude_code.auth"}"#, scope: "another").export.events == 1)
        let other =
            #"{"body":{"stringValue":"hello"},"attributes":[{"key":"event.name","value":{"stringValue":"auth"}}]}"#
        #expect(try harness.derive(other, scope: "another").export.events == 0)
        #expect(try harness.derive(other).export.events == 1)
        #expect(try harness.derive(#"{"body":{"stringValue":"hello"}}"#).export.body.isEmpty)
    }

    @Test("derived metrics have only attributes named by rules")
    func textsStayBehind() throws {
        var harness = EventHarness()
        let secrets = ["prompt", "response", "error", "tool_input", "tool_parameters", "body", "file_path"]
        for name in ["user_prompt", "assistant_response", "tool_result", "api_error", "api_request", "tool_decision"] {
            let attributes = Dictionary(uniqueKeysWithValues: secrets.map { ($0, "\"a secret\"") })
            let derived = try harness.derive(Export.record(name, attributes))
            #expect(derived.export.events == 1)
            #expect(!String(decoding: derived.export.body, as: UTF8.self).contains("secret"))
        }
    }

    @Test("configured rules count in addition to built-in ones, with their conditions, divisor and buckets")
    func ownRules() throws {
        let rules = [
            EventRule(
                event: "tool_result", metric: "my.failures", labels: [EventLabel("tool", from: "tool_name")],
                conditions: [EventCondition("success", is: "false")]),
            EventRule(
                event: "tool_result", metric: "my.size", unit: "By", kind: .histogram(bounds: [1, 10]),
                values: [EventValue("tool_result_size_bytes", dividedBy: 1024)]),
            EventRule(event: nil, metric: "my.all"),
        ]
        var harness = EventHarness(rules: rules)
        let derived = try harness.derive(
            Export.record(
                "tool_result", sequence: 1,
                ["success": "\"false\"", "tool_name": "\"T\"", "tool_result_size_bytes": "\"2048\""]),
            Export.record("tool_result", sequence: 2, ["success": "true", "tool_name": "\"T\""]),
            Export.record("auth", sequence: 3))
        #expect(derived.points["my.failures{tool=T}"] == [.int(1)])
        #expect(derived.points["my.size"] == [.double(2)])
        #expect(derived.buckets["my.size"] == [[0, 1, 0]])
        #expect(derived.points["my.all"] == [.int(1), .int(1), .int(1)])
        #expect(derived.points.count == 3)
    }

    @Test(
        "native histograms have a bucket of scale 3 around the value",
        arguments: [
            ("0", "3 1 0 []"), ("1000", "3 0 -1 [1]"), ("1001", "3 0 0 [1]"), ("2000", "3 0 7 [1]"),
            ("1090", "3 0 0 [1]"), ("1091", "3 0 1 [1]"), ("250", "3 0 -17 [1]"),
        ])
    func nativeHistograms(milliseconds: String, bucket: String) throws {
        var settings = EventSettings()
        settings.metrics.histograms = .native
        var harness = EventHarness(settings)
        let derived = try harness.derive(Export.record("tool_result", ["duration_ms": milliseconds]))
        #expect(derived.native["claude_code.tool.duration"] == bucket)
        #expect(derived.buckets.isEmpty)
        #expect(Set(derived.identities).count == 1)
    }

    @Test("the number and length of the values of a label are bounded")
    func valuesAreCapped() throws {
        var settings = EventSettings(labelValueLengthLimit: 4)
        settings.metrics.maxLabelValues = 2
        var harness = EventHarness(settings)
        let names = ["a", "b", "c", "a", "long1", "d"]
        let shown = try names.enumerated().map { number, name in
            let derived = try harness.derive(
                Export.record("tool_decision", sequence: number, ["tool_name": "\"\(name)\""]))
            return derived.points.keys.first { $0.hasPrefix("claude_code.tool_decisions") }
        }
        let wanted = ["a", "b", "other", "a", "other", "other"]
        #expect(shown == wanted.map { "claude_code.tool_decisions{tool_name=\($0)}" })
    }

    @Test("the metrics belong to the resource of the event, and each resource has its own")
    func resources() throws {
        var harness = EventHarness()
        let one = EventExport(records: [Export.record("auth")]).json
        let list = String(one.dropFirst(#"{"resourceLogs":["#.count).dropLast(2))
        let two = #"{"resourceLogs":[\#(list),\#(list.replacing("claude-code", with: "desktop"))]}"#
        let derived = try harness.derive(Array(two.utf8), as: .json)
        let services = derived.resources.map { resource in
            if case .string(let name) = resource.attributes[0].value {
                String(decoding: name, as: UTF8.self)
            } else {
                ""
            }
        }
        // The same event under two names counts once.
        #expect(services == ["claude-code"])
        #expect(derived.export.repeatedEvents == 1)
    }

    @Test("an export beyond the limit is refused")
    func amplificationIsBounded() throws {
        var settings = EventSettings()
        settings.derivedBytesLimit = 10_000
        var harness = EventHarness(settings)
        let records = (0..<100).map { Export.record("user_prompt", sequence: $0) }
        #expect(throws: DecodingFailure.self) {
            try harness.derive(Array(EventExport(records: records).json.utf8), as: .json)
        }
        #expect(try harness.derive(Export.record("user_prompt")).export.events == 1)
    }
}
