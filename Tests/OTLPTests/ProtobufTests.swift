import Settings
import Testing

@testable import OTLP

/// The content of a batch as text, for comparisons.
private func decoded(_ message: ProtobufMessage, limits: DecodingLimits = DecodingLimits()) throws -> [String] {
    var batch = MetricsBatch(limits: limits)
    // Exactly as long as the message, so that the address sanitizer detects reading past its end.
    let body = message.bytes
    return try body.withUnsafeBytes { bytes in
        try batch.decode(bytes, as: .protobuf)
        let reader = AttributeReader(encoding: .protobuf, limits: limits)
        var lines: [String] = []
        for index in batch.metrics.indices {
            let metric = batch.metrics[index]
            let isNumber = metric.kind == .gauge || metric.kind == .sum
            let points = try (isNumber ? metric.points : 0..<0).map { number in
                let point = batch.points.numbers[number]
                let attributes = try reader.attributes(point.attributes).map {
                    "\(String(decoding: $0.key, as: UTF8.self))=\(text($0.value))"
                }
                return
                    "\(attributes.joined(separator: ",")):\(point.value)@\(point.startTime)-\(point.time)f\(point.flags)"
            }
            lines.append(
                "\(String(decoding: metric.name, as: UTF8.self)) \(metric.kind) \(metric.temporality) \(metric.isMonotonic) \(points) +\(isNumber ? 0 : metric.points.count)"
            )
        }
        _ = try ReadExport(batch, limits: limits)
        for resource in batch.resources { _ = try reader.resource(resource.bytes) }
        for scope in batch.scopes { _ = try reader.scope(scope.bytes) }
        return lines
    }
}

/// The losses when all of an export is decoded.
private func losses(of message: ProtobufMessage) throws -> DecodingLosses {
    var batch = MetricsBatch()
    return try message.bytes.withUnsafeBytes { bytes in
        try batch.decode(bytes, as: .protobuf)
        let reader = AttributeReader(encoding: .protobuf)
        var losses = batch.losses
        for point in batch.points.numbers { _ = try reader.attributesIfText(point.attributes, losses: &losses) }
        for exemplar in batch.points.exemplars {
            _ = try reader.attributesIfText(exemplar.filteredAttributes, losses: &losses)
        }
        for resource in batch.resources { _ = try reader.resourceIfText(resource.bytes, losses: &losses) }
        for scope in batch.scopes { _ = try reader.scopeIfText(scope.bytes, losses: &losses) }
        return losses
    }
}

private func text(_ value: AttributeValue) -> String {
    switch value {
    case .empty: "empty"
    case .string(let text): String(decoding: text, as: UTF8.self)
    case .bool(let flag): "\(flag)"
    case .int(let number): "\(number)"
    case .double(let number): "\(number)"
    case .bytes(let bytes): "\(bytes)"
    case .array(let elements): "[\(elements.map(text).joined(separator: ","))]"
    case .keyValues(let entries):
        "{\(entries.map { "\(String(decoding: $0.key, as: UTF8.self))=\(text($0.value))" }.joined(separator: ","))}"
    }
}

private typealias Message = ProtobufMessage

@Suite struct ProtobufTests {
    private static let plain = ["c sum cumulative true [\"a=1:int(7)@5-10f0\"] +0"]
    private static let point = Message.point(7, attributes: [("a", "1")])
    private static let unknownFields: [Message] = [
        Message().varint(99, 1), Message().fixed64(99, 1), Message().bytes(99, [1, 2]), Message().fixed32(99, 1),
        Message().group(99, Message().varint(1, 5).group(3, Message().text(2, "x"))), Message().varint(536_870_911, 1),
    ]

    @Test("R-PB-01 unknown fields of every wire type are skipped at every level", arguments: unknownFields.indices)
    func unknownFieldsAreSkipped(index: Int) throws {
        let unknown = Self.unknownFields[index].bytes
        let point = Message(bytes: unknown).raw(Self.point.bytes).raw(unknown)
        let sum = Message(bytes: unknown).message(1, point).varint(2, 2).raw(unknown).varint(3, 1)
        let metric = Message(bytes: unknown).text(1, "c").message(7, sum).raw(unknown)
        let scopeMetrics = Message(bytes: unknown).message(2, metric).raw(unknown)
        let resourceMetrics = Message(bytes: unknown).message(2, scopeMetrics).raw(unknown)
        #expect(try decoded(Message(bytes: unknown).message(1, resourceMetrics).raw(unknown)) == Self.plain)
    }

