import OTLP
import Series
import Testing

@testable import Exposition

/// Expected names are those of the Collector 0.156.
@Suite struct FamilyNamingTests {
    let translation = PrometheusTranslation()

    @Test(
        "R-NAME-01 R-NAME-02 R-NAME-04 other characters separate tokens, colons stay, a digit is not first",
        arguments: [
            ("1st.metric", "_1st_metric"), ("99", "_99"), ("dash-ed.name", "dash_ed_name"),
            ("slash/ed name", "slash_ed_name"), ("colon:name", "colon:name"), ("a__b", "a_b"), ("__a", "a"),
            ("_b", "b"), ("c_", "c"), ("d..e", "d_e"), ("_1x", "_1x"), ("café.temp", "caf_temp"),
            ("UPPER.Case", "UPPER_Case"), ("x$y%z", "x_y_z"), ("emoji.😀.x", "emoji_x"), ("tr.", "tr"), (".le", "le"),
            ("new\nline", "new_line"), ("tab\tname", "tab_name"), ("nul\0name", "nul_name"), (":", ":"),
        ])
    func namesAreMadeOfTokens(name: String, expected: String) throws {
        #expect(try translation.name(name) == expected)
    }

    @Test("R-NAME-03 a name without a usable character is rejected", arguments: ["", "温度", "...", "__", "\0", " "])
    func nothingLeftIsRejected(name: String) {
        #expect(throws: RejectionReason.emptyName) { try translation.name(name) }
        #expect(throws: RejectionReason.emptyName) { try translation.name(name, unit: "{x}", .upDownCounter) }
    }

    @Test("R-NAME-03 suffixes of unit and type alone are a name, as in the Collector")
    func suffixesAloneAreAName() throws {
        #expect(try translation.name("...", .counter) == "total")
        #expect(try translation.name("...", unit: "s", .counter) == "seconds_total")
        #expect(try translation.name("...", unit: "9x") == "_9x")
    }

    static let units: [(String, String)] = [
        ("", ""), ("%", "percent"), ("s", "seconds"), ("ms", "milliseconds"),
        ("us", "microseconds"), ("ns", "nanoseconds"), ("min", "minutes"), ("h", "hours"), ("d", "days"), ("wk", "wk"),
        ("mo", "mo"), ("y", "y"), ("By", "bytes"), ("KiBy", "kibibytes"), ("MiBy", "mebibytes"), ("GiBy", "gibibytes"),
        ("TiBy", "tibibytes"), ("kBy", "kilobytes"), ("KBy", "kilobytes"), ("MBy", "megabytes"), ("GBy", "gigabytes"),
        ("TBy", "terabytes"), ("bit", "bit"), ("m", "meters"), ("V", "volts"), ("A", "amperes"), ("J", "joules"),
        ("W", "watts"), ("g", "grams"), ("Cel", "celsius"), ("Hz", "hertz"), ("tokens", "tokens"), ("USD", "USD"),
        ("count", "count"), ("requests per minute", "requests_per_minute"), ("foo.bar", "foo_bar"), ("µs", "s"),
        ("by", "by"), ("S", "S"), ("kW.h", "kW_h"), ("ratio", "ratio"),
    ]

    @Test("R-NAME-05 R-NAME-08 units become words, unknown ones are sanitized", arguments: units)
    func unitsAreSuffixes(unit: String, suffix: String) throws {
        let base = suffix.isEmpty ? "u_value" : "u_value_\(suffix)"
        #expect(try translation.name("u.value", unit: unit) == base)
        #expect(try translation.name("u.value", unit: unit, .upDownCounter) == base)
        #expect(try translation.name("u.value", unit: unit, .counter) == "\(base)_total")
    }

