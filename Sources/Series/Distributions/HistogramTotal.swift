/// The total of histogram points, bucket by bucket (R-D2C-13). Counts that overflow stay at the greatest number.
///
/// Values with different bounds add up in their common bounds: exact, and no bucket ever falls.
struct HistogramTotal: RunningSum {
    private(set) var bounds: [Double] = []
    /// Empty until something was added.
    private(set) var counts: BucketCounts = []
    private var total = Total()
    /// The newest sum that is NaN or infinite; shown as long as its point is the newest. Four bytes suffice for these
    /// values.
    private var irregular: Float?
    /// After a point without a sum the total has none (R-D2C-14).
    private var lacksSum = false

    init() {}

    /// A total without observations, but with a sum: corrects the rounding of another total.
    /// - Parameter other: the total to correct, for its bounds.
    init(correction: Double, like other: HistogramTotal) {
        bounds = other.bounds
        counts = BucketCounts(repeatElement(0, count: other.bounds.count + 1))
        total.add(.double(correction))
    }

    /// The count and sum of exponential points, which have other buckets.
    init(_ other: ExponentialTotal) {
        counts = [other.content.count]
        total = other.total
    }

    /// Nil if some point had none.
    var sum: Double? {
        if lacksSum { return nil }
        if let irregular { return Double(irregular) }
        switch total.value {
        case .int(let number): return Double(number)
        case .double(let number): return number
        }
    }

    mutating func add(_ value: HistogramPoint) {
        add(counts: value.counts, bounds: value.bounds)
        add(value.sum)
    }

    mutating func add(_ value: HistogramPoint, beyond baseline: HistogramPoint) {
        if value.bounds == baseline.bounds {
            let growth = zip(value.counts, baseline.counts).map { $0.subtractingFloored($1) }
            add(counts: BucketCounts(growth), bounds: value.bounds)
        } else {
            let common = CommonBounds.of(value.bounds, baseline.bounds)
            let growth = zip(value.counts(in: common), baseline.counts(in: common)).map { $0.subtractingFloored($1) }
            add(counts: BucketCounts(growth), bounds: common)
        }
        if let sum = value.sum, let before = baseline.sum {
            // The difference of two numbers that are not finite is meaningless.
            guard sum.isFinite, before.isFinite else { return add(sum.isFinite ? 0 : sum) }
            total.add(.double(sum))
            total.add(.double(-before))
        } else {
            lacksSum = true
        }
    }

    mutating func add(_ other: HistogramTotal) {
        if other.counts.isEmpty { return }
        add(counts: other.counts, bounds: other.bounds)
        total.add(other.total)
        lacksSum = lacksSum || other.lacksSum
        // Counts carried over a reset continue without a sum that was not finite.
    }

    private mutating func add(_ sum: Double?) {
        guard let sum else {
            lacksSum = true
            return
        }
        if sum.isFinite { total.add(.double(sum)) } else { irregular = irregular.map { $0 + Float(sum) } ?? Float(sum) }
    }

    private mutating func add(counts added: BucketCounts, bounds others: [Double]) {
        if counts.isEmpty {
            bounds = others
            counts = added
        } else if bounds == others {
            counts.add(added)
        } else if HistogramPoint.isBlank(added) {
            return
        } else if HistogramPoint.isBlank(counts) {
            bounds = others
            counts = added
        } else {
            let common = CommonBounds.of(bounds, others)
            let mine = CommonBounds.coarsened(counts, bounds, to: common)
            let theirs = CommonBounds.coarsened(added, others, to: common)
            if common != bounds { bounds = common }
            counts = BucketCounts(zip(mine, theirs).map { $0.addingSaturated($1) })
        }
    }

    /// The value on the page.
    var value: HistogramValue {
        HistogramValue(
            bounds: bounds, counts: counts.isEmpty ? [0] : [UInt64](counts),
            count: counts.reduce(0) { $0.addingSaturated($1) },
            sum: sum)
    }
}

extension HistogramTotal: StateCoded {
    func write(to writer: inout StateWriter) {
        writer.list(bounds)
        writer.list(counts)
        total.write(to: &writer)
        writer.optional(irregular.map(Double.init))
        writer.flag(lacksSum)
    }

    init(from reader: inout StateReader) throws(StateFault) {
        bounds = try reader.sharedBounds()
        counts = BucketCounts(try reader.list(of: UInt64.self))
        total = try Total(from: &reader)
        irregular = try reader.optional(Double.self).map { Float($0) }
        lacksSum = try reader.flag()
        guard counts.isEmpty && bounds.isEmpty || counts.count == bounds.count + 1 else { throw .outOfRange }
    }
}
