internal import OTLP

/// The buckets of one sign: of positive observations, or of the absolute values of negative ones. From the first to the
/// last bucket that is not empty, at most `ExponentialScale.bucketLimit`.
struct ExponentialSide: Equatable {
    /// The index of `counts[0]`; 0 when there are none.
    private(set) var offset = 0
    private(set) var counts: [UInt64] = []

    var isEmpty: Bool { counts.isEmpty }

    /// The index after the last bucket.
    var end: Int { offset + counts.count }

    /// All observations of the side.
    var count: UInt64 { counts.reduce(0) { $0.addingSaturated($1) } }

    init() {}

    /// The buckets of a point, converted to `scale`, which is at most its own. Indices beyond all finite numbers move
    /// to the nearest valid one. Nothing is allocated for empty buckets at the ends.
    ///
    /// - Parameters:
    ///   - received: counts of the buckets from `offset` on.
    ///   - shift: the scale of the point minus `scale`.
    init(_ received: ArraySlice<UInt64>, offset first: Int32, shift: Int, scale: Int32) {
        guard let low = received.firstIndex(where: { $0 != 0 }), let high = received.lastIndex(where: { $0 != 0 })
        else { return }
        let valid = ExponentialScale.indices(at: scale)
        func index(_ position: Int) -> Int {
            let index = (Int(first) + (position - received.startIndex)) >> min(shift, 62)
            return min(max(index, valid.lowerBound), valid.upperBound)
        }
        offset = index(low)
        counts = [UInt64](repeating: 0, count: index(high) - offset + 1)
        for position in low...high where received[position] != 0 {
            let bucket = index(position) - offset
            counts[bucket] = counts[bucket].addingSaturated(received[position])
        }
    }

    /// The first and the last index of a point's buckets that are not empty, at its own scale.
    static func extent(_ received: ArraySlice<UInt64>, offset: Int32) -> ClosedRange<Int>? {
        guard let low = received.firstIndex(where: { $0 != 0 }), let high = received.lastIndex(where: { $0 != 0 })
        else { return nil }
        return Int(offset) + (low - received.startIndex)...Int(offset) + (high - received.startIndex)
    }

    /// Merges 2^shift buckets into one.
    mutating func downscale(by shift: Int) {
        guard shift > 0, !counts.isEmpty else { return }
        let (first, last) = (offset >> shift, (end - 1) >> shift)
        var joined = [UInt64](repeating: 0, count: last - first + 1)
        for (position, count) in counts.enumerated() {
            let bucket = ((offset + position) >> shift) - first
            joined[bucket] = joined[bucket].addingSaturated(count)
        }
        (offset, counts) = (first, joined)
    }

    /// Adds the buckets of the same scale. The two together span no more than the limit.
    mutating func add(_ other: ExponentialSide) {
        combine(other) { (mine: UInt64, theirs: UInt64) in mine.addingSaturated(theirs) }
    }

    /// Keeps the higher count of each bucket.
    mutating func raise(to other: ExponentialSide) {
        combine(other) { max($0, $1) }
    }

    private mutating func combine(_ other: ExponentialSide, _ operation: (UInt64, UInt64) -> UInt64) {
        if other.counts.isEmpty { return }
        if counts.isEmpty {
            self = other
            return
        }
        let (first, last) = (min(offset, other.offset), max(end, other.end))
        if first < offset || last > end {
            var wider = [UInt64](repeating: 0, count: last - first)
            wider.replaceSubrange(offset - first..<end - first, with: counts)
            (offset, counts) = (first, wider)
        }
        for (position, count) in other.counts.enumerated() {
            let bucket = other.offset - offset + position
            counts[bucket] = operation(counts[bucket], count)
        }
    }

    /// Subtracts the buckets of an earlier value of the same scale; none falls below 0.
    mutating func subtract(_ other: ExponentialSide) {
        for position in counts.indices {
            counts[position] = counts[position].subtractingFloored(other[offset + position])
        }
        trim()
    }

    /// Removes the buckets up to and including `index`.
    /// - Returns: the number of their observations.
    mutating func removeBuckets(upTo index: Int) -> UInt64 {
        guard index >= offset, !counts.isEmpty else { return 0 }
        let removed = min(index - offset + 1, counts.count)
        let sum: UInt64 = counts[..<removed].reduce(0) { $0.addingSaturated($1) }
        counts.removeFirst(removed)
        offset += removed
        trim()
        return sum
    }

    /// The count of a bucket, 0 outside.
    subscript(_ index: Int) -> UInt64 {
        index >= offset && index < end ? counts[index - offset] : 0
    }

    func hasFallen(from earlier: ExponentialSide) -> Bool {
        for (position, count) in earlier.counts.enumerated() where self[earlier.offset + position] < count {
            return true
        }
        return false
    }

    private mutating func trim() {
        guard let low = counts.firstIndex(where: { $0 != 0 }), let high = counts.lastIndex(where: { $0 != 0 }) else {
            self = ExponentialSide()
            return
        }
        if low == 0, high == counts.count - 1 { return }
        counts = [UInt64](counts[low...high])
        offset += low
    }

    var side: NativeHistogramValue.Side {
        NativeHistogramValue.Side(offset: Int32(clamping: offset), counts: counts)
    }
}

extension ExponentialSide: StateCoded {
    func write(to writer: inout StateWriter) {
        writer.signed(Int64(offset))
        writer.list(counts)
    }

    /// The content checks whether the buckets exist at its scale.
    init(from reader: inout StateReader) throws(StateFault) {
        offset = Int(try reader.signed())
        counts = try reader.list(of: UInt64.self)
        guard counts.count <= ExponentialScale.bucketLimit else { throw .outOfRange }
    }

    /// Whether finite numbers exist in all buckets.
    func isWithin(_ indices: ClosedRange<Int>) -> Bool {
        counts.isEmpty || indices.contains(offset) && counts.count - 1 <= indices.upperBound - offset
    }
}