    @Test(
        "R-NAME-06 the unit after a slash becomes per and the singular",
        arguments: [
            ("By/s", "bytes_per_second"), ("m/s", "meters_per_second"), ("1/s", "per_second"), ("1/m", "per_minute"),
            ("1/h", "per_hour"), ("1/d", "per_day"), ("1/w", "per_week"), ("1/mo", "per_month"), ("1/y", "per_year"),
            ("ms/s", "milliseconds_per_second"), ("s/1", "seconds_per_1"), ("{packet}/min", "per_min"),
            ("a/b/c", "a_per_b_c"), ("/s", "per_second"), ("By/", "bytes"), ("By/ ", "bytes"), ("By/[]", "bytes"),
            ("[x]/[y]", "x_per_y"), ("x]/s", "x_per_second"),
        ])
    func perUnits(unit: String, suffix: String) throws {
        #expect(try translation.name("u.value", unit: unit) == "u_value_\(suffix)")
        #expect(try translation.name("u.value", unit: unit, .counter) == "u_value_\(suffix)_total")
    }

    @Test(
        "R-NAME-07 annotations in braces add nothing",
        arguments: [
            ("{count}", "u_value"), ("{token}", "u_value"), ("{request}/s", "u_value_per_second"),
            ("By{raw}", "u_value"), ("By/{op}", "u_value_bytes"), ("{", "u_value"), ("}", "u_value"),
        ])
    func annotationsAreDropped(unit: String, expected: String) throws {
        #expect(try translation.name("u.value", unit: unit) == expected)
    }

    @Test(
        "R-NAME-08 Unicode white space around a unit is trimmed; an underscore may be left",
        arguments: [
            (" s ", "seconds"), ("\u{A0}s\u{3000}", "seconds"), ("\u{2003}\u{85}By\t/\u{2028}s\n", "bytes_per_second"),
            ("[degC]", "degC_"), ("__x__y__", "x_y_"),
        ])
    func unitsAreTrimmedAndCleaned(unit: String, suffix: String) throws {
        #expect(try translation.name("u.value", unit: unit) == "u_value_\(suffix)")
    }

    @Test(
        "R-NAME-09 a unit that is a token of the name is not added again",
        arguments: [
            ("request.duration.seconds", "s", "request_duration_seconds"), ("seconds.used", "s", "seconds_used"),
            ("request_seconds_left", "s", "request_seconds_left"), ("p.bytes", "By/s", "p_bytes_per_second"),
            ("p.bytes_per_second", "By/s", "p_bytes_per_second_per_second"),
            ("milliseconds", "s", "milliseconds_seconds"),
            ("Seconds", "s", "Seconds_seconds"),
        ])
    func unitIsAddedOnce(name: String, unit: String, expected: String) throws {
        #expect(try translation.name(name, unit: unit) == expected)
    }

    @Test(
        "R-NAME-10 counters end in total, once, and after the unit",
        arguments: [
            ("c", "", "c_total"), ("c.total", "", "c_total"), ("c.total", "s", "c_seconds_total"),
            ("total.c", "", "c_total"), ("a.total.b.total", "", "a_b_total"), ("total", "", "total"),
            ("c.seconds.total", "s", "c_seconds_total"), ("c", "total", "c_total"), ("totals", "", "totals_total"),
            ("c", "1", "c_total"),
        ])
    func countersEndInTotal(name: String, unit: String, expected: String) throws {
        #expect(try translation.name(name, unit: unit, .counter) == expected)
    }

    @Test("R-NAME-10 only monotonic sums get total")
    func othersKeepTotalWhereItIs() throws {
        #expect(try translation.name("a.total.b") == "a_total_b")
        #expect(try translation.name("a.total.b", .upDownCounter) == "a_total_b")
    }

    @Test(
        "R-NAME-11 gauges of unit 1 are ratios, nothing else is",
        arguments: [
            ("r", "1", Instrument.gauge, "r_ratio"), ("r.ratio", "1", .gauge, "r_ratio"),
            ("ratio.r", "1", .gauge, "r_ratio"), ("r", "1", .upDownCounter, "r"), ("r", "1", .counter, "r_total"),
            ("r", " 1 ", .gauge, "r"), ("r", "1/s", .gauge, "r_per_second"), ("", "1", .gauge, "ratio"),
        ])
    func gaugesOfUnitOneAreRatios(name: String, unit: String, instrument: Instrument, expected: String) throws {
        #expect(try translation.name(name, unit: unit, instrument) == expected)
    }

