import Settings
import Testing

@testable import OTLP

private typealias Message = ProtobufMessage

/// A value of the wrong type loses only the smallest possible part (docs/decisions/0019).
struct LostPartsTests {
    /// A metric next to a valid one, or a point next to a valid one, and its lost parts.
    struct Case: CustomTestStringConvertible, Sendable {
        var metric: String
        var part: ExportPart
        /// Points that are left, without the valid one.
        var points: Int

        init(_ metric: String, _ part: ExportPart, points: Int) {
            self.metric = metric
            self.part = part
            self.points = points
        }

        /// A gauge with one point.
        init(point: String, _ part: ExportPart, points: Int) {
            self.init(#"{"name":"g","gauge":{"dataPoints":[{\#(point)}]}}"#, part, points: points)
        }

        var testDescription: String { metric }
    }

    static let cases =
        [
            #""asDouble":{}"#, #""asDouble":[]"#, #""asDouble":true"#, #""asInt":1.5"#, #""asInt":"1e-3""#,
            #""asInt":"0x1f""#, #""asInt":1,"startTimeUnixNano":"""#, #""asInt":1,"timeUnixNano":-1"#,
            #""asInt":1,"timeUnixNano":1.5"#, #""asInt":1,"timeUnixNano":"abc""#, #""asInt":1,"timeUnixNano":{}"#,
            #""asInt":1,"timeUnixNano":"99999999999999999999""#, #""asInt":1,"flags":"x""#, #""asInt":1,"flags":-1"#,
        ].map { Case(point: $0, .point, points: 0) }
        + [
            #""attributes":{"k":"v"},"asInt":1"#, #""attributes":"k","asInt":1"#, #""asInt":1,"attributes":false"#,
        ].map { Case(point: $0, .attribute, points: 1) }
        + [
            #""asInt":1,"exemplars":{}"#, #""asInt":1,"exemplars":[5]"#, #""asInt":1,"exemplars":[{"asDouble":{}}]"#,
            #""asInt":1,"exemplars":[{"timeUnixNano":""}]"#,
        ].map { Case(point: $0, .exemplar, points: 1) }
        + [
            Case(point: #""asInt":1,"exemplars":[{"spanId":"7uGbfsPBsXQ="}]"#, .identifier, points: 1),
            Case(point: #""asInt":1,"exemplars":[{"traceId":{}}]"#, .identifier, points: 1),
            Case(#"{"histogram":{"dataPoints":[{"bucketCounts":["x"]}]}}"#, .point, points: 0),
            Case(#"{"histogram":{"dataPoints":[{"explicitBounds":{}}]}}"#, .point, points: 0),
            Case(#"{"histogram":{"dataPoints":[{"count":""}]}}"#, .point, points: 0),
            Case(#"{"histogram":{"dataPoints":[{"sum":{}}]}}"#, .point, points: 0),
            Case(#"{"histogram":{"dataPoints":[{"min":"low"}]}}"#, .field, points: 1),
            Case(#"{"exponentialHistogram":{"dataPoints":[{"scale":"a"}]}}"#, .point, points: 0),
            Case(#"{"exponentialHistogram":{"dataPoints":[{"positive":{"offset":"a"}}]}}"#, .point, points: 0),
            Case(#"{"exponentialHistogram":{"dataPoints":[{"max":[]}]}}"#, .field, points: 1),
            Case(#"{"summary":{"dataPoints":[{"quantileValues":[{"value":{}}]}]}}"#, .point, points: 0),
            Case(#"{"summary":{"dataPoints":[{"quantileValues":{}}]}}"#, .point, points: 0),
            Case(#"{"gauge":{"dataPoints":[7]}}"#, .point, points: 0),
            Case(#"{"name":5}"#, .metric, points: 0), Case("[]", .metric, points: 0),
            Case(#"{"sum":{"aggregationTemporality":"NOPE"}}"#, .metric, points: 0),
            Case(#"{"gauge":{"dataPoints":{}}}"#, .metric, points: 0),
            Case(#"{"metadata":{"k":"v"},"gauge":{"dataPoints":[{"asInt":1}]}}"#, .attribute, points: 1),
        ]

    @Test("one part is lost, the parts before and after it are decoded", arguments: cases)
    func smallestPartIsLost(input: Case) throws {
        let good = #"{"name":"good","gauge":{"dataPoints":[{"asInt":1}]}}"#
        let body = export("\(good),\(input.metric),\(good)")
        expectLost(input.part, try decodeJSON(body))
        let decoded = try decodeJSON(body)
        #expect(decoded.pointCount == 2 + input.points)
        #expect(decoded.metrics.first?.points == [DecodedExport.Point(value: .int(1))])
        #expect(decoded.metrics.last?.points == [DecodedExport.Point(value: .int(1))])
    }

    @Test("null, and numbers as text or text as numbers where OTLP accepts both, lose nothing")
    func nothingIsLost() throws {
        let points = [
            #"{"asInt":"1e3","attributes":null,"exemplars":null,"startTimeUnixNano":null,"timeUnixNano":5}"#,
            #"{"asDouble":"-inf","attributes":[null,{},{"value":{}},{"key":null}]}"#,
        ]
        let metrics = [
            #"{"gauge":{"dataPoints":[\#(points.joined(separator: ","))]}}"#,
            #"{"exponentialHistogram":{"dataPoints":[{"zeroCount":null,"scale":null,"positive":null}]}}"#,
        ]
        let decoded = try decodeJSON(export(metrics.joined(separator: ",")))
        #expect(decoded.pointCount == 3)
        #expect(decoded.losses == DecodingLosses())
    }

    @Test("the points of a metric that is lost are counted")
    func pointsOfLostMetrics() throws {
        let lost = #"{"sum":{"dataPoints":[{"asInt":1},{"asInt":{}},7],"isMonotonic":"true"},"unit":"1"}"#
        let losses = try decodeJSON(export("{},\(lost)")).losses
        #expect(losses[.metric] == 1)
        #expect(losses[.point] >= 3)
        #expect(losses.explanation.contains("1 metric"))
    }

    @Test("a syntax error makes the export malformed in every place")
    func syntaxIsNoPart() {
        for point in [
            #""asInt":{]"#, #""asDouble":{"a":1,}"#, #""attributes":{"k":tru}"#, #""exemplars":[{"spanId":["\x"]}]"#,
            #""asInt":1.5,"flags":+1"#, #""timeUnixNano":"\#u{7}""#, #""attributes":{"k":1"#,
        ] {
            expectMalformed(try decodeJSON(export("{},\(Case(point: point, .point, points: 0).metric)")), "\(point)")
        }
        let deep = String(repeating: "[", count: 100) + String(repeating: "]", count: 99)
        expectMalformed(try decodeJSON(export(#"{},{"gauge":{"dataPoints":[{"asInt":\#(deep)}]}}"#)))
    }

    // MARK: Places

    @Test(
        "messages have the byte position in the body, also within attributes",
        arguments: [
            (#"{"gauge":{"dataPoints":[{"asInt":1,"attributes":[{"key":"k","value":{"intValue": §"x"}}]}]}}"#),
            (#"{"gauge":{"dataPoints":[{"asInt":1,"attributes":[{"key":"k","value": §7}]}]}}"#),
            (#"{"gauge":{"dataPoints":[{"asInt":1,"attributes":[{"key":"k","value":{"bytesValue": §"?"}}]}]}}"#),
            (#"{"gauge":{"dataPoints":[{"asInt":1,"exemplars":[{"filteredAttributes":[ §1]}]}]}}"#),
            (#"{"gauge":{"dataPoints":[{"asInt":1,"attributes": §{"k":"v"}}]}}"#),
            (#"{"gauge":{"dataPoints":[{"asInt": §"x"}]}}"#), (#"{"gauge":{"dataPoints":[{"asInt": §null}]}}"#),
            (#"{"gauge":{"dataPoints":[{"timeUnixNano": §1.5}]}}"#), (#"{"gauge":{"dataPoints":[{"asDouble": §{}}]}}"#),
            (#"{"gauge":{"dataPoints":[{"exemplars":[{"traceId": §"AA=="}]}]}}"#),
            (#"{"histogram":{"dataPoints":[{"bucketCounts":[1, §null]}]}}"#),
            (#"{"histogram":{"dataPoints":[{"explicitBounds":[1, §"x"]}]}}"#), (#"{"name": §5}"#),
            (#"{"sum":{"aggregationTemporality": §"2"}}"#), (#"{"sum":{"isMonotonic": §"true"}}"#),
        ])
    func placeIsOfTheBody(metric: String) throws {
        let marked = Array(export(#"{"name":"é"},\#(metric)"#).utf8)
        let mark = Array("§".utf8)
        let place = try #require(marked.indices.first { marked[$0...].starts(with: mark) })
        let body = Array(marked[..<place] + marked[(place + mark.count)...])
        try #expect(reasons(of: body, as: .json).map { $0.prefix { $0 != ":" } } == ["JSON, byte \(place)"])
    }

    @Test("the position of an attribute of a resource or scope is that in the body")
    func placeOfResources() throws {
        for text in [
            #"{"resourceMetrics":[{"resource":{"attributes":[{"key":"a","value":§1}]},"scopeMetrics":[]}]}"#,
            #"{"resourceMetrics":[{"scopeMetrics":[{"scope":{"name":"s","version":§1}}]}]}"#,
        ] {
            let parts = text.split(separator: "§")
            let reasons = try reasons(of: Array(parts.joined().utf8), as: .json)
            #expect(reasons.map { $0.prefix { $0 != ":" } } == ["JSON, byte \(parts[0].utf8.count)"])
        }
    }

    /// The losses when all of an export is decoded.
    private func reasons(of body: [UInt8], as encoding: WireEncoding) throws -> [String] {
        var batch = MetricsBatch()
        return try body.withUnsafeBytes { bytes in
            try batch.decode(bytes, as: encoding)
            let reader = batch.attributeReader(limits: DecodingLimits())
            var losses = [batch.losses]
            func read(_ body: (inout DecodingLosses) throws -> Void) rethrows {
                var lost = DecodingLosses()
                try body(&lost)
                losses.append(lost)
            }
            for point in batch.points.numbers {
                try read { _ = try reader.attributesIfText(point.attributes, losses: &$0) }
            }
            for exemplar in batch.points.exemplars {
                try read { _ = try reader.attributesIfText(exemplar.filteredAttributes, losses: &$0) }
            }
            for resource in batch.resources { try read { _ = try reader.resourceIfText(resource.bytes, losses: &$0) } }
            for scope in batch.scopes { try read { _ = try reader.scopeIfText(scope.bytes, losses: &$0) } }
            return losses.filter { !$0.isEmpty }.map(\.reason)
        }
    }
}
