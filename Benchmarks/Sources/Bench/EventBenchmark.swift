internal import Events
internal import OTLP
internal import Series

/// A logs export as Claude Code sends it: requests, tools and decisions in turn, with the attributes they have.
struct LogsGenerator {
    static let recordCount = 120

    /// Events of an export with this number are in no other one.
    private(set) var number = 0

    mutating func next() -> [UInt8] {
        number += 1
        let records = (0..<Self.recordCount).map { record($0) }.joined(separator: ",")
        return Array(
            #"{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"claude-code"}}]},"scopeLogs":[{"scope":{"name":"com.anthropic.claude_code.events"},"logRecords":[\#(records)]}]}]}"#
                .utf8)
    }

    private func record(_ index: Int) -> String {
        let time = 1_700_000_000_000 + number * 1000 + index
        let (name, own) = Self.kinds[index % Self.kinds.count]
        let common = [
            ("user.id", "5f0c7b1e9a2d4c6e8f1a3b5d7c9e0f2a4b6d8c0e1f3a5b7d9c1e3f5a7b9d1c3e"),
            ("session.id", "aaaaaaaa-bbbb-cccc-dddd-00000000000\(index % 10)"), ("user.email", "someone@example.org"),
            ("terminal.type", "xterm-256color"), ("event.name", name),
            ("event.timestamp", "2026-01-01T00:00:00.\(time)Z"),
            ("event.sequence", "\(number * Self.recordCount + index)"),
            ("prompt.id", "11111111-2222-3333-4444-555555555555"),
        ]
        let attributes = (common + own).map { #"{"key":"\#($0.0)","value":{"stringValue":"\#($0.1)"}}"# }
        return
            #"{"timeUnixNano":"\#(time)000000","body":{"stringValue":"claude_code.\#(name)"},"attributes":[\#(attributes.joined(separator: ","))]}"#
    }

    private static let kinds: [(String, [(String, String)])] = [
        (
            "api_request",
            [
                ("model", "claude-sonnet-4-5"), ("cost_usd_micros", "12345"), ("duration_ms", "2345"),
                ("input_tokens", "12"), ("output_tokens", "345"), ("cache_read_tokens", "6789"),
                ("cache_creation_tokens", "10"), ("query_source", "repl_main_thread"), ("speed", "normal"),
            ]
        ),
        (
            "tool_decision",
            [("tool_name", "Bash"), ("decision", "accept"), ("source", "config"), ("tool_use_id", "toolu_1")]
        ),
        (
            "tool_result",
            [("tool_name", "Bash"), ("success", "true"), ("duration_ms", "34"), ("tool_result_size_bytes", "567")]
        ),
        ("user_prompt", [("prompt_length", "89"), ("prompt", "<REDACTED>")]),
    ]
}

/// Log records: to their derived metrics, and to the totals.
func benchmarkEvents() {
    let exports = 200
    var generator = LogsGenerator()
    let bodies = (0..<exports).map { _ in generator.next() }
    var batch = LogsBatch()
    var counting = EventCounting(EventSettings())
    var next = 0
    let records = LogsGenerator.recordCount
    func derive(_ body: [UInt8]) -> [UInt8] {
        body.withUnsafeBytes { bytes in
            do {
                try batch.decode(bytes, as: .json)
                return try counting.count(batch).body
            } catch { broken(error) }
        }
    }
    report(
        measure("logs to metrics", unit: "log record", operations: records) {
            _ = derive(bodies[next % exports])
            next += 1
        })
    let derived = bodies.map(derive)
    print("\(bodies[0].count / records) bytes a log record, \(derived[0].count / records) bytes of metrics made of it")
    var store = makeStore()
    var metrics = MetricsBatch()
    next = 0
    report(
        measure("metrics of events counted", unit: "log record", operations: records) {
            // Duplicate events do not count, so each round of exports has its own store.
            if next % exports == 0 { store = makeStore() }
            derived[next % exports].withUnsafeBytes { bytes in
                do {
                    try metrics.decode(bytes, as: .protobuf)
                    _ = try store.ingest(metrics, receivedAt: 1)
                } catch { broken(error) }
            }
            next += 1
        })
}
