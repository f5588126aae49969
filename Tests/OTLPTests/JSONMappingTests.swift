import Testing

@testable import OTLP

/// The proto3 JSON mapping as OTLP uses it, rule by rule.
struct JSONMappingTests {
    @Test("R-JSON-01 keys are lowerCamelCase, and snake_case is accepted at every level")
    func snakeCaseIsAccepted() throws {
        let camel = #"""
            {"resourceMetrics":[{"resource":{},"scopeMetrics":[{"schemaUrl":"u","metrics":[{"name":"m","sum":
            {"aggregationTemporality":1,"isMonotonic":true,"dataPoints":
            [{"startTimeUnixNano":1,"timeUnixNano":2,"asInt":3,"flags":1}]}}]}]}]}
            """#
        let snake = #"""
            {"resource_metrics":[{"resource":{},"scope_metrics":[{"schema_url":"u","metrics":[{"name":"m","sum":
            {"aggregation_temporality":1,"is_monotonic":true,"data_points":
            [{"start_time_unix_nano":1,"time_unix_nano":2,"as_int":3,"flags":1}]}}]}]}]}
            """#
        let decoded = try decodeJSON(camel)
        #expect(try decodeJSON(snake) == decoded)
        let point = DecodedExport.Point(startTime: 1, time: 2, value: .int(3), flags: 1)
        #expect(
            decoded.metrics == [
                DecodedExport.Metric(
                    resource: "{}", schemaURL: "u", name: "m", kind: .sum, temporality: .delta, isMonotonic: true,
                    points: [point])
            ])
    }

    @Test(
        "R-JSON-01 other spellings of a key are unknown",
        arguments: ["asint", "AsInt", "as_Int", "as__int", "_as_int", "as_int_", "as int", "asInt ", "asIn", "asInts"])
    func otherSpellingsAreUnknown(key: String) throws {
        #expect(try decodePoints(#"[{"\#(key)":3}]"#) == [DecodedExport.Point()])
    }

    @Test("R-JSON-02 unknown keys are ignored at every depth")
    func unknownKeysAreIgnored() throws {
        let unknown = #""x":{"y":[1,2.5e3,"s",true,false,null,{"resourceMetrics":[]},[[]]]},"#
        let body = #"""
            {?"resourceMetrics":[{?"resource":{?"attributes":[]},"scopeMetrics":[{?"scope":{?"name":"s"},"metrics":[
            {?"name":"g","gauge":{?"isMonotonic":"not a field here","dataPoints":[{?"asInt":1,
             "exemplars":[{?"asInt":1}]}]}},
            {?"histogram":{?"dataPoints":[{?"count":1}]}},
            {?"exponentialHistogram":{?"dataPoints":[{?"positive":{?"offset":1}}]}},
            {?"summary":{?"dataPoints":[{?"quantileValues":[{?"value":1}]}]}}]}]}]}
            """#
        let decoded = try decodeJSON(body.replacing("?", with: unknown))
        #expect(decoded.metrics.map(\.kind) == [.gauge, .histogram, .exponentialHistogram, .summary])
        #expect(decoded.metrics[0].points == [DecodedExport.Point(value: .int(1))])
        #expect(decoded.metrics.map(\.distributionCount) == [0, 1, 1, 1])
    }

    @Test("R-JSON-02 the metrics of OTLP before 1.0 are ignored")
    func instrumentationLibraryMetricsAreIgnored() throws {
        let body = #"{"resourceMetrics":[{"instrumentationLibraryMetrics":[{"metrics":[{"name":"old"}]}]}]}"#
        #expect(try decodeJSON(body).metrics.isEmpty)
    }

    @Test(
        "R-JSON-03 trace and span ids are hexadecimal in either case, or empty",
        arguments: [
            #""traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"eee19b7ec3c1b174""#,
            #""traceId":"","spanId":"""#, #""traceId":null,"spanId":null"#,
            #""trace_id":"\u0035b8efff798038103d269b633813fc60c""#,
        ])
    func idsAreHexadecimal(ids: String) throws {
        #expect(try decodePoints(#"[{"asInt":1,"exemplars":[{"asInt":1,\#(ids)}]}]"#).count == 1)
    }

    @Test(
        "R-JSON-04 an id of the wrong length or not hexadecimal is left out",
        arguments: [
            #""traceId":"5b8efff798038103d269b633813fc60""#, #""traceId":"5b8efff798038103d269b633813fc60c0""#,
            #""traceId":"5b8efff798038103d269b633813fc60g""#, #""traceId":"W47/95gDgQPSabYzgT/GDA==""#,
            #""traceId":"eee19b7ec3c1b174""#, #""spanId":"eee19b7ec3c1b17""#, #""spanId":"eee19b7ec3c1b1 4""#,
            #""spanId":7"#, #""spanId":["eee19b7ec3c1b174"]"#, #""spanId":"5b8efff798038103d269b633813fc60c""#,
        ])
    func wrongIDIsLeftOut(id: String) throws {
        let metric = export(#"{"gauge":{"dataPoints":[{"asInt":1,"exemplars":[{"asInt":7,\#(id)}]}]}}"#)
        expectLost(.identifier, try decodeJSON(metric))
        let exemplars = try ReadExport(Array(metric.utf8), as: .json).metrics.first?.points.first?.exemplars
        #expect(exemplars == [ReadExport.Exemplar(value: .int(7))])
    }

    @Test("R-JSON-05 a 64-bit integer is a string or a number", arguments: ["7", #""7""#])
    func integersAreStringsOrNumbers(seven: String) throws {
        let points = try decodePoints(#"[{"asInt":\#(seven),"timeUnixNano":\#(seven),"startTimeUnixNano":\#(seven)}]"#)
        #expect(points == [DecodedExport.Point(startTime: 7, time: 7, value: .int(7))])
    }

    @Test(
        "R-JSON-06 every 64-bit field accepts only strings and numbers",
        arguments: [
            #"{"gauge":{"dataPoints":[{"timeUnixNano":?}]}}"#, #"{"gauge":{"dataPoints":[{"startTimeUnixNano":?}]}}"#,
            #"{"gauge":{"dataPoints":[{"asInt":?}]}}"#,
            #"{"gauge":{"dataPoints":[{"exemplars":[{"timeUnixNano":?}]}]}}"#,
            #"{"histogram":{"dataPoints":[{"count":?}]}}"#, #"{"histogram":{"dataPoints":[{"bucketCounts":[0,?]}]}}"#,
            #"{"exponentialHistogram":{"dataPoints":[{"zeroCount":?}]}}"#,
            #"{"exponentialHistogram":{"dataPoints":[{"positive":{"bucketCounts":[?]}}]}}"#,
            #"{"exponentialHistogram":{"dataPoints":[{"negative":{"bucketCounts":[?]}}]}}"#,
            #"{"summary":{"dataPoints":[{"count":?}]}}"#,
        ])
    func allIntegerFieldsTakeBoth(metric: String) throws {
        for number in ["5", #""5""#, "5.0", #""50e-1""#] {
            #expect(try decodeJSON(export(metric.replacing("?", with: number))).pointCount == 1, "\(number)")
        }
        for other in [#""""#, #""x""#, "true", "{}", "[]", "1.5", #""1.5""#, #"" 5""#, "99999999999999999999"] {
            let part = metric.contains("exemplars") ? ExportPart.exemplar : .point
            expectLost(part, try decodeJSON(export(metric.replacing("?", with: other))), "\(other)")
        }
    }

    @Test(
        "R-JSON-07 integral numbers with an exponent or a fraction are integers",
        arguments: [
            ("5.0", 5), ("7e2", 700), (#""1e3""#, 1000), ("1.7E+18", 1_700_000_000_000_000_000), ("-1.50e1", -15),
            ("12300e-2", 123), ("0e99999999999999999999", 0), ("-0", 0), (#""+7""#, 7), (#""007""#, 7),
            ("0.0000000000000000000000001e25", 1), ("10000000000000000000000000e-25", 1), (#""\u0037""#, 7),
            ("922337203685477580.7e1", .max), ("-9223372036854775808.000", .min),
        ] as [(String, Int64)])
    func integralFormsAreIntegers(number: String, value: Int64) throws {
        #expect(try decodePoints(#"[{"asInt":\#(number)}]"#) == [DecodedExport.Point(value: .int(value))])
    }

    @Test(
        "R-JSON-07 a value that is not integral or out of range rejects its point",
        arguments: [
            "7.5", #""7.5""#, "1e-1", "9223372036854775808", "-9223372036854775809", "1e19", "1e99999999999999999999",
            "0.00000000000000000000000000001", "123456789012345678901e-1", "100000000000000000000.5", #""1e""#,
            #""0x10""#, #""1_000""#, #""--1""#, #""+-1""#, #"".""#, #""1 ""#, #""NaN""#,
        ])
    func wrongIntegerCostsItsPoint(number: String) {
        expectLostPoint(#"{"asInt":\#(number)}"#)
    }

    @Test(
        "R-JSON-07 an invalid JSON number is malformed",
        arguments: ["+7", "07", "1.", ".5", "1e", "0x10", "-", "Infinity"])
    func wrongNumberIsMalformed(number: String) {
        expectMalformed(try decodePoints(#"[{"asInt":\#(number)}]"#))
    }

    @Test(
        "R-JSON-08 unsigned integers keep every digit up to 2^64 - 1",
        arguments: [9_007_199_254_740_993, 1_800_000_000_000_000_001, 9_223_372_036_854_775_808, .max] as [UInt64])
    func unsignedIntegersKeepEveryDigit(value: UInt64) throws {
        for number in ["\(value)", #""\#(value)""#, "\(value).0", #""\#(value)0e-1""#] {
            #expect(try decodePoints(#"[{"timeUnixNano":\#(number)}]"#).map(\.time) == [value], "\(number)")
        }
    }

    @Test(
        "R-JSON-08 larger unsigned integers reject their point",
        arguments: ["18446744073709551616", "-1", "1.8446744073709551616e19"])
    func unsignedIntegersBeyondCostTheirPoint(number: String) {
        expectLostPoint(#"{"timeUnixNano":\#(number)}"#)
        expectLostPoint(#"{"timeUnixNano":"\#(number)"}"#)
    }

    @Test(
        "R-JSON-09 the temporality is an integer; its full name is accepted, anything else is malformed",
        arguments: [
            ("1", .delta), ("2", .cumulative), ("0", .unspecified), ("2.0", .cumulative), ("null", .unspecified),
            (#""AGGREGATION_TEMPORALITY_DELTA""#, .delta), (#""AGGREGATION_TEMPORALITY_CUMULATIVE""#, .cumulative),
            (#""AGGREGATION_TEMPORALITY_UNSPECIFIED""#, .unspecified),
            (#""\u0041GGREGATION_TEMPORALITY_DELTA""#, .delta),
            (#""2""#, nil), (#""CUMULATIVE""#, nil), (#""aggregation_temporality_delta""#, nil), (#""""#, nil),
            ("1.5", nil), ("true", nil), ("{}", nil), ("2147483648", nil),
        ] as [(String, Temporality?)])
    func temporalityIsAnInteger(written: String, expected: Temporality?) throws {
        for kind in ["sum", "histogram", "exponentialHistogram"] {
            let metric = #"{"\#(kind)":{"dataPoints":[{}],"aggregationTemporality":\#(written)}}"#
            if let expected {
                #expect(try decodeMetric(metric)?.temporality == expected)
            } else {
                expectMalformed(try decodeMetric(metric))
            }
        }
    }

    @Test(
        "R-JSON-10 an unknown temporality does not fail the export", arguments: ["3", "-1", "99", "258", "2147483647"])
    func unknownTemporalityIsCumulative(number: String) throws {
        let metric = try decodeMetric(#"{"sum":{"aggregationTemporality":\#(number),"dataPoints":[{"asInt":1}]}}"#)
        #expect(metric?.temporality == .cumulative)
        #expect(metric?.points.count == 1)
    }

    @Test(
        "R-JSON-11 doubles may be NaN or infinite, as words in strings",
        arguments: [
            ("Infinity", .infinity), ("-Infinity", -.infinity), ("+Infinity", .infinity), ("Inf", .infinity),
            ("+Inf", .infinity), ("-inf", -.infinity),
        ] as [(String, Double)])
    func doublesMayBeInfinite(word: String, value: Double) throws {
        #expect(try decodePoints(#"[{"asDouble":"\#(word)"}]"#).map(\.value) == [.double(value)])
        expectMalformed(try decodePoints(#"[{"asDouble":\#(word)}]"#))
    }

    @Test("R-JSON-11 NaN is a double", arguments: ["NaN", "nan", #"\u004eaN"#])
    func doublesMayBeNaN(word: String) throws {
        guard case .double(let value)? = try decodePoints(#"[{"asDouble":"\#(word)"}]"#).first?.value else {
            Issue.record("no double")
            return
        }
        #expect(value.isNaN)
    }

    @Test(
        "R-JSON-12 doubles may be numbers in strings",
        arguments: [
            (#""1.5""#, 1.5), ("1.5", 1.5), ("2", 2), (#""-1e-3""#, -0.001), (#""+.5""#, 0.5), (#""5.""#, 5),
            ("1E400e", nil), ("1e400", nil), (#""1e400""#, nil), ("1e-400", 0), (#""abc""#, nil), (#""""#, nil),
            (#"" 1""#, nil), (#""1 ""#, nil), (#""0x1p4""#, nil), (#""1,5""#, nil), (#"".""#, nil), (#""-""#, nil),
            (#""-NaN""#, nil), (#""infinit""#, nil), ("NaN", nil), ("true", nil), ("[1]", nil), ("01", nil),
            ("1.7976931348623159e308", nil), ("1.7976931348623157e308", .greatestFiniteMagnitude),
        ] as [(String, Double?)])
    func doublesMayBeStrings(written: String, value: Double?) throws {
        let fields = [
            #"{"gauge":{"dataPoints":[{"asDouble":?}]}}"#, #"{"histogram":{"dataPoints":[{"sum":?}]}}"#,
            #"{"histogram":{"dataPoints":[{"min":?}]}}"#, #"{"histogram":{"dataPoints":[{"explicitBounds":[?]}]}}"#,
            #"{"exponentialHistogram":{"dataPoints":[{"zeroThreshold":?}]}}"#,
            #"{"summary":{"dataPoints":[{"quantileValues":[{"value":?}]}]}}"#,
        ]
        for field in fields {
            let metric = field.replacing("?", with: written)
            if let value {
                let decoded = try #require(try decodeMetric(metric))
                #expect(decoded.points.allSatisfy { $0.value == .double(value) }, "\(metric)")
            } else {
                // An invalid JSON number is malformed.
                if ["1E400e", "NaN", "01"].contains(written) {
                    expectMalformed(try decodeMetric(metric), "\(metric)")
                } else {
                    expectLost(field.contains("min") ? .field : .point, try decodeJSON(export(metric)), "\(metric)")
                }
            }
        }
    }
}
