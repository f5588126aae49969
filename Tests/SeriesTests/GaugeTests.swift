import OTLP
import Series
import Settings
import Testing

@Suite struct GaugeTests {
    @Test("the newest time wins, whatever the order of arrival")
    func newestTimeWins() throws {
        var harness = StoreHarness()
        for (value, time) in [("1", 10.0), ("2", 30), ("3", 20)] {
            try harness.send(gauge("g", point(value, time: time)))
        }
        #expect(harness.exposed() == ["g": .int(2)])
        #expect(harness.store.counters.latePoints == 1)
    }

    @Test("of equal times the later arrival wins, also within one request")
    func laterArrivalWins() throws {
        var harness = StoreHarness()
        try harness.send(gauge("g", point("1", time: 10), point("2", time: 10)))
        #expect(harness.exposed() == ["g": .int(2)])
        try harness.send(gauge("g", point("3", time: 10)))
        #expect(harness.exposed() == ["g": .int(3)])
    }

    @Test("a gauge point without a time has that of its arrival")
    func missingTimeIsArrival() throws {
        var harness = StoreHarness()
        try harness.send(gauge("g", point("1")))
        harness.now += 1
        try harness.send(gauge("g", point("2")))
        #expect(harness.exposed() == ["g": .int(2)])
    }

