import OTLP
import Series
import Testing

@testable import Exposition

@Suite struct NameEscapingTests {
    @Test(
        "R-NEG-07 names with other than legacy characters are escaped by the scheme",
        arguments: [
            ("http.status_code", "http_status_code", "http_dot_status__code", "U__http_2e_status__code"),
            ("a b", "a_b", "a__b", "U__a_20_b"), ("1st", "_st", "__st", "U___31_st"), ("é", "_", "__", "U___e9_"),
            ("😀.x", "__x", "___dot_x", "U___1f600__2e_x"),
            ("legal_name:x", "legal_name:x", "legal_name:x", "legal_name:x"),
            ("", "_", "_", "U___"),
        ])
    func families(name: String, underscores: String, dots: String, values: String) {
        for (escaping, expected) in [
            (NameEscaping.underscores, underscores), (.dots, dots), (.values, values), (.allowUTF8, name),
        ] {
            #expect(String(decoding: escaping.familyName(Array(name.utf8)), as: UTF8.self) == expected)
        }
    }

    @Test("R-NEG-07 a label cannot hold a colon")
    func labels() {
        let name = Array("a:b".utf8)
        #expect(NameEscaping.underscores.labelName(name) == Array("a_b".utf8))
        #expect(NameEscaping.values.labelName(name) == Array("U__a_3a_b".utf8))
        #expect(NameEscaping.dots.labelName(name) == Array("a__b".utf8))
        #expect(NameEscaping.allowUTF8.labelName(name) == name)
    }

    private static let snapshot = SeriesSnapshot(families: [
        FamilySnapshot("a.b_total", .counter, help: "h", .int(1)),
        FamilySnapshot(
            "a.\"h", .histogram, labels: #""l.\"x"="v\\\"\n",m="w""#,
            .histogram(HistogramValue(bounds: [1], counts: [1, 1], count: 2, sum: 1))),
    ])
    private static let settings = ExpositionSettings(hasQuotedLabelNames: true)

