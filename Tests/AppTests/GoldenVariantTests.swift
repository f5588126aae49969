import Testing

/// Variants of the recorded cases: the same rules for other types and options, each with its expected page.
@Suite struct GoldenVariantTests {
    private static let time = #""timeUnixNano":"1700000060000000000""#

    /// The data of a metric with one point of each type.
    private static func metrics(_ name: String, _ value: Int, time: String = ",\(time)") -> String {
        let number = #""dataPoints":[{"asInt":"\#(value)"\#(time)}]"#
        let histogram = #""count":"\#(3 * value)","sum":\#(value),"explicitBounds":[1]"#
        let counts = #""bucketCounts":["\#(value)","\#(2 * value)"]"#
        return [
            #"{"name":"\#(name).c","sum":{"aggregationTemporality":2,"isMonotonic":true,\#(number)}}"#,
            #"{"name":"\#(name).d","sum":{"aggregationTemporality":1,"isMonotonic":true,\#(number)}}"#,
            #"{"name":"\#(name).g","gauge":{\#(number)}}"#,
            #"{"name":"\#(name).h","histogram":{"aggregationTemporality":2,"#
                + #""dataPoints":[{\#(histogram),\#(counts)\#(time)}]}}"#,
            #"{"name":"\#(name).s","summary":{"dataPoints":[{"count":"\#(value)","sum":\#(value),"#
                + #""quantileValues":[{"quantile":0.5,"value":\#(value)}]\#(time)}]}}"#,
            #"{"name":"\#(name).u","sum":{"aggregationTemporality":2,\#(number)}}"#,
        ].joined(separator: ",")
    }

    private static func resource(_ attributes: (String, String)..., scopes: [(name: String, metrics: String)]) -> String
    {
        let list = attributes.map { #"{"key":"\#($0.0)","value":{"stringValue":"\#($0.1)"}}"# }.joined(separator: ",")
        let scopes = scopes.map { #"{"scope":{"name":"\#($0.name)"},"metrics":[\#($0.metrics)]}"# }
        return #"{"resource":{"attributes":[\#(list)]},"scopeMetrics":[\#(scopes.joined(separator: ","))]}"#
    }

    /// The page after exports of these resources, one an export.
    private func page(_ options: String, _ resources: String...) async throws -> String {
        let exporter = options.split(separator: "\n").map { "    \($0)\n" }.joined()
        return try await AppInProcess.run(TestConfiguration.collector(exporter: exporter)) { collector in
            for resource in resources {
                _ = try collector.post(#"{"resourceMetrics":[\#(resource)]}"#)
            }
            // Without the empty help texts, which end in a space.
            let lines = try collector.scrapeText().split(separator: "\n")
            return lines.filter { !$0.hasPrefix("# HELP ") || $0.last != " " }.joined(separator: "\n")
        }
    }

    /// The page of `metrics` if counters, histograms and sums add up and gauges and summaries show the newest.
    private static func merged(total: Int, newest: Int, labels: String, time: String = "") -> String {
        let list = "{\(labels)}"
        return """
            # TYPE x_c_total counter
            x_c_total\(list) \(total)\(time)
            # TYPE x_d_total counter
            x_d_total\(list) \(total)\(time)
            # TYPE x_g gauge
            x_g\(list) \(newest)\(time)
            # TYPE x_h histogram
            x_h_bucket{\(labels),le="1"} \(total)\(time)
            x_h_bucket{\(labels),le="+Inf"} \(3 * total)\(time)
            x_h_sum\(list) \(total)\(time)
            x_h_count\(list) \(3 * total)\(time)
            # TYPE x_s summary
            x_s{\(labels),quantile="0.5"} \(newest)\(time)
            x_s_sum\(list) \(newest)\(time)
            x_s_count\(list) \(newest)\(time)
            # TYPE x_u gauge
            x_u\(list) \(total)\(time)
            """
    }

    @Test("R-LAB-09 R-CUM-05 two scopes without scope information add up, for all types")
    func scopesAddUp() async throws {
        let scopes = [("one", Self.metrics("x", 1)), ("two", Self.metrics("x", 2))]
        let page = try await page("without_scope_info: true", Self.resource(("service.name", "svc"), scopes: scopes))
        #expect(page == Self.merged(total: 3, newest: 2, labels: #"job="svc""#))
    }

    @Test("R-TYPE-09 names that become equal add up, for all types")
    func namesAddUp() async throws {
        let scopes = [("s", Self.metrics("x", 1) + "," + Self.metrics("_x", 4))]
        let page = try await page("", Self.resource(("service.name", "svc"), scopes: scopes))
        #expect(page == Self.merged(total: 5, newest: 4, labels: #"job="svc",otel_scope_name="s""#))
    }

    @Test("R-DM-01 R-CUM-05 two hosts without an instance add up, for all types")
    func hostsAddUp() async throws {
        let page = try await page(
            "", Self.resource(("service.name", "svc"), ("host.name", "1"), scopes: [("s", Self.metrics("x", 1))]),
            Self.resource(("service.name", "svc"), ("host.name", "2"), scopes: [("s", Self.metrics("x", 2))]))
        #expect(page == Self.merged(total: 3, newest: 2, labels: #"job="svc",otel_scope_name="s""#))
    }

    @Test("R-TS-01 R-TS-02 a point without a time gets no timestamp, for all types", arguments: [true, false])
    func missingTime(isMissing: Bool) async throws {
        let metrics = Self.metrics("x", 7, time: isMissing ? "" : ",\(Self.time)")
        let page = try await page(
            "send_timestamps: true", Self.resource(("service.name", "svc"), scopes: [("s", metrics)]))
        #expect(
            page
                == Self.merged(
                    total: 7, newest: 7, labels: #"job="svc",otel_scope_name="s""#,
                    time: isMissing ? "" : " 1700000060000"))
    }

    @Test("R-LAB-04 R-LAB-11 R-LAB-12 R-TGT-02 R-TGT-03 combined options: no duplicate label, no lost point")
    func optionsTogether() async throws {
        let gauge =
            #"{"name":"g","gauge":{"dataPoints":[{"asInt":"1","attributes":["#
            + #"{"key":"env","value":{"stringValue":"dev"}}]}]}}"#
        let page = try await page(
            "namespace: 9ns\nconst_labels: {env: prod}\nresource_to_telemetry_conversion: {enabled: true}",
            Self.resource(
                ("service.name", "svc"), ("service.instance.id", "i"), ("os_type", "b"), ("os.type", "a"),
                scopes: [("s", gauge)]))
        let copied = #"os_type="a;b",otel_scope_name="s",service_instance_id="i",service_name="svc""#
        #expect(
            page == """
                # TYPE _9ns_g gauge
                _9ns_g{env="prod",exported_env="dev",instance="i",job="svc",\(copied)} 1
                # HELP _9ns_target_info Target metadata
                # TYPE _9ns_target_info gauge
                _9ns_target_info{instance="i",job="svc",os_type="a;b"} 1
                """)
    }
}
