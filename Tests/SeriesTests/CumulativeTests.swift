import OTLP
import Series
import Testing

@Suite struct CumulativeTests {
    @Test("R-CUM-01 with one start the newer value replaces the older")
    func newerValueReplaces() throws {
        var harness = StoreHarness()
        try harness.send(sum("c", .cumulative, point("5", start: 0, time: 10)))
        try harness.send(sum("c", .cumulative, point("7", start: 0, time: 20)))
        #expect(harness.exposed() == ["c": .int(7)])
    }

    @Test("R-CUM-02 R-DM-05 an older point is ignored and counted as late")
    func olderPointIsLate() throws {
        var harness = StoreHarness()
        try harness.send(sum("c", .cumulative, point("7", start: 0, time: 20)))
        try harness.send(sum("c", .cumulative, point("5", start: 0, time: 10)))
        #expect(harness.exposed() == ["c": .int(7)])
        #expect(harness.store.counters.latePoints == 1)
        #expect(harness.store.counters.resets == 0)
    }

    @Test("of equal times the higher value wins", arguments: [("5", "7"), ("7", "5")])
    func higherValueWinsAtEqualTimes(first: String, second: String) throws {
        var harness = StoreHarness()
        try harness.send(sum("c", .cumulative, point(first, start: 0, time: 10)))
        try harness.send(sum("c", .cumulative, point(second, start: 0, time: 10)))
        #expect(harness.exposed() == ["c": .int(7)])
    }

    @Test("R-CUM-03 a lower value is a reset: the total continues, its start stays")
    func lowerValueIsReset() throws {
        var harness = StoreHarness()
        try harness.send(sum("c", .cumulative, point("100", start: 0, time: 10)))
        try harness.send(sum("c", .cumulative, point("3", start: 0, time: 20)))
        try harness.send(sum("c", .cumulative, point("8", start: 0, time: 30)))
        #expect(harness.exposed() == ["c": .int(108)])
        #expect(harness.startTime(of: "c") == 1_700_000_000_000_000_000)
        #expect(harness.store.counters.resets == 1)
    }

    @Test("R-CUM-03 R-CUM-04 a later start is another writer: the total continues")
    func laterStartIsAnotherWriter() throws {
        var harness = StoreHarness()
        try harness.send(sum("c", .cumulative, point("100", start: 0, time: 10)))
        try harness.send(sum("c", .cumulative, point("3", start: 15, time: 20)))
        #expect(harness.exposed() == ["c": .int(103)])
        #expect(harness.startTime(of: "c") == 1_700_000_000_000_000_000)
    }

    @Test("R-CUM-04 parallel writers are distinguished by their start and add up")
    func parallelWritersAddUp() throws {
        var harness = StoreHarness()
        for step in 1...20 {
            try harness.send(sum("c", .cumulative, point("\(step)", start: 0, time: Double(step * 10))))
            try harness.send(sum("c", .cumulative, point("\(step * 2)", start: 5, time: Double(step * 10 + 1))))
        }
        #expect(harness.exposed() == ["c": .int(60)])
        #expect(harness.store.counters.resets == 0)
        #expect(harness.store.counts.writers == 2)
    }

    @Test("R-CUM-04 many writers of one series are distinguished")
    func manyWritersAddUp() throws {
        var harness = StoreHarness()
        for round in 1...3 {
            for writer in 0..<50 {
                try harness.send(
                    sum("c", .cumulative, point("\(round)", start: Double(writer), time: Double(1000 * round))))
            }
        }
        #expect(harness.exposed() == ["c": .int(150)])
        #expect(harness.store.counts.writers == 50)
    }

    @Test("R-CUM-05 a further writer without a known start adds only its later growth", arguments: [nil, 50.0])
    func unknownStartAddsOnlyGrowth(start: Double?) throws {
        var harness = StoreHarness()
        try harness.send(sum("c", .cumulative, point("100", start: 0, time: 10)))
        try harness.send(sum("c", .cumulative, point("40", start: start, time: 50)))
        #expect(harness.exposed() == ["c": .int(100)])
        try harness.send(sum("c", .cumulative, point("45", start: start, time: 60)))
        #expect(harness.exposed() == ["c": .int(105)])
    }

