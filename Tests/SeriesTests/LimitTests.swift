import OTLP
import Series
import Settings
import Testing

@Suite struct LimitTests {
    private func harness(series: Int, writers: Int = 1000) -> StoreHarness {
        var settings = SeriesSettings()
        settings.stateLimits.maxSeries = series
        settings.stateLimits.maxWriters = writers
        return StoreHarness(settings)
    }

    @Test("R-LIFE-03 beyond the limit new series are rejected, known ones continue")
    func newSeriesAreRejectedAtTheLimit() throws {
        var harness = harness(series: 2)
        for name in ["a", "b", "c"] { try harness.send(sum(name, .delta, point("1", time: 1))) }
        let outcome = try harness.send(sum("c", .delta, point("1", time: 2)), sum("a", .delta, point("1", time: 2)))
        #expect(outcome.rejected == [.seriesLimit: 1])
        #expect(outcome.firstRejectedMetric == "c")
        #expect(harness.exposed() == ["a": .int(2), "b": .int(1)])
        #expect(harness.store.counts.families == 2)
    }

    @Test("R-LIFE-03 series idle for longer than evict_after are evicted, the longest idle first")
    func idleSeriesMakeRoom() throws {
        var harness = harness(series: 2)
        try harness.send(sum("a", .delta, point("1", time: 1)))
        harness.now += 3600
        try harness.send(sum("b", .delta, point("1", time: 1)))
        harness.now += 23.5 * 3600
        try harness.send(sum("c", .delta, point("1", time: 1)))
        #expect(harness.exposed() == ["b": .int(1), "c": .int(1)])
        #expect(try harness.send(sum("d", .delta, point("1", time: 1))).rejected == [.seriesLimit: 1])
        #expect(harness.store.counters.evictedSeries == 1)
        harness.now += 3600
        try harness.send(sum("d", .delta, point("1", time: 1)))
        #expect(harness.exposed() == ["c": .int(1), "d": .int(1)])
    }

    @Test("of an evicted cumulative writer that returns only the growth counts")
    func tombstoneKeepsTheLastValue() throws {
        var harness = harness(series: 1)
        try harness.send(sum("a", .cumulative, point("100", start: 0, time: 1)))
        harness.now += 25 * 3600
        try harness.send(sum("b", .cumulative, point("1", start: 0, time: 1)))
        #expect(harness.store.counts.tombstones == 1)
        harness.now += 25 * 3600
        try harness.send(sum("a", .cumulative, point("103", start: 0, time: 200_000)))
        #expect(harness.exposed() == ["a": .int(3)])
    }

