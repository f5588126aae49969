import OTLP
import Series
import Testing

@testable import Exposition

/// Samples that OpenMetrics forbids: left out, or shown with a type that allows them.
@Suite struct OpenMetricsRulesTests {
    /// The lines of a page that a strict parser accepts, without HELP and EOF.
    private func lines(_ families: [FamilySnapshot], settings: ExpositionSettings = ExpositionSettings()) throws
        -> [String]
    {
        let sorted = families.sorted { $0.descriptor.name.lexicographicallyPrecedes($1.descriptor.name) }
        let page = openMetrics(of: SeriesSnapshot(families: sorted), settings: settings, pieceSize: 77)
        _ = try StrictPage(Array(page.utf8), isOpenMetrics: true)
        return page.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("# HELP") && $0 != "# EOF" }
    }

    private static func histogram(_ name: String, sum: Double? = 6) -> FamilySnapshot {
        let value = HistogramValue(bounds: [1], counts: [1, 2], count: 3, sum: sum)
        return FamilySnapshot(
            name, .histogram, .histogram(value), exemplars: [SampleExemplar("", 0.5)],
            startTime: 1_700_000_000_000_000_000, time: 1_700_000_060_000_000_000)
    }

    private static func summary(_ name: String, at value: Double = 3, sum: Double = 6) -> FamilySnapshot {
        let quantiles = [QuantileValue(quantile: 0.5, value: value)]
        return FamilySnapshot(
            name, .summary, .summary(SummaryValue(quantiles: quantiles, count: 3, sum: sum)),
            startTime: 1_700_000_000_000_000_000)
    }

    private static func counter(_ name: String) -> FamilySnapshot {
        FamilySnapshot(name, .counter, .int(1), startTime: 1_700_000_000_000_000_000)
    }

    private static func gauge(_ name: String) -> FamilySnapshot { FamilySnapshot(name, .gauge, .int(9)) }

    @Test(
        "R-OM-14 R-OM-17 a sum that is not a counter is left out, with the count of a histogram",
        arguments: [-1, -0.5, .nan, .infinity, -.infinity])
    func sums(sum: Double) throws {
        #expect(
            try lines([Self.histogram("h", sum: sum)]) == [
                "# TYPE h histogram", #"h_bucket{le="1.0"} 1 # {} 0.5"#, #"h_bucket{le="+Inf"} 3"#,
            ])
        let native = NativeHistogramValue(scale: 0, negative: .init(offset: 0, counts: [3]), count: 3, sum: sum)
        #expect(
            try lines([FamilySnapshot("n", .nativeHistogram, .nativeHistogram(native))]) == [
                "# TYPE n histogram", #"n_bucket{le="+Inf"} 3"#,
            ])
        #expect(
            try lines([Self.summary("s", sum: sum)]) == [
                "# TYPE s summary", #"s{quantile="0.5"} 3.0"#, "s_count 3",
            ])
        // The text format has no such rule.
        let page = String(decoding: text(of: SeriesSnapshot(families: [Self.summary("s", sum: sum)])), as: UTF8.self)
        #expect(page.contains("\ns_sum "))
    }

    @Test(
        "R-OM-16 a summary with a negative quantile is shown as families without a type",
        arguments: [-3, -Double.infinity])
    func negativeQuantiles(value: Double) throws {
        let shown = try lines(
            [Self.summary("s", at: value, sum: -1)], settings: ExpositionSettings(createdTimestamps: true))
        #expect(
            shown == [
                "# TYPE s unknown", #"s{quantile="0.5"} "# + (value == -3 ? "-3.0" : "-Inf"), "# TYPE s_sum unknown",
                "s_sum -1.0", "# TYPE s_count unknown", "s_count 3",
            ])
        #expect(try lines([Self.summary("s", at: .nan)])[0] == "# TYPE s summary")
    }

    @Test("R-OM-06 a family whose name is the same in every format keeps it: a colliding counter is unknown")
    func countersGiveWay() throws {
        for (other, name) in [
            (Self.gauge("orders_created"), "orders_total"), (Self.gauge("orders"), "orders_total"),
            (Self.histogram("http_request"), "http_request_count_total"), (Self.histogram("h"), "h_sum_total"),
            (Self.histogram("h"), "h_bucket_total"), (Self.histogram("h"), "h_total"), (Self.summary("q"), "q_total"),
            (Self.summary("q"), "q_created_total"), (Self.histogram("h"), "h_created_total"),
            (Self.summary("q"), "q_sum_total"),
        ] {
            let shown = try lines([other, Self.counter(name)], settings: ExpositionSettings(createdTimestamps: true))
            #expect(shown.contains("# TYPE \(name) unknown") && shown.contains("\(name) 1.0"), "\(name)")
            let kept = try lines([other], settings: ExpositionSettings(createdTimestamps: true))
            #expect(kept.allSatisfy(shown.contains), "\(name)")
        }
    }

    @Test("R-OM-06 a distribution whose _created is another family is shown without a type, with all its samples")
    func distributionsGiveWay() throws {
        let settings = ExpositionSettings(createdTimestamps: true)
        #expect(
            try lines([Self.histogram("q"), Self.gauge("q_created")], settings: settings) == [
                "# TYPE q_bucket unknown", #"q_bucket{le="1.0"} 1"#, #"q_bucket{le="+Inf"} 3"#, "# TYPE q_sum unknown",
                "q_sum 6.0", "# TYPE q_count unknown", "q_count 3", "# TYPE q_created gauge", "q_created 9.0",
            ])
        #expect(
            try lines([Self.summary("q"), Self.gauge("q_created")], settings: settings).prefix(4) == [
                "# TYPE q unknown", #"q{quantile="0.5"} 3.0"#, "# TYPE q_sum unknown", "q_sum 6.0",
            ])
        // None of its samples has a sum or a quantile.
        let bare = FamilySnapshot("q", .summary, .summary(SummaryValue(quantiles: [], count: 1, sum: 2)))
        #expect(
            try lines([bare, Self.gauge("q_created")]).filter { $0.hasPrefix("#") } == [
                "# TYPE q_sum unknown", "# TYPE q_count unknown", "# TYPE q_created gauge",
            ])
        #expect(
            try lines([Self.histogram("q", sum: nil), Self.gauge("q_created")]).filter { $0.hasPrefix("#") } == [
                "# TYPE q_bucket unknown", "# TYPE q_count unknown", "# TYPE q_created gauge",
            ])
    }

    @Test("R-OM-06 an info whose name is in use is a gauge; of two with one name the same one always gets it")
    func infosGiveWay() throws {
        let info = FamilySnapshot("x_info", .info, .int(1))
        for other in [Self.gauge("x"), Self.histogram("x"), Self.summary("x")] {
            #expect(try lines([info, other]).contains("# TYPE x_info gauge"))
        }
        let types = try lines([Self.counter("a_created_total"), Self.counter("a_total")]).filter { $0.hasPrefix("#") }
        #expect(types == ["# TYPE a_created counter", "# TYPE a_total unknown"])
        let both = try lines([Self.counter("h_created_total"), Self.histogram("h")]).filter { $0.hasPrefix("#") }
        #expect(both == ["# TYPE h histogram", "# TYPE h_created_total unknown"])
    }

    @Test("R-OM-06 of families with equal line names, impossible in text, OpenMetrics shows the first")
    func equalLines() throws {
        #expect(
            try lines([Self.histogram("h"), Self.gauge("h_count")]).filter { $0.hasPrefix("#") } == [
                "# TYPE h histogram"
            ])
    }

    @Test("R-OM-12 _created has the time of its group, or none if that has none")
    func createdHasTheTime() throws {
        var families = [Self.histogram("h"), Self.counter("c_total"), Self.summary("s")]
        families[1].samples[0].time = 1_700_000_060_500_000_000
        let shown = try lines(families, settings: ExpositionSettings(timestamps: true, createdTimestamps: true))
        #expect(
            shown.filter { $0.contains("created") } == [
                "c_created 1700000000 1700000060.5", "h_created 1700000000 1700000060", "s_created 1700000000",
            ])
    }

    @Test("R-OM-15 the samples of an info have times if all are known; the states of one point are adjacent")
    func infosAndStateSets() throws {
        var info = FamilySnapshot("i_info", .info, samples: [(#"a="1""#, .int(1)), (#"a="2""#, .int(1))])
        info.samples[1].time = 5_000_000_000
        let settings = ExpositionSettings(timestamps: true)
        #expect(try lines([info], settings: settings)[1...] == [#"i_info{a="1"} 1.0"#, #"i_info{a="2"} 1.0"#])
        info.samples[0].time = 4_000_000_000
        #expect(try lines([info], settings: settings)[1...] == [#"i_info{a="1"} 1.0 4"#, #"i_info{a="2"} 1.0 5"#])
        let states = FamilySnapshot(
            "s", .stateset,
            samples: [
                (#"s="off",z="1""#, .int(0)), (#"s="off",z="2""#, .int(1)), (#"s="on",z="1""#, .int(1)),
                (#"s="on",z="2""#, .int(0)),
            ])
        #expect(
            try lines([states]) == [
                "# TYPE s stateset", #"s{s="off",z="1"} 0.0"#, #"s{s="on",z="1"} 1.0"#, #"s{s="off",z="2"} 1.0"#,
                #"s{s="on",z="2"} 0.0"#,
            ])
    }

    @Test("R-OM-10 R-OM-15 the states of a point have its time, or none if their times differ")
    func timesOfStates() throws {
        let samples: [(labels: String, value: SampleValue)] = [
            (#"s="off",z="1""#, .int(0)), (#"s="off",z="2""#, .int(1)), (#"s="on",z="1""#, .int(1)),
        ]
        var states = FamilySnapshot("s", .stateset, samples: samples)
        for (index, time) in [5, 6, 5].enumerated() { states.samples[index].time = UInt64(time) * 1_000_000_000 }
        let settings = ExpositionSettings(timestamps: true)
        #expect(
            try lines([states], settings: settings)[1...] == [
                #"s{s="off",z="1"} 0.0 5"#, #"s{s="on",z="1"} 1.0 5"#, #"s{s="off",z="2"} 1.0 6"#,
            ])
        for time in [0, 4_000_000_000, 6_000_000_000] as [UInt64] {
            states.samples[2].time = time
            #expect(try lines([states], settings: settings).allSatisfy { $0.last == "0" || $0.hasPrefix("#") })
        }
    }

    @Test("R-OM-06 R-LAB-07 states that become equal by escaping are a gauge, with distinct names")
    func equalStates() throws {
        func shown(_ samples: [(labels: String, value: SampleValue)]) throws -> [String] {
            let states = FamilySnapshot("a.b", .stateset, samples: samples)
            return try lines([states], settings: ExpositionSettings(hasQuotedLabelNames: true))
        }
        #expect(
            try shown([(#""a.b"="on""#, .int(1)), (#""a.b"="off""#, .int(0))]) == [
                "# TYPE a_b stateset", #"a_b{a_b="on"} 1.0"#, #"a_b{a_b="off"} 0.0"#,
            ])
        #expect(
            try shown([(#""a.b"="on""#, .int(1)), (#""a/b"="on""#, .int(0)), (#"a_b="off""#, .int(0))]) == [
                "# TYPE a_b gauge", #"a_b{a_b="on"} 1.0"#, #"a_b{U__a_2f_b="on"} 0.0"#, #"a_b{a_b="off"} 0.0"#,
            ])
        #expect(
            try shown([(#""a.b"="on",z_x="1""#, .int(1)), (#""a.b"="on","z.x"="1""#, .int(0))]) == [
                "# TYPE a_b gauge", #"a_b{a_b="on",z_x="1"} 1.0"#,
                #"a_b{U__a_2e_b="on",U__z_2e_x="1"} 0.0"#,
            ])
    }

    @Test("a strict parser detects violations of the rules")
    func strictReaderIsStrict() {
        for broken in [
            "# TYPE c counter\nc_total -1\n", "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum -1.0\nh_count 1\n",
            "# TYPE h histogram\nh_bucket{le=\"1.0\"} 2\nh_bucket{le=\"+Inf\"} 1\n",
            "# TYPE a gauge\na 1\n# TYPE a gauge\na 2\n",
            "# TYPE a counter\na_total 1\n# TYPE a_created gauge\na_created 1\n",
            "# TYPE a gauge\na{b=\"1\"} 1\na{b=\"1\"} 2\n", "# TYPE a gauge\na{\"n\0\"=\"1\"} 1\n",
            "# TYPE a counter\na_total 1 # {b=\"\0\"} 1\n", "# TYPE a counter\na_total 1 5\na_created 1\n",
            "# TYPE s summary\ns{quantile=\"0.5\"} -1\n", "# TYPE s summary\ns{quantile=\"1.5\"} 1\n",
            "# TYPE a gauge\n# UNIT a s\na 1\n", "# TYPE i info\ni_info 2\n", "# TYPE a gauge\na{__b=\"1\"} 1\n",
        ] {
            #expect(throws: PageLine.Fault.self, "\(broken)") {
                try StrictPage(Array((broken + "# EOF\n").utf8), isOpenMetrics: true)
            }
        }
    }
}