    @Test("R-CUM-05 streams of one series count whole, whatever their start", arguments: [nil, 50.0])
    func streamsOfOneSeriesCountWhole(start: Double?) throws {
        var harness = StoreHarness()
        try harness.send(sum("c", .cumulative, point("100", start: start, time: 50)), scope: #"{"name":"one"}"#)
        try harness.send(sum("c", .cumulative, point("40", start: start, time: 50)), scope: #"{"name":"two"}"#)
        #expect(harness.exposed() == ["c": .int(140)])
        try harness.send(sum("c", .cumulative, point("45", start: start, time: 60)), scope: #"{"name":"two"}"#)
        #expect(harness.exposed() == ["c": .int(145)])
    }

    @Test("R-CUM-05 the first writer of a series counts whole, whatever its start", arguments: [nil, 10.0, 0.0])
    func firstWriterCountsWhole(start: Double?) throws {
        var harness = StoreHarness()
        try harness.send(sum("c", .cumulative, point("100", start: start, time: 10)))
        #expect(harness.exposed() == ["c": .int(100)])
    }

    @Test(
        "a second fall within 15 minutes: several processes behind one start; the total follows the highest and never falls"
    )
    func sharedWriterNeverFalls() throws {
        var harness = StoreHarness()
        var last = 0.0
        for step in 0..<100 {
            harness.now += 1
            let value = step.isMultiple(of: 2) ? 1000 + step : 10 + step
            try harness.send(sum("c", .cumulative, point("\(value)", start: 0, time: Double(step + 1))))
            guard case .number(.int(let total))? = harness.exposed()["c"] else { return #expect(Bool(false)) }
            #expect(Double(total) >= last)
            last = Double(total)
        }
        #expect(harness.store.counters.sharedWriters == 1)
        #expect(harness.store.counters.resets == 1)
        // 1000, then the first fall counts as a reset (+11), and from 1002 on the highest value counts.
        #expect(harness.exposed() == ["c": .int(1000 + 1098)])
    }

    @Test("two restarts more than 15 minutes apart are two resets")
    func rareFallsAreResets() throws {
        var harness = StoreHarness()
        for (index, value) in [10, 4, 9, 2].enumerated() {
            try harness.send(sum("c", .cumulative, point("\(value)", start: 0, time: Double(index + 1))))
            harness.now += 16 * 60
        }
        #expect(harness.exposed() == ["c": .int(10 + 9 + 2)])
        #expect(harness.store.counters.resets == 2)
        #expect(harness.store.counters.sharedWriters == 0)
    }

    @Test("a delta stream that becomes cumulative is another writer of the series")
    func temporalityChangeAddsUp() throws {
        var harness = StoreHarness()
        try harness.send(sum("c", .delta, point("5", start: 0, time: 10)))
        try harness.send(sum("c", .cumulative, point("7", start: 10, time: 20)))
        #expect(harness.exposed() == ["c": .int(12)])
    }

    @Test("R-DM-01 two resources shown as one series add up")
    func resourcesOfOneSeriesAddUp() throws {
        var harness = StoreHarness()
        for host in ["a", "b"] {
            try harness.send(
                sum("c", .cumulative, point("5", start: 0, time: 10)),
                resource: #"{"key":"host","value":{"stringValue":"\#(host)"}}"#)
        }
        #expect(harness.exposed() == ["c": .int(10)])
        #expect(harness.store.counts.streams == 2)
        #expect(harness.store.counts.series == 1)
    }

    @Test("a cumulative double is exposed digit for digit")
    func doubleStaysExact() throws {
        var harness = StoreHarness()
        for (index, value) in ["0.1", "0.3", "0.7000000000000001"].enumerated() {
            try harness.send(sum("c", .cumulative, point(value, start: 0, time: Double(index + 1))))
        }
        #expect(harness.exposed() == ["c": .double(0.7000000000000001)])
    }

    @Test("a negative total of a monotonic sum is rejected")
    func negativeTotalIsRejected() throws {
        var harness = StoreHarness()
        #expect(
            try harness.send(sum("c", .cumulative, point("-4", start: 0, time: 1))).rejected == [.negativeIncrement: 1])
        #expect(harness.exposed().isEmpty)
    }

    @Test("writers: latest shows the newest value of any writer, and moves the start when it falls")
    func latestModeFollowsTheNewest() throws {
        var harness = StoreHarness()
        let name = "system.cpu.time"
        try harness.send(sum(name, .cumulative, point("100", start: 0, time: 10)))
        try harness.send(sum(name, .cumulative, point("110", start: 15, time: 20)))
        #expect(harness.exposed() == [name: .int(110)])
        try harness.send(sum(name, .cumulative, point("3", start: 25, time: 30)))
        #expect(harness.exposed() == [name: .int(3)])
        #expect(harness.startTime(of: name) == 1_700_000_025_000_000_000)
    }

    @Test("a cumulative counter without times counts in order of arrival")
    func missingTimesFollowArrival() throws {
        var harness = StoreHarness()
        for value in ["5", "9", "2"] {
            harness.now += 1
            try harness.send(sum("c", .cumulative, point(value)))
        }
        #expect(harness.exposed() == ["c": .int(11)])
    }
}
