/// All buckets of an exponential histogram: two sides and the zero bucket between them.
struct ExponentialContent: Equatable {
    /// Within `ExponentialScale.range`.
    private(set) var scale = ExponentialScale.range.upperBound
    /// Observations of at most this magnitude are in the zero bucket. Finite, not negative.
    private(set) var zeroThreshold: Double = 0
    private(set) var zeroCount: UInt64 = 0
    private(set) var positive = ExponentialSide()
    private(set) var negative = ExponentialSide()

    init() {}

    init(
        scale: Int32, zeroThreshold: Double, zeroCount: UInt64, positive: ExponentialSide, negative: ExponentialSide
    ) {
        self.scale = scale
        self.zeroThreshold = zeroThreshold
        self.zeroCount = zeroCount
        self.positive = positive
        self.negative = negative
    }

    /// All observations; does not overflow, but stays at the greatest number.
    var count: UInt64 { zeroCount.addingSaturated(positive.count).addingSaturated(negative.count) }

    /// By how much the scale must be lowered so that the buckets from the lowest to the highest index of a side, or of
    /// two together, are within the limit.
    static func shift(from low: Int, to high: Int) -> Int {
        var shift = 0
        while (high >> shift) - (low >> shift) >= ExponentialScale.bucketLimit { shift += 1 }
        return shift
    }

    mutating func downscale(to lower: Int32) {
        guard lower < scale else { return }
        positive.downscale(by: Int(scale - lower))
        negative.downscale(by: Int(scale - lower))
        scale = lower
    }

    /// Converts both to a common scale at which they fit, and to one zero threshold (R-D2C-15).
    mutating func align(with other: inout ExponentialContent) {
        let common = min(scale, other.scale)
        downscale(to: common)
        other.downscale(to: common)
        alignZeroBuckets(with: &other)
        var shift = 0
        for (mine, theirs) in [(positive, other.positive), (negative, other.negative)]
        where !mine.isEmpty && !theirs.isEmpty {
            let (low, high) = (min(mine.offset, theirs.offset), max(mine.end, theirs.end) - 1)
            shift = max(shift, ExponentialContent.shift(from: low, to: high))
        }
        downscale(to: scale - Int32(shift))
        other.downscale(to: other.scale - Int32(shift))
    }

    /// Both get the larger threshold. A bucket that contains it is merged into the zero bucket as a whole, and the
    /// threshold becomes the end of that bucket.
    private mutating func alignZeroBuckets(with other: inout ExponentialContent) {
        guard zeroThreshold != other.zeroThreshold else { return }
        var threshold = max(zeroThreshold, other.zeroThreshold)
        let narrow = zeroThreshold < other.zeroThreshold ? self : other
        var last = ExponentialScale.index(of: threshold, at: scale)
        let end = ExponentialScale.upperBound(of: last, at: scale)
        if threshold < end {
            if narrow.positive[last] != 0 || narrow.negative[last] != 0 {
                threshold = min(end, .greatestFiniteMagnitude)
            } else {
                last -= 1
            }
        }
        widenZeroBucket(to: threshold, upTo: last)
        other.widenZeroBucket(to: threshold, upTo: last)
    }

    private mutating func widenZeroBucket(to threshold: Double, upTo last: Int) {
        guard zeroThreshold < threshold else { return }
        zeroThreshold = threshold
        zeroCount = zeroCount.addingSaturated(positive.removeBuckets(upTo: last))
        zeroCount = zeroCount.addingSaturated(negative.removeBuckets(upTo: last))
    }

    mutating func add(_ other: ExponentialContent) {
        var other = other
        align(with: &other)
        zeroCount = zeroCount.addingSaturated(other.zeroCount)
        positive.add(other.positive)
        negative.add(other.negative)
    }

    /// Subtracts an earlier value; no bucket falls below 0.
    mutating func subtract(_ other: ExponentialContent) {
        var other = other
        align(with: &other)
        zeroCount = zeroCount.subtractingFloored(other.zeroCount)
        positive.subtract(other.positive)
        negative.subtract(other.negative)
    }

    /// Keeps the higher count of each bucket.
    mutating func raise(to other: ExponentialContent) {
        var other = other
        align(with: &other)
        zeroCount = max(zeroCount, other.zeroCount)
        positive.raise(to: other.positive)
        negative.raise(to: other.negative)
    }

    func hasFallen(from earlier: ExponentialContent) -> Bool {
        var (now, before) = (self, earlier)
        now.align(with: &before)
        return now.zeroCount < before.zeroCount || now.positive.hasFallen(from: before.positive)
            || now.negative.hasFallen(from: before.negative)
    }
}

extension ExponentialContent: StateCoded {
    func write(to writer: inout StateWriter) {
        writer.signed(Int64(scale))
        writer.double(zeroThreshold)
        writer.number(zeroCount)
        positive.write(to: &writer)
        negative.write(to: &writer)
    }

    init(from reader: inout StateReader) throws(StateFault) {
        guard let scale = Int32(exactly: try reader.signed()), ExponentialScale.range.contains(scale) else {
            throw .outOfRange
        }
        self.scale = scale
        zeroThreshold = try reader.double()
        zeroCount = try reader.number()
        positive = try ExponentialSide(from: &reader)
        negative = try ExponentialSide(from: &reader)
        let indices = ExponentialScale.indices(at: scale)
        guard zeroThreshold.isFinite, zeroThreshold >= 0, positive.isWithin(indices), negative.isWithin(indices) else {
            throw .outOfRange
        }
    }
}
