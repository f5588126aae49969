import OTLP
import Series
import Settings
import Testing

@testable import Exposition

@Suite struct LabelTests {
    let translation = PrometheusTranslation()

    @Test(
        "R-LAB-02 R-LAB-03 keys become label names, runs of underscores stay, a leading digit gets key_",
        arguments: [
            ("dots.and-dashes", "dots_and_dashes"), ("1digit", "key_1digit"), ("_lead", "_lead"), ("trail_", "trail_"),
            ("a__b", "a__b"), ("key_x", "key_x"), ("café", "caf_"), ("sp ace", "sp_ace"), ("a:b", "a_b"),
            ("UPPER", "UPPER"), ("1", "key_1"), ("a😀b", "a_b"), ("_1", "_1"), ("nul\0", "nul_"), (".x", "_x"),
        ])
    func keysAreSanitized(key: String, name: String) throws {
        #expect(try translation.labels(Attribute(key, "v")) == "\(name)=\"v\"")
    }

    @Test(
        "R-LAB-02 keys without letters and digits get the names of their characters, so that all are kept and distinct",
        arguments: [
            ("温度", "key_6e29_5ea6"), ("湿度", "key_6e7f_5ea6"), ("$", "key_24"), ("_", "key_5f"), ("__", "key_5f_5f"),
            ("...", "key_2e_2e_2e"), ("😀", "key_1f600"), ("\0", "key_0"),
        ])
    func unusableKeysAreSpelledOut(key: String, name: String) throws {
        #expect(try translation.labels(Attribute(key, "v")) == "\(name)=\"v\"")
    }

    @Test("R-LAB-04 values of colliding keys are joined in the order of their keys")
    func collidingKeysAreJoined() throws {
        #expect(try translation.labels(Attribute("a_b", "under"), Attribute("a.b", "dot")) == #"a_b="dot;under""#)
        #expect(try translation.labels(Attribute("a-b", "x"), Attribute("a.b", "x")) == #"a_b="x;x""#)
        #expect(
            try translation.labels(
                Attribute("a b", "1"), Attribute("a\u{E9}b", "4"), Attribute("a/b", "3"), Attribute("a.b", "2"))
                == #"a_b="1;2;3;4""#)
        #expect(try translation.labels(Attribute("exported_job", "y"), Attribute("job", "x")) == #"exported_job="y;x""#)
        #expect(try translation.labels(Attribute("key_1", "y"), Attribute("1", "x")) == #"key_1="x;y""#)
        #expect(try translation.labels(Attribute("a.b", ""), Attribute("a_b", "x")) == #"a_b=";x""#)
    }

    @Test("R-LAB-04 of equal keys the last one counts")
    func lastOfEqualKeysCounts() throws {
        var stream = StreamIdentity()
        stream.attributes = [Attribute("a", "1"), Attribute("a", "2"), Attribute("b", "3"), Attribute("b", "")]
        stream.scope.attributes = [
            Attribute("x.y", "1"), Attribute("z", "2"), Attribute("x.y", "3"), Attribute("x_y", "4"),
        ]
        stream.resource.attributes = [Attribute("service.name", "old"), Attribute("service.name", "new")]
        #expect(try translation.labels(of: stream) == #"a="2",job="new",otel_scope_x_y="3;4",otel_scope_z="2""#)
    }

    @Test(
        "R-LAB-05 attributes with names of reserved labels get the prefix exported_",
        arguments: [
            "job", "instance", "le", "quantile", "__name__", "__tenant__", "__x", "otel_scope_name",
            "otel_scope_version", "otel_scope_schema_url", "otel_scope_other",
        ])
    func reservedNamesAreRenamed(key: String) throws {
        #expect(try translation.labels(Attribute(key, "mine")) == "exported_\(key)=\"mine\"")
    }

    @Test("R-LAB-05 the label name is reserved, not the key; longer names are not")
    func reservedNamesAreCheckedAfterTranslation() throws {
        #expect(try translation.labels(Attribute("otel.scope.version", "v")) == #"exported_otel_scope_version="v""#)
        #expect(try translation.labels(Attribute("..x", "v")) == #"exported___x="v""#)
        #expect(
            try translation.labels(Attribute("jobs", "1"), Attribute("level", "2"), Attribute("otel_scopes", "3"))
                == #"jobs="1",level="2",otel_scopes="3""#)
    }

