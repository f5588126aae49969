import OTLP
import Series
import Settings
import Testing

@Suite struct DeltaTests {
    @Test("R-D2C-01 the first delta is the total, its start the start of the total")
    func firstDeltaIsTheTotal() throws {
        var harness = StoreHarness()
        try harness.send(sum("c", .delta, point("5", start: 0, time: 10)))
        #expect(harness.exposed() == ["c": .int(5)])
        #expect(harness.startTime(of: "c") == 1_700_000_000_000_000_000)
    }

    @Test("R-D2C-02 R-ST-04 an aligned delta adds up and keeps the original start")
    func alignedDeltaAddsUp() throws {
        var harness = StoreHarness()
        try harness.send(sum("c", .delta, point("5", start: 0, time: 10)))
        try harness.send(sum("c", .delta, point("7", start: 10, time: 20)))
        #expect(harness.exposed() == ["c": .int(12)])
        #expect(harness.startTime(of: "c") == 1_700_000_000_000_000_000)
        #expect(harness.store.counters.gaps == 0)
        #expect(harness.store.counters.overlaps == 0)
    }

    @Test("R-D2C-05 R-DM-05 a gap continues the total and is counted")
    func gapContinuesTotal() throws {
        var harness = StoreHarness()
        try harness.send(sum("c", .delta, point("5", start: 0, time: 10)))
        try harness.send(sum("c", .delta, point("7", start: 60, time: 70)))
        #expect(harness.exposed() == ["c": .int(12)])
        #expect(harness.store.counters.gaps == 1)
    }

    @Test("R-D2C-06 R-DM-05 overlapping windows are two writers and both count")
    func overlapCountsBoth() throws {
        var harness = StoreHarness()
        try harness.send(sum("c", .delta, point("5", start: 0, time: 10)))
        try harness.send(sum("c", .delta, point("7", start: 5, time: 15)))
        #expect(harness.exposed() == ["c": .int(12)])
        #expect(harness.store.counters.overlaps == 1)
    }

    @Test("R-D2C-06 a point repeated in a later request is a duplicate")
    func resentPointIsIgnored() throws {
        var harness = StoreHarness()
        try harness.send(sum("c", .delta, point("5", start: 0, time: 10)))
        try harness.send(sum("c", .delta, point("7", start: 10, time: 20)))
        let outcome = try harness.send(sum("c", .delta, point("7", start: 10, time: 20)))
        #expect(harness.exposed() == ["c": .int(12)])
        #expect(outcome == ExportOutcome(acceptedPoints: 1))
        #expect(harness.store.counters.duplicatePoints == 1)
    }

    @Test("R-D2C-06 the retry of an older batch after a newer one is still a duplicate")
    func overtakenRetryIsIgnored() throws {
        var harness = StoreHarness()
        for (start, value) in [(0.0, "1"), (10, "2"), (20, "4"), (0, "1"), (10, "2")] {
            try harness.send(sum("c", .delta, point(value, start: start, time: start + 10)))
        }
        #expect(harness.exposed() == ["c": .int(7)])
    }

    @Test("equal points within one request all count, and all are duplicates when the request is retried")
    func equalPointsWithinOneRequestCount() throws {
        var harness = StoreHarness()
        let twice = sum("c", .delta, point("5", start: 0, time: 10), point("5", start: 0, time: 10))
        try harness.send(twice)
        #expect(harness.exposed() == ["c": .int(10)])
        try harness.send(twice)
        #expect(harness.exposed() == ["c": .int(10)])
        #expect(harness.store.counters.duplicatePoints == 2)
    }

    @Test("an equal window with another value is another writer")
    func equalWindowWithAnotherValueCounts() throws {
        var harness = StoreHarness()
        try harness.send(sum("c", .delta, point("5", start: 0, time: 10)))
        try harness.send(sum("c", .delta, point("6", start: 0, time: 10)))
        try harness.send(sum("c", .delta, point("5.0", start: 0, time: 10)))
        #expect(harness.exposed() == ["c": .double(16)])
    }

