import OTLP
import Series
import Testing

@testable import Exposition

/// Distributions, types and times in the text format 0.0.4.
@Suite struct DistributionTextTests {
    static let histogram = SeriesValue.histogram(
        HistogramValue(bounds: [0.00001, 0.5, 5, 1_000_000], counts: [1, 2, 0, 3, 4], count: 10, sum: 2.5))
    static let native = SeriesValue.nativeHistogram(
        NativeHistogramValue(
            scale: 3, zeroCount: 2, positive: .init(offset: -3, counts: [1, 0, 0, 0, 4]),
            negative: .init(offset: 7, counts: [8]), count: 15, sum: 12.5))
    static let summary = SeriesValue.summary(
        SummaryValue(
            quantiles: [QuantileValue(quantile: 0, value: .nan), QuantileValue(quantile: 0.99, value: 7)], count: 3,
            sum: 4))

    static let varied = SeriesSnapshot(families: [
        FamilySnapshot(
            "h_seconds", .histogram, help: "Time", unit: "seconds", labels: #"job="svc""#, histogram,
            exemplars: [SampleExemplar("", 0.1)], startTime: 1_700_000_000_500_000_000, time: 1_700_000_060_123_456_789),
        FamilySnapshot("n", .nativeHistogram, native, time: 1_700_000_060_000_000_000),
        FamilySnapshot("s", .summary, labels: #"a="b""#, summary),
        FamilySnapshot("c_total", .counter, .int(5), exemplars: [SampleExemplar("", 1)], time: 1_000_000),
        FamilySnapshot("t_info", .info, labels: #"a="b""#, .int(1), time: 999_999),
    ])

    @Test("R-TYPE-04 R-TYPE-05 R-TYPE-07 R-TYPE-08 R-TXT-06 R-EX-04 distributions line by line")
    func wholeExposition() {
        let expected = """
            # HELP h_seconds Time
            # TYPE h_seconds histogram
            h_seconds_bucket{job="svc",le="1e-05"} 1
            h_seconds_bucket{job="svc",le="0.5"} 3
            h_seconds_bucket{job="svc",le="5"} 3
            h_seconds_bucket{job="svc",le="1e+06"} 6
            h_seconds_bucket{job="svc",le="+Inf"} 10
            h_seconds_sum{job="svc"} 2.5
            h_seconds_count{job="svc"} 10
            # HELP n\(" ")
            # TYPE n histogram
            n_bucket{le="+Inf"} 15
            n_sum 12.5
            n_count 15
            # HELP s\(" ")
            # TYPE s summary
            s{a="b",quantile="0"} NaN
            s{a="b",quantile="0.99"} 7
            s_sum{a="b"} 4
            s_count{a="b"} 3
            # HELP c_total\(" ")
            # TYPE c_total counter
            c_total 5
            # HELP t_info\(" ")
            # TYPE t_info gauge
            t_info{a="b"} 1

            """
        #expect(String(decoding: text(of: Self.varied), as: UTF8.self) == expected)
        for size in 1...200 {
            #expect(String(decoding: text(of: Self.varied, pieceSize: size), as: UTF8.self) == expected)
        }
    }

    @Test("R-TS-01 R-TS-02 timestamps are milliseconds, if configured and known")
    func timestamps() {
        let shown = String(
            decoding: text(of: Self.varied, settings: ExpositionSettings(timestamps: true)), as: UTF8.self)
        #expect(shown.contains("h_seconds_bucket{job=\"svc\",le=\"+Inf\"} 10 1700000060123\n"))
        #expect(shown.contains("h_seconds_sum{job=\"svc\"} 2.5 1700000060123\n"))
        #expect(shown.contains("h_seconds_count{job=\"svc\"} 10 1700000060123\n"))
        #expect(shown.contains("n_count 15 1700000060000\n"))
        #expect(shown.contains("s_sum{a=\"b\"} 4\n"))
        #expect(shown.contains("c_total 5 1\n"))
        #expect(shown.contains("t_info{a=\"b\"} 1 0\n"))
    }

    @Test("R-D2C-14 without a sum there is no _sum line, but in the text format a _count")
    func noSum() {
        let value = HistogramValue(bounds: [], counts: [3], count: 3, sum: nil)
        let snapshot = SeriesSnapshot(families: [FamilySnapshot("h", .histogram, .histogram(value))])
        let expected = "# HELP h \n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 3\nh_count 3\n"
        #expect(String(decoding: text(of: snapshot), as: UTF8.self) == expected)
    }

    @Test("R-TXT-06 +Inf is there once, last, and equals the count, for any bounds and counts")
    func hostileHistograms() {
        for (bounds, counts) in [
            ([Double.infinity], [UInt64](repeating: 1, count: 2)), ([.nan, 1], [1]), ([], []), ([1], [.max, .max]),
        ] {
            let value = HistogramValue(bounds: bounds, counts: counts, count: 7, sum: 1)
            let snapshot = SeriesSnapshot(families: [FamilySnapshot("h", .histogram, .histogram(value))])
            let lines = String(decoding: text(of: snapshot), as: UTF8.self).split(separator: "\n")
            #expect(lines.filter { $0.contains("+Inf") } == ["h_bucket{le=\"+Inf\"} 7"])
            #expect(lines.last == "h_count 7")
            #expect(!lines.contains { $0.contains("NaN") })
        }
    }

    @Test(
        "R-TYPE-01 types that the text format does not know are untyped or gauges",
        arguments: [
            (FamilyType.unknown, "untyped"), (.info, "gauge"), (.stateset, "gauge"), (.gauge, "gauge"),
            (.counter, "counter"),
        ])
    func types(type: FamilyType, name: String) {
        let snapshot = SeriesSnapshot(families: [FamilySnapshot("m", type, .int(1))])
        #expect(String(decoding: text(of: snapshot), as: UTF8.self) == "# HELP m \n# TYPE m \(name)\nm 1\n")
    }

    @Test("R-TYPE-11 NaN and infinities are written as Prometheus parses them")
    func notFinite() {
        for (value, shown) in [(Double.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf")] {
            let snapshot = SeriesSnapshot(families: [FamilySnapshot("m", .gauge, .double(value))])
            #expect(String(decoding: text(of: snapshot), as: UTF8.self).hasSuffix("\nm \(shown)\n"))
            #expect(openMetrics(of: snapshot).hasSuffix("\nm \(shown)\n# EOF\n"))
        }
    }

    @Test(
        "R-OM-11 bounds are formatted as in Go",
        arguments: [
            (0.0, "0", "0.0"), (-0.0, "0", "0.0"), (1, "1", "1.0"), (-2.5, "-2.5", "-2.5"),
            (100_000, "100000", "100000.0"),
            (999_999, "999999", "999999.0"), (1_000_000, "1e+06", "1e+06"), (1_234_567, "1.234567e+06", "1.234567e+06"),
            (123_456.7, "123456.7", "123456.7"), (0.0001, "0.0001", "0.0001"), (0.00001, "1e-05", "1e-05"),
            (1e100, "1e+100", "1e+100"), (.leastNonzeroMagnitude, "5e-324", "5e-324"), (.infinity, "+Inf", "+Inf"),
            (-.infinity, "-Inf", "-Inf"), (.nan, "NaN", "NaN"), (0.1, "0.1", "0.1"), (10, "10", "10.0"),
        ] as [(Double, String, String)])
    func canonicalFloats(number: Double, plain: String, openMetrics: String) {
        for (isOpenMetrics, expected) in [(false, plain), (true, openMetrics)] {
            var shown: [UInt8] = []
            CanonicalFloat.append(number, isOpenMetrics: isOpenMetrics, to: &shown)
            #expect(String(decoding: shown, as: UTF8.self) == expected)
        }
    }
}
