import Settings
import Testing

@testable import OTLP

private typealias Message = ProtobufMessage

/// Nested arrays and maps: values up to the limit of levels are decoded, deeper ones are left out and reported.
struct NestingTests {
    /// The kinds of levels of a value.
    enum Nest: CaseIterable, Sendable {
        case arrays, maps, both

        fileprivate func isMap(_ level: Int) -> Bool { self == .maps || self == .both && level % 2 == 1 }

        func json(_ levels: Int) -> String {
            var (open, close) = ("", "")
            for level in 0..<levels {
                open += isMap(level) ? #"{"kvlistValue":{"values":[{"key":"n","value":"# : #"{"arrayValue":{"values":["#
                close = (isMap(level) ? "}]}}" : "]}}") + close
            }
            return open + #"{"stringValue":"x"}"# + close
        }

        /// An `AnyValue`, built from its end, so that ten thousand levels do not need a hundred million bytes.
        func protobuf(_ levels: Int) -> [UInt8] {
            var reversed: [UInt8] = [UInt8(ascii: "x"), 1, 0x0A]
            func wrap(_ tag: UInt8) {
                reversed += (ProtobufMessage.varint(UInt64(reversed.count))).reversed() + [tag]
            }
            for level in (0..<levels).reversed() {
                if isMap(level) {
                    wrap(0x12)
                    reversed += [UInt8(ascii: "n"), 1, 0x0A]
                    wrap(0x0A)
                    wrap(0x32)
                } else {
                    wrap(0x0A)
                    wrap(0x2A)
                }
            }
            return reversed.reversed()
        }
    }

    /// Levels, and whether they are within the limit of 64.
    private static let depths = [(40, true), (64, true), (65, false), (200, false), (10_000, false)]

