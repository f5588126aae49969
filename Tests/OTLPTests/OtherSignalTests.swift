import Testing

@testable import OTLP

/// JSON that was sent to the path of another signal says so, instead of being an export of nothing.
@Suite struct OtherSignalTests {
    private static func refusal(of body: String, as signal: Signal) -> DecodingFailure? {
        Array(body.utf8).withUnsafeBytes { bytes in
            do throws(DecodingFailure) {
                switch signal {
                case .metrics:
                    var batch = MetricsBatch(limits: DecodingLimits())
                    try batch.decode(bytes, as: .json)
                case .logs:
                    var batch = LogsBatch(limits: DecodingLimits())
                    try batch.decode(bytes, as: .json)
                case .traces: break
                }
                _ = try RecordCount(bytes, of: signal, as: .json)
                return nil
            } catch {
                return error
            }
        }
    }

    private static let keys: [(Signal, [String])] = [
        (.metrics, ["resourceMetrics", "resource_metrics"]), (.logs, ["resourceLogs", "resource\\u004cogs"]),
        (.traces, ["resourceSpans", "resource_spans"]),
    ]

    @Test("an export of another signal is refused by name", arguments: Signal.allCases)
    func otherSignalIsNamed(signal: Signal) throws {
        for (other, keys) in Self.keys where other != signal {
            for key in keys where signal != .traces || !key.contains("_") {
                let refusal = Self.refusal(of: #"{"a":1,"\#(key)":[{}]}"#, as: signal)
                guard case .malformed(let text) = refusal else {
                    Issue.record("\(key) is taken as \(signal)")
                    continue
                }
                #expect(text.contains("this is an export of \(other.rawValue)"), "\(text)")
            }
        }
    }

    @Test("an export of its own signal is taken, whatever is beside it, and so is one of nothing")
    func ownSignalIsTaken() {
        for (signal, keys) in Self.keys {
            for body in [#"{}"#, #"{"a":1}"#, #"{"\#(keys[0])":[],"resourceSpans":[],"resourceLogs":[]}"#] {
                #expect(Self.refusal(of: body, as: signal) == nil, "\(body) as \(signal)")
            }
        }
    }
}
