import OTLP
import Series
import Testing

@testable import Exposition

@Suite struct NameEscapingTests {
    @Test(
        "R-NEG-07 names outside the old characters are escaped as the scheme says",
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

    @Test("R-TXT-08 names are quoted within the braces when the reader takes UTF-8")
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

    @Test("R-TXT-08 names are escaped when it does not")
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

    @Test("R-OM-06 R-LAB-06 names that escaping makes equal stay apart or are joined")
    func clashes() {
        let snapshot = SeriesSnapshot(families: [
            FamilySnapshot("a.b", .gauge, .int(1)), FamilySnapshot("a/b", .gauge, .int(2)),
            FamilySnapshot("a_b", .gauge, labels: #""l.m"="1",l_m="2""#, .int(3)),
        ])
        let lines = String(decoding: text(of: snapshot, settings: Self.settings), as: UTF8.self)
            .split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines == ["U__a_2e_b 1", "U__a_2f_b 2", #"a_b{l_m="1;2"} 3"#])
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
        // Cut anywhere, it is read as far as it goes and never beyond.
        for length in rendered.indices {
            #expect(labels.starts(with: RenderedLabels.all(in: Array(rendered[..<length]))))
        }
    }
}
