import OTLP
import Series
import Settings
import Testing

/// Metrics that cannot be on one page together.
@Suite struct ConflictTests {
    /// Adds the unit to names; `h` is a histogram, `s` a summary.
    private struct UnitTranslation: StreamTranslation {
        func exemplarLabels(
            traceID: UnsafeRawBufferPointer, spanID: UnsafeRawBufferPointer, attributes: [Attribute]
        ) -> [UInt8] {
            PlainTranslation().exemplarLabels(traceID: traceID, spanID: spanID, attributes: attributes)
        }

        func exposure(of stream: StreamIdentity) throws(RejectionReason) -> Exposure {
            var exposure = try PlainTranslation().exposure(of: stream)
            if !stream.metric.unit.isEmpty { exposure.family.name += [UInt8(ascii: "_")] + stream.metric.unit }
            switch exposure.family.name {
            case Array("h".utf8): exposure.family.type = .histogram
            case Array("s".utf8): exposure.family.type = .summary
            default: break
            }
            return exposure
        }
    }

    private func harness(_ settings: SeriesSettings = SeriesSettings()) -> StoreHarness {
        var harness = StoreHarness(settings)
        var generator = SeededRandom(seed: 3149)
        harness.store = SeriesStore(settings: settings, translation: UnitTranslation(), using: &generator)
        return harness
    }

    @Test("R-TYPE-09 a gauge whose unit changes replaces its older series, and back")
    func unitChanges() throws {
        var harness = harness()
        let upDown = { (unit: String, value: String, time: Double, key: String) in
            sum("x", .cumulative, monotonic: false, unit: unit, point(value, time: time, attributes: [("k", key)]))
        }
        try harness.send(upDown("s", "1", 1, "a"), upDown("s", "5", 1, "b"))
        #expect(harness.exposed() == ["x_s{k=a}": .int(1), "x_s{k=b}": .int(5)])
        try harness.send(upDown("ms", "2", 2, "a"))
        #expect(harness.exposed() == ["x_ms{k=a}": .int(2), "x_s{k=b}": .int(5)])
        try harness.send(upDown("ms", "3", 3, "a"))
        #expect(harness.exposed() == ["x_ms{k=a}": .int(3), "x_s{k=b}": .int(5)])
        try harness.send(upDown("s", "4", 4, "a"))
        #expect(harness.exposed() == ["x_s{k=a}": .int(4), "x_s{k=b}": .int(5)])
    }

    @Test("R-TYPE-09 totals with two units are both shown")
    func totalsOfTwoUnitsStay() throws {
        var harness = harness()
        try harness.send(sum("x", .delta, unit: "s", point("1", time: 1)))
        try harness.send(sum("x", .delta, unit: "ms", point("2", time: 2)))
        #expect(harness.exposed() == ["x_s": .int(1), "x_ms": .int(2)])
    }