    @Test("R-PB-01 a known field with another wire type is unknown", arguments: [1, 2, 3] as [UInt64])
    func otherWireTypesAreSkipped(field: UInt64) throws {
        let strange = Message().varint(field, 7).fixed64(field, 7).fixed32(field, 7).bytes
        let scopeMetrics = Message().raw(strange).message(2, Message.sum("c", [Self.point])).raw(strange)
        let resourceMetrics = Message().raw(strange).message(2, scopeMetrics).raw(strange)
        let export = Message().raw(strange).message(1, resourceMetrics).raw(strange)
        #expect(try decoded(export) == decoded(Message.export([Message.sum("c", [Self.point])])))
    }

    @Test("R-PB-01 unknown fields in attributes, resources and scopes are skipped", arguments: unknownFields.indices)
    func unknownFieldsInAttributesAreSkipped(index: Int) throws {
        let unknown = Self.unknownFields[index].bytes
        let value = Message(bytes: unknown).text(1, "1").raw(unknown)
        let attribute = Message(bytes: unknown).text(1, "a").message(2, value).raw(unknown)
        let point = Message().message(7, attribute).fixed64(2, 5).fixed64(3, 10).fixed64(6, 7)
        let resource = Message(bytes: unknown).message(1, attribute)
        let scope = Message(bytes: unknown).text(1, "s").message(3, attribute)
        let export = Message.export([Message.sum("c", [point])], resource: resource, scope: scope)
        #expect(try decoded(export) == Self.plain)
    }

    @Test("R-PB-02 packed scalars with a broken length reject their point")
    func packedScalarsAreWhole() throws {
        let packed = Message().bytes(6, Array(repeating: 0, count: 24)).bytes(7, Array(repeating: 0, count: 16))
        let unpacked = Message().fixed64(6, 1).fixed64(6, 2).fixed64(7, 3)
        func export(_ point: Message) -> Message {
            Message.export([Message().text(1, "h").message(9, Message().message(1, point).varint(2, 1))])
        }
        for point in [packed, unpacked] {
            #expect(try decoded(export(point)) == ["h histogram delta false [] +1"])
        }
        #expect(try losses(of: export(Message().bytes(6, [1, 2, 3])))[.point] == 1)
    }

    @Test("R-PB-03 fields may be in any order")
    func fieldsComeInAnyOrder() throws {
        let point = Message().fixed64(6, 7).fixed64(3, 10).message(7, Message.keyValue("a", "1")).fixed64(2, 5)
        let metric = Message().message(7, Message().varint(3, 1).varint(2, 2).message(1, point)).text(1, "c")
        #expect(try decoded(Message.export([metric])) == Self.plain)
    }