    @Test("a tombstone is found although the records of the writer have new numbers")
    func tombstoneIsFoundAtAnotherPlace() throws {
        var harness = harness(series: 2)
        try harness.send(sum("a", .cumulative, point("100", start: 0, time: 1)), scope: #"{"name":"s"}"#)
        try harness.send(sum("b", .cumulative, point("50", start: 0, time: 1)))
        harness.now += 25 * 3600
        for name in ["c", "d"] { try harness.send(sum(name, .cumulative, point("1", start: 0, time: 1))) }
        harness.now += 25 * 3600
        try harness.send(sum("b", .cumulative, point("52", start: 0, time: 200_000)))
        try harness.send(sum("a", .cumulative, point("103", start: 0, time: 200_000)), scope: #"{"name":"s"}"#)
        #expect(harness.exposed() == ["a": .int(3), "b": .int(2)])
    }

    @Test("a returning writer finds its tombstone at the limit of writers and tombstones")
    func tombstoneIsFoundAtTheWriterLimit() throws {
        var harness = harness(series: 1, writers: 2)
        try harness.send(sum("a", .cumulative, point("100", start: 0, time: 1)))
        harness.now += 25 * 3600
        try harness.send(sum("b", .cumulative, point("1", start: 0, time: 1)))
        harness.now += 25 * 3600
        try harness.send(sum("a", .cumulative, point("103", start: 0, time: 200_000)))
        #expect(harness.exposed() == ["a": .int(3)])
    }

    @Test("a stream evicted by the request that needs it is created again")
    func evictionWithinOneRequest() throws {
        var harness = harness(series: 1)
        try harness.send(sum("a", .delta, point("1", time: 1)))
        harness.now += 25 * 3600
        let outcome = try harness.send(sum("b", .delta, point("1", time: 2)), sum("a", .delta, point("1", time: 2)))
        #expect(outcome.rejected == [.seriesLimit: 1])
        #expect(harness.exposed() == ["b": .int(1)])
    }

    @Test("R-DM-03 a NoRecordedValue point of a stream that its own request evicted changes nothing")
    func withdrawalOfAnEvictedStream() throws {
        var harness = harness(series: 1)
        try harness.send(sum("a", .delta, point("1", time: 1)))
        harness.now += 25 * 3600
        try harness.send(sum("b", .delta, point("1", time: 2)), sum("a", .delta, point("", time: 2, flags: 1)))
        #expect(harness.exposed() == ["b": .int(1)])
    }

    @Test("beyond the limit of writers further ones are rejected; before that tombstones are removed")
    func writersAreBounded() throws {
        var harness = harness(series: 10, writers: 3)
        for start in 0..<3 { try harness.send(sum("c", .cumulative, point("1", start: Double(start), time: 10))) }
        #expect(try harness.send(sum("c", .cumulative, point("1", start: 4, time: 10))).rejected == [.writerLimit: 1])
        #expect(try harness.send(sum("d", .delta, point("1", start: 4, time: 10))).rejected == [.writerLimit: 1])
        #expect(harness.exposed() == ["c": .int(3)])
    }

    @Test("R-LIFE-03 a million short-lived identities leave no records at the limit")
    func rejectedIdentitiesLeaveNothing() throws {
        var harness = harness(series: 5)
        for number in 0..<2000 {
            try harness.send(
                sum("m\(number)", .delta, point("1", time: 1, attributes: [("a", "\(number)")])),
                resource: #"{"key":"r","value":{"intValue":"\#(number)"}}"#, scope: #"{"name":"s\#(number)"}"#)
        }
        #expect(harness.store.counts.series == 5)
        #expect(harness.store.counts.streams == 5)
        #expect(harness.store.counts.families == 5)
    }

    @Test("eviction over and over keeps every index consistent")
    func evictionOverAndOver() throws {
        var harness = harness(series: 20)
        for day in 0..<30 {
            for number in 0..<20 {
                try harness.send(
                    sum(
                        "c\(number % 3)", .cumulative,
                        point(
                            "\(day + 1)", start: Double(day * 90_000), time: Double(day * 90_000 + 1),
                            attributes: [("n", "\(day)-\(number)")])))
            }
            #expect(harness.exposed().count == 20)
            #expect(harness.exposed().values.allSatisfy { $0 == .int(Int64(day + 1)) })
            harness.now += 25 * 3600
        }
        #expect(harness.store.counters.evictedSeries == 29 * 20)
        #expect(harness.store.counts.streams == 20)
    }

    @Test("evicting many series costs about as much as creating them")
    func evictionIsNotQuadratic() throws {
        let count = 4000
        var harness = harness(series: count, writers: 2 * count)
        func points(_ prefix: String) -> String {
            (0..<count).map { point("1", time: 1, attributes: [("n", "\(prefix)\($0)")]) }.joined(separator: ",")
        }
        func fill(_ prefix: String) throws -> Duration {
            let start = ContinuousClock.now
            try harness.send(sum("c", .delta, points(prefix)))
            return ContinuousClock.now - start
        }
        let first = try fill("a")
        #expect(harness.exposed().count == count)
        harness.now += 25 * 3600
        let second = try fill("b")
        #expect(harness.store.counters.evictedSeries == UInt64(count))
        // It cost 20 times as much when every eviction sorted the family.
        #expect(second < first * 8)
    }

    @Test("R-TYPE-09 the first type of a name stays; the other is rejected until it is gone")
    func firstTypeStays() throws {
        var harness = harness(series: 10)
        try harness.send(gauge("x", point("1", time: 1)))
        #expect(try harness.send(sum("x", .delta, point("1", time: 1))).rejected == [.typeConflict: 1])
        #expect(harness.exposed() == ["x": .int(1)])
        harness.now += 301
        #expect(try harness.send(sum("x", .delta, point("5", time: 2))).rejected.isEmpty)
        #expect(harness.exposed() == ["x": .int(5)])
        #expect(try harness.send(gauge("x", point("2", time: 3))).rejected == [.typeConflict: 1])
        #expect(harness.exposed() == ["x": .int(5)])
    }

    @Test("R-TYPE-09 the newest description of a metric is its help until it is shown; then it stays")
    func shownDescriptionStays() throws {
        var harness = harness(series: 10)
        var helps: [[UInt8]] = []
        for descriptions in [["", "first", "second", ""], ["third"]] {
            for description in descriptions {
                harness.now += 1
                try harness.send(
                    #"{"name":"g","description":"\#(description)","gauge":{"dataPoints":[\#(point("1", time: harness.now))]}}"#
                )
            }
            helps += harness.store.snapshot(at: UnixNanoseconds(harness.now * 1e9)).families.map(\.help)
        }
        #expect(helps == [Array("second".utf8), Array("second".utf8)])
    }

    @Test("R-TYPE-09 of two metrics with one name the first description stays")
    func descriptionsOfTwoMetrics() throws {
        var harness = harness(series: 10)
        for scope in ["first", "second"] {
            try harness.send(
                #"{"name":"g","description":"\#(scope)","gauge":{"dataPoints":[\#(point("1", time: 1))]}}"#,
                scope: #"{"name":"\#(scope)"}"#)
        }
        let families = harness.store.snapshot(at: UnixNanoseconds(harness.now * 1e9)).families
        #expect(families.map(\.help) == [Array("first".utf8)])
    }

    @Test("an identity beyond its size limit rejects each of its points")
    func hugeIdentityIsRejected() throws {
        var settings = SeriesSettings()
        settings.identityLimitBytes = 100
        var harness = StoreHarness(settings)
        let long = String(repeating: "x", count: 200)
        #expect(try harness.send(sum(long, .delta, point("1"))).rejected == [.identityLimit: 1])
        #expect(
            try harness.send(sum("c", .delta, point("1")), scope: #"{"name":"\#(long)"}"#).rejected == [
                .identityLimit: 1
            ])
        #expect(
            try harness.send(sum("c", .delta, point("1")), resource: #"{"key":"\#(long)","value":{}}"#).rejected == [
                .identityLimit: 1
            ])
        #expect(harness.store.counts.series == 0)
    }
}