    @Test("R-TYPE-09 another scope, resource or kind with another unit is another metric")
    func otherMetricsKeepTheirUnit() throws {
        var harness = harness()
        let x = { sum("x", .delta, unit: $0, point("1", time: 1)) }
        try harness.send(x("s"))
        try harness.send(x("ms"), scope: #"{"name":"other"}"#)
        try harness.send(x("us"), resource: #"{"key":"a","value":{"stringValue":"b"}}"#)
        try harness.send(sum("x", .cumulative, unit: "ns", point("1", time: 1)))
        #expect(Set(harness.exposed().keys) == ["x_s", "x_ms", "x_us", "x_ns"])
    }

    @Test(
        "R-TYPE-09 a name cannot equal that of lines of a histogram or summary, whichever is first",
        arguments: [("h", "h_count"), ("h", "h_sum"), ("h", "h_bucket"), ("s", "s_count"), ("s", "s_sum")])
    func derivedNamesAreTaken(distribution: String, other: String) throws {
        for (first, second) in [(distribution, other), (other, distribution)] {
            var harness = harness()
            try harness.send(gauge(first, point("1", time: 1)))
            let outcome = try harness.send(gauge(second, point("1", time: 2)), gauge("ok", point("1", time: 2)))
            #expect(outcome.rejected == [.typeConflict: 1])
            #expect(harness.exposed() == [first: .int(1), "ok": .int(1)])
        }
    }

    @Test("R-TYPE-09 a name is free when its owner is removed, and the owner is rejected when it returns")
    func takenNamesBecomeFree() throws {
        var settings = SeriesSettings()
        settings.expiration.counters = 300 * 1_000_000_000
        var harness = harness(settings)
        try harness.send(gauge("h", point("1", time: 1)))
        harness.now += 301
        #expect(try harness.send(gauge("h_count", point("2", time: 2))).rejected.isEmpty)
        #expect(harness.exposed() == ["h_count": .int(2)])
        #expect(try harness.send(gauge("h", point("3", time: 3))).rejected == [.typeConflict: 1])
        harness.now += 301
        #expect(try harness.send(gauge("h", point("4", time: 4))).rejected.isEmpty)
        #expect(harness.exposed() == ["h": .int(4)])
    }

    @Test("R-TYPE-09 names that no line has are free: s_bucket, and _created if it is not written")
    func otherNamesAreFree() throws {
        var harness = harness()
        let outcome = try harness.send(
            gauge("s", point("1", time: 1)), gauge("s_bucket", point("1", time: 1)),
            gauge("h", point("1", time: 1)), gauge("h_created", point("1", time: 1)),
            gauge("g", point("1", time: 1)), gauge("g_count", point("1", time: 1)))
        #expect(outcome.rejected.isEmpty)
    }

    @Test("R-TYPE-09 if _created lines are written, their names are reserved", arguments: ["h", "foo_total"])
    func createdNamesAreTaken(owner: String) throws {
        var settings = SeriesSettings()
        settings.writesCreated = true
        let created = owner == "h" ? "h_created" : "foo_created"
        for isOwnerFirst in [true, false] {
            var harness = harness(settings)
            let metric = owner == "h" ? gauge(owner, point("1", time: 1)) : sum(owner, .delta, point("1", time: 1))
            let metrics = [metric, gauge(created, point("1", time: 1))]
            let ordered = isOwnerFirst ? metrics : metrics.reversed()
            #expect(try harness.send(ordered[0]).rejected.isEmpty)
            #expect(try harness.send(ordered[1]).rejected == [.typeConflict: 1])
        }
    }

    @Test(
        "R-TYPE-09 a histogram x_total has lines x_total_created: x_created is free",
        arguments: [false, true])
    func onlyCountersLoseTotal(isOwnerFirst: Bool) throws {
        var settings = SeriesSettings()
        settings.writesCreated = true
        var harness = StoreHarness(settings)
        let owner = histogram("x_total", .delta, bucketed([1], [1, 2], time: 10))
        for isOwner in [isOwnerFirst, !isOwnerFirst] {
            let outcome =
                isOwner ? try harness.send(owner) : try harness.send(gauge("x_created", point("1", time: 1)))
            #expect(outcome.rejected.isEmpty)
        }
        #expect(try harness.send(gauge("x_total_created", point("1", time: 1))).rejected == [.typeConflict: 1])
    }

    @Test("R-TGT-01 the snapshot holds the resources whose points counted within the expiry of gauges")
    func targetsAreLive() throws {
        var harness = harness()
        let resource = { (name: String) in #"{"key":"a","value":{"stringValue":"\#(name)"}}"# }
        try harness.send(gauge("g", point("1", time: 1)), resource: resource("one"))
        try harness.send(sum("c", .delta, point("-1", time: 1)), resource: resource("rejected"))
        harness.now += 200
        try harness.send(gauge("g", point("1", time: 1)), resource: resource("two"))
        #expect(targets(&harness) == ["one", "two"])
        harness.now += 200
        #expect(targets(&harness) == ["two"])
        try harness.send(gauge("g", point("1", time: 2)), resource: resource("one"))
        #expect(targets(&harness) == ["one", "two"])
    }

    private func targets(_ harness: inout StoreHarness) -> [String] {
        harness.store.snapshot(at: UnixNanoseconds(harness.now * 1e9)).targets.map { target in
            guard case .string(let text)? = target.resource.attributes.first?.value else { return "" }
            return String(decoding: text, as: UTF8.self)
        }.sorted()
    }
}
