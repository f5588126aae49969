import Series
import Testing

@testable import Exposition

@Suite struct NativeLayoutTests {
    private func made(
        scale: Int32 = 0, zeroThreshold: Double = 0, positive: NativeHistogramValue.Side = .init(),
        negative: NativeHistogramValue.Side = .init()
    ) -> NativeLayout? {
        NativeLayout(
            NativeHistogramValue(
                scale: scale, zeroThreshold: zeroThreshold, positive: positive, negative: negative, count: 0, sum: 0))
    }

    @Test("R-PBX-04 spans leave wide gaps out, the first delta is absolute")
    func spansAndDeltas() throws {
        let layout = try #require(
            made(scale: 3, positive: .init(offset: -3, counts: [0, 1, 0, 0, 4, 2, 0, 0, 0, 7, 0])))
        #expect(layout.positive.spans == [.init(offset: -1, length: 5), .init(offset: 3, length: 1)])
        #expect(layout.positive.deltas == [1, -1, 0, 4, -2, 5])
        #expect(layout.negative == NativeLayout.Side())
        #expect(layout.schema == 3)
    }

    @Test("R-TYPE-06 the zero threshold has a default, scales above 8 are lowered, those below -4 are invalid")
    func limits() throws {
        #expect(try #require(made()).zeroThreshold == 1e-128)
        #expect(try #require(made(zeroThreshold: 0.5)).zeroThreshold == 0.5)
        #expect(made(scale: -5) == nil)
        #expect(try #require(made(scale: -4)).schema == -4)
        let merged = try #require(made(scale: 10, negative: .init(offset: -5, counts: [1, 2, 3, 4, 5, 6])))
        #expect(merged.schema == 8)
        #expect(merged.negative.spans == [.init(offset: -1, length: 3)])
        #expect(merged.negative.deltas == [1, 13, -8])
    }

    @Test("R-PBX-05 an empty histogram has a span of length 0")
    func noOpSpan() throws {
        #expect(
            try #require(made(positive: .init(offset: 5, counts: [0, 0]))).positive.spans == [
                .init(offset: 0, length: 0)
            ])
    }

    @Test("buckets at extreme indices are written or refused, without a trap")
    func farBuckets() throws {
        #expect(made(positive: .init(offset: .max, counts: [1])) == nil)
        #expect(made(scale: .max, positive: .init(offset: .max, counts: [1, 1])) != nil)
        #expect(made(scale: .max, positive: .init(offset: .min, counts: [1, 1])) != nil)
        #expect(made(positive: .init(offset: .min, counts: [1])) != nil)
        #expect(made(positive: .init(offset: .max - 2, counts: [1, 1 << 62])) != nil)
    }

    @Test("R-PBX-04 counts beyond the signed differences of Prometheus are refused, since it would refuse the page")
    func hugeCounts() throws {
        #expect(try #require(made(positive: .init(offset: 0, counts: [1, 1 << 62]))).count == 1 << 62 + 1)
        for counts in [[1 << 63], [.max, .max], [1, .max], [1 << 62, 1 << 62]] as [[UInt64]] {
            #expect(made(positive: .init(offset: 0, counts: counts)) == nil)
            #expect(made(negative: .init(offset: 0, counts: counts)) == nil)
        }
        // The count is that of the buckets, not of the value.
        let value = NativeHistogramValue(
            scale: 0, zeroCount: 2, positive: .init(offset: 0, counts: [3]), count: 9, sum: 1)
        #expect(NativeLayout(value)?.count == 5)
    }
}