    @Test("R-LAB-05 R-LAB-06 own labels and attributes with the same name are both shown")
    func ownLabelsAreNotOverwritten() throws {
        let stream = StreamIdentity(
            MetricIdentity("m"),
            [Attribute("job", "mine"), Attribute("instance", "mine"), Attribute("otel_scope_name", "mine")],
            resource: [Attribute("service.name", "svc"), Attribute("service.instance.id", "i-1")], scope: Scope("scope")
        )
        #expect(
            try translation.labels(of: stream)
                == #"exported_instance="mine",exported_job="mine",exported_otel_scope_name="mine",instance="i-1","#
                + #"job="svc",otel_scope_name="scope""#)
    }

    @Test("R-LAB-06 R-TXT-11 labels are sorted by the bytes of their names")
    func labelsAreSorted() throws {
        let names = ["b", "a_", "a", "B", "ab", "a1", "_a", "long_name_x", "long_name", "long_name_a", "long_namf"]
        let expected = ["B", "_a", "a", "a1", "a_", "ab", "b", "long_name", "long_name_a", "long_name_x", "long_namf"]
        let stream = StreamIdentity(MetricIdentity("m"), names.map { Attribute($0, "v") })
        #expect(try translation.labels(of: stream) == expected.map { "\($0)=\"v\"" }.joined(separator: ","))
    }

    @Test("R-LAB-07 an empty value is left out, and so is an empty key")
    func emptyValuesAreLeftOut() throws {
        let none = StreamIdentity(MetricIdentity("m"), [Attribute("b", "1")])
        for empty in [Attribute("a", ""), Attribute("a", .empty), Attribute("", "x"), Attribute("a", .bytes([]))] {
            let stream = StreamIdentity(MetricIdentity("m"), [empty, Attribute("b", "1")])
            #expect(try translation.exposure(of: stream) == translation.exposure(of: none))
        }
        #expect(try translation.labels() == "")
    }

    @Test("R-LAB-08 the scope's name, version, schema URL and attributes are labels")
    func scopeLabels() throws {
        let full = Scope(
            "lib", version: "1.2.3", schemaURL: "https://opentelemetry.io/schemas/1.27.0",
            [
                Attribute("a.b", "c"), Attribute("n", .int(5)), Attribute("name", "x"), Attribute("version", "y"),
                Attribute("schema_url", "z"), Attribute("schema.url", "z"), Attribute("", "e"), Attribute("1", "d"),
                Attribute("温", "t"),
            ])
        #expect(
            try translation.labels(of: StreamIdentity(scope: full))
                == #"otel_scope_1="d",otel_scope__="t",otel_scope_a_b="c",otel_scope_n="5",otel_scope_name="lib","#
                + #"otel_scope_schema_url="https://opentelemetry.io/schemas/1.27.0",otel_scope_version="1.2.3""#)
        #expect(
            try translation.labels(of: StreamIdentity(scope: Scope("only.name"))) == #"otel_scope_name="only.name""#)
        #expect(try translation.labels(of: StreamIdentity()) == "")
    }

