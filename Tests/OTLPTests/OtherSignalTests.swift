import Settings
import Testing

@testable import OTLP

/// An export sent to the path of another signal is refused with a message, not accepted as empty.
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

    @Test("an export of another signal is refused with its name", arguments: Signal.allCases)
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

    @Test("an export of the right signal is accepted with any other fields, and so is an empty one")
    func ownSignalIsTaken() {
        for (signal, keys) in Self.keys {
            for body in [#"{}"#, #"{"a":1}"#, #"{"\#(keys[0])":[],"resourceSpans":[],"resourceLogs":[]}"#] {
                #expect(Self.refusal(of: body, as: signal) == nil, "\(body) as \(signal)")
            }
        }
    }

    @Test("conversion to protobuf accepts and refuses the same as counting", arguments: Signal.allCases)
    func turningRefusesToo(signal: Signal) {
        for (other, keys) in Self.keys {
            for key in keys {
                for body in [#"{"a":1,"\#(key)":[{}]}"#, #"{"\#(key)":null}"#, #"{"\#(key)":[]} "#] {
                    let refusal = Array(body.utf8).withUnsafeBytes { bytes in
                        do throws(DecodingFailure) {
                            _ = try ExportTranscoding.protobuf(ofJSON: bytes, signal: signal, limits: DecodingLimits())
                            return DecodingFailure?.none
                        } catch {
                            return error
                        }
                    }
                    #expect(refusal == Self.refusal(of: body, as: signal), "\(body) as \(signal)")
                    #expect((refusal == nil) == (signal == other), "\(body) as \(signal)")
                }
            }
        }
    }

    // MARK: Protobuf

    private static let time: UInt64 = 1_700_000_000_000_000_000

    /// Minimal exports of clients.
    private static let exports: [(Signal, [ProtobufMessage])] = [
        (
            .metrics,
            [
                ProtobufMessage.sum("claude_code.cost", [ProtobufMessage.point(1, attributes: [("a", "b")])]),
                ProtobufMessage().text(1, "g").text(2, "of").message(5, ProtobufMessage().message(1, .point(2))),
                ProtobufMessage().text(1, "h").text(3, "s").message(9, ProtobufMessage().varint(2, 1)),
                ProtobufMessage().text(1, "s").message(11, ProtobufMessage().message(1, .init().fixed64(4, 3))),
                ProtobufMessage().text(1, "t").message(7, ProtobufMessage().message(1, .init().fixed64(3, time))),
            ]
        ),
        (
            .logs,
            [
                ProtobufMessage().fixed64(1, time).message(5, ProtobufMessage().text(1, "body")),
                ProtobufMessage().varint(2, 9).text(3, "INFO").message(6, .keyValue("a", "b")).fixed64(11, time),
                ProtobufMessage().message(5, ProtobufMessage().text(1, "b")).fixed64(11, time).text(12, "event"),
            ]
        ),
        (
            .traces,
            [
                ProtobufMessage().bytes(1, [UInt8](1...16)).bytes(2, [UInt8](1...8)).text(5, "n").varint(6, 1)
                    .fixed64(7, time).fixed64(8, time),
                ProtobufMessage().text(5, "without ids").fixed64(8, time),
                ProtobufMessage().bytes(1, [UInt8](1...16)).bytes(2, [UInt8](1...8)).message(9, .keyValue("a", "b"))
                    .fixed64(7, time),
            ]
        ),
    ]

    private static func body(_ item: ProtobufMessage) -> [UInt8] {
        let resource = ProtobufMessage().message(1, .keyValue("service.name", "s"))
        return ProtobufMessage.export([item], resource: resource, scope: ProtobufMessage().text(1, "scope")).bytes
    }

    @Test("an export of another signal is recognised by its content in protobuf, too", arguments: Signal.allCases)
    func otherSignalInProtobuf(signal: Signal) throws {
        for (other, items) in Self.exports {
            for item in items {
                let body = Self.body(item)
                let refusal = body.withUnsafeBytes { OtherSignal.refusal(of: $0, sentAs: signal, .protobuf) }
                let counted = body.withUnsafeBytes { bytes in
                    Result { () throws(DecodingFailure) in try RecordCount(bytes, of: signal, as: .protobuf) }
                }
                guard other != signal else {
                    #expect(refusal == nil)
                    #expect(try counted.get().records >= (signal == .metrics ? 0 : 1))
                    continue
                }
                guard case .malformed(let text)? = refusal, case .failure(refusal) = counted else {
                    Issue.record("\(other) is taken as \(signal)")
                    continue
                }
                #expect(text.contains("this is an export of \(other.rawValue)"))
            }
        }
    }

    @Test("ambiguous exports are not refused")
    func unclearIsTaken() {
        let items = [
            ProtobufMessage(), ProtobufMessage().text(1, "only a name"), ProtobufMessage().fixed64(1, 7),
            ProtobufMessage().fixed64(7, 5),
            ProtobufMessage().bytes(1, [UInt8](1...16)).bytes(2, [UInt8](1...8)).text(5, "n"),
            // Spans without times, with ids of the wrong length.
            ProtobufMessage().bytes(1, [UInt8](1...16)).bytes(2, [1]).text(5, "n").message(9, .keyValue("k", "v")),
            ProtobufMessage().bytes(1, [1, 2]).bytes(2, [UInt8](1...8)).text(5, "GET /"),
            ProtobufMessage().bytes(1, [1, 2]).text(5, ""),
            ProtobufMessage().bytes(1, [1]).message(9, ProtobufMessage().text(1, "only a key")),
            ProtobufMessage().bytes(1, [1]).message(11, ProtobufMessage().text(2, "event")),
            ProtobufMessage().bytes(1, [1]).message(11, ProtobufMessage().fixed64(1, Self.time).text(2, "event")),
            ProtobufMessage().message(6, .keyValue("a", "b")),
            ProtobufMessage().message(5, ProtobufMessage().text(1, "b")),
            ProtobufMessage(bytes: [0x0A, 9, 1]),
        ]
        for item in items {
            for signal in Signal.allCases {
                let refusal = Self.body(item).withUnsafeBytes { OtherSignal.refusal(of: $0, sentAs: signal, .protobuf) }
                #expect(refusal == nil, "\(item.bytes) as \(signal)")
            }
        }
        for text in ["", "{", "[]", "null", #"{"a":[}"#, #"{"resourceSpans":[{}],"resourceLogs":[]}"#] {
            let refusal = Array(text.utf8).withUnsafeBytes { OtherSignal.refusal(of: $0, sentAs: .logs, .json) }
            #expect(refusal == nil, "\(text)")
        }
    }

    @Test("JSON that is only forwarded is recognised as another signal as well", arguments: Signal.allCases)
    func unreadJSON(signal: Signal) {
        for (other, keys) in Self.keys {
            for key in keys {
                let text = #"{"a":[1,{}],"\#(key)":[{}]}"#
                let refusal = Array(text.utf8).withUnsafeBytes { OtherSignal.refusal(of: $0, sentAs: signal, .json) }
                #expect((refusal == nil) == (other == signal), "\(key) as \(signal)")
                if other != signal { #expect(refusal?.text.contains("this is an export of \(other.rawValue)") == true) }
            }
        }
    }
}
