import OTLP
import Series
import Settings
import Testing

@testable import Exposition

/// The keys of `exporters.prometheus`.
@Suite struct TranslationOptionTests {
    private func translation(_ change: (inout TranslationSettings) -> Void) -> PrometheusTranslation {
        var settings = TranslationSettings()
        change(&settings)
        return PrometheusTranslation(settings: settings)
    }

    /// The four strategies: with suffixes, without, UTF-8 with suffixes, UTF-8 as it is.
    static let names: [(name: String, unit: String, Instrument, expected: [String])] = [
        (
            "café.requests", "By", .counter,
            ["caf_requests_bytes_total", "caf_requests", "café.requests_bytes_total", "café.requests"]
        ),
        ("a-b c", "", .gauge, ["a_b_c", "a_b_c", "a-b c", "a-b c"]),
        ("a__b", "", .gauge, ["a_b", "a__b", "a__b", "a__b"]),
        ("1x", "", .gauge, ["_1x", "_1x", "1x", "1x"]),
        ("up.ratio", "1", .gauge, ["up_ratio", "up_ratio", "up_ratio", "up.ratio"]),
        ("c.total", "s", .counter, ["c_seconds_total", "c_total", "c_seconds_total", "c.total"]),
        ("t.seconds", "s", .gauge, ["t_seconds", "t_seconds", "t.seconds", "t.seconds"]),
        ("io", "By/s", .counter, ["io_bytes_per_second_total", "io", "io_bytes_per_second_total", "io"]),
        (
            "io.per_second", "By/s", .gauge,
            ["io_per_second_bytes_per_second", "io_per_second", "io_bytes_per_second", "io.per_second"]
        ),
    ]

    @Test("R-NAME-14 the four strategies give the names of the Collector", arguments: names)
    func strategies(name: String, unit: String, instrument: Instrument, expected: [String]) throws {
        for (index, expected) in expected.enumerated() {
            let translation = translation { settings in
                settings.addsSuffixes = index % 2 == 0
                settings.keepsUTF8 = index >= 2
            }
            #expect(try translation.name(name, unit: unit, instrument) == expected)
        }
    }