    @Test("R-TXT-08 names are quoted within the braces if the reader accepts UTF-8")
    func quotedNames() {
        let labels = #""l.\"x"="v\\\"\n",m="w""#
        #expect(
            String(decoding: text(of: Self.snapshot, settings: Self.settings, escaping: .allowUTF8), as: UTF8.self)
                == """
                # HELP "a.b_total" h
                # TYPE "a.b_total" counter
                {"a.b_total"} 1
                # HELP "a.\\"h"\(" ")
                # TYPE "a.\\"h" histogram
                {"a.\\"h_bucket",\(labels),le="1"} 1
                {"a.\\"h_bucket",\(labels),le="+Inf"} 2
                {"a.\\"h_sum",\(labels)} 1
                {"a.\\"h_count",\(labels)} 2

                """)
        let lines = openMetrics(of: Self.snapshot, settings: Self.settings, escaping: .allowUTF8).split(separator: "\n")
        #expect(lines.prefix(3) == [#"# TYPE "a.b" counter"#, #"# HELP "a.b" h"#, #"{"a.b_total"} 1.0"#])
    }

    @Test("R-TXT-08 names are escaped if it does not")
    func escapedNames() {
        #expect(
            String(decoding: text(of: Self.snapshot, settings: Self.settings), as: UTF8.self) == """
                # HELP a_b_total h
                # TYPE a_b_total counter
                a_b_total 1
                # HELP a__h\(" ")
                # TYPE a__h histogram
                a__h_bucket{l__x="v\\\\\\"\\n",m="w",le="1"} 1
                a__h_bucket{l__x="v\\\\\\"\\n",m="w",le="+Inf"} 2
                a__h_sum{l__x="v\\\\\\"\\n",m="w"} 1
                a__h_count{l__x="v\\\\\\"\\n",m="w"} 2

                """)
    }

    @Test("R-OM-06 R-LAB-06 names that become equal by escaping stay distinct or are joined")
    func clashes() {
        let snapshot = SeriesSnapshot(families: [
            FamilySnapshot("a.b", .gauge, .int(1)), FamilySnapshot("a/b", .gauge, .int(2)),
            FamilySnapshot("a_b", .gauge, labels: #""l.m"="1",l_m="2""#, .int(3)),
        ])
        let lines = String(decoding: text(of: snapshot, settings: Self.settings), as: UTF8.self)
            .split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines == ["U__a_2e_b 1", "U__a_2f_b 2", #"a_b{l_m="1;2"} 3"#])
    }

    @Test("R-OM-06 R-TXT-04 lines that would become equal by escaping stay distinct")
    func clashingLines() throws {
        let histogram = SeriesValue.histogram(HistogramValue(bounds: [], counts: [1], count: 1, sum: 1))
        for (taken, name) in [
            ([], "a_b"), (["a_b_count"], "U__a_2e_b"), (["a_b_sum"], "U__a_2e_b"), (["a_b"], "U__a_2e_b"),
            (["U__a_2e_b", "a_b_bucket"], "U__a_2e_b_"), (["U__a_2e_b_count", "a_b_bucket"], "U__a_2e_b_"),
            (["U__a_2e_b", "U__a_2e_b_", "a_b"], "U__a_2e_b__"),
        ] {
            let others = taken.map { FamilySnapshot($0, .gauge, .int(1)) }
            let families = (others + [FamilySnapshot("a.b", .histogram, histogram)])
                .sorted { $0.descriptor.name.lexicographicallyPrecedes($1.descriptor.name) }
            let page = text(of: SeriesSnapshot(families: families), settings: Self.settings)
            let read = try StrictPage(page, isOpenMetrics: false)
            #expect(read.types[Array(name.utf8)] == "histogram", "\(taken)")
            for other in taken { #expect(read.types[Array(other.utf8)] == "gauge") }
            let openMetrics = openMetrics(of: SeriesSnapshot(families: families), settings: Self.settings)
            let second = try StrictPage(Array(openMetrics.utf8), isOpenMetrics: true)
            #expect(Set(second.samples.keys.map(\.name)) == Set(read.samples.keys.map(\.name)))
        }
    }

    @Test("R-LAB-07 R-TXT-10 label sets that would become equal by escaping stay distinct in every format")
    func clashingLabelSets() throws {
        let family = FamilySnapshot(
            "m", .gauge,
            samples: [(#""a.b"="1""#, .int(1)), (#""a/b"="1""#, .int(2)), (#"a_b="1""#, .int(3)), (#"c="1""#, .int(4))])
        let snapshot = SeriesSnapshot(families: [family])
        let lines = String(decoding: text(of: snapshot, settings: Self.settings), as: UTF8.self).split(separator: "\n")
        #expect(
            lines.dropFirst(2) == [
                #"m{U__a_2e_b="1"} 1"#, #"m{U__a_2f_b="1"} 2"#, #"m{a_b="1"} 3"#, #"m{c="1"} 4"#,
            ])
        let bytes = protobuf(of: snapshot, settings: Self.settings)
        for name in ["U__a_2e_b", "U__a_2f_b"] {
            #expect(bytes.indices.contains { bytes[$0...].starts(with: Array(name.utf8)) })
        }
        let quoted = openMetrics(of: snapshot, settings: Self.settings, escaping: .allowUTF8)
        #expect(quoted.contains(#"m{"a.b"="1"} 1.0"#))
    }

    @Test("R-LAB-05 no scheme produces a reserved name")
    func reservedNamesAreAvoided() {
        for (name, shown) in [
            ("énameé", "U___e9_name_e9_"), ("éx", "U___e9_x"), ("1x", "U___31_x"), ("a.b", "a_dot_b"), ("__x", "__x"),
        ] {
            var rendered: [UInt8] = []
            TextEscaping.appendQuoted(Array(name.utf8), to: &rendered)
            let label = RenderedLabels.rendered(rendered + Array(#"="v""#.utf8), escaping: .dots)
            #expect(String(decoding: label, as: UTF8.self) == shown + #"="v""#)
        }
    }

    @Test("R-TXT-08 names are kept without NUL, which ends the page for the lexer of Prometheus")
    func namesHoldNoNUL() throws {
        var settings = TranslationSettings()
        settings.keepsUTF8 = true
        settings.namespace = Array("n\0s".utf8)
        for addsSuffixes in [true, false] {
            settings.addsSuffixes = addsSuffixes
            let stream = StreamIdentity(
                MetricIdentity("m\0.x", unit: "u\0"), [Attribute("a\0", "\0"), Attribute("__\0", "w")],
                scope: Scope("s", [Attribute("b\0", "v")]))
            let exposure = try PrometheusTranslation(settings: settings).exposure(of: stream)
            let name = String(decoding: exposure.family.name, as: UTF8.self)
            #expect(name == "n\u{FFFD}s_m\u{FFFD}.x" + (addsSuffixes ? "_u\u{FFFD}" : ""))
            let labels = RenderedLabels.all(in: exposure.labels).map { String(decoding: $0.name, as: UTF8.self) }
            #expect(
                labels == ["a\u{FFFD}", "exported___\u{FFFD}", "otel_scope_b\u{FFFD}", "otel_scope_name"].sorted())
            #expect(FamilyNaming(settings).name(ofOwn: Array("target_info".utf8)).contains(0) == false)
        }
    }

    @Test("R-PBX-01 R-OM-05 a unit that is no suffix of the escaped name is not shown")
    func escapedUnits() {
        let unit = Array("kilobytes_per_second".utf8)
        let snapshot = SeriesSnapshot(families: [
            FamilySnapshot("x.y_kilobytes_per_second_total", .counter, unit: "kilobytes_per_second", .int(1))
        ])
        for (escaping, isTold) in [
            (NameEscaping.underscores, true), (.allowUTF8, true), (.dots, false), (.values, false),
        ] {
            let bytes = protobuf(of: snapshot, settings: Self.settings, escaping: escaping)
            let field = [0x2A, UInt8(unit.count)] + unit
            #expect(bytes.indices.contains { bytes[$0...].starts(with: field) } == isTold, "\(escaping)")
            let lines = openMetrics(of: snapshot, settings: Self.settings, escaping: escaping)
            #expect(lines.contains("# UNIT") == isTold, "\(escaping)")
        }
    }

    @Test("R-PBX-07 rendered labels are read back", arguments: 0..<50)
    func labelsAreReadBack(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let pieces = ["a", "\\", "\"", "\n", ",", "=", "é", "}", "n"]
        func word(_ random: inout SeededRandom) -> String {
            (0..<Int.random(in: 1...6, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
        }
        var names: Set<String> = []
        for _ in 0..<8 { names.insert(word(&random)) }
        let labels = names.map { RenderedLabels.Label(name: Array($0.utf8), value: Array(word(&random).utf8)) }
            .sorted { $0.name.lexicographicallyPrecedes($1.name) }
        var rendered: [UInt8] = []
        for label in labels {
            if !rendered.isEmpty { rendered.append(UInt8(ascii: ",")) }
            TextEscaping.appendQuoted(label.name, to: &rendered)
            rendered.append(UInt8(ascii: "="))
            TextEscaping.appendQuoted(label.value, to: &rendered)
        }
        #expect(RenderedLabels.all(in: rendered) == labels)
        // Truncated anywhere, it is parsed up to its end.
        for length in rendered.indices {
            #expect(labels.starts(with: RenderedLabels.all(in: Array(rendered[..<length]))))
        }
    }
}