    @Test("R-D2C-07 points without a start add up; a repeated one with a time is a duplicate")
    func missingStartAddsUp() throws {
        var harness = StoreHarness()
        try harness.send(sum("c", .delta, point("5", time: 10)))
        try harness.send(sum("c", .delta, point("7", time: 20)))
        try harness.send(sum("c", .delta, point("7", time: 20)))
        #expect(harness.exposed() == ["c": .int(12)])
    }

    @Test("a point without a time is never a duplicate")
    func pointWithoutTimeAlwaysCounts() throws {
        var harness = StoreHarness()
        for _ in 0..<3 { try harness.send(sum("c", .delta, point("5"))) }
        #expect(harness.exposed() == ["c": .int(15)])
    }

    @Test("R-D2C-04 a late delta still counts")
    func lateDeltaCounts() throws {
        var harness = StoreHarness()
        try harness.send(sum("c", .delta, point("5", start: 100, time: 110)))
        try harness.send(sum("c", .delta, point("7", start: 50, time: 60)))
        #expect(harness.exposed() == ["c": .int(12)])
    }

    @Test("R-D2C-08 a first point with start = time is recorded")
    func unknownStartIsRecorded() throws {
        var harness = StoreHarness()
        try harness.send(sum("c", .delta, point("5", start: 10, time: 10)))
        #expect(harness.exposed() == ["c": .int(5)])
        // The total starts when it is first seen: the interval before is not known.
        #expect(harness.startTime(of: "c") == 1_700_000_010_000_000_000)
        #expect(harness.store.counters.gaps == 0 && harness.store.counters.overlaps == 0)
    }

    @Test("R-D2C-03 integers and doubles add up without loss")
    func integersAndDoublesMix() throws {
        var harness = StoreHarness()
        let large = "9007199254740993"
        try harness.send(sum("i", .delta, point(large, time: 1)), sum("m", .delta, point(large, time: 1)))
        try harness.send(sum("i", .delta, point("2", time: 2)), sum("m", .delta, point("0.5", time: 2)))
        try harness.send(sum("m", .delta, point("1", time: 3)))
        #expect(harness.exposed() == ["i": .int(9_007_199_254_740_995), "m": .double(9_007_199_254_740_994.5)])
    }

    @Test("a million cents are exactly ten thousand dollars")
    func doublesAreCompensated() throws {
        var harness = StoreHarness()
        let points = (0..<1000).map { _ in point("0.01", start: 0, time: 10) }.joined(separator: ",")
        for _ in 0..<100 {
            try harness.send(
                #"{"name":"c","sum":{"aggregationTemporality":1,"isMonotonic":true,"dataPoints":[\#(points.replacing("\(nanoseconds(10))", with: "0"))]}}"#
            )
        }
        #expect(harness.exposed() == ["c": .double(1000)])
    }

    @Test("R-D2C-11 beyond Int64 the total continues as a double")
    func overflowBecomesDouble() throws {
        var harness = StoreHarness()
        for time in 1...3 { try harness.send(sum("c", .delta, point("9223372036854775807", time: Double(time)))) }
        #expect(harness.exposed() == ["c": .double(3 * 9_223_372_036_854_775_807.0)])
    }

    @Test("R-D2C-11 beyond the range of doubles the total stays finite")
    func doubleOverflowStaysFinite() throws {
        var harness = StoreHarness()
        for time in 1...3 { try harness.send(sum("c", .delta, point("1.7e308", time: Double(time)))) }
        #expect(harness.exposed() == ["c": .double(.greatestFiniteMagnitude)])
    }

