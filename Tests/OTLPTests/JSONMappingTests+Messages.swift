import Testing

@testable import OTLP

/// The second half of the rules: whole messages and the text itself.
extension JSONMappingTests {
    @Test("R-JSON-13 null means unset for any field")
    func nullMeansUnset() throws {
        let plain = try decodeJSON(
            #"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"sum":{"dataPoints":[{}]}}]}]}]}"#)
        let nulls = try decodeJSON(
            #"""
            {"x":null,"resourceMetrics":[{"resource":null,"schemaUrl":null,"scopeMetrics":[{"scope":null,
            "schemaUrl":null,"metrics":[{"name":null,"description":null,"unit":null,"metadata":null,"gauge":null,"sum":{
            "aggregationTemporality":null,"isMonotonic":null,"dataPoints":[{"attributes":null,"startTimeUnixNano":null,
            "timeUnixNano":null,"asDouble":null,"exemplars":null}]},"histogram":null,"exponentialHistogram":null,
            "summary":null}]}]}]}
            """#)
        #expect(nulls == plain)
        let points = [
            (
                "histogram",
                #"[{"count":null,"sum":null,"bucketCounts":null,"explicitBounds":null,"min":null,"max":null}]"#
            ),
            (
                "exponentialHistogram",
                #"[{"scale":null,"zeroCount":null,"positive":null,"negative":{"offset":null,"bucketCounts":null}}]"#
            ),
            ("exponentialHistogram", #"[{"zeroThreshold":null,"sum":null,"min":null,"max":null,"count":null}]"#),
            ("summary", #"[{"quantileValues":null},{"quantileValues":[{"quantile":null,"value":null},null]}]"#),
            ("gauge", #"[{"exemplars":[{"timeUnixNano":null,"traceId":null,"filteredAttributes":null},null]}]"#),
        ]
        for (kind, list) in points {
            #expect(try decodeJSON(export(#"{"\#(kind)":{"dataPoints":\#(list)}}"#)).pointCount >= 1, "\(list)")
        }
    }

    @Test(
        "R-JSON-13 null for a list or a message unsets it, and as an element it is an empty message",
        arguments: [
            (#"{"resourceMetrics":null}"#, 0, 0, 0), (#"{"resourceMetrics":[null]}"#, 1, 0, 0),
            (#"{"resourceMetrics":[{"scopeMetrics":null}]}"#, 1, 0, 0),
            (#"{"resourceMetrics":[{"scopeMetrics":[null]}]}"#, 1, 1, 0),
            (#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":null}]}]}"#, 1, 1, 0),
            (#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[null]}]}]}"#, 1, 1, 0),
            (#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[null,{}]}}]}]}]}"#, 1, 1, 2),
        ])
    func nullElementIsAnEmptyMessage(body: String, resources: Int, scopes: Int, points: Int) throws {
        let decoded = try decodeJSON(body)
        #expect(decoded.resourceCount == resources)
        #expect(decoded.scopeCount == scopes)
        #expect(decoded.pointCount == points)
    }

    @Test(
        "R-JSON-13 null in asInt, flags, or a list of numbers rejects its point",
        arguments: [
            #"{"gauge":{"dataPoints":[{"asInt":null}]}}"#, #"{"gauge":{"dataPoints":[{"flags":null}]}}"#,
            #"{"histogram":{"dataPoints":[{"bucketCounts":[1,null]}]}}"#,
            #"{"histogram":{"dataPoints":[{"explicitBounds":[null]}]}}"#,
        ])
    func nullNumberCostsItsPoint(metric: String) {
        expectLost(.point, try decodeJSON(export(metric)))
    }

    @Test("R-JSON-15 of two members of a oneof the last one wins")
    func lastMemberOfAOneofWins() throws {
        #expect(try decodePoints(#"[{"asInt":1,"asDouble":2.5}]"#).map(\.value) == [.double(2.5)])
        #expect(try decodePoints(#"[{"asDouble":2.5,"asInt":1}]"#).map(\.value) == [.int(1)])
        #expect(try decodePoints(#"[{"asInt":1,"asDouble":null}]"#).map(\.value) == [.int(1)])
        #expect(try decodePoints(#"[{"asDouble":2.5,"asDouble":null}]"#).map(\.value) == [.missing])

        let gauge = #""gauge":{"dataPoints":[{"asInt":1},{"asInt":2}]}"#
        let sum = #""sum":{"isMonotonic":true,"aggregationTemporality":2,"dataPoints":[{"asInt":3}]}"#
        let histogram = #""histogram":{"aggregationTemporality":1,"dataPoints":[{},{},{}]}"#
        let sumLast = try decodeJSON(export(#"{"name":"m",\#(gauge),\#(histogram),\#(sum)},{"name":"next",\#(gauge)}"#))
        #expect(sumLast.metrics[0].kind == .sum)
        #expect(sumLast.metrics[0].points.map(\.value) == [.int(3)])
        #expect(sumLast.metrics[0].distributionCount == 0)
        #expect(sumLast.metrics[1].points.map(\.value) == [.int(1), .int(2)])
        #expect(sumLast.pointCount == 3)

        let histogramLast = try #require(try decodeMetric(#"{\#(sum),\#(histogram)}"#))
        #expect(histogramLast.kind == .histogram)
        #expect(histogramLast.temporality == .delta)
        #expect(!histogramLast.isMonotonic)
        #expect(histogramLast.points.isEmpty)
        #expect(histogramLast.distributionCount == 3)

        let unset = try #require(try decodeMetric(#"{\#(gauge),"gauge":null}"#))
        #expect(unset.kind == .none)
        #expect(unset.points.isEmpty)
        #expect(try decodeMetric(#"{\#(gauge),"sum":null}"#)?.points.count == 2)
    }

    @Test("R-JSON-16 of a duplicate key the last one wins, and nothing of the first is kept")
    func lastOfTwoKeysWins() throws {
        let two = #"[{"asInt":1},{"asInt":2}]"#
        #expect(try decodeMetric(#"{"name":"a","name":"b"}"#)?.name == "b")
        #expect(try decodeMetric(#"{"name":"a","na\u006de":"c"}"#)?.name == "c")
        #expect(
            try decodeMetric(#"{"gauge":{"dataPoints":\#(two),"data_points":[{"asInt":9}]}}"#)?.points.map(\.value) == [
                .int(9)
            ])
        #expect(try decodeMetric(#"{"gauge":{"dataPoints":\#(two),"dataPoints":null}}"#)?.points == [])
        #expect(try decodeMetric(#"{"summary":{"dataPoints":[{},{}],"dataPoints":[{}]}}"#)?.distributionCount == 1)
        #expect(try decodePoints(#"[{"attributes":[{}],"attributes":[]}]"#).map(\.attributes) == ["[]"])
        #expect(try decodePoints(#"[{"attributes":[{}],"attributes":null}]"#).map(\.attributes) == [""])

        let metrics = #""metrics":[{"name":"a","gauge":{"dataPoints":\#(two)}}]"#
        let other = #""metrics":[{"name":"b","gauge":{"dataPoints":[{"asInt":3}]}}]"#
        let scopes = #""scopeMetrics":[{\#(metrics)},{\#(metrics)}]"#
        let otherScopes = #""scopeMetrics":[{\#(other)}]"#
        let bodies = [
            #"{"resourceMetrics":[{"scopeMetrics":[{\#(metrics),\#(other)}]}]}"#,
            #"{"resourceMetrics":[{\#(scopes),\#(otherScopes)}]}"#,
            #"{"resourceMetrics":[{\#(scopes)},{\#(scopes)}],"resourceMetrics":[{\#(otherScopes)}]}"#,
        ]
        for body in bodies {
            let decoded = try decodeJSON(body)
            #expect(decoded.metrics.map(\.name) == ["b"], "\(body)")
            #expect(decoded.pointCount == 1, "\(body)")
            #expect(decoded.scopeCount == 1, "\(body)")
            #expect(decoded.resourceCount == 1, "\(body)")
        }
        #expect(try decodeJSON(#"{"resourceMetrics":[{\#(scopes)}],"resourceMetrics":null}"#).metrics.isEmpty)
    }

    @Test(
        "R-JSON-02 R-JSON-16 unknown fields are skipped at every depth, and their syntax is checked",
        arguments: [1, 64, 65, 129, 20_000])
    func unknownKeysOfAnyDepth(levels: Int) throws {
        func nested(in open: String, _ close: String, _ value: String = "1") -> String {
            String(repeating: open, count: levels) + value + String(repeating: close, count: levels)
        }
        for (open, close) in [("[", "]"), (#"{"a":"#, "}"), (#"[{"a":"#, "}]"), (#"{"a":[0],"b":[[],"#, "]}")] {
            let good = export(#"{"gauge":{"dataPoints":[{"x":\#(nested(in: open, close)),"asInt":1}]}}"#)
            #expect(try decodeJSON(good).pointCount == 1, "\(open)")
            for (wrong, value) in [(close, "?"), (close == "]" ? "}" : "]", "1"), (close + close, "1")] {
                expectMalformed(try decodeJSON(#"{"x":\#(nested(in: open, wrong, value))}"#), "\(levels) of \(open)")
            }
        }
    }

    @Test("R-JSON-17 escapes, surrogate pairs and raw UTF-8 mean the same")
    func escapesAreUnderstood() throws {
        let escaped = #"{"n\u0061me":"\u00e9\ud834\uDD1E\"\\\/\b\f\n\r\t\u0000","description":"\u20ac","unit":"\/"}"#
        let metric = try #require(try decodeMetric(escaped))
        #expect(metric.name == "é𝄞\"\\/\u{8}\u{C}\n\r\t\u{0}")
        #expect(metric.description == "€")
        #expect(metric.unit == "/")
        #expect(try decodeMetric(#"{"name":"é𝄞€日本語"}"#)?.name == "é𝄞€日本語")
    }

    @Test("R-JSON-19 flags, temporality, monotonicity and schema URLs are read; their types are checked")
    func headerFieldsAreRead() throws {
        let metric = try decodeMetric(
            #"{"sum":{"isMonotonic":true,"aggregationTemporality":2,"#
                + #""dataPoints":[{"flags":1},{"flags":"4294967295"}]}}"#
        )
        #expect(metric?.isMonotonic == true)
        #expect(metric?.temporality == .cumulative)
        #expect(metric?.points.map(\.flags) == [1, .max])
        #expect(try decodeMetric(#"{"sum":{"isMonotonic":false}}"#)?.isMonotonic == false)
        for bool in ["1", "0", #""true""#, "[]", "True", "tru", "truex"] {
            expectMalformed(try decodeMetric(#"{"sum":{"isMonotonic":\#(bool)}}"#), "\(bool)")
        }
        for flags in ["4294967296", "-1", "1.5", #""x""#, "true", "{}"] {
            expectLostPoint(#"{"flags":\#(flags)}"#)
        }
        let urls = #"{"resourceMetrics":[{"schemaUrl":"r","scopeMetrics":[{"schemaUrl":"s","metrics":[{}]}]}]}"#
        #expect(try decodeJSON(urls).metrics.map(\.schemaURL) == ["s"])
        for wrong in ["1", "{}", "true"] {
            expectLost(.field, try decodeJSON(urls.replacing(#""r""#, with: wrong)))
            expectLost(.field, try decodeJSON(urls.replacing(#""s""#, with: wrong)))
        }
    }

    @Test("R-JSON-19 droppedAttributesCount is read and checked")
    func droppedAttributesCountIsChecked() throws {
        let reader = AttributeReader(encoding: .json)
        for count in ["3", #""3""#, "null", "3.0"] {
            let raw = Array(#"{"droppedAttributesCount":\#(count)}"#.utf8)
            #expect(try raw.withUnsafeBytes { try reader.resource($0) } == Resource(), "\(count)")
            #expect(try raw.withUnsafeBytes { try reader.scope($0) } == Scope(), "\(count)")
        }
        for count in ["-1", "4294967296", "true", #""x""#] {
            let raw = Array(#"{"dropped_attributes_count":\#(count)}"#.utf8)
            var losses = DecodingLosses()
            #expect(try raw.withUnsafeBytes { try reader.resourceIfText($0, losses: &losses) } == Resource())
            #expect(try raw.withUnsafeBytes { try reader.scopeIfText($0, losses: &losses) } == Scope())
            #expect(losses[.field] == 2, "\(count)")
        }
    }

    @Test("R-JSON-20 a point without asInt and asDouble has no value")
    func absentValueIsMissing() throws {
        #expect(try decodePoints(#"[{"flags":1},{}]"#) == [DecodedExport.Point(flags: 1), DecodedExport.Point()])
    }
}