    @Test(
        "R-LAB-10 job is namespace and name, instance the instance id",
        arguments: [
            ([Attribute("service.name", "svc")], #"job="svc""#),
            ([Attribute("service.name", "svc"), Attribute("service.namespace", "ns")], #"job="ns/svc""#),
            ([Attribute("service.name", "svc"), Attribute("service.namespace", "")], #"job="svc""#),
            ([Attribute("service.namespace", "ns")], ""),
            ([Attribute("service.instance.id", "i-1")], #"instance="i-1""#),
            (
                [Attribute("service.name", .int(7)), Attribute("service.instance.id", .bool(true))],
                #"instance="true",job="7""#
            ),
            ([Attribute("service.name", ""), Attribute("host.name", "h1")], ""),
            ([Attribute("host.name", "h1"), Attribute("process.pid", .int(42))], ""),
        ])
    func jobAndInstance(resource: [Attribute], expected: String) throws {
        #expect(try translation.labels(of: StreamIdentity(resource: resource)) == expected)
    }

    @Test("R-LAB-14 a value may be any text, byte for byte, with three characters escaped")
    func valuesAreEscaped() throws {
        #expect(try translation.labels(Attribute("a", "x\\y\"z\nw")) == #"a="x\\y\"z\nw""#)
        #expect(try translation.labels(Attribute("a", "\\\\\"\"\n\n")) == #"a="\\\\\"\"\n\n""#)
        for value in ["\u{FEFF}bom", "\r\t\0\u{7F}", "e\u{301}", "\u{E9}", "😀\u{2028}\u{FFFD}\u{10FFFF}", "{},=#"] {
            #expect(Array(try translation.labels(Attribute("a", value)).utf8) == Array("a=\"\(value)\"".utf8))
        }
    }

    @Test("values with separators of other programs do not merge series")
    func separatorsDoNotMixSeriesUp() throws {
        let one = try translation.labels(Attribute("a", "b*c*d"))
        let two = try translation.labels(Attribute("a", "b"), Attribute("c", "d"))
        let quoted = try translation.labels(Attribute("a", "b\",c=\"d"))
        #expect(Set([one, two, quoted]) == [#"a="b*c*d""#, #"a="b",c="d""#, #"a="b\",c=\"d""#])
    }

    @Test("up to 64 labels come from attributes; own labels do not count")
    func labelLimit() throws {
        let resource = [Attribute("service.name", "svc"), Attribute("service.instance.id", "i")]
        let attributes = (0..<60).map { Attribute("a\($0)", "v") }
        let scopeAttributes = (0..<4).map { Attribute("s\($0)", "v") }
        var stream = StreamIdentity(
            MetricIdentity("m"), attributes + [Attribute("empty", "")], resource: resource,
            scope: Scope("n", version: "1", schemaURL: "u", scopeAttributes))
        #expect(try translation.exposure(of: stream).labels.count { $0 == UInt8(ascii: "=") } == 69)
        // Attributes of the point replace those of the scope.
        stream.attributes += (0..<4).map { Attribute("more\($0)", "v") }
        let full = try translation.exposure(of: stream)
        #expect(full.cuts.labels == 4)
        #expect(full.labels.count { $0 == UInt8(ascii: "=") } == 69)
        #expect(!String(decoding: full.labels, as: UTF8.self).contains("otel_scope_s0"))
        stream.attributes.append(Attribute("one_more", "v"))
        #expect(throws: RejectionReason.labelLimit) { try translation.exposure(of: stream) }
        stream.attributes.removeLast()
        stream.attributes.append(Attribute("a.0", "v"))
        stream.attributes.append(Attribute("a_0", "joined into one"))
        #expect(throws: RejectionReason.labelLimit) { try translation.exposure(of: stream) }
        let small = PrometheusTranslation(settings: TranslationSettings(labels: LabelLimits { $0.maxLabels = 1 }))
        #expect(try small.labels(Attribute("a.b", "1"), Attribute("a_b", "2")) == #"a_b="1;2""#)
    }

    @Test("values of the point are limited to 4096 bytes before escaping, also joined ones")
    func labelValueLimit() throws {
        let longest = String(repeating: "\"", count: 4096)
        #expect(try translation.labels(Attribute("a", longest)).utf8.count == 2 * 4096 + 4)
        for value in [
            AttributeValue.text(longest + "x"), .bytes(Array(repeating: 0, count: 3073)), .array([.text(longest)]),
        ] {
            #expect(throws: RejectionReason.labelValueLimit) { try translation.labels(Attribute("a", value)) }
        }
        let half = String(repeating: "é", count: 1024)
        #expect(throws: RejectionReason.labelValueLimit) {
            try translation.labels(Attribute("a.b", half), Attribute("a_b", half))
        }
    }

    @Test("ten thousand attributes are rejected in bounded time", .timeLimit(.minutes(1)))
    func manyAttributesAreRejected() {
        let stream = StreamIdentity(
            MetricIdentity("m"), (0..<10_000).map { Attribute("a\($0)", "v") },
            scope: Scope("s", (0..<10_000).map { Attribute("same\($0 % 3)", "v") }))
        #expect(throws: RejectionReason.labelLimit) { try translation.exposure(of: stream) }
    }
}
