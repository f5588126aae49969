import OTLP
import Testing

@testable import Series

@Suite struct SummaryAndExemplarTests {
    @Test("R-TYPE-08 the newest summary wins; quantiles are sorted and unique, those outside 0...1 left out")
    func summaries() throws {
        var harness = StoreHarness()
        let quantiles = [(0.9, 2), (0, 1), (0.9, 3), (-0.1, 4), (1.5, 5), (.nan, 6)] as [(Double, Double)]
        try harness.send(summary("h", TestPoint(time: 20, count: 3, sum: 4, quantiles: quantiles)))
        try harness.send(summary("h", TestPoint(time: 10, count: 1, sum: 1)))
        let expected = [QuantileValue(quantile: 0, value: 1), QuantileValue(quantile: 0.9, value: 3)]
        #expect(harness.summary() == SummaryValue(quantiles: expected, count: 3, sum: 4))
        try harness.send(summary("h", TestPoint(time: 30, count: 2, sum: -1)))
        #expect(harness.summary() == SummaryValue(quantiles: [], count: 2, sum: -1))
        try harness.send(summary("h", TestPoint(time: 40, flags: 1)))
        #expect(harness.samples().isEmpty)
    }

    @Test("R-EX-03 a histogram keeps the latest exemplar of each bucket, with a value in it")
    func latestOfEachBucket() throws {
        var harness = StoreHarness()
        let exemplars = [
            TestExemplar(value: .double(0.7), time: 5, trace: [1]), TestExemplar(value: .double(1), time: 4),
            TestExemplar(value: .int(7), time: 3, filtered: "k"), TestExemplar(value: .double(.nan), time: 9),
            TestExemplar(value: .missing, time: 9),
        ]
        try harness.send(histogram("h", .delta, bucketed([1, 5], [2, 0, 1], time: 10, exemplars: exemplars)))
        let kept = try #require(harness.samples().first?.exemplars)
        #expect(kept.map(\.value) == [.double(0.7), .int(7)])
        #expect(kept.map { String(decoding: $0.labels, as: UTF8.self) } == ["[1][]", "[][]k"])
        try harness.send(
            histogram("h", .delta, bucketed([2], [1, 0], start: 10, time: 20)))
        // One, for the remaining bucket.
        #expect(harness.samples().first?.exemplars.map(\.value) == [.double(0.7)])
    }

    @Test("exemplars are bounded over all series")
    func exemplarsAreBounded() throws {
        var settings = SeriesSettings()
        settings.exemplarLimit = 1
        var harness = StoreHarness(settings)
        let exemplars = [TestExemplar(value: .int(1), time: 1), TestExemplar(value: .int(3), time: 2)]
        try harness.send(histogram("h", .delta, bucketed([2], [1, 1], time: 10, exemplars: exemplars)))
        #expect(harness.samples().first?.exemplars.map(\.value) == [.int(1)])
    }

    @Test("R-CUM-04 R-D2C-13 random interleavings of writers and deltas give exact totals")
    func randomInterleavings() throws {
        var random = SeededRandom(seed: 4186)
        for _ in 0..<20 {
            var harness = StoreHarness()
            var expected: [UInt64] = [0, 0, 0]
            var running: [[UInt64]] = [[0, 0, 0], [0, 0, 0]]
            for step in 1...60 {
                let added = (0..<3).map { _ in UInt64.random(in: 0...5, using: &random) }
                let writer = Int.random(in: 0...2, using: &random)
                let time = Double(step + 10)
                expected = zip(expected, added).map { $0 + $1 }
                if writer == 2 {
                    let delta = bucketed([1, 2], added, sum: 1, start: time - 1, time: time)
                    for _ in 0...Int.random(in: 0...1, using: &random) {
                        try harness.send(histogram("h", .delta, delta))
                    }
                } else {
                    running[writer] = zip(running[writer], added).map { $0 + $1 }
                    try harness.send(
                        histogram(
                            "h", .cumulative, bucketed([1, 2], running[writer], start: Double(writer), time: time)))
                }
            }
            #expect(harness.histogram()?.counts == expected)
        }
    }

    @Test("distributions do not enlarge the record of a stream")
    func recordStaysSmall() {
        #expect(MemoryLayout<StreamState>.size <= MemoryLayout<Accumulation<SampleValue>>.stride + 8)
        #expect(MemoryLayout<StreamRecord>.stride <= 128)
    }
}
