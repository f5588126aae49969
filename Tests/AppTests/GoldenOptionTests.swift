import Testing

/// Cases in which the Collector loses points or targets because of options, resources or colliding names, with the
/// expected page.
@Suite struct GoldenOptionTests {
    private static let always = "odometer:\n  target_info: always\n"
    private static let scope = #"job="svc",otel_scope_name="scope""#

    private static func info(_ labels: String...) -> String {
        "# HELP target_info Target metadata\n# TYPE target_info gauge\n"
            + labels.map { "target_info{\($0)} 1\n" }.joined()
    }

    private static func gauge(_ name: String, _ series: (labels: String, value: Int)...) -> String {
        "# HELP \(name)\n# TYPE \(name) gauge\n" + series.map { "\(name){\($0.labels)} \($0.value)\n" }.joined()
    }

    @Test("R-LAB-11 const_labels win, no point is lost")
    func constantLabelsClash() async throws {
        let run = try await GoldenRun("opt_const_labels_clash")
        #expect(run.statuses == [200])
        #expect(
            run.page == Self.gauge("g", (#"env="prod",exported_env="dev","# + Self.scope, 1))
                + Self.gauge("ok", (#"env="prod","# + Self.scope, 1)))
    }

    @Test("R-LAB-09 without scope information two scopes are one series, always the same")
    func twoScopesWithoutScope() async throws {
        let run = try await GoldenRun("scope_info_off_two_scopes")
        #expect(run.statuses == [200])
        // Two counters, so that a missing start does not matter (R-CUM-05).
        #expect(run.page == "# HELP c_total\n# TYPE c_total counter\nc_total{job=\"svc\"} 3\n")
    }

    @Test("R-LAB-12 R-TGT-01 two hosts are distinct with copied attributes, and are one target")
    func twoHosts() async throws {
        let run = try await GoldenRun("opt_r2t_two_hosts", settings: Self.always)
        let rest = Self.scope + #",service_name="svc""#
        #expect(
            run.page == """
                # HELP c_total
                # TYPE c_total counter
                c_total{host_name="h1",\(rest)} 1
                c_total{host_name="h2",\(rest)} 2

                """ + Self.info(#"job="svc""#))
    }

    @Test("R-TGT-03 a target without an instance has the attributes of its resource, if configured")
    func targetWithoutInstance() async throws {
        let run = try await GoldenRun("resource_name_and_more", settings: Self.always)
        #expect(run.page == Self.gauge("g", (Self.scope, 1)) + Self.info(#"host_name="h1",job="svc""#))
    }

    @Test("R-TGT-03 a resource that changes is one target")
    func changingResource() async throws {
        let run = try await GoldenRun("resource_changes", settings: Self.always)
        #expect(
            run.page == Self.gauge("g", (Self.scope, 2)) + Self.gauge("old", (Self.scope, 1))
                + Self.info(#"job="svc""#))
    }

    @Test("R-LAB-10 R-TGT-02 names and instances that are not strings are written as text")
    func resourceTypes() async throws {
        let run = try await GoldenRun("resource_types")
        #expect(
            run.page == Self.gauge("g", (#"instance="true",job="7",otel_scope_name="scope""#, 1))
                + Self.info(#"instance="true",job="7",x="1""#))
    }

    @Test("R-TGT-03 two resources of one job and instance are one target, without differing attributes")
    func twoResourcesOfOneTarget() async throws {
        let run = try await GoldenRun("target_info_two_for_one_job")
        let labels = #"instance="i-1","# + Self.scope
        #expect(
            run.page == Self.gauge("g1", (labels, 1)) + Self.gauge("g2", (labels, 2))
                + Self.info(#"instance="i-1",job="svc""#))
    }

    @Test("R-LAB-05 R-TGT-02 a reserved attribute is renamed, the target stays")
    func reservedResourceAttribute() async throws {
        let run = try await GoldenRun("target_info_reserved_attribute")
        #expect(
            run.page == Self.gauge("g", (#"instance="i-1","# + Self.scope, 1))
                + Self.info(#"exported___x__="1",instance="i-1",job="svc""#))
    }

    @Test("R-TYPE-09 names that become equal are one family: of gauges the newest is shown")
    func afterSanitising() async throws {
        let run = try await GoldenRun("conflict_after_sanitising")
        #expect(run.statuses == [200])
        #expect(run.page == Self.gauge("a_b", (Self.scope, 2)) + Self.gauge("ok", (Self.scope, 1)))
        let labelled = try await GoldenRun("conflict_after_sanitising_labels")
        let rest = #"otel_scope_name="scope""#
        #expect(
            labelled.page
                == Self.gauge("a_b", (#"job="svc",k="1","# + rest, 1), (#"job="svc",k="2","# + rest, 2)))
    }

    @Test("R-TYPE-03 R-TYPE-09 a gauge and an up-down counter of one name are one gauge")
    func gaugeAndUpDownCounter() async throws {
        let run = try await GoldenRun("conflict_gauge_updown")
        #expect(run.page == Self.gauge("x", (Self.scope, 3)))
    }

    @Test("R-TYPE-09 R-HTTP-07 the first type of a name stays, the other is rejected and reported")
    func typeInSequence() async throws {
        let run = try await GoldenRun("conflict_type_in_sequence")
        #expect(run.statuses == [200, 200])
        #expect(try run.partialSuccess(1) == nil)
        #expect(try run.partialSuccess(2)?.rejected == 1)
        #expect(run.page == Self.gauge("x_total", (Self.scope, 1)))
    }
}
