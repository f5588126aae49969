import Foundation
import NIOCore
import OTLP
import Testing

@testable import Forward

/// Split exports.
@Suite struct SplittingTests {
    /// An export of this signal with six records in two resources, of which one has two scopes.
    private static func json(_ signal: Signal) -> String {
        func record(_ number: Int) -> String {
            switch signal {
            case .logs: #"{"body":{"stringValue":"record \#(number)"}}"#
            case .traces: #"{"name":"record \#(number)"}"#
            case .metrics:
                #"{"asInt":"\#(number)","attributes":[{"key":"n","value":{"stringValue":"record \#(number)"}}]}"#
            }
        }
        func scope(_ numbers: Range<Int>, _ kind: String = "gauge") -> String {
            let records = numbers.map(record).joined(separator: ",")
            return switch signal {
            case .logs: #"{"scope":{"name":"s"},"logRecords":[\#(records)]}"#
            case .traces: #"{"scope":{"name":"s"},"spans":[\#(records)]}"#
            case .metrics: #"{"scope":{"name":"s"},"metrics":[{"name":"m","\#(kind)":{"dataPoints":[\#(records)]}}]}"#
            }
        }
        let (resources, scopes) =
            switch signal {
            case .logs: ("resourceLogs", "scopeLogs")
            case .traces: ("resourceSpans", "scopeSpans")
            case .metrics: ("resourceMetrics", "scopeMetrics")
            }
        func resource(_ name: String, _ content: String) -> String {
            #"{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"\#(name)"}}]},"\#(scopes)":[\#(content)]}"#
        }
        return
            #"{"\#(resources)":[\#(resource("one", scope(0..<2) + "," + scope(2..<5, "sum"))),\#(resource("two", scope(5..<6)))]}"#
    }

    private static func export(_ signal: Signal, _ encoding: WireEncoding) throws -> ForwardedExport {
        var export = ForwardedExport(
            signal: signal, encoding: .json, records: 6, body: ByteBuffer(string: json(signal)))
        if encoding == .protobuf { (export.body, export.encoding) = (try export.protobufBody(), .protobuf) }
        return export
    }

    /// The texts that identify the records and resources of an export.
    private static func texts(_ export: ForwardedExport) throws -> (records: [String], resources: [String]) {
        let text = String(buffer: try export.jsonBody())
        return (
            (0..<6).map { "record \($0)" }.filter { text.contains("\"\($0)\"") },
            ["one", "two"].filter { text.contains("\"\($0)\"") }
        )
    }

    @Test(
        "halves have each record once, with its resource, in the encoding of the whole, down to single records",
        arguments: Signal.allCases, [WireEncoding.json, .protobuf])
    func halvesHoldEachRecordOnce(signal: Signal, encoding: WireEncoding) throws {
        var whole = [try Self.export(signal, encoding)]
        var singles: [ForwardedExport] = []
        while let export = whole.popLast() {
            #expect(export.encoding == encoding)
            let counted = try export.body.withUnsafeReadableBytes {
                try RecordCount($0, of: signal, as: encoding).records
            }
            #expect(counted == export.records)
            if let halves = export.halves() {
                #expect(halves.map(\.records).reduce(0, +) == export.records)
                whole += halves.reversed()
            } else {
                singles.append(export)
            }
        }
        #expect(try singles.flatMap { try Self.texts($0).records } == (0..<6).map { "record \($0)" })
        #expect(
            try singles.map { try Self.texts($0).resources } == [["one"], ["one"], ["one"], ["one"], ["one"], ["two"]])
    }

    @Test("exports that cannot be split: one record, a malformed body, a wrong count")
    func whatCannotBeSplit() throws {
        var export = try Self.export(.logs, .protobuf)
        export.records = 1
        #expect(export.halves() == nil)
        export.records = 1000
        #expect(export.halves() == nil)
        let malformed = ForwardedExport(
            signal: .logs, encoding: .protobuf, records: 9, body: ByteBuffer(bytes: [0x0A, 0x09, 0x01]))
        #expect(malformed.halves() == nil)
    }
}
