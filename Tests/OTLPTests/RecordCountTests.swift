import Testing

@testable import OTLP

@Suite struct RecordCountTests {
    private static func count(
        _ bytes: [UInt8], _ encoding: WireEncoding, of signal: Signal = .logs
    ) throws -> RecordCount {
        try bytes.withUnsafeBytes { try RecordCount($0, of: signal, as: encoding) }
    }

    /// A field of bytes.
    private static func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
        [number << 3 | 2, UInt8(content.count)] + content
    }

    @Test("records are counted in protobuf, over resources and scopes, unknown fields skipped")
    func protobufIsCounted() throws {
        let scope = Self.field(1, [0]) + Self.field(2, []) + Self.field(2, [8, 1]) + Self.field(3, [65])
        let resource = Self.field(1, []) + Self.field(2, scope) + Self.field(2, Self.field(2, []))
        let body = Self.field(1, resource) + [0x40, 1] + Self.field(1, resource)
        let counted = try Self.count(body, .protobuf)
        #expect(counted.resources == 2)
        #expect(counted.records == 6)
        #expect(try Self.count([], .protobuf).records == 0)
    }

    @Test(
        "records are counted in JSON with any other fields",
        arguments: [
            (
                #"{"resourceLogs":[{"resource":{"logRecords":[1]},"scopeLogs":[{"logRecords":[{},{"body":{"logRecords":[]}}]},{}]}]}"#,
                1, 2
            ),
            (#"{"resourceSpans":[{"scopeSpans":[{"spans":[{}]}]},{"scopeSpans":null},null]}"#, 3, 1),
            (#"{"resourceLogs":null}"#, 0, 0), ("{}", 0, 0),
            (#"{"resource_logs":[{"scope_logs":[{"log_records":[{},{}]}]}]}"#, 1, 2),
            (#"{"resource\u004cogs":[{"scopeLogs":[{"log_records":[{}]},{"logRecords":[{}]}]}]}"#, 1, 2),
            (#"{"Resource_spans":[{}],"resource_spans":[{"scope_spans":[{"spans":[{}]}]}]}"#, 1, 1),
            (#"{"resourceLogs":[{"scopeLogs":[{"spans":[{}],"logRecords":[{}]}]}],"resourceMetrics":[{}]}"#, 1, 1),
        ])
    func jsonIsCounted(text: String, resources: Int, records: Int) throws {
        let counted = try Self.count(Array(text.utf8), .json, of: text.contains("pans\":[{\"s") ? .traces : .logs)
        #expect(counted.resources == resources)
        #expect(counted.records == records)
    }

    @Test("data points are counted under keys in snake_case too")
    func snakeCasePointsAreCounted() throws {
        let points = #""gauge":{"data_points":[{},{}]}},{"exponential_histogram":{"dataPoints":[{}]}"#
        let text = #"{"resource_metrics":[{"scope_metrics":[{"metrics":[{\#(points)}]}]}]}"#
        #expect(try Self.count(Array(text.utf8), .json, of: .metrics).records == 3)
    }

    @Test(
        "a malformed export is a failure, not a trap",
        arguments: [
            "{", "[]", #"{"resourceLogs":{}}"#, #"{"resourceLogs":[1]}"#, "{} x",
            String(repeating: #"{"a":"#, count: 1000),
        ])
    func malformedJSONFails(text: String) {
        #expect(throws: DecodingFailure.self) { try Self.count(Array(text.utf8), .json) }
    }

    @Test("a message cut anywhere is counted or fails")
    func truncationIsHarmless() {
        let body = Self.field(1, Self.field(2, Self.field(2, [8, 1]) + Self.field(2, [])))
        for end in 0..<body.count { _ = try? Self.count(Array(body[..<end]), .protobuf) }
        #expect(throws: DecodingFailure.self) { try Self.count(Array(body.dropLast()), .protobuf) }
    }
}
