import OTLP
import Testing

@testable import Series

@Suite struct ExponentialTests {
    private func point(
        _ scale: Int32, positive: (offset: Int32, counts: [UInt64]) = (0, []),
        negative: (offset: Int32, counts: [UInt64]) = (0, []), zero: UInt64 = 0, threshold: Double = 0,
        sum: Double? = 0, start: Double? = 0, time: Double = 10
    ) -> TestPoint {
        TestPoint(
            start: start, time: time, sum: sum, scale: scale, zeroCount: zero, zeroThreshold: threshold,
            positive: positive, negative: negative)
    }

    @Test("R-D2C-15 deltas merge at the lower scale, odd offsets included")
    func mergesAtTheLowerScale() throws {
        var harness = StoreHarness()
        try harness.send(exponential("h", .delta, point(2, positive: (-1, [1, 2, 3, 4]), zero: 1, sum: 10)))
        try harness.send(
            exponential("h", .delta, point(1, positive: (-1, [10, 20]), zero: 2, sum: 5, start: 10, time: 20)))
        #expect(
            harness.native()
                == NativeHistogramValue(
                    scale: 1, zeroCount: 3, positive: .init(offset: -1, counts: [11, 25, 4]), count: 43, sum: 15))
    }

    @Test("R-D2C-15 the wider zero bucket absorbs buckets below it, and as a whole the bucket that contains its end")
    func zeroBucketWidens() throws {
        var harness = StoreHarness()
        try harness.send(exponential("h", .delta, point(0, positive: (-2, [1, 2, 4]), negative: (-2, [8]))))
        try harness.send(exponential("h", .delta, point(0, zero: 16, threshold: 0.75, start: 10, time: 20)))
        #expect(
            harness.native()
                == NativeHistogramValue(
                    scale: 0, zeroThreshold: 1, zeroCount: 27, positive: .init(offset: 0, counts: [4]), count: 31,
                    sum: 0))
    }

    @Test("R-TYPE-06 a scale below -4 is rejected, one above 8 is lowered", arguments: [9, 20, Int32.max])
    func scalesOutsidePrometheus(scale: Int32) throws {
        var harness = StoreHarness()
        let coarse = try harness.send(exponential("h", .cumulative, point(-5, positive: (0, [1]))))
        #expect(coarse.rejected == [.unsupportedScale: 1])
        try harness.send(exponential("h", .cumulative, point(scale, positive: (5, [1, 1]))))
        #expect(harness.native()?.scale == 8)
        #expect(harness.native()?.count == 2)
    }

    @Test(
        "buckets at extreme offsets merge in bounded time at any scale",
        arguments: [-4, 2, 20] as [Int32])
    func farOffsetsAreBounded(scale: Int32) throws {
        var harness = StoreHarness()
        for (time, offset) in [Int32.min, .max, -2_000_000_000, 2_000_000_000, 0].enumerated() {
            try harness.send(
                exponential(
                    "h", .delta,
                    point(scale, positive: (offset, [1, 0, 1]), negative: (offset, [1]), time: Double(time + 1))))
        }
        let found = harness.native()
        let value = try #require(found)
        #expect(value.count == 15)
        #expect(value.positive.counts.reduce(0, +) == 10)
        #expect(value.positive.counts.count <= 160)
        #expect(value.scale >= -4)
    }

    @Test("a threshold that is not finite is rejected; a missing sum counts as 0")
    func malformedIsRejected() throws {
        var harness = StoreHarness()
        for threshold in [Double.nan, -1, .infinity] {
            let bad = point(0, zero: 1, threshold: threshold)
            #expect(try harness.send(exponential("h", .cumulative, bad)).rejected == [.invalidHistogram: 1])
        }
        try harness.send(exponential("h", .cumulative, point(0, positive: (0, [1]), sum: nil)))
        #expect(harness.native()?.sum == 0)
    }

    @Test("R-CUM-03 a lower bucket is a reset, a lower scale is not")
    func resets() throws {
        var harness = StoreHarness()
        try harness.send(exponential("h", .cumulative, point(1, positive: (0, [1, 2]), sum: 3)))
        try harness.send(exponential("h", .cumulative, point(0, positive: (0, [4]), sum: 5, time: 20)))
        #expect(harness.native()?.count == 4)
        #expect(harness.store.counters.resets == 0)
        try harness.send(exponential("h", .cumulative, point(0, positive: (0, [1]), sum: 1, time: 30)))
        #expect(harness.native()?.positive == .init(offset: 0, counts: [5]))
        #expect(harness.native()?.sum == 6)
        #expect(harness.store.counters.resets == 1)
    }

    /// Compares every pair of small point sets with their observations.
    @Test("R-D2C-15 merging equals counting the observations of both, for all small cases")
    func mergingEqualsCounting() throws {
        for low: Int32 in -2...2 {
            for high in low...3 {
                for first in -9...9 {
                    for second in -9...9 {
                        var content = ExponentialContent(
                            scale: low, zeroThreshold: 0, zeroCount: 0,
                            positive: ExponentialSide([1, 0, 2], offset: Int32(first), shift: 0, scale: low),
                            negative: ExponentialSide())
                        content.add(
                            ExponentialContent(
                                scale: high, zeroThreshold: 0, zeroCount: 0,
                                positive: ExponentialSide([4, 8], offset: Int32(second), shift: 0, scale: high),
                                negative: ExponentialSide()))
                        var expected: [Int: UInt64] = [:]
                        for (index, count) in [(first, 1), (first + 2, 2)] as [(Int, UInt64)] {
                            expected[index, default: 0] += count
                        }
                        for (index, count) in [(second, 4), (second + 1, 8)] as [(Int, UInt64)] {
                            expected[Int((Double(index) / Double(1 << Int(high - low))).rounded(.down)), default: 0] +=
                                count
                        }
                        var found: [Int: UInt64] = [:]
                        for (position, count) in content.positive.counts.enumerated() where count != 0 {
                            found[content.positive.offset + position] = count
                        }
                        #expect(found == expected, "scales \(low) \(high), offsets \(first) \(second)")
                    }
                }
            }
        }
    }

    @Test("the bucket of a value contains it, at every scale")
    func bucketHoldsItsValue() {
        for scale in ExponentialScale.range {
            for value in [1e-300, 0.1, 0.5, 1, 1.0000001, 2, 3, 1e10, .greatestFiniteMagnitude] {
                let index = ExponentialScale.index(of: value, at: scale)
                #expect(ExponentialScale.indices(at: scale).contains(index))
                #expect(value <= ExponentialScale.upperBound(of: index, at: scale))
                #expect(value > ExponentialScale.upperBound(of: index - 1, at: scale))
            }
        }
    }
}