    @Test(
        "R-NAME-12 the family has the unit of its name",
        arguments: [
            ("claude_code.token.usage", "tokens", Instrument.counter, "tokens"), ("a.seconds", "s", .gauge, "seconds"),
            ("a.seconds.total", "s", .counter, "seconds"), ("seconds.used", "s", .gauge, ""), ("a", "{x}", .gauge, ""),
            ("a", "", .counter, ""), ("a", "By/s", .gauge, "bytes_per_second"),
            ("a.bytes", "By/s", .gauge, "bytes_per_second"), ("bytes.a", "By/s", .gauge, "per_second"),
            ("a", "1", .gauge, "ratio"), ("a", "1", .counter, ""), ("", "s", .gauge, ""),
            ("a", "[degC]", .gauge, "degC_"),
            ("a", "total", .counter, ""),
        ])
    func familyKnowsItsUnit(name: String, unit: String, instrument: Instrument, expected: String) throws {
        #expect(try translation.unit(name, unit: unit, instrument) == expected)
    }

    @Test(
        "R-NAME-16 Claude Code's metrics are named as dashboards expect",
        arguments: [
            ("claude_code.session.count", "", "claude_code_session_count_total"),
            ("claude_code.token.usage", "tokens", "claude_code_token_usage_tokens_total"),
            ("claude_code.cost.usage", "USD", "claude_code_cost_usage_USD_total"),
            ("claude_code.active_time.total", "s", "claude_code_active_time_seconds_total"),
            ("claude_code.lines_of_code.count", "", "claude_code_lines_of_code_count_total"),
            ("claude_code.commit.count", "", "claude_code_commit_count_total"),
            ("claude_code.pull_request.count", "", "claude_code_pull_request_count_total"),
            ("claude_code.code_edit_tool.decision", "", "claude_code_code_edit_tool_decision_total"),
        ])
    func claudeCodeNames(name: String, unit: String, expected: String) throws {
        #expect(try translation.name(name, unit: unit, .counter) == expected)
    }

    @Test("R-TYPE-01 R-TYPE-02 R-TYPE-03 monotonic sums are counters, other sums and gauges are gauges")
    func types() throws {
        for (instrument, type) in [
            (Instrument.gauge, FamilyType.gauge), (.upDownCounter, .gauge), (.counter, .counter),
        ] {
            #expect(try translation.exposure(of: StreamIdentity(MetricIdentity("m", instrument))).family.type == type)
        }
    }

    @Test(
        "R-TYPE-04 R-TYPE-06 R-TYPE-08 every kind with data has its type, and a unit but no _total and no _ratio",
        arguments: [
            (MetricKind.histogram, FamilyType.histogram), (.exponentialHistogram, .nativeHistogram),
            (.summary, .summary),
        ])
    func distributions(kind: MetricKind, type: FamilyType) throws {
        for (unit, expected, shown) in [
            ("By/s", "v_bytes_per_second", "bytes_per_second"), ("1", "v", ""), ("{request}", "v", ""),
        ] {
            var metric = MetricIdentity("v", unit: unit)
            metric.kind = kind
            let family = try translation.exposure(of: StreamIdentity(metric)).family
            #expect(
                family == FamilyDescriptor(name: Array(expected.utf8), type: type, unit: Array(shown.utf8)))
        }
    }

    @Test(
        "R-TYPE-01 the metadata prometheus.type makes a gauge unknown, info or stateset",
        arguments: [
            ("unknown", FamilyType.unknown), ("unkown", .unknown), ("info", .info), ("stateset", .stateset),
            ("counter", .gauge), ("", .gauge),
        ])
    func metadataType(text: String, type: FamilyType) throws {
        var metric = MetricIdentity("m")
        metric.metadataType = MetricIdentity.metadataType(in: [
            Attribute("other", "info"), Attribute("prometheus.type", text),
        ])
        #expect(try translation.exposure(of: StreamIdentity(metric)).family.type == type)
    }

    @Test func metricsWithoutDataAreRejected() {
        var metric = MetricIdentity("m")
        metric.kind = .none
        #expect(throws: RejectionReason.unsupportedType) { try translation.exposure(of: StreamIdentity(metric)) }
    }
}
