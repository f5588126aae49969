import Settings
import Testing

@testable import OTLP

private typealias Message = ProtobufMessage

/// Invalid values in log records and spans: the records count and are forwarded without them (docs/decisions/0019).
struct LostRecordPartsTests {
    private static func logs(_ record: String) -> [UInt8] {
        Array(#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[\#(record),{"eventName":"good"}]}]}]}"#.utf8)
    }

    /// The decoded event names and attributes, and the losses.
    private func read(
        _ body: [UInt8], as encoding: WireEncoding
    ) throws -> (names: [String], keys: [String], losses: DecodingLosses) {
        var batch = LogsBatch()
        return try body.withUnsafeBytes { bytes in
            try batch.decode(bytes, as: encoding)
            var losses = batch.losses
            var keys: [String] = []
            for record in batch.records {
                try batch.forEachAttribute(of: record, losses: &losses) { attribute in
                    keys.append(String(decoding: attribute.key, as: UTF8.self))
                }
            }
            return (batch.records.map { String(decoding: $0.eventName, as: UTF8.self) }, keys, losses)
        }
    }

    @Test(
        "a record counts without parts that cannot be decoded",
        arguments: [
            (#""attributes":[{"key":"x","value":{"doubleValue":{}}},{"key":"y"}]"#, .attribute, ["y"]),
            (#""attributes":[{"key":"y"},7]"#, .attribute, ["y"]), (#""attributes":{"k":"v"}"#, .attribute, []),
            (#""attributes":[{"key":["k"]},{"key":"y"}]"#, .attribute, ["y"]),
            (#""attributes":[{"key":"x","value":"plain"}]"#, .attribute, []),
            (#""attributes":[{"key":"x","value":{"stringValue":123}}]"#, .attribute, []),
            (#""attributes":[{"key":"x","value":{"boolValue":"true"}}]"#, .attribute, []),
            (#""timeUnixNano":"""#, .field, []), (#""timeUnixNano":1.5"#, .field, []),
            (#""observedTimeUnixNano":"noon""#, .field, []), (#""body":"plain text""#, .field, []),
            (#""body":{"doubleValue":{}}"#, .field, []),
        ] as [(String, ExportPart, [String])])
    func fieldsAreLostAlone(field: String, part: ExportPart, keys: [String]) throws {
        let (names, read, losses) = try read(Self.logs(#"{"eventName":"odd",\#(field)}"#), as: .json)
        #expect(names == ["odd", "good"])
        #expect(read == keys)
        for each in ExportPart.allCases { #expect(losses[each] == (each == part ? 1 : 0), "\(each)") }
        let place = field.split(separator: ":").dropLast().joined(separator: ":").utf8.count
        #expect(losses.reason.hasPrefix("JSON, byte "))
        #expect(Int(losses.reason.dropFirst(11).prefix { $0.isNumber }) ?? 0 > 50 + place / 2)
    }

    @Test("an element that is not a record is lost, other records are not", arguments: ["7", "[]", #""r""#, "true"])
    func whatIsNoRecord(record: String) throws {
        let (names, _, losses) = try read(Self.logs(record), as: .json)
        #expect(names == ["good"])
        #expect(losses[.record] == 1)
    }

    @Test("in protobuf a broken attribute, body or record is lost alone")
    func protobufRecords() throws {
        func body(_ record: Message) -> [UInt8] {
            let good = Message().text(12, "good")
            let scope = Message().message(2, good).message(2, record).message(2, good)
            return Message().message(1, Message().message(2, scope)).bytes
        }
        let cut = Message(bytes: [0x0A, 9, 1])
        let attribute = Message().text(12, "odd").message(6, cut).message(6, Message.keyValue("y", "1"))
        let nested = Message().text(1, "x").message(2, Message().message(5, cut))
        let cases: [(Message, ExportPart, [String])] = [
            (attribute, .attribute, ["good", "odd", "good"]),
            (Message().text(12, "odd").message(6, nested), .attribute, ["good", "odd", "good"]),
            (Message().text(12, "odd").message(5, cut), .field, ["good", "odd", "good"]),
            (Message().bytes(12, [0xFF]), .field, ["good", "", "good"]), (cut, .record, ["good", "good"]),
        ]
        for (record, part, expected) in cases {
            let (names, _, losses) = try read(body(record), as: .protobuf)
            #expect(names == expected)
            for each in ExportPart.allCases { #expect(losses[each] == (each == part ? 1 : 0), "\(part), \(each)") }
        }
    }

    // MARK: Forwarded

    @Test(
        "converted to protobuf, a record has only what protobuf can represent",
        arguments: [
            (
                .logs, #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[?]}]}]}"#,
                #"{"traceId":"xyz","spanId":7,"severityNumber":"LOUD","timeUnixNano":"","body":{"bytesValue":"?"},"#
                    + #""attributes":[{"key":"x","value":{"doubleValue":{}}},{"key":"y"}],"eventName":"e"}"#,
                #"{"attributes":[{"key":"y"}],"eventName":"e"}"#
            ),
            (
                .traces, #"{"resourceSpans":[{"scopeSpans":[{"spans":[?]}]}]}"#,
                #"{"spanId":"0102030405060708","parentSpanId":"AQIDBAUGBwg=","name":"n","kind":[],"endTimeUnixNano":"x","#
                    + #""attributes":{"k":"v"},"events":[7,{"name":"e"}],"links":{},"status":"OK","flags":-1}"#,
                #"{"spanId":"0102030405060708","name":"n","events":[{"name":"e"}]}"#
            ),
            (
                .metrics, #"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[?]}]}]}"#,
                #"{"name":"m","gauge":{"dataPoints":[{"asInt":{}},{"asInt":"1","exemplars":[{"spanId":"x","asInt":"2"},7],"#
                    + #""attributes":[{"key":"x","value":{"kvlistValue":{"values":[{"key":"k","value":7}]}}}]}]}},"#
                    + #"{"name":5}"#,
                #"{"name":"m","gauge":{"dataPoints":[{"exemplars":[{"asInt":"2"}],"asInt":"1"}]}}"#
            ),
        ] as [(Signal, String, String, String)])
    func transcodingLosesParts(signal: Signal, frame: String, odd: String, expected: String) throws {
        let body = Array(frame.replacing("?", with: odd, maxReplacements: 1).utf8)
        let (protobuf, losses) = try body.withUnsafeBytes {
            try ExportTranscoding.protobuf(ofJSON: $0, signal: signal, limits: DecodingLimits())
        }
        let text = try protobuf.withUnsafeBytes {
            try ExportTranscoding.json(ofProtobuf: $0, signal: signal, limits: DecodingLimits())
        }
        #expect(String(decoding: text, as: UTF8.self) == frame.replacing("?", with: expected, maxReplacements: 1))
        #expect(!losses.isEmpty)
    }

    @Test("a value that a processor cannot decode is neither changed nor forwarded")
    func rewritingLosesParts() throws {
        let secret = Array("secret".utf8)
        let cut = Message(bytes: [0x0A, 40] + secret)
        let record = Message().text(12, "odd").message(6, cut).message(6, Message.keyValue("y", "1"))
        let broken = Message(bytes: record.bytes + [0x32, 90] + secret)
        let notText = Message().message(6, Message().text(1, "k").message(2, Message().bytes(1, [0xFF] + secret)))
        let good = Message().text(12, "good")
        let scope = Message().message(2, good).message(2, record).message(2, broken)
        var rewriting = AttributeRewriting(
            signal: .logs, limits: DecodingLimits(), resource: { _ in }, record: { $0.removeAll { $0.key == [0x79] } },
            changesRecords: true)
        let (body, losses) = try Message().message(1, Message().message(2, scope)).bytes.withUnsafeBytes {
            try rewriting.rewritten($0, as: .protobuf)
        }
        #expect(try read(body, as: .protobuf).names == ["good", "odd"])
        #expect(try read(body, as: .protobuf).keys == [])
        #expect(losses[.attribute] == 1)
        #expect(losses[.record] == 1)
        #expect(!body.indices.contains { body[$0...].starts(with: secret) })
        // A value that is not text has a valid key, by which it can be changed: it stays.
        let (kept, none) = try Message().message(1, Message().message(2, Message().message(2, notText))).bytes
            .withUnsafeBytes { try rewriting.rewritten($0, as: .protobuf) }
        #expect(kept.indices.contains { kept[$0...].starts(with: secret) })
        #expect(none.isEmpty)
    }
}
