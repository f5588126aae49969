import Testing

/// Cases in which the Collector loses or distorts sums and gauges, with the expected page.
@Suite struct GoldenBetterTests {
    private static let scope = #"job="svc",otel_scope_name="scope""#

    @Test("R-CUM-03 a reset continues the total: 100 before, 3 after it")
    func cumulativeReset() async throws {
        let run = try await GoldenRun("cumulative_reset")
        #expect(run.statuses == [200, 200])
        #expect(
            run.page == """
                # HELP c_total
                # TYPE c_total counter
                c_total{\(Self.scope)} 103

                """)
    }

    /// All of them are deltas of one counter `d`.
    static let deltas = [
        ("sum_delta_gap", "12"), ("sum_delta_int_then_double", "6.5"), ("sum_delta_no_start", "12"),
        ("sum_delta_overlap", "12"), ("sum_delta_resent", "12"), ("sum_delta_then_cumulative", "12"),
    ]

    @Test(
        "R-D2C-03 R-D2C-05 R-D2C-06 R-D2C-07 deltas add up over gaps, overlaps, retries and mixed numbers",
        arguments: deltas)
    func deltasAddUp(name: String, total: String) async throws {
        let run = try await GoldenRun(name)
        #expect(run.statuses.allSatisfy { $0 == 200 })
        #expect(
            run.page == """
                # HELP d_total
                # TYPE d_total counter
                d_total{\(Self.scope)} \(total)

                """)
    }

    @Test("R-D2C-12 a delta sum that is not monotonic adds up to a gauge")
    func nonMonotonicDelta() async throws {
        let run = try await GoldenRun("sum_delta_nonmonotonic")
        #expect(run.statuses == [200])
        #expect(
            run.page == """
                # HELP d
                # TYPE d gauge
                d{\(Self.scope)} 5

                """)
    }

    @Test("R-D2C-09 R-D2C-10 R-HTTP-07 negative and NaN points of a monotonic sum are rejected and reported")
    func negativeCounter() async throws {
        let run = try await GoldenRun("sum_monotonic_negative")
        #expect(run.statuses == [200])
        let partial = try #require(try run.partialSuccess(1))
        #expect(partial.rejected == 2)
        #expect(partial.message.contains("negative") && partial.message.contains("finite"))
        #expect(run.page == "")
    }

    @Test("R-DM-04 R-HTTP-07 sums without a known temporality are rejected and reported")
    func unspecifiedTemporality() async throws {
        let run = try await GoldenRun("sum_unspecified_temporality")
        #expect(run.statuses == [200])
        // The sum without one. An unknown number counts as cumulative, and so does a histogram without one, as in
        // the Collector.
        #expect(try run.partialSuccess(1)?.rejected == 1)
        #expect(
            run.page == """
                # HELP b_total
                # TYPE b_total counter
                b_total{job="svc",otel_scope_name="scope"} 1
                # HELP h
                # TYPE h histogram
                h_bucket{job="svc",otel_scope_name="scope",le="+Inf"} 1
                h_sum{job="svc",otel_scope_name="scope"} 1
                h_count{job="svc",otel_scope_name="scope"} 1

                """)
    }

    @Test("R-DM-03 only the flagged point is withdrawn, the others of its metric are accepted")
    func noRecordedValue() async throws {
        let run = try await GoldenRun("no_recorded_value")
        #expect(run.statuses == [200, 200])
        #expect(
            run.page == """
                # HELP g
                # TYPE g gauge
                g{job="svc",k="b",otel_scope_name="scope"} 22
                g{job="svc",k="c",otel_scope_name="scope"} 33

                """)
    }

    @Test("R-DM-01 attribute values that look like separators do not merge series")
    func seriesKeySeparator() async throws {
        let run = try await GoldenRun("series_key_separator")
        #expect(run.statuses == [200])
        #expect(
            run.page == """
                # HELP g
                # TYPE g gauge
                g{a="b",c="d",job="svc",otel_scope_name="scope"} 2
                g{a="b*c*d",job="svc",otel_scope_name="scope"} 1

                """)
    }

    @Test("R-JSON-07 R-JSON-08 R-JSON-11 R-JSON-12 integral fractions are integers, the rest is as in the Collector")
    func jsonNumbers() async throws {
        let run = try await GoldenRun("json_numbers")
        // A point for which the Collector refuses the export is rejected here, and reported.
        let rejected = [5, 6, 7, 14, 15, 17, 20, 21]
        #expect(run.statuses == Array(repeating: 200, count: 22))
        for request in 1...22 {
            let partial = try OTLPAnswer.partialSuccess(of: run.replies[request - 1])
            #expect(partial?.rejected ?? 0 == (rejected.contains(request) ? 1 : 0), "\(request)")
            #expect(partial?.message.contains("JSON, byte ") ?? false == rejected.contains(request), "\(request)")
        }
        #expect(
            run.page == """
                # HELP both
                # TYPE both gauge
                both 2.5
                # HELP counts_num
                # TYPE counts_num histogram
                counts_num_bucket{le="1"} 1
                counts_num_bucket{le="+Inf"} 3
                counts_num_sum 4
                counts_num_count 3
                # HELP dbl_inf
                # TYPE dbl_inf gauge
                dbl_inf +Inf
                # HELP dbl_inf2
                # TYPE dbl_inf2 gauge
                dbl_inf2 +Inf
                # HELP dbl_int
                # TYPE dbl_int gauge
                dbl_int 2
                # HELP dbl_nan
                # TYPE dbl_nan gauge
                dbl_nan NaN
                # HELP dbl_ninf
                # TYPE dbl_ninf gauge
                dbl_ninf -Inf
                # HELP dbl_str
                # TYPE dbl_str gauge
                dbl_str 1.5
                # HELP int_exp
                # TYPE int_exp gauge
                int_exp 700
                # HELP int_float
                # TYPE int_float gauge
                int_float 7
                # HELP int_num
                # TYPE int_num gauge
                int_num 7
                # HELP int_str
                # TYPE int_str gauge
                int_str 7
                # HELP t_float
                # TYPE t_float gauge
                t_float 1
                # HELP t_num
                # TYPE t_num gauge
                t_num 1

                """)
    }

    @Test("R-JSON-16 an attribute nested deeper than 64 levels is left out and reported")
    func jsonDeep() async throws {
        let run = try await GoldenRun("json_deep", bodies: [1: Self.nested(200), 2: Self.nested(20_000)])
        #expect(run.statuses == [200, 200])
        #expect(
            run.page == """
                # HELP deep200
                # TYPE deep200 gauge
                deep200 1
                # HELP deep20000
                # TYPE deep20000 gauge
                deep20000 1

                """)
    }

    private static func nested(_ levels: Int) -> [UInt8] {
        let value =
            String(repeating: #"{"arrayValue":{"values":["#, count: levels) + #"{"intValue":"1"}"#
            + String(repeating: "]}}", count: levels)
        let point = #"{"asInt":"1","attributes":[{"key":"k","value":\#(value)}]}"#
        let metric = #"{"name":"deep\#(levels)","gauge":{"dataPoints":[\#(point)]}}"#
        return Array(#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[\#(metric)]}]}]}"#.utf8)
    }
}

/// Cases in which the Collector loses or distorts points because of their labels.
extension GoldenBetterTests {
    @Test("R-PB-05 R-HTTP-07 R-LAB-14 a point whose attribute is not UTF-8 is rejected and reported, every time")
    func labelNotUTF8() async throws {
        let golden = try GoldenCase("label_value_bad_utf8")
        let request = try #require(golden.requests.first)
        try await AppInProcess.run(golden.configuration) { collector in
            for _ in 1...3 {
                let reply = try HTTPClient.exchange(
                    port: collector.otlpPort, request.method, request.path, headers: request.headers.map { ($0, $1) },
                    body: try golden.body(of: request))
                #expect(reply.status == 200)
                let partial = try #require(try OTLPAnswer.partialSuccess(of: reply))
                #expect(partial.rejected == 1)
                #expect(partial.message.contains("UTF-8"))
            }
            #expect(try collector.scrape().families.map(\.name) == ["ok"])
        }
    }

    @Test("R-LAB-04 the values of keys with one label are joined in the order of the keys")
    func labelCollision() async throws {
        let run = try await GoldenRun("label_collision")
        #expect(run.statuses == [200])
        #expect(
            run.page == """
                # HELP g
                # TYPE g gauge
                g{a_b="dot;under",job="svc",otel_scope_name="scope"} 1
                # HELP h
                # TYPE h gauge
                h{a_b="x;x",job="svc",otel_scope_name="scope"} 1
                # HELP ok
                # TYPE ok gauge
                ok{job="svc",otel_scope_name="scope"} 1

                """)
    }

    @Test("R-DM-02 an empty key is left out, its point is kept")
    func emptyKey() async throws {
        let run = try await GoldenRun("label_name_empty")
        #expect(run.statuses == [200])
        #expect(
            run.page == """
                # HELP bad
                # TYPE bad gauge
                bad{job="svc",otel_scope_name="scope"} 1
                # HELP ok
                # TYPE ok gauge
                ok{job="svc",otel_scope_name="scope"} 1

                """)
    }

    @Test("R-LAB-02 R-LAB-03 R-LAB-05 every key gives a legal label, no point is lost")
    func labelNames() async throws {
        let run = try await GoldenRun("label_names")
        #expect(run.statuses == [200])
        let labels = [
            #"dots_and_dashes="v",job="svc",otel_scope_name="scope""#,
            #"job="svc",key_1digit="v",otel_scope_name="scope""#,
            #"_lead="v",job="svc",otel_scope_name="scope""#,
            #"exported___double="v",job="svc",otel_scope_name="scope""#,
            #"job="svc",otel_scope_name="scope",trail_="v""#,
            #"a__b="v",job="svc",otel_scope_name="scope""#,
            #"job="svc",key_x="v",otel_scope_name="scope""#,
            #"caf_="v",job="svc",otel_scope_name="scope""#,
            #"job="svc",key_6e29_5ea6="v",otel_scope_name="scope""#,
            #"job="svc",otel_scope_name="scope",sp_ace="v""#,
            #"a_b="v",job="svc",otel_scope_name="scope""#,
            #"UPPER="v",job="svc",otel_scope_name="scope""#,
            #"job="svc",key_24="v",otel_scope_name="scope""#,
            #"job="svc",key_5f="v",otel_scope_name="scope""#,
            #"job="svc",key_5f_5f="v",otel_scope_name="scope""#,
            #"job="svc",key_2e_2e_2e="v",otel_scope_name="scope""#,
            #"job="svc",key_1="v",otel_scope_name="scope""#,
            #"exported_le="v",job="svc",otel_scope_name="scope""#,
            #"exported_quantile="v",job="svc",otel_scope_name="scope""#,
            #"exported___name__="v",job="svc",otel_scope_name="scope""#,
            #"exported___tenant__="v",job="svc",otel_scope_name="scope""#,
        ]
        let families = labels.enumerated().map { index, labels in
            let name = index < 10 ? "m0\(index)" : "m\(index)"
            return "# HELP \(name)\n# TYPE \(name) gauge\n\(name){\(labels)} 1\n"
        }
        #expect(run.page == families.joined())
    }

    @Test("R-LAB-05 attributes with the names of own labels get the prefix exported_")
    func reservedLabels() async throws {
        let run = try await GoldenRun("label_reserved")
        #expect(run.statuses == [200])
        #expect(try run.partialSuccess(1) == nil)
        #expect(
            run.page == """
                # HELP inst_attr
                # TYPE inst_attr gauge
                inst_attr{exported_instance="mine",instance="i-1",job="svc",otel_scope_name="scope"} 1
                # HELP job_attr
                # TYPE job_attr gauge
                job_attr{exported_job="mine",instance="i-1",job="svc",otel_scope_name="scope"} 1
                # HELP le_hist
                # TYPE le_hist histogram
                le_hist_bucket{exported_le="mine",instance="i-1",job="svc",otel_scope_name="scope",le="1"} 1
                le_hist_bucket{exported_le="mine",instance="i-1",job="svc",otel_scope_name="scope",le="+Inf"} 3
                le_hist_sum{exported_le="mine",instance="i-1",job="svc",otel_scope_name="scope"} 3
                le_hist_count{exported_le="mine",instance="i-1",job="svc",otel_scope_name="scope"} 3
                # HELP ok
                # TYPE ok gauge
                ok{instance="i-1",job="svc",otel_scope_name="scope"} 1
                # HELP q_summary
                # TYPE q_summary summary
                q_summary{exported_quantile="mine",instance="i-1",job="svc",otel_scope_name="scope",quantile="0.5"} 1
                q_summary_sum{exported_quantile="mine",instance="i-1",job="svc",otel_scope_name="scope"} 1
                q_summary_count{exported_quantile="mine",instance="i-1",job="svc",otel_scope_name="scope"} 1
                # HELP scope_attr
                # TYPE scope_attr gauge
                scope_attr{exported_otel_scope_name="mine",instance="i-1",job="svc",otel_scope_name="scope"} 1
                # HELP scope_dot
                # TYPE scope_dot gauge
                scope_dot{exported_otel_scope_version="mine",instance="i-1",job="svc",otel_scope_name="scope"} 1
                # HELP target_info Target metadata
                # TYPE target_info gauge
                target_info{instance="i-1",job="svc"} 1

                """)
    }
}
