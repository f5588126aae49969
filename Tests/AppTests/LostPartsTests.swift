import Foundation
import Testing

/// Only the smallest part that cannot be decoded is lost, and reported (docs/decisions/0019).
@Suite struct LostPartsTests {
    private static let json = [("Content-Type", "application/json")]

    private static func metrics(_ points: String) -> String {
        #"""
        {"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc"}}]},
        "scopeMetrics":[{"metrics":[{"name":"g","gauge":{"dataPoints":[\#(points)]}}]}]}]}
        """#
    }

    private static func post(_ body: String, to path: String, _ collector: AppInProcess) throws -> HTTPReply {
        try collector.connect().exchange("POST", path, headers: json, body: Array(body.utf8))
    }

    /// A field of a message in protobuf.
    private static func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
        let length = content.count
        return [number << 3 | 2] + (length < 128 ? [UInt8(length)] : [UInt8(length & 127 | 128), UInt8(length >> 7)])
            + content
    }

    @Test("the valid points of an export count; others are reported to the sender, counted and logged")
    func pointsAreRejected() async throws {
        try await AppInProcess.run(
            TestConfiguration.collector(rest: "odometer: {own_metrics_on_exporters: true}\n")
        ) { collector in
            let odd = [
                #"{"asDouble":{}}"#, #"{"asInt":1.5}"#, #"{"asInt":1,"startTimeUnixNano":""}"#,
                #"{"asInt":1,"exemplars":[{"traceId":"W47/95gDgQPSabYzgT/GDA=="}],"attributes":{"k":"v"}}"#,
                #"{"asInt":2,"attributes":[{"key":"a","value":{"boolValue":"true"}},{"key":"b","value":{"intValue":7}}]}"#,
            ]
            let reply = try Self.post(Self.metrics(odd.joined(separator: ",")), to: "/v1/metrics", collector)
            #expect(reply.status == 200)
            let told = try #require(try OTLPAnswer.partialSuccess(of: reply))
            #expect(told.rejected == 3)
            #expect(told.message.contains("cannot be decoded (3)"))
            #expect(told.message.contains("left out: 2 attributes, 1 identifier"))
            #expect(told.message.contains("first reason: JSON, byte "))
            let page = try collector.scrape()
            #expect(page["g", ["job": "svc"]] == 1)
            #expect(page["g", ["job": "svc", "b": "7"]] == 2)
            #expect(page["odometer_left_out_parts_total", ["part": "attribute"]] == 2)
            #expect(page["odometer_left_out_parts_total", ["part": "identifier"]] == 1)
            #expect(page["odometer_left_out_parts_total", ["part": "point"]] == 3)
            #expect(page["odometer_rejected_points_total", ["exporter": "prometheus", "reason": "malformed"]] == 3)
        }
    }

    @Test("an invalid value of an event loses its attribute, and other events count")
    func eventsCount() async throws {
        let configuration = TestConfiguration.withLogs(
            TestConfiguration.collector(rest: "odometer: {state: {path: \"\"}}\n"))
        try await AppInProcess.run(configuration) { collector in
            func event(_ sequence: Int, _ cost: String) -> String {
                #"""
                {"timeUnixNano":"1700000000000000000","body":{"stringValue":"claude_code.api_request"},"attributes":[
                {"key":"cost_usd","value":\#(cost)},{"key":"session.id","value":{"stringValue":"s"}},
                {"key":"event.sequence","value":{"intValue":\#(sequence)}}]}
                """#
            }
            let records = [event(1, #"{"doubleValue":{}}"#), event(2, #"{"doubleValue":0.5}"#), "7"]
            let reply = try Self.post(
                #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[\#(records.joined(separator: ","))]}]}]}"#,
                to: "/v1/logs", collector)
            #expect(reply.status == 200)
            let told = try #require(try OTLPAnswer.partialSuccess(of: reply))
            #expect(told.rejected == 0)
            #expect(told.message.contains("left out: 1 attribute, 1 record"))
            #expect(try collector.scrape().total(of: "claude_code_api_requests_total") == 2)
        }
    }

    /// Metrics are shown, logs and traces forwarded; events count.
    private static func forwarding(to backend: BackendStandIn, processors: String = "") -> String {
        """
        receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:0"}}}}
        processors: {attributes: {actions: [{key: y, action: delete}]}}
        exporters:
          prometheus: {endpoint: "127.0.0.1:0"}
          otlphttp: {endpoint: "http://127.0.0.1:\(backend.port)"}
        service:
          telemetry: {metrics: {level: none}}
          pipelines:
            metrics: {receivers: [otlp], processors: [\(processors)], exporters: [prometheus]}
            logs: {receivers: [otlp], processors: [\(processors)], exporters: [otlphttp]}
            traces: {receivers: [otlp], processors: [\(processors)], exporters: [otlphttp]}
        odometer: {state: {path: ""}}
        """
    }

    @Test("forwarded data loses only parts that cannot be decoded", arguments: [false, true])
    func oddRecordsArePassedOn(hasProcessor: Bool) async throws {
        let backend = try await BackendStandIn.start()
        let configuration = Self.forwarding(to: backend, processors: hasProcessor ? "attributes" : "")
        try await AppInProcess.run(configuration) { collector in
            let odd = #"{"timeUnixNano":"","attributes":{"k":"v"},"body":7,"traceId":"x","name":"odd","kind":"odd"}"#
            let logs = try Self.post(
                #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[\#(odd),{"eventName":"good"}]}]}]}"#, to: "/v1/logs",
                collector)
            let traces = try Self.post(
                #"{"resourceSpans":[{"scopeSpans":[{"spans":[\#(odd),{"name":"good"}]}]}]}"#, to: "/v1/traces",
                collector)
            for reply in [logs, traces] {
                #expect(reply.status == 200)
                #expect(try OTLPAnswer.partialSuccess(of: reply)?.rejected ?? 0 == 0)
            }
            if hasProcessor {
                let told = try #require(try OTLPAnswer.partialSuccess(of: traces))
                #expect(told.message.contains("left out: 1 attribute, 1 identifier, 1 field"))
            }
            #expect(wait(within: .seconds(20)) { backend.taken.count == 2 })
        }
        for request in backend.taken {
            #expect(try Data(request.content).range(of: Data("good".utf8)) != nil)
        }
        try await backend.stop()
    }

    @Test("events that cannot be counted are forwarded, and their sender gets a warning")
    func uncountedIsPassedOn() async throws {
        let backend = try await BackendStandIn.start()
        let configuration = Self.forwarding(to: backend)
        try await AppInProcess.run(configuration) { collector in
            // A schema URL that is not UTF-8 is irrelevant for forwarding.
            let record = Self.field(12, Array("claude_code.user_prompt".utf8))
            let body = Self.field(1, Self.field(2, Self.field(2, record)) + Self.field(3, [0xFF]))
            let reply = try collector.connect().exchange(
                "POST", "/v1/logs", headers: [("Content-Type", "application/x-protobuf")], body: body)
            #expect(reply.status == 200)
            let told = try #require(try OTLPAnswer.partialSuccess(of: reply))
            #expect(told.message.contains("events are not counted"))
            #expect(wait(within: .seconds(20)) { backend.taken.count == 1 })
        }
        try await backend.stop()
    }
}
