import Bytes
import Foundation
import Settings
import Testing

@testable import OTLP

@Suite struct TranscodingTests {
    private static let captures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/captures")

    /// Recorded bodies of a client, without those that are compressed.
    private static func bodies(_ name: String) throws -> [(signal: Signal, body: [UInt8])] {
        let folder = captures.appending(path: name)
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().compactMap { file in
            guard file.hasSuffix(".pb") || file.hasSuffix(".json"),
                let signal = Signal.allCases.first(where: { file.contains($0.rawValue) })
            else { return nil }
            return (signal, [UInt8](try Data(contentsOf: folder.appending(path: file))))
        }
    }

    private static func json(_ protobuf: [UInt8], _ signal: Signal) throws -> [UInt8] {
        try protobuf.withUnsafeBytes {
            try ExportTranscoding.json(ofProtobuf: $0, signal: signal, limits: DecodingLimits())
        }
    }

    private static func protobuf(_ json: [UInt8], _ signal: Signal) throws -> [UInt8] {
        try json.withUnsafeBytes {
            try ExportTranscoding.protobuf(ofJSON: $0, signal: signal, limits: DecodingLimits()).body
        }
    }

    private static func read(_ bytes: [UInt8], _ encoding: WireEncoding) throws -> ReadExport {
        var batch = MetricsBatch()
        return try bytes.withUnsafeBytes { bytes in
            try batch.decode(bytes, as: encoding)
            return try ReadExport(batch)
        }
    }

    @Test(
        "protobuf converted to JSON and back is the same",
        arguments: ["session-pb-delta", "pb-log-details", "python-sdk-http-delta"])
    func roundTripFromProtobuf(name: String) throws {
        let bodies = try Self.bodies(name)
        #expect(!bodies.isEmpty)
        for (signal, body) in bodies {
            let json = try Self.json(body, signal)
            _ = try JSONSerialization.jsonObject(with: Data(json))
            let again = try Self.protobuf(json, signal)
            #expect(try Self.json(again, signal) == json)
            let counts = try [(body, WireEncoding.protobuf), (json, .json), (again, .protobuf)].map { bytes, encoding in
                try bytes.withUnsafeBytes { try RecordCount($0, of: signal, as: encoding) }
            }
            #expect(counts[0].records > 0)
            #expect(counts[0] == counts[1])
            #expect(counts[0] == counts[2])
            guard signal == .metrics else { continue }
            #expect(try Self.read(again, .protobuf) == Self.read(body, .protobuf))
            #expect(try Self.read(json, .json) == Self.read(body, .protobuf))
        }
    }

    @Test(
        "JSON converted to protobuf is the same", arguments: ["json-delta", "json-traces", "session-json-cumulative"])
    func roundTripFromJSON(name: String) throws {
        let bodies = try Self.bodies(name)
        #expect(!bodies.isEmpty)
        for (signal, body) in bodies {
            let protobuf = try Self.protobuf(body, signal)
            guard signal == .metrics else {
                #expect(try Self.content(body) == Self.content(try Self.json(protobuf, signal)))
                continue
            }
            #expect(try Self.read(protobuf, .protobuf) == Self.read(body, .json))
        }
    }

    /// A JSON text with sorted members and numbers as text, since exporters write integers both ways; without
    /// empty arrays, which protobuf does not distinguish from none.
    private static func content(_ text: [UInt8]) throws -> String {
        func plain(_ value: Any) -> String {
            switch value {
            case let object as [String: Any]:
                "{"
                    + object.filter { ($0.value as? [Any])?.isEmpty != true }.sorted { $0.key < $1.key }.map {
                        "\($0.key):\(plain($0.value))"
                    }.joined(separator: ",")
                    + "}"
            case let array as [Any]: "[" + array.map(plain).joined(separator: ",") + "]"
            default: "\(value)"
            }
        }
        return plain(try JSONSerialization.jsonObject(with: Data(text)))
    }

