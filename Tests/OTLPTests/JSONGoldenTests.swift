import Testing

@testable import OTLP

/// Inputs that were sent to the OpenTelemetry Collector 0.156, with its answers; `ours` for intended differences. A
/// point for which it refuses an export is rejected alone here (docs/decisions/0019).
struct JSONGoldenTests {
    struct Input: CustomTestStringConvertible, Sendable {
        var metric: String
        /// Whether the Collector answered 200.
        var isAccepted: Bool
        /// Whether we do, if the answer differs.
        var ours: Bool?

        init(_ metric: String, _ isAccepted: Bool, ours: Bool? = nil) {
            self.metric = metric
            self.isAccepted = isAccepted
            self.ours = ours
        }

        var testDescription: String { metric }
    }

    /// Integral fractions and exponents are integers here (R-JSON-07).
    static let numbers = [
        Input(#"{"name":"int_str","gauge":{"dataPoints":[{"asInt":"7"}]}}"#, true),
        Input(#"{"name":"int_num","gauge":{"dataPoints":[{"asInt":7}]}}"#, true),
        Input(#"{"name":"int_float","gauge":{"dataPoints":[{"asInt":7.0}]}}"#, false, ours: true),
        Input(#"{"name":"int_exp","gauge":{"dataPoints":[{"asInt":7e2}]}}"#, false, ours: true),
        Input(#"{"name":"int_strfloat","gauge":{"dataPoints":[{"asInt":"7.5"}]}}"#, false),
        Input(#"{"name":"int_huge","gauge":{"dataPoints":[{"asInt":"9223372036854775808"}]}}"#, false),
        Input(#"{"name":"int_empty","gauge":{"dataPoints":[{"asInt":""}]}}"#, false),
        Input(#"{"name":"dbl_str","gauge":{"dataPoints":[{"asDouble":"1.5"}]}}"#, true),
        Input(#"{"name":"dbl_int","gauge":{"dataPoints":[{"asDouble":2}]}}"#, true),
        Input(#"{"name":"dbl_nan","gauge":{"dataPoints":[{"asDouble":"NaN"}]}}"#, true),
        Input(#"{"name":"dbl_inf","gauge":{"dataPoints":[{"asDouble":"Infinity"}]}}"#, true),
        Input(#"{"name":"dbl_ninf","gauge":{"dataPoints":[{"asDouble":"-Infinity"}]}}"#, true),
        Input(#"{"name":"dbl_inf2","gauge":{"dataPoints":[{"asDouble":"+Inf"}]}}"#, true),
        Input(#"{"name":"dbl_bad","gauge":{"dataPoints":[{"asDouble":"abc"}]}}"#, false),
        Input(#"{"name":"dbl_big","gauge":{"dataPoints":[{"asDouble":1e400}]}}"#, false),
        Input(#"{"name":"t_num","gauge":{"dataPoints":[{"asInt":1,"timeUnixNano":1700000000000000000}]}}"#, true),
        Input(#"{"name":"t_neg","gauge":{"dataPoints":[{"asInt":1,"timeUnixNano":"-1"}]}}"#, false),
        Input(#"{"name":"t_float","gauge":{"dataPoints":[{"asInt":1,"timeUnixNano":1.7e18}]}}"#, false, ours: true),
        Input(#"{"name":"both","gauge":{"dataPoints":[{"asInt":1,"asDouble":2.5}]}}"#, true),
        Input(
            #"{"name":"nulls","description":null,"unit":null,"gauge":{"dataPoints":[{"asInt":1,"attributes":null,"#
                + #""exemplars":null,"flags":null}]}}"#,
            false),
        Input(#"{"name":"asnull","gauge":{"dataPoints":[{"asInt":null}]}}"#, false),
        Input(
            #"{"name":"counts_num","histogram":{"aggregationTemporality":2,"dataPoints":[{"count":3,"sum":4,"#
                + #""bucketCounts":[1,"2"],"explicitBounds":["1"]}]}}"#,
            true),
    ]

    static let enums = [
        Input(sum("num", temporality: "2"), true),
        Input(sum("named", temporality: #""AGGREGATION_TEMPORALITY_CUMULATIVE""#), true),
        Input(sum("numstr", temporality: #""2""#), false),
        Input(sum("badname", temporality: #""NOPE""#), false),
        Input(sum("short", temporality: #""CUMULATIVE""#), false),
        Input(sum("monostr", temporality: "2", isMonotonic: #""true""#), false),
        Input(sum("mononum", temporality: "2", isMonotonic: "1"), false),
        Input(#"{"name":"flagstr","gauge":{"dataPoints":[{"asInt":1,"flags":"1"}]}}"#, true),
    ]

    private static func sum(_ name: String, temporality: String, isMonotonic: String = "true") -> String {
        #"{"name":"\#(name)","sum":{"isMonotonic":\#(isMonotonic),"aggregationTemporality":\#(temporality),"#
            + #""dataPoints":[{"asInt":1}]}}"#
    }

    @Test("numbers and enums are accepted as in the Collector", arguments: numbers + enums)
    func acceptedAsByTheCollector(input: Input) throws {
        if input.ours ?? input.isAccepted {
            #expect(try decodeJSON(export(input.metric)).pointCount == 1)
        } else if input.metric.contains("sum") {
            // Without the metric the export is empty.
            expectMalformed(try decodeJSON(export(input.metric)))
        } else {
            expectLost(.point, try decodeJSON(export(input.metric)))
        }
    }

    @Test("accepted numbers have the values the Collector exposes")
    func numbersHaveTheirValues() throws {
        let accepted = Self.numbers.filter { $0.ours ?? $0.isAccepted }.map(\.metric).joined(separator: ",")
        let values = try decodeJSON(export(accepted)).metrics.reduce(into: [String: String]()) {
            $0[$1.name] = $1.points.first.map { "\($0.value)" }
        }
        #expect(
            values == [
                "int_str": "int(7)", "int_num": "int(7)", "int_float": "int(7)", "int_exp": "int(700)",
                "dbl_str": "double(1.5)", "dbl_int": "double(2.0)", "dbl_nan": "double(nan)", "dbl_inf": "double(inf)",
                "dbl_ninf": "double(-inf)", "dbl_inf2": "double(inf)", "t_num": "int(1)", "t_float": "int(1)",
                "both": "double(2.5)",
            ])
    }

    @Test("unknown fields are ignored as in the Collector")
    func unknownFields() throws {
        let body = #"""
            {"extra":1,"resourceMetrics":[{"extra":{"a":[1,{}]},"resource":{"extra":1,"attributes":[]},
            "scopeMetrics":[{"extra":null,"scope":{"x":1},"metrics":[{"x":[],"name":"g","gauge":{"x":1,
            "dataPoints":[{"x":"y","asInt":"1","timeUnixNano":"1"}]}}]}]}]}
            """#
        let metric = try #require(try decodeJSON(body).metrics.first)
        #expect(metric.name == "g")
        #expect(metric.points == [DecodedExport.Point(time: 1, value: .int(1))])
        let reader = AttributeReader(encoding: .json)
        #expect(try Array(metric.resource.utf8).withUnsafeBytes { try reader.resource($0) } == Resource())
        #expect(try Array(metric.scope.utf8).withUnsafeBytes { try reader.scope($0) } == Scope())
    }

    @Test("ours: a resource attribute that is not an AnyValue is left out")
    func attributeThatIsNoAnyValue() throws {
        let resource = Array(#"{"attributes":[{"key":"a","value":"str"}]}"#.utf8)
        var losses = DecodingLosses()
        let read = try resource.withUnsafeBytes {
            try AttributeReader(encoding: .json).resourceIfText($0, losses: &losses)
        }
        #expect(read == Resource())
        #expect(losses[.attribute] == 1)
        #expect(losses.reason == "JSON, byte 34: an object is expected")
    }
}
