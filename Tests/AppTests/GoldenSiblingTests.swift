import Testing

/// Variants of recorded cases, with the page of the Collector by its source code.
@Suite struct GoldenSiblingTests {
    private static func export(_ metrics: String, _ attributes: (String, String)...) -> String {
        let list = attributes.map { #"{"key":"\#($0.0)","value":{"stringValue":"\#($0.1)"}}"# }.joined(separator: ",")
        return
            #"{"resourceMetrics":[{"resource":{"attributes":[\#(list)]},"scopeMetrics":[{"metrics":[\#(metrics)]}]}]}"#
    }

    private static func gauge(_ name: String, unit: String = "", description: String = "", attributes: String = "")
        -> String
    {
        #"{"name":"\#(name)","unit":"\#(unit)","description":"\#(description)","gauge":{"dataPoints":["#
            + #"{"asInt":"1","timeUnixNano":"1700000060000000000","attributes":[\#(attributes)]}]}}"#
    }

    /// The page after exports of these bodies, without empty help texts.
    private func page(_ options: String, _ bodies: String...) async throws -> String {
        let exporter = options.split(separator: "\n").map { "    \($0)\n" }.joined()
        return try await AppInProcess.run(TestConfiguration.collector(exporter: exporter)) { collector in
            for body in bodies { _ = try collector.post(body) }
            let lines = try collector.scrapeText().split(separator: "\n")
            return lines.filter { !$0.hasPrefix("# HELP ") || $0.last != " " }.joined(separator: "\n")
        }
    }

    @Test("R-TGT-01 R-NAME-15 R-LAB-11 a target with only its identity, with a namespace and constant labels")
    func identityAlone() async throws {
        let body = Self.export(Self.gauge("g"), ("service.name", "svc"), ("service.instance.id", "i"))
        #expect(
            try await page("namespace: my--app\nconst_labels: {9x: a}", body) == """
                # TYPE my__app_g gauge
                my__app_g{_x="a",instance="i",job="svc"} 1
                # HELP my__app_target_info Target metadata
                # TYPE my__app_target_info gauge
                my__app_target_info{instance="i",job="svc"} 1
                """)
    }

    @Test("R-NAME-14 NoUTF8EscapingWithSuffixes adds units unchanged, and the text format escapes them")
    func unitsInUTF8() async throws {
        let names = [("a.b", "m^3"), ("c", "°C"), ("d.bytes", "By"), ("e.ratio", "1"), ("f", "{x}/min")]
        let body = Self.export(names.map { Self.gauge($0.0, unit: $0.1) }.joined(separator: ","))
        let shown = ["a_b_m_3", "c__C", "d_bytes", "e_ratio", "f_per_min"]
        #expect(
            try await page("translation_strategy: NoUTF8EscapingWithSuffixes", body)
                == shown.map { "# TYPE \($0) gauge\n\($0) 1" }.joined(separator: "\n"))
    }

    @Test("R-TYPE-09 the help of a series whose description changed before the first scrape is the newest")
    func newestDescription() async throws {
        let bodies = ["first", "second"].map { Self.export(Self.gauge("x", description: $0)) }
        #expect(try await page("", bodies[0], bodies[1]) == "# HELP x second\n# TYPE x gauge\nx 1")
    }

    @Test("R-JSON-17 a label cut within an emoji by JavaScript loses only the half emoji")
    func halfEmoji() async throws {
        let attribute = #"{"key":"k","value":{"stringValue":"cut\ud83d"}}"#
        let body = Self.export(Self.gauge("g", attributes: attribute))
        #expect(try await page("", body) == "# TYPE g gauge\ng{k=\"cut\u{FFFD}\"} 1")
    }
}