    @Test("R-TYPE-11 gauges may be NaN and infinite")
    func gaugesMayBeInfinite() throws {
        var harness = StoreHarness()
        try harness.send(gauge("g", point("\"-Infinity\"", time: 1)), gauge("n", point("\"NaN\"", time: 1)))
        let exposed = harness.exposed()
        #expect(exposed["g"] == .double(-.infinity))
        guard case .number(.double(let value))? = exposed["n"] else { return #expect(Bool(false)) }
        #expect(value.isNaN)
    }

    @Test("R-TYPE-03 a cumulative up-down counter follows its newest point")
    func upDownCounterFollowsNewest() throws {
        var harness = StoreHarness()
        try harness.send(sum("u", .cumulative, monotonic: false, point("5", start: 0, time: 10)))
        try harness.send(sum("u", .cumulative, monotonic: false, point("-3", start: 0, time: 20)))
        try harness.send(sum("u", .cumulative, monotonic: false, point("9", start: 0, time: 15)))
        #expect(harness.exposed() == ["u": .int(-3)])
    }

    @Test("R-TYPE-11 a cumulative up-down counter may be NaN and infinite, and be a number again")
    func upDownCountersMayBeInfinite() throws {
        var harness = StoreHarness()
        let hosts = ["a", "b"].map { #"{"key":"host","value":{"stringValue":"\#($0)"}}"# }
        let send = { (harness: inout StoreHarness, value: String, time: Double, host: String) in
            let outcome = try harness.send(
                sum("u", .cumulative, monotonic: false, point(value, time: time)), resource: host)
            #expect(outcome.rejected.isEmpty)
        }
        try send(&harness, "\"Infinity\"", 1, hosts[0])
        #expect(harness.exposed() == ["u": .double(.infinity)])
        try send(&harness, "5", 1, hosts[1])
        #expect(harness.exposed() == ["u": .double(.infinity)])
        try send(&harness, "\"-Infinity\"", 2, hosts[1])
        guard case .number(.double(let value))? = harness.exposed()["u"] else { return #expect(Bool(false)) }
        #expect(value.isNaN)
        try send(&harness, "7", 3, hosts[1])
        try send(&harness, "1", 3, hosts[0])
        #expect(harness.exposed() == ["u": .int(8)])
    }

    @Test("up-down counters of two resources shown as one series add up, gauges do not")
    func upDownCountersAddUp() throws {
        var harness = StoreHarness()
        for (index, host) in ["a", "b"].enumerated() {
            try harness.send(
                sum("u", .cumulative, monotonic: false, point("5", start: 0, time: 10)),
                gauge("g", point("\(index + 1)", time: 10)),
                resource: #"{"key":"host","value":{"stringValue":"\#(host)"}}"#)
        }
        #expect(harness.exposed() == ["u": .int(10), "g": .int(2)])
    }

    @Test("a gauge and an up-down counter of one name: the newest time wins", arguments: [(10.0, 20.0), (20.0, 10.0)])
    func gaugeAgainstUpDownCounter(gaugeTime: Double, sumTime: Double) throws {
        var harness = StoreHarness()
        try harness.send(gauge("x", point("1", time: gaugeTime)))
        try harness.send(sum("x", .cumulative, monotonic: false, point("2", time: sumTime)))
        #expect(harness.exposed() == ["x": .int(gaugeTime > sumTime ? 1 : 2)])
    }

    @Test("R-DM-03 a stream is withdrawn in any encoding of its attributes, and in the request that created it")
    func noRecordedValueFindsItsStream() throws {
        var harness = StoreHarness()
        let written = [("a", "1"), ("b", "2")]
        try harness.send(gauge("g", point("1", time: 1, attributes: written)))
        try harness.send(gauge("g", point("", time: 2, attributes: written.reversed(), flags: 1)))
        #expect(harness.exposed() == [:])
        try harness.send(
            gauge("h", point("1", time: 1, attributes: written), point("", time: 2, attributes: written, flags: 1)))
        #expect(harness.exposed() == [:])
        #expect(harness.store.counts.streams == 2)
    }

    @Test("R-DM-03 a NoRecordedValue point withdraws its stream until its next point with a value; other points count")
    func noRecordedValueWithdraws() throws {
        var harness = StoreHarness()
        let a = [("k", "a")]
        let b = [("k", "b")]
        try harness.send(gauge("g", point("1", time: 1, attributes: a), point("2", time: 1, attributes: b)))
        let outcome = try harness.send(
            gauge("g", point("", time: 2, attributes: a, flags: 1), point("22", time: 2, attributes: b)))
        #expect(outcome == ExportOutcome(acceptedPoints: 2))
        #expect(harness.exposed() == ["g{k=b}": .int(22)])
        try harness.send(gauge("g", point("3", time: 3, attributes: a)))
        #expect(harness.exposed() == ["g{k=a}": .int(3), "g{k=b}": .int(22)])
    }

    @Test("R-DM-03 a series is hidden when all its writers are withdrawn; its total continues when one returns")
    func counterReturnsWithItsTotal() throws {
        var harness = StoreHarness()
        func send(_ harness: inout StoreHarness, _ host: String, _ point: String) throws {
            try harness.send(
                sum("c", .delta, point), resource: #"{"key":"host","value":{"stringValue":"\#(host)"}}"#)
        }
        try send(&harness, "a", point("5", time: 1))
        try send(&harness, "b", point("7", time: 1))
        try send(&harness, "a", point("", time: 2, flags: 1))
        #expect(harness.exposed() == ["c": .int(12)])
        try send(&harness, "b", point("", time: 2, flags: 1))
        #expect(harness.exposed().isEmpty)
        try send(&harness, "b", point("1", time: 3))
        #expect(harness.exposed() == ["c": .int(13)])
    }

    @Test("R-DM-03 a NoRecordedValue point of an unknown stream creates nothing")
    func noRecordedValueMakesNothing() throws {
        var harness = StoreHarness()
        #expect(try harness.send(gauge("g", point("", time: 2, flags: 1))) == ExportOutcome(acceptedPoints: 1))
        #expect(harness.store.counts.series == 0)
    }

    @Test("R-JSON-20 a point without a value is rejected")
    func missingValueIsRejected() throws {
        var harness = StoreHarness()
        #expect(try harness.send(gauge("g", point("", time: 2))).rejected == [.missingValue: 1])
    }

    @Test("R-LIFE-01 gauges expire, counters stay")
    func gaugesExpire() throws {
        var harness = StoreHarness()
        try harness.send(gauge("g", point("1", time: 1)), sum("c", .delta, point("1", time: 1)))
        harness.now += 299
        #expect(harness.exposed().count == 2)
        harness.now += 1
        #expect(harness.exposed() == ["c": .int(1)])
        try harness.send(gauge("g", point("2", time: 2)))
        #expect(harness.exposed() == ["c": .int(1), "g": .int(2)])
    }

    @Test("R-LIFE-02 an expired counter that returns continues its total and keeps its start")
    func expiredCounterContinues() throws {
        var settings = SeriesSettings()
        settings.expiration.counters = 60 * 1_000_000_000
        var harness = StoreHarness(settings)
        try harness.send(sum("c", .delta, point("5", start: 0, time: 1)))
        harness.now += 61
        #expect(harness.exposed().isEmpty)
        try harness.send(sum("c", .delta, point("6", start: 60, time: 61)))
        #expect(harness.exposed() == ["c": .int(11)])
        #expect(harness.startTime(of: "c") == 1_700_000_000_000_000_000)
    }

    @Test("an up-down counter of an ended process leaves the sum when it expires")
    func expiredStreamLeavesTheSum() throws {
        var harness = StoreHarness()
        let gone = #"{"name":"a"}"#
        let left = #"{"name":"b"}"#
        try harness.send(sum("u", .cumulative, monotonic: false, point("5", time: 1)), scope: gone)
        try harness.send(sum("u", .cumulative, monotonic: false, point("3", time: 1)), scope: left)
        #expect(harness.exposed() == ["u": .int(8)])
        harness.now += 200
        try harness.send(sum("u", .cumulative, monotonic: false, point("3", time: 201)), scope: left)
        #expect(harness.exposed() == ["u": .int(8)])
        harness.now += 101
        #expect(harness.exposed() == ["u": .int(3)])
        try harness.send(sum("u", .cumulative, monotonic: false, point("6", time: 302)), scope: gone)
        #expect(harness.exposed() == ["u": .int(9)])
    }
}
