import OTLP
import Series
import Settings
import Testing

@Suite struct WithdrawalTests {
    @Test("R-DM-03 a NoRecordedValue point for a stream that the same request evicted withdraws no other")
    func withdrawAfterEviction() throws {
        var settings = SeriesSettings()
        settings.stateLimits.maxSeries = 1
        var harness = StoreHarness(settings)
        try harness.send(sum("a", .delta, point("1", time: 1)))
        harness.now += 25 * 3600
        try harness.send(sum("b", .delta, point("1", time: 2)), sum("a", .delta, point("", time: 2, flags: 1)))
        #expect(harness.exposed() == ["b": .int(1)])
    }

    @Test("R-DM-03 nor does it trap if the row is still free")
    func withdrawVacant() throws {
        var settings = SeriesSettings()
        settings.stateLimits.maxSeries = 1
        var harness = StoreHarness(settings)
        try harness.send(sum("a", .delta, point("1", time: 1)), scope: #"{"name":"s"}"#)
        try harness.send(sum("a", .delta, point("1", time: 1)), scope: #"{"name":"t"}"#)
        harness.now += 25 * 3600
        func scope(_ name: String, _ metric: String) -> String {
            #"{"scope":{"name":"\#(name)"},"metrics":[\#(metric)]}"#
        }
        let list =
            [scope("", sum("b", .delta, point("1", time: 2)))]
            + ["s", "t"].map { scope($0, sum("a", .delta, point("", time: 2, flags: 1))) }
        try harness.sendJSON(#"{"resourceMetrics":[{"scopeMetrics":[\#(list.joined(separator: ","))]}]}"#)
        #expect(harness.exposed() == ["b": .int(1)])
    }

    @Test("R-DM-03 a NoRecordedValue point is recognised in any encoding")
    func withdrawInAnotherForm() throws {
        var harness = StoreHarness()
        try harness.send(gauge("g", point("1", time: 1, attributes: [("a", "1"), ("b", "2")])))
        try harness.send(gauge("g", point("", time: 2, attributes: [("b", "2"), ("a", "1")], flags: 1)))
        #expect(harness.exposed() == [:])
    }

    @Test("R-DM-03 a NoRecordedValue point after the first point of its stream in one request")
    func withdrawWithinOneRequest() throws {
        var harness = StoreHarness()
        try harness.send(gauge("g", point("1", time: 1), point("", time: 2, flags: 1)))
        #expect(harness.exposed() == [:])
    }

    @Test("R-DM-03 a late point does not show a withdrawn stream")
    func latePointDoesNotRestore() throws {
        var harness = StoreHarness()
        try harness.send(gauge("g", point("1", time: 10)))
        try harness.send(gauge("g", point("", time: 20, flags: 1)))
        try harness.send(gauge("g", point("9", time: 5)))
        #expect(harness.exposed() == [:])
        try harness.send(gauge("g", point("9", time: 15)))
        #expect(harness.exposed() == [:])
    }

    @Test("R-DM-03 a late NoRecordedValue point of a counter is ignored")
    func lateWithdraw() throws {
        var harness = StoreHarness()
        try harness.send(sum("c", .cumulative, point("7", start: 0, time: 20)))
        try harness.send(sum("c", .cumulative, point("", start: 0, time: 10, flags: 1)))
        #expect(harness.exposed() == ["c": .int(7)])
    }

    @Test("R-DM-03 a late point does not keep a gauge alive")
    func latePointDoesNotRefresh() throws {
        var harness = StoreHarness()
        try harness.send(gauge("g", point("1", time: 10)))
        harness.now += 200
        try harness.send(gauge("g", point("9", time: 5)))
        harness.now += 200
        #expect(harness.exposed() == [:])
    }
}