    @Test("R-PB-03 the last scalar wins")
    func lastScalarWins() throws {
        let point = Message().fixed64(2, 1).fixed64(4, 1).raw(Self.point.bytes)
        let metric = Message().text(1, "x").raw(Message.sum("c", [point], temporality: 1).bytes).message(
            7, Message().varint(2, 2))
        #expect(try decoded(Message.export([metric])) == Self.plain)
        let doubled = Message().fixed64(6, 1).fixed64(4, 2.5.bitPattern)
        #expect(
            try decoded(Message.export([Message.sum("c", [doubled])])) == [
                "c sum cumulative true [\":double(2.5)@0-0f0\"] +0"
            ])
    }

    @Test("R-PB-03 messages sent in parts are merged, another member of a oneof replaces")
    func partsAreMerged() throws {
        let one = Message().text(1, "c").message(7, Message().message(1, Self.point))
        let merged = one.message(7, Message().message(1, Self.point).varint(2, 2).varint(3, 1))
        #expect(
            try decoded(Message.export([merged])) == [
                "c sum cumulative true [\"a=1:int(7)@5-10f0\", \"a=1:int(7)@5-10f0\"] +0"
            ])
        let replaced = one.message(5, Message().message(1, Self.point))
        #expect(try decoded(Message.export([replaced])) == ["c gauge unspecified false [\"a=1:int(7)@5-10f0\"] +0"])
        let attribute = Message().text(1, "a").message(2, Message().varint(3, 5)).message(2, Message().text(1, "1"))
        let point = Message().message(7, attribute).fixed64(2, 5).fixed64(3, 10).fixed64(6, 7)
        #expect(try decoded(Message.export([Message.sum("c", [point])])) == Self.plain)
        let array = { (number: UInt64) in Message().message(5, Message().message(1, Message().varint(3, number))) }
        let arrays = Message().text(1, "a").message(2, array(1)).message(2, array(2))
        #expect(
            try decoded(Message.export([Message.sum("c", [Message().message(7, arrays)])])) == [
                "c sum cumulative true [\"a=[1,2]:missing@0-0f0\"] +0"
            ])
    }

    @Test("R-PB-03 a resource and a scope sent in parts are merged")
    func resourcePartsAreOne() throws {
        let scopeMetrics = Message().message(1, Message().text(1, "s")).message(2, Message.sum("c", [Self.point]))
            .message(1, Message().text(2, "v"))
        let body = Message().message(
            1,
            Message().message(1, Message().message(1, Message.keyValue("a", "1"))).message(2, scopeMetrics).message(
                1, Message().message(1, Message.keyValue("b", "2")))
        ).bytes
        var batch = MetricsBatch()
        try body.withUnsafeBytes { bytes in
            try batch.decode(bytes, as: .protobuf)
            let reader = AttributeReader(encoding: .protobuf)
            #expect(
                try reader.resource(batch.resources[0].bytes).attributes.map(\.key) == [
                    Array("a".utf8), Array("b".utf8),
                ])
            let scope = try reader.scope(batch.scopes[0].bytes)
            #expect(scope.name == Array("s".utf8))
            #expect(scope.version == Array("v".utf8))
        }
    }

    @Test("R-PB-03 R-PB-04 a part of a resource or a scope that ends within a field is malformed")
    func cutPartIsMalformed() throws {
        // Together the parts would be one string field.
        let parts = Message().bytes(1, [0x0A, 0x03]).bytes(1, Array("abc".utf8))
        let scopeMetrics = parts.message(2, Message.sum("c", [Self.point]))
        #expect(throws: DecodingFailure.self) { try decoded(Message().message(1, Message().message(2, scopeMetrics))) }
        #expect(throws: DecodingFailure.self) { try decoded(Message().message(1, parts)) }
    }

    @Test("attributes scattered over a point are collected")
    func scatteredAttributesAreGathered() throws {
        let point = Message().message(7, Message.keyValue("a", "1")).fixed64(2, 5).message(
            7, Message.keyValue("b", "2")
        ).fixed64(3, 10).fixed64(6, 7)
        #expect(
            try decoded(Message.export([Message.sum("c", [point])])) == [
                "c sum cumulative true [\"a=1,b=2:int(7)@5-10f0\"] +0"
            ])
    }

    @Test(
        "R-PB-04 truncated varints, lengths past the end, field 0 and over-long varints are malformed",
        arguments: [
            [0x0A], [0x0A, 0x80], [0x0A, 0x05, 0x00], [0x02, 0x00], [0x00, 0x01], [0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
            [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0x0C], [0x0B], [0x0F, 0x00],
            [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0x09, 0x00], [0x0D, 0x00],
            // A tag of more than 32 bits.
            [0xD0, 0xF7, 0xC3, 0xFB, 0x65, 0x37],
        ] as [[UInt8]])
    func brokenBytesAreMalformed(raw: [UInt8]) throws {
        let levels: [Message] = [
            Message(bytes: raw), Message().message(1, Message(bytes: raw)),
            Message().message(1, Message().message(2, Message(bytes: raw))), Message.export([Message(bytes: raw)]),
            Message.export([Message().text(1, "c").message(7, Message(bytes: raw))]),
            Message.export([], resource: Message(bytes: raw)), Message.export([], scope: Message(bytes: raw)),
        ]
        for (level, message) in levels.enumerated() {
            #expect(throws: DecodingFailure.self, "level \(level)") { try decoded(message) }
        }
        // Within a metric only the smallest part is lost.
        let broken = Message(bytes: raw)
        let parts: [(Message, ExportPart)] = [
            (Message.sum("c", [broken]), .point), (Message.sum("c", [Message().message(7, broken)]), .attribute),
            (Message.sum("c", [Message().message(5, broken)]), .exemplar), (Message().message(7, broken), .metric),
        ]
        for (metric, part) in parts {
            let lost = try losses(of: Message.export([Message.sum("good", [Self.point]), metric]))
            for each in ExportPart.allCases { #expect(lost[each] == (each == part ? 1 : 0), "\(part), \(each)") }
            #expect(lost.reason.hasPrefix("protobuf: "))
        }
    }

    @Test("R-PB-04 every prefix of a valid message is decoded or malformed")
    func everyPrefixEnds() throws {
        let whole = Message.export(
            [Message.sum("c", [Self.point, Self.point])], resource: Message().message(1, Message.keyValue("r", "1")))
        for length in 0..<whole.bytes.count {
            let lines = try? decoded(Message(bytes: Array(whole.bytes[..<length])))
            #expect(lines == nil || lines == [])
        }
    }

    @Test(
        "R-PB-05 strings that are not UTF-8 are malformed, and values too if no point can be rejected for them",
        arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x61, 0xE2, 0x82]] as [[UInt8]]
    )
    func invalidUTF8IsMalformed(raw: [UInt8]) {
        let attribute = Message().bytes(1, raw)
        let value = Message().text(1, "a").message(2, Message().bytes(1, raw))
        let exports: [Message] = [
            Message.export([Message().bytes(1, raw)]), Message.export([Message().bytes(2, raw)]),
            Message.export([Message().bytes(3, raw)]),
            Message.export([Message.sum("c", [Message().message(7, attribute)])]),
            Message.export([Message.sum("c", [Message().message(7, value)])]),
            Message.export([Message.sum("c", [Self.point]), Message().bytes(1, raw)]),
            Message.export([Message().message(12, value)]), Message.export([], resource: Message().message(1, value)),
            Message.export([], resource: Message().message(3, Message().bytes(1, raw))),
            Message.export([], scope: Message().bytes(1, raw)), Message().message(1, Message().bytes(3, raw)),
            Message().message(1, Message().message(2, Message().bytes(3, raw))),
            Message.export([Message().message(11, Message().message(1, Message().message(7, value)))]),
        ]
        for (index, export) in exports.enumerated() {
            #expect(throws: DecodingFailure.self, "case \(index)") { try decoded(export) }
        }
    }

    @Test("R-PB-05 a value that is not UTF-8 does not affect the rest of its export")
    func valuesAreToldFromTheRest() throws {
        let reader = AttributeReader(encoding: .protobuf)
        var losses = DecodingLosses()
        let value = Message().text(1, "a").message(2, Message().bytes(1, [0xFF]))
        let nested = Message().text(1, "a").message(2, Message().message(6, Message().message(1, value)))
        for (attribute, isText) in [(value, false), (nested, false), (Message.keyValue("a", "b"), true)] {
            let points = Message().message(7, attribute).bytes
            #expect((try points.withUnsafeBytes { try reader.attributesIfText($0, losses: &losses) } != nil) == isText)
            let resource = Message().message(1, attribute).bytes
            #expect((try resource.withUnsafeBytes { try reader.resourceIfText($0, losses: &losses) } != nil) == isText)
            let scope = Message().message(3, attribute).bytes
            #expect((try scope.withUnsafeBytes { try reader.scopeIfText($0, losses: &losses) } != nil) == isText)
        }
        // A key that is not UTF-8 makes the export malformed nevertheless.
        let key = Message().message(7, value).message(7, Message().bytes(1, [0xFF])).bytes
        #expect(throws: DecodingFailure.self) { try key.withUnsafeBytes { _ = try reader.attributes($0) } }
        let name = Message().bytes(1, [0xFF]).message(3, value).bytes
        #expect(throws: DecodingFailure.self) { try name.withUnsafeBytes { _ = try reader.scope($0) } }
    }

    @Test("strings keep NUL and every valid code point")
    func stringsKeepEverything() throws {
        let name = "a\0b\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}"
        let lines = try decoded(Message.export([Message.sum(name, [Message.point(1, attributes: [(name, name)])])]))
        #expect(
            lines == ["\(name) sum cumulative true [\"\(name)=\(name):int(1)@5-10f0\"] +0".replacing("\0", with: "\0")]
                || lines.first?.hasPrefix(name) == true)
        #expect(lines.count == 1)
    }

    @Test("R-JSON-10 unknown temporalities count as cumulative", arguments: [3, 255, 258, UInt64.max])
    func unknownTemporalityIsCumulative(number: UInt64) throws {
        #expect(
            try decoded(Message.export([Message.sum("c", [], temporality: number)])) == ["c sum cumulative true [] +0"]
        )
    }

    @Test("R-PB-04 a broken varint among packed bucket counts rejects its point")
    func packedVarintsAreWhole() throws {
        let exponential = Message().varint(6, 1).fixed64(3, 2).message(
            8, Message().varint(1, 3).bytes(2, [1, 2, 0x80, 1]))
        let export = Message.export([Message().text(1, "e").message(10, Message().message(1, exponential).varint(2, 2))]
        )
        #expect(try decoded(export) == ["e exponentialHistogram cumulative false [] +1"])
        let broken = Message().message(8, Message().bytes(2, [0x80]))
        let lost = try losses(of: Message.export([Message().message(10, Message().message(1, broken))]))
        #expect(lost[.point] == 1)
    }

    @Test("R-PB-08 metadata is checked and has no effect")
    func metadataIsChecked() throws {
        let metric = Message.sum("c", [Self.point]).message(12, Message.keyValue("prometheus.type", "gauge"))
        #expect(try decoded(Message.export([metric])) == Self.plain)
    }

    @Test("beyond the memory limit an export is too large")
    func memoryIsBounded() {
        let export = Message.export([Message.sum("c", Array(repeating: Self.point, count: 5000))])
        do {
            _ = try decoded(export, limits: DecodingLimits { $0.maxDecodingMemory = 64 << 10 })
            #expect(Bool(false), "it must not be decoded")
        } catch let failure as DecodingFailure {
            guard case .tooLarge = failure else { return #expect(Bool(false), "\(failure)") }
        } catch {
            #expect(Bool(false), "\(error)")
        }
    }

    @Test("all tables of an export together are bounded, also in a reused batch")
    func tablesAreBounded() throws {
        let limits = DecodingLimits { $0.maxDecodingMemory = 1 << 20 }
        var batch = MetricsBatch(limits: limits)
        let metrics = { Array(repeating: Message.sum("c", [Self.point]), count: $0) }
        let points = { [Message.sum("c", Array(repeating: Self.point, count: $0))] }
        // Each table alone would have room for this number of rows.
        let rows = limits.maxDecodingMemory / MemoryLayout<RawMetric>.stride / 4 * 3
        for (content, fits) in [
            (metrics(rows), false), (metrics(rows / 3), true), (points(rows), true), (metrics(rows), false),
            (metrics(rows / 3), true),
        ] {
            let body = Message.export(content).bytes
            try body.withUnsafeBytes { bytes in
                do throws(DecodingFailure) {
                    try batch.decode(bytes, as: .protobuf)
                    #expect(fits)
                    let tableBytes = batch.tableBytes
                    #expect(tableBytes <= limits.maxDecodingMemory)
                } catch {
                    guard case .tooLarge = error else { throw error }
                    #expect(!fits)
                }
            }
        }
    }

    @Test("R-HTTP-09 an empty export decodes to nothing")
    func emptyExportIsNothing() throws {
        #expect(try decoded(Message()) == [])
        #expect(try decoded(Message().message(1, Message())) == [])
        #expect(try decoded(Message.export([])) == [])
    }
}
