import Settings
import Testing

@testable import OTLP

/// How an export becomes a batch.
struct JSONEnvelopeTests {
    @Test("keys may come in any order")
    func keysMayComeInAnyOrder() throws {
        let usual = #"""
            {"resourceMetrics":[{"resource":{"attributes":[]},"schemaUrl":"r","scopeMetrics":[{"scope":{"name":"s"},
            "schemaUrl":"u","metrics":[{"name":"m","description":"d","unit":"1","sum":{"aggregationTemporality":2,
            "isMonotonic":true,"dataPoints":[{"attributes":[],"startTimeUnixNano":1,"timeUnixNano":2,"asInt":3}]}}]}]}]}
            """#
        let reversed = #"""
            {"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"sum":{"dataPoints":[{"asInt":3,"timeUnixNano":2,
            "startTimeUnixNano":1,"attributes":[]}],"isMonotonic":true,"aggregationTemporality":2},"unit":"1",
            "description":"d","name":"m"}],"schemaUrl":"u","scope":{"name":"s"}}],"schemaUrl":"r",
            "resource":{"attributes":[]}}]}
            """#
        let decoded = try decodeJSON(usual)
        #expect(try decodeJSON(reversed) == decoded)
        #expect(decoded.metrics.first?.resource == #"{"attributes":[]}"#)
        #expect(decoded.metrics.first?.scope == #"{"name":"s"}"#)
        #expect(decoded.metrics.first?.schemaURL == "u")
    }

    @Test("each metric keeps its scope, its resource and its points")
    func metricsKeepWhatTheyBelongTo() throws {
        let body = #"""
            {"resourceMetrics":[
            {"resource":{"r":1},"scopeMetrics":[
             {"scope":{"s":1},"metrics":[{"name":"a","gauge":{"dataPoints":[{"asInt":1},{"asInt":2}]}},{"name":"b"}]},
             {"metrics":[{"name":"c","sum":{"dataPoints":[{"asInt":3}]}}]}]},
            {"scopeMetrics":[{"scope":{"s":3},"metrics":[{"name":"d","gauge":{"dataPoints":[{"asInt":4}]}}]}]}]}
            """#
        let decoded = try decodeJSON(body)
        #expect(decoded.metrics.map(\.name) == ["a", "b", "c", "d"])
        #expect(decoded.metrics.map(\.resource) == [#"{"r":1}"#, #"{"r":1}"#, #"{"r":1}"#, ""])
        #expect(decoded.metrics.map(\.scope) == [#"{"s":1}"#, #"{"s":1}"#, "", #"{"s":3}"#])
        #expect(decoded.metrics.map { $0.points.map(\.value) } == [[.int(1), .int(2)], [], [.int(3)], [.int(4)]])
        #expect(decoded.resourceCount == 2)
        #expect(decoded.scopeCount == 3)
    }

    @Test("attributes, resources and scopes stay the received text")
    func identityStaysText() throws {
        let attributes = #"[ {"value" : {"intValue":1}, "key":"\u006b"} , null ]"#
        let points = try decodePoints(#"[{"attributes": \#(attributes) ,"asInt":1},{"attributes":[]},{}]"#)
        #expect(points.map(\.attributes) == [attributes, "[]", ""])
        let body = #"{"resourceMetrics":[{"resource": {"x" : [1]} ,"scopeMetrics":[{"scope": { } ,"metrics":[{}]}]}]}"#
        #expect(try decodeJSON(body).metrics.map(\.resource) == [#"{"x" : [1]}"#])
        #expect(try decodeJSON(body).metrics.map(\.scope) == ["{ }"])
    }

    @Test("unescaped strings are not copied")
    func plainTextLiesInTheBody() throws {
        let body = Array(export(#"{"name":"plain","unit":"\/","gauge":{"dataPoints":[{"attributes":[{}]}]}}"#).utf8)
        try body.withUnsafeBytes { raw in
            var batch = MetricsBatch()
            try batch.decode(raw, as: .json)
            func liesInBody(_ part: UnsafeRawBufferPointer) throws -> Bool {
                let start = try #require(part.baseAddress)
                let base = try #require(raw.baseAddress)
                return start >= base && start + part.count <= base + raw.count
            }
            #expect(try liesInBody(batch.metrics[0].name))
            #expect(try liesInBody(batch.points.numbers[0].attributes))
            #expect(try !liesInBody(batch.metrics[0].unit))
            #expect(text(batch.metrics[0].unit) == "/")
        }
    }

    @Test("points of histograms and summaries are in the tables of their kinds")
    func distributionsAreInTheirTables() throws {
        let decoded = try decodeJSON(JSONSamples.histograms)
        #expect(decoded.metrics.map(\.kind) == [.histogram, .exponentialHistogram, .summary])
        #expect(decoded.metrics.map(\.temporality) == [.delta, .cumulative, .unspecified])
        #expect(decoded.metrics.map(\.distributionCount) == [1, 2, 1])
        #expect(decoded.pointCount == 4)
    }

    @Test("a full export is decoded completely")
    func fullExportIsRead() throws {
        let decoded = try decodeJSON(JSONSamples.sums)
        let tokens = try #require(decoded.metrics.first)
        #expect(tokens.name == "tokens")
        #expect(tokens.description == "Tokens üsed")
        #expect(tokens.unit == "{token}")
        #expect(tokens.schemaURL == "https://s/1")
        #expect(tokens.kind == .sum)
        #expect(tokens.temporality == .delta)
        #expect(tokens.isMonotonic)
        #expect(tokens.points.map(\.value) == [.double(902.1659504395827), .int(12)])
        #expect(tokens.points.map(\.time) == [1_700_000_060_000_000_000, 1_700_000_060_000_000_000])
        #expect(tokens.points.map(\.startTime) == [1_700_000_000_000_000_000, 0])
        #expect(tokens.points.map(\.flags) == [0, 1])
        #expect(decoded.metrics.last?.points.first?.value == .double(-0.0015))
    }

    @Test("a batch is empty after an error, and can be reused")
    func batchIsUsedAgain() throws {
        var batch = MetricsBatch()
        for _ in 0..<3 {
            let body = Array(JSONSamples.histograms.utf8)
            try body.withUnsafeBytes { raw in
                try batch.decode(raw, as: .json)
                #expect(DecodedExport(batch) == (try decodeJSON(JSONSamples.histograms)))
                expectMalformed(try batch.decode(UnsafeRawBufferPointer(rebasing: raw.dropLast()), as: .json))
                #expect(batch.metrics.isEmpty && batch.points.numbers.isEmpty && batch.resources.isEmpty)
                #expect(batch.scopes.isEmpty)
            }
        }
    }

    @Test(
        "an export that needs more memory than the limit is too large, not malformed",
        arguments: [
            (#"{"resourceMetrics":[?]}"#, "{}"), (#"{"resourceMetrics":[{"scopeMetrics":[?]}]}"#, "null"),
            (export("?"), "{}"), (export(#"{"gauge":{"dataPoints":[?]}}"#), "{}"),
            (export("?"), #"{"unit":"\u0031"}"#),
        ])
    func memoryIsBounded(body: String, element: String) throws {
        func repeated(_ count: Int) -> String {
            body.replacing("?", with: Array(repeating: element, count: count).joined(separator: ","))
        }
        let limits = DecodingLimits { $0.maxDecodingMemory = 64 << 10 }
        _ = try decodeJSON(repeated(100), limits: limits)
        #expect {
            try decodeJSON(repeated(10_000), limits: limits)
        } throws: { error in
            if case DecodingFailure.tooLarge = error { true } else { false }
        }
    }
}
