import OTLP
import Series
import Testing

@testable import Exposition

@Suite struct OpenMetricsTests {
    private static let trace = #"trace_id="5b8efff798038103d269b633813fc60c""#

    private func lines(_ families: FamilySnapshot..., settings: ExpositionSettings = ExpositionSettings()) -> [String] {
        openMetrics(of: SeriesSnapshot(families: families), settings: settings).split(separator: "\n").map(String.init)
    }

    @Test("R-OM-02 R-OM-03 R-OM-04 R-OM-05 R-OM-07 R-OM-11 R-OM-13 R-OM-21 R-EX-03 R-EX-04 a whole exposition")
    func wholeExposition() {
        let snapshot = SeriesSnapshot(families: [
            FamilySnapshot(
                "c_bytes_total", .counter, help: "a \"b\"\\\n", unit: "bytes", labels: #"k="v""#, .int(5),
                exemplars: [SampleExemplar(Self.trace, 0.7, time: 1_700_000_050_000_000_000)]),
            FamilySnapshot("g", .gauge, unit: "seconds", .double(0.25), exemplars: [SampleExemplar("", 1)]),
            FamilySnapshot(
                "h", .histogram, labels: #"job="svc""#, DistributionTextTests.histogram,
                exemplars: [
                    SampleExemplar("", 0.25), SampleExemplar(Self.trace, 4, time: 1_700_000_050_250_000_001),
                    SampleExemplar("", 2e6),
                ]),
            FamilySnapshot("n", .nativeHistogram, DistributionTextTests.native),
            FamilySnapshot("s", .summary, DistributionTextTests.summary),
            FamilySnapshot("target_info", .info, labels: #"job="svc""#, .int(1)),
            FamilySnapshot("u", .unknown, .int(-1)),
        ])
        let expected = """
            # TYPE c_bytes counter
            # UNIT c_bytes bytes
            # HELP c_bytes a \\"b\\"\\\\\\n
            c_bytes_total{k="v"} 5.0 # {\(Self.trace)} 0.7 1700000050
            # TYPE g gauge
            # HELP g\(" ")
            g 0.25
            # TYPE h histogram
            # HELP h\(" ")
            h_bucket{job="svc",le="1e-05"} 1
            h_bucket{job="svc",le="0.5"} 3 # {} 0.25
            h_bucket{job="svc",le="5.0"} 3 # {\(Self.trace)} 4.0 1700000050.250000001
            h_bucket{job="svc",le="1e+06"} 6
            h_bucket{job="svc",le="+Inf"} 10 # {} 2000000.0
            h_sum{job="svc"} 2.5
            h_count{job="svc"} 10
            # TYPE n histogram
            # HELP n\(" ")
            n_bucket{le="+Inf"} 15
            n_sum 12.5
            n_count 15
            # TYPE s summary
            # HELP s\(" ")
            s{quantile="0.0"} NaN
            s{quantile="0.99"} 7.0
            s_sum 4.0
            s_count 3
            # TYPE target info
            # HELP target\(" ")
            target_info{job="svc"} 1.0
            # TYPE u unknown
            # HELP u\(" ")
            u -1.0
            # EOF

            """
        #expect(openMetrics(of: snapshot) == expected)
        for size in 1...200 { #expect(openMetrics(of: snapshot, pieceSize: size) == expected) }
    }

    @Test("R-OM-02 a page without samples ends with EOF, too")
    func empty() {
        #expect(openMetrics(of: SeriesSnapshot()) == "# EOF\n")
        #expect(openMetrics(of: SeriesSnapshot(families: [FamilySnapshot("e", samples: [])])) == "# EOF\n")
    }

    @Test("R-OM-08 R-OM-09 a counter that breaks the rules is unknown")
    func impossibleCounters() {
        #expect(lines(FamilySnapshot("c", .counter, .int(5))) == ["# TYPE c unknown", "# HELP c ", "c 5.0", "# EOF"])
        #expect(lines(FamilySnapshot("_total", .counter, .int(5)))[0] == "# TYPE _total unknown")
        for value in [SeriesValue.int(-1), .double(-0.5), .double(.nan)] {
            #expect(lines(FamilySnapshot("c_total", .counter, value))[0] == "# TYPE c_total unknown")
        }
    }

    @Test("R-OM-06 a counter and a gauge with its short name: the counter keeps its full name")
    func clashingNames() {
        let shown = lines(FamilySnapshot("c", .gauge, .int(1)), FamilySnapshot("c_total", .counter, .int(2)))
        #expect(
            shown == [
                "# TYPE c gauge", "# HELP c ", "c 1.0", "# TYPE c_total unknown", "# HELP c_total ", "c_total 2.0",
                "# EOF",
            ])
        let info = lines(FamilySnapshot("t_info", .info, .int(1)), FamilySnapshot("t_total", .counter, .int(2)))
        #expect(info.filter { $0.hasPrefix("# TYPE") } == ["# TYPE t info", "# TYPE t_total unknown"])
    }

    @Test("R-OM-05 a unit is shown only if it is a suffix of the name")
    func units() {
        #expect(lines(FamilySnapshot("a_s_total", .counter, unit: "s", .int(1)))[1] == "# UNIT a_s s")
        for (name, type, unit) in [
            ("a", FamilyType.gauge, "s"), ("as", .gauge, "s"), ("s", .gauge, "s"), ("_s", .gauge, "s"),
            ("a_s_info", .info, "s"), ("a_s", .gauge, ""),
        ] {
            #expect(!lines(FamilySnapshot(name, type, unit: unit, .int(1))).contains { $0.hasPrefix("# UNIT") })
        }
    }

    @Test("R-OM-10 R-TS-02 timestamps are seconds, if configured and known")
    func timestamps() {
        let settings = ExpositionSettings(timestamps: true)
        for (time, shown) in [
            (UInt64(1_700_000_060_123_456_789), " 1700000060.123"), (1_700_000_060_000_000_000, " 1700000060"),
            (0, ""), (1_050_000_000, " 1.05"), (.max, " 18446744073.709"),
        ] {
            #expect(lines(FamilySnapshot("g", .gauge, .int(1), time: time), settings: settings)[2] == "g 1.0" + shown)
            #expect(lines(FamilySnapshot("g", .gauge, .int(1), time: time))[2] == "g 1.0")
        }
    }

    @Test("R-OM-12 R-ST-01 R-ST-02 R-OM-16 _created lines are there if configured and known")
    func created() {
        let settings = ExpositionSettings(createdTimestamps: true)
        let start: UInt64 = 1_700_000_000_500_000_000
        let counter = FamilySnapshot("c_total", .counter, labels: #"a="b""#, .int(1), startTime: start)
        #expect(
            lines(counter, settings: settings)[2...3] == [#"c_total{a="b"} 1.0"#, #"c_created{a="b"} 1700000000.5"#])
        #expect(lines(counter).count == 4)
        for (type, value) in [
            (FamilyType.histogram, DistributionTextTests.histogram), (.nativeHistogram, DistributionTextTests.native),
            (.summary, DistributionTextTests.summary),
        ] {
            #expect(
                lines(FamilySnapshot("d", type, value, startTime: start), settings: settings).suffix(2)
                    == ["d_created 1700000000.5", "# EOF"])
            #expect(lines(FamilySnapshot("d", type, value), settings: settings).last { $0 != "# EOF" }?.first == "d")
        }
        let others = [FamilyType.gauge, .unknown, .info].map {
            lines(FamilySnapshot("m_info", $0, .int(1), startTime: start), settings: settings)
        }
        #expect(!others.joined().contains { $0.contains("created") })
    }

    @Test("R-OM-14 R-OM-17 without a monotonic sum there is neither _sum nor _count")
    func noSum() {
        for value in [
            HistogramValue(bounds: [-1, 1], counts: [1, 1, 1], count: 3, sum: 2),
            HistogramValue(bounds: [1], counts: [1, 2], count: 3, sum: nil),
        ] {
            let shown = lines(FamilySnapshot("h", .histogram, .histogram(value)))
            #expect(shown.suffix(2) == [#"h_bucket{le="+Inf"} 3"#, "# EOF"])
        }
    }

    @Test("R-OM-15 a state set has a label of its own name and is 0 or 1, an info is 1; otherwise they are gauges")
    func infoAndStateSet() {
        #expect(lines(FamilySnapshot("s", .stateset, labels: #"s="on""#, .int(0)))[0] == "# TYPE s stateset")
        #expect(lines(FamilySnapshot("s", .stateset, labels: #"x="s=""#, .int(0)))[0] == "# TYPE s gauge")
        #expect(lines(FamilySnapshot("s", .stateset, labels: #"s="on""#, .int(2)))[0] == "# TYPE s gauge")
        #expect(lines(FamilySnapshot("s_info", .info, .int(2)))[0] == "# TYPE s_info gauge")
        #expect(lines(FamilySnapshot("s", .info, .int(1)))[0] == "# TYPE s gauge")
    }

    @Test("R-EX-03 R-TYPE-12 of several exemplars a bucket shows the newest, a counter the last, a gauge none")
    func exemplars() {
        let exemplars = [
            SampleExemplar("", 0.1, time: 2_000_000_000), SampleExemplar("", 0.2, time: 1_000_000_000),
            SampleExemplar("", .nan, time: 9_000_000_000),
        ]
        let value = HistogramValue(bounds: [1], counts: [1, 2], count: 3, sum: 1)
        let histogram = lines(FamilySnapshot("h", .histogram, .histogram(value), exemplars: exemplars))
        #expect(histogram[2...3] == [#"h_bucket{le="1.0"} 1 # {} 0.1 2"#, #"h_bucket{le="+Inf"} 3"#])
        let native = lines(FamilySnapshot("n", .nativeHistogram, DistributionTextTests.native, exemplars: exemplars))
        #expect(native[2] == #"n_bucket{le="+Inf"} 15 # {} 0.1 2"#)
        for type in [FamilyType.gauge, .unknown] {
            #expect(lines(FamilySnapshot("m", type, .int(1), exemplars: exemplars))[2] == "m 1.0")
        }
    }
}
