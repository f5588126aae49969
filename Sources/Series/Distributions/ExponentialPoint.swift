internal import OTLP

/// The value of one point of an exponential histogram.
struct ExponentialPoint: Equatable {
    private(set) var content: ExponentialContent
    /// May fall if observations are negative, and may be NaN or infinite. A point without a sum counts as 0, as in the
    /// Collector: a native histogram always has a sum.
    private(set) var sum: Double

    init(content: ExponentialContent, sum: Double) {
        self.content = content
        self.sum = sum
    }

    /// Checks a point as received and converts it to a scale of Prometheus. The cost depends on the buckets as sent,
    /// not on the distance between them; at most `ExponentialScale.bucketLimit` of each side are kept.
    /// - Parameter isMended: set if the count of the point differs from the sum of its buckets, which is used.
    /// - Throws: `unsupportedScale` below -4 (R-TYPE-06); `invalidHistogram` if there is a count but no bucket, or the
    ///   zero threshold is not finite.
    init(
        _ point: ExponentialHistogramDataPoint, of batch: borrowing MetricsBatch, isMended: inout Bool
    ) throws(RejectionReason) {
        guard point.scale >= ExponentialScale.range.lowerBound else { throw .unsupportedScale }
        guard point.zeroThreshold >= 0, point.zeroThreshold.isFinite else { throw .invalidHistogram }
        let positive = batch.points.bucketCounts[point.positive.counts]
        let negative = batch.points.bucketCounts[point.negative.counts]
        var count = point.zeroCount
        for side in [positive, negative] {
            for bucket in side {
                let (next, overflow) = count.addingReportingOverflow(bucket)
                guard !overflow else { throw .invalidHistogram }
                count = next
            }
        }
        isMended = count != point.count
        guard !isMended || count > 0 || !positive.isEmpty || !negative.isEmpty else { throw .invalidHistogram }
        var scale = min(point.scale, ExponentialScale.range.upperBound)
        var further = 0
        for (side, offset) in [(positive, point.positive.offset), (negative, point.negative.offset)] {
            guard let extent = ExponentialSide.extent(side, offset: offset) else { continue }
            let valid = ExponentialScale.indices(at: scale)
            let shift = min(Int(point.scale) - Int(scale), 62)
            let low = min(max(extent.lowerBound >> shift, valid.lowerBound), valid.upperBound)
            let high = min(max(extent.upperBound >> shift, valid.lowerBound), valid.upperBound)
            further = max(further, ExponentialContent.shift(from: low, to: high))
        }
        scale -= Int32(further)
        let shift = Int(point.scale) - Int(scale)
        content = ExponentialContent(
            scale: scale, zeroThreshold: point.zeroThreshold, zeroCount: point.zeroCount,
            positive: ExponentialSide(positive, offset: point.positive.offset, shift: shift, scale: scale),
            negative: ExponentialSide(negative, offset: point.negative.offset, shift: shift, scale: scale))
        sum = point.sum ?? 0
    }
}

extension ExponentialPoint: CountedValue {
    typealias Sum = ExponentialTotal

    func hasLayout(of other: ExponentialPoint) -> Bool { true }

    func hasFallen(from earlier: ExponentialPoint) -> Bool { content.hasFallen(from: earlier.content) }

    func hasGrown(from earlier: ExponentialPoint) -> Bool {
        !hasFallen(from: earlier) && content.count > earlier.content.count
    }

    mutating func raise(to other: ExponentialPoint) {
        content.raise(to: other.content)
        if other.sum > sum || sum.isNaN { sum = other.sum }
    }

    func fingerprint(_ hash: SeededHash) -> SampleValue {
        let header = [
            sum.bitPattern, UInt64(bitPattern: Int64(content.scale)), content.zeroThreshold.bitPattern,
            content.zeroCount, UInt64(bitPattern: Int64(content.positive.offset)),
            UInt64(bitPattern: Int64(content.negative.offset)),
        ]
        var digest = header.withUnsafeBytes { hash($0) }
        digest = content.positive.counts.withUnsafeBytes { hash($0, parent: digest) }
        digest = content.negative.counts.withUnsafeBytes { hash($0, parent: digest) }
        return .int(Int64(bitPattern: digest))
    }

    var tombstone: SampleValue { .int(Int64(clamping: content.count)) }

    /// As for histograms with bounds: growth while the writer was away is lost, nothing counts twice.
    func baseline(tombstone last: SampleValue) -> ExponentialPoint? { tombstone.isLess(than: last) ? nil : self }
}

extension ExponentialPoint: DistributionValue {
    /// Any two exponential histograms can be merged.
    struct AnyLayout: Equatable {}

    var layout: AnyLayout { AnyLayout() }

    var weight: Int { StateWeight.exponential }

    static func weight(of sum: ExponentialTotal) -> Int { StateWeight.exponential }

    var lines: Int { 3 }

    static func lines(of sum: ExponentialTotal) -> Int { 3 }

    func commonLayout(with layout: AnyLayout) -> AnyLayout { layout }

    /// Exponential buckets add up at any scale: they never cause a reset.
    func isFiner(than earlier: ExponentialPoint) -> Bool { false }

    init?(_ sum: ExponentialTotal) { return nil }

    var hasFiniteSum: Bool { sum.isFinite }

    static func state(of box: consuming Boxed<DistributionStream<ExponentialPoint>>) -> StreamState {
        .exponential(box)
    }

    static func box(of state: consuming StreamState) -> Boxed<DistributionStream<ExponentialPoint>>? {
        if case .exponential(let box) = consume state { box } else { nil }
    }
}

extension ExponentialPoint: StateCoded {
    func write(to writer: inout StateWriter) {
        content.write(to: &writer)
        writer.double(sum)
    }

    init(from reader: inout StateReader) throws(StateFault) {
        content = try ExponentialContent(from: &reader)
        sum = try reader.double()
    }
}

extension ExponentialPoint.AnyLayout: StateCoded {
    func write(to writer: inout StateWriter) {}

    init(from reader: inout StateReader) throws(StateFault) {}
}