    @Test("R-NAME-03 R-NAME-14 a name that becomes empty is rejected with every strategy")
    func emptyNames() throws {
        for (suffixes, utf8) in [(true, false), (false, false), (true, true), (false, true)] {
            let translation = translation { settings in
                settings.addsSuffixes = suffixes
                settings.keepsUTF8 = utf8
                settings.namespace = Array("app".utf8)
            }
            #expect(throws: RejectionReason.emptyName) { try translation.name("") }
            if !utf8 { #expect(throws: RejectionReason.emptyName) { try translation.name("...") } }
        }
    }

    @Test("R-NAME-12 the unit is shown only if it is a suffix of the name")
    func units() throws {
        let withoutSuffixes = translation { $0.addsSuffixes = false }
        #expect(try withoutSuffixes.unit("t_seconds", unit: "s") == "seconds")
        #expect(try withoutSuffixes.unit("t_seconds_total", unit: "s", .counter) == "seconds")
        #expect(try withoutSuffixes.unit("t", unit: "s") == "")
        let utf8 = translation { $0.keepsUTF8 = true }
        #expect(try utf8.unit("a.b", unit: "s", .counter) == "seconds")
        #expect(try utf8.unit("a.seconds", unit: "s") == "")
        #expect(try utf8.unit("a.b", unit: "1") == "ratio")
    }

    @Test(
        "R-NAME-15 the namespace precedes every name, sanitized",
        arguments: [
            ("app", "app_x_y_total"), ("my.app", "my_app_x_y_total"), ("9ns", "_9ns_x_y_total"),
            ("a__b", "a__b_x_y_total"), ("", "x_y_total"), ("a:b", "a:b_x_y_total"),
        ])
    func namespaces(namespace: String, expected: String) throws {
        let settings = translation { $0.namespace = Array(namespace.utf8) }
        #expect(try settings.name("x.y", .counter) == expected)
        let digits = translation { settings in
            settings.namespace = Array(namespace.utf8)
            settings.addsSuffixes = false
        }
        let name = expected == "x_y_total" ? "_1_y" : expected.replacing("x_y_total", with: "1_y")
        #expect(try digits.name("1.y", .counter) == name)
    }

    @Test(
        "R-NAME-15 with suffixes each character of the namespace becomes an underscore by itself, without them runs do",
        arguments: [
            ("my--app", "my__app_x_y", "my_app_x_y"), (".ns.", "_ns__x_y", "ns_x_y"), ("a é", "a___x_y", "a_x_y"),
            ("é", "__x_y", "x_y"), ("é9", "_9_x_y", "_9_x_y"),
        ])
    func runsInNamespaces(namespace: String, withSuffixes: String, without: String) throws {
        for (addsSuffixes, expected) in [(true, withSuffixes), (false, without)] {
            let translation = translation { settings in
                settings.namespace = Array(namespace.utf8)
                settings.addsSuffixes = addsSuffixes
            }
            #expect(try translation.name("x.y") == expected)
        }
    }

    @Test(
        "R-NAME-08 R-NAME-14 if names keep UTF-8, units do, too",
        arguments: [
            ("°C", "t_°C"), ("m^3/x y", "t_m^3_per_x y"), ("_s", "t__s"), ("s_/_", "t_s__per__"), ("{x}/é", "t_per_é"),
            (" By / s ", "t_bytes_per_second"), ("%/min", "t_percent_per_min"), ("/", "t"), ("s/{x}", "t_seconds"),
        ])
    func unitsInUTF8(unit: String, expected: String) throws {
        let translation = translation { $0.keepsUTF8 = true }
        #expect(try translation.name("t", unit: unit) == expected)
        #expect(try translation.name(expected, unit: unit) == expected)
    }

    @Test("R-NAME-15 with UTF-8 the namespace is unchanged")
    func namespaceInUTF8() throws {
        let translation = translation { settings in
            settings.namespace = Array("my.app".utf8)
            settings.addsSuffixes = false
            settings.keepsUTF8 = true
        }
        #expect(try translation.name("a-b c") == "my.app_a-b c")
    }

    @Test("R-NAME-14 with UTF-8, other than legacy label names are quoted, reserved ones renamed")
    func labelsInUTF8() throws {
        let translation = translation { $0.keepsUTF8 = true }
        let labels = try translation.labels(
            Attribute("hé.x", "GET"), Attribute("le-x", "1"), Attribute("plain", "2"), Attribute("1st", "3"),
            Attribute("a\"\\\n", "4"), Attribute("job", "5"), Attribute("__x", "6"), Attribute("otel.scope.name", "7"))
        #expect(
            labels == #""1st"="3","a\"\\\n"="4",exported___x="6",exported_job="5","#
                + #""exported_otel.scope.name"="7","hé.x"="GET","le-x"="1",plain="2""#)
    }

    @Test("R-LAB-11 constant labels win, the attribute becomes exported_")
    func constantLabels() throws {
        let translation = translation {
            $0.constantLabels = ConstantLabels(
                ["env": "prod", "team.name": "x", "job": "mine", "gone": ""], keepsUTF8: false)
        }
        #expect(try translation.labels() == #"env="prod",exported_job="mine",team_name="x""#)
        let clash = try translation.labels(
            Attribute("env", "dev"), Attribute("team_name", "y"), Attribute("job", "theirs"), Attribute("gone", "1"))
        #expect(
            clash == #"env="prod",exported_env="dev",exported_exported_job="theirs",exported_job="mine","#
                + #"exported_team_name="y",gone="1",team_name="x""#)
        #expect(
            ConstantLabels(["a.b": "2", "a_b": "3"], keepsUTF8: false)
                == ConstantLabels(["a_b": "2;3"], keepsUTF8: false))
    }

    @Test("R-LAB-11 a leading digit of a constant label becomes an underscore, as the format escapes it")
    func constantLabelWithDigit() throws {
        let translation = translation {
            $0.constantLabels = ConstantLabels(["9x": "1", "a b": "2", "_9x": "3"], keepsUTF8: false)
        }
        #expect(try translation.labels(Attribute("_x", "4")) == #"_9x="3",_x="1",a_b="2",exported__x="4""#)
    }

    @Test("R-LAB-09 without scope information streams of two scopes get equal labels")
    func withoutScope() throws {
        let translation = translation { $0.showsScope = false }
        for scope in [Scope("one", version: "1", [Attribute("a", "b")]), Scope("two", schemaURL: "u")] {
            #expect(try translation.labels(of: StreamIdentity(scope: scope)) == "")
        }
    }

    @Test("R-LAB-12 R-LAB-13 attributes of the resource are copied if configured; those of the point win")
    func resourceAttributes() throws {
        let stream = StreamIdentity(
            MetricIdentity("m"), [Attribute("host.name", "point")],
            resource: [
                Attribute("service.name", "svc"), Attribute("service.instance.id", "i"),
                Attribute("service.namespace", "n"), Attribute("host.name", "resource"), Attribute("os.type", "linux"),
            ])
        let own = #"instance="i",job="n/svc""#
        #expect(try translation { _ in }.labels(of: stream) == #"host_name="point","# + own)
        #expect(
            try translation { $0.resourceAttributes = .allButService }.labels(of: stream)
                == #"host_name="point","# + own + #",os_type="linux""#)
        #expect(
            try translation { $0.resourceAttributes = .all }.labels(of: stream)
                == #"host_name="point","# + own + #",os_type="linux","#
                + #"service_instance_id="i",service_name="svc",service_namespace="n""#)
    }
}