    private static func check(_ losses: DecodingLosses, _ part: ExportPart, isRead: Bool, _ what: String) {
        for each in ExportPart.allCases { #expect(losses[each] == (each == part && !isRead ? 1 : 0), "\(what)") }
        if !isRead { #expect(losses.reason.contains("nested too deep"), "\(losses.reason)") }
    }

    private static func levels(_ value: AttributeValue?) -> Int {
        var (count, rest) = (0, value)
        while true {
            switch rest {
            case .array(let elements): rest = elements.first
            case .keyValues(let entries): rest = entries.first?.value
            default: return count
            }
            count += 1
        }
    }

    @Test("R-JSON-16 attributes of points, resources and scopes", arguments: Nest.allCases)
    func attributes(nest: Nest) throws {
        for (levels, isRead) in Self.depths {
            let pair = Message().text(1, "k").bytes(2, nest.protobuf(levels))
            let good = Message.keyValue("good", "1")
            let json = #"[{"key":"k","value":\#(nest.json(levels))},{"key":"good","value":{"stringValue":"1"}}]"#
            for encoding in [WireEncoding.protobuf, .json] {
                let reader = AttributeReader(encoding: encoding)
                func read(_ number: UInt64, _ text: String) -> [UInt8] {
                    encoding == .json ? Array(text.utf8) : Message().message(number, pair).message(number, good).bytes
                }
                var losses: [DecodingLosses] = Array(repeating: DecodingLosses(), count: 3)
                let object = #"{"attributes":\#(json)}"#
                let found = [
                    try read(7, json).withUnsafeBytes { try reader.attributesIfText($0, losses: &losses[0]) },
                    try read(1, object).withUnsafeBytes { try reader.resourceIfText($0, losses: &losses[1]) }?
                        .attributes,
                    try read(3, object).withUnsafeBytes { try reader.scopeIfText($0, losses: &losses[2]) }?.attributes,
                ]
                for (attributes, losses) in zip(found, losses) {
                    #expect(attributes?.last?.key == Array("good".utf8))
                    #expect(attributes?.count == (isRead ? 2 : 1))
                    if isRead { #expect(Self.levels(attributes?.first?.value) == levels) }
                    Self.check(losses, .attribute, isRead: isRead, "\(nest) \(levels) \(encoding)")
                }
            }
        }
    }

    @Test("R-JSON-16 attributes and bodies of log records", arguments: Nest.allCases)
    func records(nest: Nest) throws {
        for (levels, isRead) in Self.depths {
            let value = nest.protobuf(levels)
            let attribute = Message().message(6, Message().text(1, "k").bytes(2, value))
            let cases: [(ExportPart, Message, String)] = [
                (.attribute, attribute, #""attributes":[{"key":"k","value":\#(nest.json(levels))}]"#),
                (.field, Message().bytes(5, value), #""body":\#(nest.json(levels))"#),
            ]
            for (part, record, json) in cases {
                let bodies: [(WireEncoding, [UInt8])] = [
                    (
                        .protobuf,
                        Message().message(1, Message().message(2, Message().message(2, record.text(12, "e")))).bytes
                    ),
                    (
                        .json,
                        Array(#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{\#(json),"eventName":"e"}]}]}]}"#.utf8)
                    ),
                ]
                for (encoding, body) in bodies {
                    var batch = LogsBatch()
                    try body.withUnsafeBytes { bytes in
                        try batch.decode(bytes, as: encoding)
                        var losses = batch.losses
                        #expect(batch.records.count == 1)
                        for record in batch.records {
                            #expect(record.eventName.elementsEqual("e".utf8))
                            try batch.forEachAttribute(of: record, losses: &losses) { _ in }
                        }
                        Self.check(losses, part, isRead: isRead, "\(nest) \(levels) \(encoding) \(part)")
                    }
                }
            }
        }
    }

    @Test("attributes of exemplars and metadata never reject a point", arguments: Nest.allCases)
    func exemplars(nest: Nest) throws {
        for (levels, _) in Self.depths {
            let pair = Message().text(1, "k").bytes(2, nest.protobuf(levels))
            let exemplar = Message().message(7, pair).fixed64(3, 0)
            let metric = Message.sum("c", [Message.point(1).message(5, exemplar)]).message(12, pair)
            let value = #"{"key":"k","value":\#(nest.json(levels))}"#
            let json = """
                {"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"c","metadata":[\(value)],"sum":{"dataPoints":\
                [{"asInt":1,"exemplars":[{"asDouble":0,"filteredAttributes":[\(value)]}]}]}}]}]}]}
                """
            for (encoding, body) in [
                (WireEncoding.protobuf, Message.export([metric]).bytes), (.json, Array(json.utf8)),
            ] {
                var batch = MetricsBatch()
                try body.withUnsafeBytes { bytes in
                    try batch.decode(bytes, as: encoding)
                    #expect(batch.pointCount == 1)
                    #expect(batch.points.exemplars.count == 1, "\(nest) \(levels) \(encoding)")
                }
            }
        }
    }

    @Test("converted or changed by processors, a record is without it", arguments: Nest.allCases)
    func passedOn(nest: Nest) throws {
        for (levels, isRead) in Self.depths {
            let limits = DecodingLimits()
            let value = nest.json(levels)
            let text =
                #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[{"key":"k","value":?},"#
                + #"{"key":"good","value":{"stringValue":"1"}}],"eventName":"e"}]}]}]}"#
            let json = Array(text.replacing("?", with: value).utf8)
            let made = try json.withUnsafeBytes {
                try ExportTranscoding.protobuf(ofJSON: $0, signal: .logs, limits: limits)
            }
            Self.check(made.losses, .attribute, isRead: isRead, "\(nest) \(levels) to protobuf")

            let record = Message().message(6, Message().text(1, "k").bytes(2, nest.protobuf(levels)))
                .message(6, Message.keyValue("good", "1")).text(12, "e")
            let protobuf = Message().message(1, Message().message(2, Message().message(2, record))).bytes
            let turned = try protobuf.withUnsafeBytes {
                try ExportTranscoding.json(ofProtobuf: $0, signal: .logs, limits: limits)
            }
            let without = text.replacing(#"{"key":"k","value":?},"#, with: "")
            #expect(turned.contains("kvlistValue".utf8) == (isRead && nest != .arrays))
            if !isRead { #expect(String(decoding: turned, as: UTF8.self).contains(#""attributes":[{"key":"good""#)) }
            if !isRead { #expect(turned.count == without.utf8.count) }

            var keys: [[UInt8]] = []
            var rewriting = AttributeRewriting(
                signal: .logs, limits: limits, resource: { _ in }, record: { keys = $0.map(\.key) },
                changesRecords: true)
            let rewritten = try protobuf.withUnsafeBytes { try rewriting.rewritten($0, as: .protobuf) }
            Self.check(rewritten.losses, .attribute, isRead: isRead, "\(nest) \(levels) rewritten")
            #expect(keys.count == (isRead ? 2 : 1))
        }
    }

    @Test("the limit is a setting", arguments: [1, 8, 100, 256])
    func setting(limit: Int) throws {
        for (encoding, levels) in [
            (WireEncoding.protobuf, limit), (.protobuf, limit + 1), (.json, limit), (.json, limit + 1),
        ] {
            let raw =
                encoding == .json
                ? Array(#"[{"key":"k","value":\#(Nest.both.json(levels))}]"#.utf8)
                : Message().message(7, Message().text(1, "k").bytes(2, Nest.both.protobuf(levels))).bytes
            var losses = DecodingLosses()
            let reader = AttributeReader(encoding: encoding, limits: DecodingLimits { $0.maxAttributeDepth = limit })
            let read = try raw.withUnsafeBytes { try reader.attributesIfText($0, losses: &losses) }
            #expect(read?.count == (levels > limit ? 0 : 1))
            Self.check(losses, .attribute, isRead: levels <= limit, "\(levels) of \(limit)")
        }
    }
}