    @Test("R-D2C-09 a negative delta of a monotonic sum is rejected, its neighbours count")
    func negativeDeltaIsRejected() throws {
        var harness = StoreHarness()
        let outcome = try harness.send(
            sum("c", .delta, point("5", time: 1), point("-1", time: 2), point("-0.5", time: 3), point("2", time: 4)))
        #expect(harness.exposed() == ["c": .int(7)])
        #expect(outcome.rejected == [.negativeIncrement: 2])
        #expect(outcome.acceptedPoints == 2)
        #expect(outcome.firstRejectedMetric == "c")
    }

    @Test("R-D2C-10 NaN and infinite increments are rejected", arguments: ["\"NaN\"", "\"Infinity\"", "\"-Infinity\""])
    func notFiniteIsRejected(value: String) throws {
        var harness = StoreHarness()
        let outcome = try harness.send(
            sum("c", .delta, point(value, time: 1)), sum("u", .delta, monotonic: false, point(value, time: 1)))
        #expect(outcome.rejected == [.notFinite: 2])
        #expect(harness.exposed().isEmpty)
    }

    @Test("R-D2C-12 a non-monotonic delta accumulates into a gauge")
    func upDownDeltaAccumulates() throws {
        var harness = StoreHarness()
        try harness.send(sum("u", .delta, monotonic: false, point("5", start: 0, time: 10)))
        try harness.send(sum("u", .delta, monotonic: false, point("-7", start: 10, time: 20)))
        #expect(harness.exposed() == ["u": .int(-2)])
    }

    @Test("R-DM-04 a sum without temporality is rejected")
    func unspecifiedTemporalityIsRejected() throws {
        var harness = StoreHarness()
        let outcome = try harness.send(sum("c", .unspecified, point("5", time: 1), point("6", time: 2)))
        #expect(outcome.rejected == [.unspecifiedTemporality: 2])
        #expect(harness.exposed().isEmpty)
    }

    @Test("windows are forgotten after their retention, by arrival")
    func windowsExpire() throws {
        var harness = StoreHarness()
        try harness.send(sum("c", .delta, point("5", start: 0, time: 10)))
        harness.now += 14 * 60
        try harness.send(sum("c", .delta, point("5", start: 0, time: 10)))
        #expect(harness.exposed() == ["c": .int(5)])
        harness.now += 2 * 60
        harness.store.maintain(at: UnixNanoseconds(harness.now * 1e9))
        #expect(harness.store.counts.windowMemory == 0)
        try harness.send(sum("c", .delta, point("5", start: 0, time: 10)))
        #expect(harness.exposed() == ["c": .int(10)])
    }

    @Test("the newest windows of a stream are remembered, up to the limit")
    func windowsPerStreamAreBounded() throws {
        var settings = SeriesSettings()
        settings.windowsPerStreamLimit = 4
        var harness = StoreHarness(settings)
        for time in 1...10 { try harness.send(sum("c", .delta, point("1", time: Double(time)))) }
        for time in 7...10 { try harness.send(sum("c", .delta, point("1", time: Double(time)))) }
        #expect(harness.exposed() == ["c": .int(10)])
        #expect(harness.store.counters.forgottenWindows == 6)
        try harness.send(sum("c", .delta, point("1", time: 1)))
        #expect(harness.exposed() == ["c": .int(11)])
    }

    @Test("the memory of all windows is bounded: the oldest are forgotten first and counted")
    func windowMemoryIsBounded() throws {
        var settings = SeriesSettings()
        settings.retention.maxWindowsMemory = 100 * 40
        var harness = StoreHarness(settings)
        for second in 1...300 {
            harness.now += 1
            try harness.send(sum("c\(second % 7)", .delta, point("1", time: Double(second))))
            #expect(harness.store.counts.windowMemory <= settings.retention.maxWindowsMemory)
        }
        #expect(harness.store.counters.forgottenWindows > 150)
        try harness.send(sum("c\(300 % 7)", .delta, point("1", time: 300)))
        #expect(harness.store.counters.duplicatePoints == 1)
    }
}