    @Test(
        "every kind of value is converted both ways",
        arguments: [
            (
                Signal.logs,
                #"{"resourceLogs":[{"resource":{"attributes":[{"key":"k","value":{"stringValue":"\"\\\n\u0001é"}}]},"#
                    + #""scopeLogs":[{"logRecords":[{"timeUnixNano":"18446744073709551615","severityNumber":9,"#
                    + #""body":{"kvlistValue":{"values":[{"key":"a","value":{"arrayValue":{"values":[{"boolValue":true},"#
                    + #"{"intValue":"-5"},{"doubleValue":1.5},{"bytesValue":"AQID"},{}]}}}]}},"flags":1,"#
                    + #""traceId":"0102030405060708090a0b0c0d0e0f10","eventName":"e"}]}]}]}"#
            ),
            (
                .traces,
                #"{"resourceSpans":[{"scopeSpans":[{"spans":[{"spanId":"0102030405060708","kind":2,"#
                    + #""events":[{"name":"e"}],"links":[{"flags":256}],"status":{"code":2}}]}]}]}"#
            ),
            (
                .metrics,
                #"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"h","exponentialHistogram":{"dataPoints":["#
                    + #"{"count":"3","sum":"NaN","scale":-2,"positive":{"offset":-1,"bucketCounts":["1","2"]},"#
                    + #""zeroThreshold":0.25}],"aggregationTemporality":1}}]}]}]}"#
            ),
        ])
    func everyKindIsTurned(signal: Signal, text: String) throws {
        let turned = try Self.json(try Self.protobuf(Array(text.utf8), signal), signal)
        #expect(String(decoding: turned, as: UTF8.self) == text)
    }

    @Test(
        "an export that cannot be converted is a failure, not a trap",
        arguments: [
            #"{"resourceLogs":3}"#, #"{"resourceLogs":[3]}"#, #"{"resourceLogs":[{"scopeLogs":{}}]}"#,
            #"{"resourceLogs":[{"resource":7}]}"#, #"{"resourceLogs":[{"scopeLogs":[{"logRecords":{}}]}]}"#, "", "[",
            #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"intValue":01}}]}]}]}"#,
            #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":"#
                + String(repeating: #"{"arrayValue":{"values":["#, count: 300),
        ])
    func malformedJSONFails(text: String) {
        #expect(throws: DecodingFailure.self) { try Self.protobuf(Array(text.utf8), .logs) }
    }

    @Test("protobuf cut anywhere is converted or fails, and an endlessly nested body is left out")
    func malformedProtobufIsHarmless() throws {
        let (signal, body) = try #require(try Self.bodies("pb-log-details").first { $0.signal == .logs })
        for end in stride(from: 0, to: body.count, by: 7) { _ = try? Self.json(Array(body[..<end]), signal) }
        var nested: [UInt8] = []
        for _ in 0..<5000 {
            var writer = WireWriter()
            writer.field(5) { $0.field(1, nested) }
            nested = writer.bytes
            if nested.count > 40_000 { break }
        }
        var writer = WireWriter()
        for number in [5, 2, 2, 1] as [UInt32] {
            var outer = WireWriter()
            outer.field(number, nested)
            nested = outer.bytes
        }
        writer.append(nested)
        let json = String(decoding: try Self.json(writer.bytes, .logs), as: UTF8.self)
        #expect(json == #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]}"#)
    }

    @Test("attributes are changed, and no other byte")
    func attributesAreRewritten() throws {
        let text =
            #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"b"},"attributes":[{"key":"x","#
            + #""value":{"stringValue":"1"}},{"key":"y","value":{"intValue":"2"}}],"eventName":"e"}]}]}]}"#
        // A field unknown to OTLP.
        var body = WireWriter()
        body.append(try Self.protobuf(Array(text.utf8), .logs))
        body.field(99, Array("unknown".utf8))
        var rewriting = AttributeRewriting(
            signal: .logs, limits: DecodingLimits(),
            resource: { $0.append(Attribute(key: Array("r".utf8), value: .string(Array("made".utf8)))) },
            record: { $0.removeAll { $0.key == Array("x".utf8) } }, changesRecords: true)
        let changed = try body.bytes.withUnsafeBytes { try rewriting.rewritten($0, as: .protobuf).body }
        #expect(
            String(decoding: try Self.json(changed, .logs), as: UTF8.self)
                == #"{"resourceLogs":[{"resource":{"attributes":[{"key":"r","value":{"stringValue":"made"}}]},"#
                + #""scopeLogs":[{"logRecords":[{"body":{"stringValue":"b"},"attributes":[{"key":"y","value":"#
                + #"{"intValue":"2"}}],"eventName":"e"}]}]}]}"#)
        #expect(Data(changed).range(of: Data("unknown".utf8)) != nil)
    }
}
