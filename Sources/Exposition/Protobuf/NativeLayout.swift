internal import Series

/// The buckets of an exponential histogram in the layout of Prometheus' native histograms (R-TYPE-06, R-PBX-04).
struct NativeLayout: Equatable {
    /// Scales of native histograms.
    static let schemas: ClosedRange<Int32> = -4...8
    /// The zero threshold of an exporter if the histogram has none.
    static let defaultZeroThreshold = 1e-128
    /// Up to this many empty buckets within a span cost less than another span.
    private static let gapLimit = 2

    struct Span: Equatable {
        /// Index of the first bucket for the first span, buckets since the end of the previous one for others.
        var offset: Int32
        var length: UInt32
    }

    struct Side: Equatable {
        var spans: [Span] = []
        /// The first count, then differences.
        var deltas: [Int64] = []
    }

    let schema: Int32
    let zeroThreshold: Double
    private(set) var positive: Side
    let negative: Side
    /// Number of observations. Prometheus refuses the page if it is not the sum of the buckets.
    let count: UInt64

    /// Nil for a scale below Prometheus' range, for bucket indices out of range, and for counts whose differences
    /// exceed 64 bits.
    init?(_ value: NativeHistogramValue) {
        guard value.scale >= Self.schemas.lowerBound else { return nil }
        schema = min(value.scale, Self.schemas.upperBound)
        zeroThreshold = value.zeroThreshold > 0 ? value.zeroThreshold : Self.defaultZeroThreshold
        // Each step down joins two buckets; after 63 all are joined.
        let shift = min(Int64(value.scale) - Int64(schema), 63)
        guard let positive = Self.side(value.positive, shift: shift),
            let negative = Self.side(value.negative, shift: shift),
            let count = Self.count(value)
        else { return nil }
        self.count = count
        self.positive = positive
        self.negative = negative
        // Otherwise it looks like a classic histogram without buckets (R-PBX-05).
        if positive.spans.isEmpty, negative.spans.isEmpty {
            self.positive.spans = [Span(offset: 0, length: 0)]
        }
    }

    /// Nil if it does not fit into a signed number.
    private static func count(_ value: NativeHistogramValue) -> UInt64? {
        var total: UInt64 = 0
        for count in value.positive.counts + value.negative.counts + [value.zeroCount] {
            let (sum, overflows) = total.addingReportingOverflow(count)
            guard !overflows, sum <= UInt64(Int64.max) else { return nil }
            total = sum
        }
        return total
    }

    private static func side(_ side: NativeHistogramValue.Side, shift: Int64) -> Side? {
        var result = Side()
        var previous: UInt64 = 0
        /// The index after the last written bucket.
        var end: Int64?
        for (index, count) in merged(side, shift: shift) where count > 0 {
            guard let index = Int32(exactly: index) else { return nil }
            let gap = Int64(index) - (end ?? 0)
            if let last = result.spans.indices.last, gap <= Self.gapLimit {
                for _ in 0..<gap {
                    result.deltas.append(Int64(truncatingIfNeeded: 0 &- previous))
                    previous = 0
                }
                result.spans[last].length += UInt32(gap) + 1
            } else {
                guard let offset = Int32(exactly: gap) else { return nil }
                result.spans.append(Span(offset: offset, length: 1))
            }
            result.deltas.append(Int64(truncatingIfNeeded: count &- previous))
            previous = count
            end = Int64(index) + 1
        }
        return result
    }

    /// Counts by native index, ascending: the OTLP bucket `i` holds values above base^i, the native bucket `i` values
    /// up to it.
    private static func merged(_ side: NativeHistogramValue.Side, shift: Int64) -> [(index: Int64, count: UInt64)] {
        var buckets: [(index: Int64, count: UInt64)] = []
        buckets.reserveCapacity(side.counts.count)
        for (position, count) in side.counts.enumerated() {
            let index = (Int64(side.offset) + Int64(position)) >> shift + 1
            if let last = buckets.indices.last, buckets[last].index == index {
                buckets[last].count &+= count
            } else {
                buckets.append((index, count))
            }
        }
        return buckets
    }
}
