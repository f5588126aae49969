import Foundation
import OTLP
import Settings
import Testing

/// Records removed from an export.
@Suite struct RecordRemovalTests {
    private static func attributes(_ pairs: [(String, String)]) -> String {
        let values = pairs.map { #"{"key":"\#($0)","value":{"stringValue":"\#($1)"}}"# }
        return "[\(values.joined(separator: ","))]"
    }

    private static func record(_ signal: Signal, _ name: String, _ user: String) -> String {
        let own = attributes([("user.email", user)])
        return switch signal {
        case .logs: #"{"body":{"stringValue":"\#(name)"},"attributes":\#(own)}"#
        case .traces: #"{"name":"\#(name)","attributes":\#(own)}"#
        case .metrics:
            #"{"name":"\#(name)","sum":{"aggregationTemporality":2,"dataPoints":[{"asInt":"1","attributes":\#(own)}]}}"#
        }
    }

    /// Two resources, the first with a scope of two records and a scope of one, the second with one.
    private static func export(_ signal: Signal) -> String {
        let (resources, scopes, records) =
            switch signal {
            case .logs: ("resourceLogs", "scopeLogs", "logRecords")
            case .traces: ("resourceSpans", "scopeSpans", "spans")
            case .metrics: ("resourceMetrics", "scopeMetrics", "metrics")
            }
        func scope(_ names: [(String, String)]) -> String {
            let texts = names.map { record(signal, $0, $1) }
            return #"{"scope":{"name":"s"},"\#(records)":[\#(texts.joined(separator: ","))]}"#
        }
        func resource(_ machine: String, _ content: [String]) -> String {
            #"{"resource":{"attributes":\#(attributes([("host.name", machine)]))},"\#(scopes)":[\#(content.joined(separator: ","))]}"#
        }
        let first = resource("one", [scope([("a", "ada"), ("b", "bob")]), scope([("c", "ada")])])
        let second = resource("two", [scope([("d", "bob")])])
        return #"{"\#(resources)":[\#(first),\#(second)]}"#
    }

    /// The rest of the export of a signal, as JSON, and the number of removed records.
    private static func rest(
        _ signal: Signal, fromProtobuf: Bool, without isMeant: @escaping RecordRemoval.Condition
    ) throws -> (text: String, removed: Int)? {
        let json = Array(export(signal).utf8)
        let protobuf = try json.withUnsafeBytes {
            try ExportTranscoding.protobuf(ofJSON: $0, signal: signal, limits: DecodingLimits()).body
        }
        let rest = try (fromProtobuf ? protobuf : json).withUnsafeBytes {
            try RecordRemoval.rest(
                of: $0, as: fromProtobuf ? .protobuf : .json, signal, limits: DecodingLimits(), without: isMeant)
        }
        return try rest.map { rest in
            let text = try rest.body.withUnsafeBytes {
                try ExportTranscoding.json(ofProtobuf: $0, signal: signal, limits: DecodingLimits())
            }
            return (String(decoding: text, as: UTF8.self), rest.removed)
        }
    }

    private static func has(_ attributes: [Attribute], _ key: String, _ value: String) -> Bool {
        attributes.contains { $0.key == Array(key.utf8) && $0.value == .string(Array(value.utf8)) }
    }

    @Test("records are removed by their own attributes, and an empty scope with them", arguments: Signal.allCases)
    func recordsGo(signal: Signal) throws {
        for fromProtobuf in [true, false] {
            let rest = try #require(
                try Self.rest(signal, fromProtobuf: fromProtobuf) { _, record in Self.has(record, "user.email", "ada") }
            )
            #expect(rest.removed == 2)
            #expect(!rest.text.contains("ada"))
            for kept in [#""b""#, #""d""#, #""one""#, #""two""#] { #expect(rest.text.contains(kept), "\(rest.text)") }
            #expect(rest.text.components(separatedBy: #""scope":"#).count - 1 == 2)
        }
    }

    @Test(
        "records are removed by their resource, and the resource with them; of all nothing is left",
        arguments: Signal.allCases)
    func resourcesGo(signal: Signal) throws {
        let rest = try #require(
            try Self.rest(signal, fromProtobuf: true) { resource, _ in Self.has(resource, "host.name", "one") })
        #expect(rest.removed == 3)
        #expect(!rest.text.contains(#""one""#) && rest.text.contains(#""d""#))
        let none = try #require(try Self.rest(signal, fromProtobuf: true) { _, _ in true })
        #expect(none.removed == 4)
        #expect(none.text == "{}")
        #expect(try Self.rest(signal, fromProtobuf: true) { _, _ in false } == nil)
    }

    @Test("a resource after its records is used, and unknown fields stay")
    func unknownFieldsStay() throws {
        // ResourceLogs: scope_logs, then resource {host.name: one}, then field 99.
        let record: [UInt8] = [0x2A, 0x03, 0x0A, 0x01, 0x78]
        let scope = [0x12, UInt8(record.count)] + record
        let pair = [0x0A, 0x01, 0x68, 0x12, 0x03, 0x0A, 0x01, 0x31] as [UInt8]
        let resource = [0x0A, UInt8(pair.count)] + pair
        let unknown: [UInt8] = [0x9A, 0x06, 0x01, 0x7A]
        let telemetry = [0x12, UInt8(scope.count)] + scope + [0x0A, UInt8(resource.count)] + resource + unknown
        let other = [0x12, UInt8(scope.count)] + scope
        let export = [0x0A, UInt8(telemetry.count)] + telemetry + [0x0A, UInt8(other.count)] + other + unknown
        let rest = try export.withUnsafeBytes {
            try RecordRemoval.rest(of: $0, as: .protobuf, .logs, limits: DecodingLimits()) { resource, _ in
                Self.has(resource, "h", "1")
            }
        }
        #expect(rest?.removed == 1)
        #expect(rest?.body == [0x0A, UInt8(other.count)] + other + unknown)
    }

    @Test("a malformed export is an error at any cut")
    func malformedIsAnError() throws {
        let json = Array(Self.export(.logs).utf8)
        let protobuf = try json.withUnsafeBytes {
            try ExportTranscoding.protobuf(ofJSON: $0, signal: .logs, limits: DecodingLimits()).body
        }
        for count in 1..<protobuf.count {
            // Only a cut between two resources leaves a valid export.
            let result = Result {
                try Array(protobuf.prefix(count)).withUnsafeBytes {
                    try RecordRemoval.rest(of: $0, as: .protobuf, .logs, limits: DecodingLimits()) { _, _ in true }
                }
            }
            if case .success(let rest) = result { #expect(rest?.removed == 3, "\(count)") }
        }
    }
}
