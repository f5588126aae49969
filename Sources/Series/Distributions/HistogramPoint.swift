internal import OTLP

/// The value of one point of a histogram with explicit bounds. Its count is the sum of its buckets, not the count
/// received.
struct HistogramPoint: Equatable {
    /// Upper bounds, strictly ascending, without +Inf.
    let bounds: [Double]
    /// Observations in each bucket, one more than `bounds`.
    private(set) var counts: BucketCounts
    /// Nil if not given (R-D2C-14). May fall if observations are negative, and may be NaN or infinite.
    private(set) var sum: Double?

    init(bounds: [Double], counts: [UInt64], sum: Double?) {
        self.bounds = bounds
        self.counts = BucketCounts(counts)
        self.sum = sum
    }

    /// Checks a point as received: one count more than bounds (or neither, which means only +Inf), and ascending
    /// bounds.
    /// - Parameter isMended: set if the count of the point differs from the sum of its buckets.
    init(
        _ point: HistogramDataPoint, of batch: borrowing MetricsBatch, cache: inout BoundsCache, isMended: inout Bool
    ) throws(RejectionReason) {
        sum = point.sum
        if point.bucketCounts.isEmpty, point.explicitBounds.isEmpty {
            bounds = []
            counts = [point.count]
            return
        }
        guard point.bucketCounts.count - 1 == point.explicitBounds.count else { throw .invalidHistogram }
        var received = batch.points.explicitBounds[point.explicitBounds]
        // An explicit bound of +Inf is redundant: its bucket and the one above it are merged.
        var extra: UInt64 = 0
        var sent = batch.points.bucketCounts[point.bucketCounts]
        if received.last == .infinity, let last = sent.popLast() {
            received.removeLast()
            extra = last
        }
        // The first bound may be -Inf.
        var previous = received.first ?? 0
        guard !previous.isNaN else { throw .invalidHistogram }
        for bound in received.dropFirst() {
            guard bound > previous else { throw .invalidHistogram }
            previous = bound
        }
        var count = extra
        for bucket in sent {
            let (next, overflow) = count.addingReportingOverflow(bucket)
            guard !overflow else { throw .invalidHistogram }
            count = next
        }
        isMended = count != point.count
        if extra > 0 {
            var merged = [UInt64](sent)
            merged[merged.count - 1] += extra
            counts = BucketCounts(merged)
        } else {
            counts = BucketCounts(sent)
        }
        bounds = cache.shared(received)
    }

    /// All observations; does not overflow, but stays at the greatest number.
    var count: UInt64 { counts.reduce(0) { $0.addingSaturated($1) } }

    /// Observations in the buckets of `target`, a subset of the bounds.
    func counts(in target: [Double]) -> [UInt64] { CommonBounds.coarsened(counts, bounds, to: target) }

    /// Whether a histogram is empty: without buckets and observations.
    static func isBlank(_ counts: BucketCounts) -> Bool { counts.count == 1 && counts[0] == 0 }
}

extension HistogramPoint: CountedValue {
    typealias Sum = HistogramTotal

    func hasLayout(of other: HistogramPoint) -> Bool { bounds == other.bounds }

    func hasFallen(from earlier: HistogramPoint) -> Bool {
        if bounds == earlier.bounds { return counts.isLowerSomewhere(than: earlier.counts) }
        let common = CommonBounds.of(bounds, earlier.bounds)
        return zip(counts(in: common), earlier.counts(in: common)).contains { $0 < $1 }
    }

    func hasGrown(from earlier: HistogramPoint) -> Bool { !hasFallen(from: earlier) && counts != earlier.counts }

    mutating func raise(to other: HistogramPoint) {
        counts = BucketCounts(zip(counts, other.counts).map { Swift.max($0, $1) })
        if let mine = sum, let theirs = other.sum, theirs > mine || mine.isNaN { sum = theirs }
    }

    func fingerprint(_ hash: SeededHash) -> SampleValue {
        let parent = sum.map { hash.word($0.bitPattern) } ?? 0
        let ofCounts = counts.withUnsafeBytes { hash($0, parent: parent) }
        return .int(Int64(bitPattern: bounds.withUnsafeBytes { hash($0, parent: ofCounts) }))
    }

    var tombstone: SampleValue { .int(Int64(clamping: count)) }

    /// A tombstone has no buckets: for a returning writer only later growth counts. Its growth in between is lost, but
    /// nothing counts twice.
    func baseline(tombstone last: SampleValue) -> HistogramPoint? { tombstone.isLess(than: last) ? nil : self }
}

extension HistogramPoint: DistributionValue {
    var layout: [Double] { bounds }

    var weight: Int { StateWeight.histogram(bounds: bounds.count) }

    static func weight(of sum: HistogramTotal) -> Int { StateWeight.histogram(bounds: sum.bounds.count) }

    var lines: Int { bounds.count + 3 }

    static func lines(of sum: HistogramTotal) -> Int { sum.bounds.count + 3 }

    func commonLayout(with layout: [Double]) -> [Double] {
        HistogramPoint.isBlank(counts) ? layout : CommonBounds.of(layout, bounds)
    }

    func isFiner(than earlier: HistogramPoint) -> Bool {
        bounds.count > earlier.bounds.count && CommonBounds.of(bounds, earlier.bounds) == earlier.bounds
            && !hasFallen(from: earlier)
    }

    init?(_ sum: HistogramTotal) {
        self.init(bounds: sum.bounds, counts: [UInt64](sum.counts), sum: sum.sum)
    }

    var hasFiniteSum: Bool { sum?.isFinite ?? true }

    static func state(of box: consuming Boxed<DistributionStream<HistogramPoint>>) -> StreamState { .histogram(box) }

    static func box(of state: consuming StreamState) -> Boxed<DistributionStream<HistogramPoint>>? {
        if case .histogram(let box) = consume state { box } else { nil }
    }
}

extension UInt64 {
    /// The sum; stays at the greatest number.
    func addingSaturated(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    /// The difference, at least 0.
    func subtractingFloored(_ other: UInt64) -> UInt64 { self > other ? self - other : 0 }
}

extension HistogramPoint: StateCoded {
    func write(to writer: inout StateWriter) {
        writer.list(bounds)
        writer.list(counts)
        writer.optional(sum)
    }

    init(from reader: inout StateReader) throws(StateFault) {
        bounds = try reader.sharedBounds()
        counts = BucketCounts(try reader.list(of: UInt64.self))
        sum = try reader.optional(Double.self)
        guard counts.count == bounds.count + 1 else { throw .outOfRange }
    }
}
