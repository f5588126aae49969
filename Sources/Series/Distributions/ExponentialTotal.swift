/// The total of exponential histogram points, at the lowest scale and the widest zero threshold of all.
struct ExponentialTotal: RunningSum {
    private(set) var content = ExponentialContent()
    private(set) var total = Total()
    /// The newest sum that is NaN or infinite; shown as long as its point is the newest.
    private var irregular: Double?

    init() {}

    /// A total without observations, but with a sum: corrects the rounding of another total.
    init(correction: Double) { total.add(.double(correction)) }

    var sum: Double {
        if let irregular { return irregular }
        switch total.value {
        case .int(let number): return Double(number)
        case .double(let number): return number
        }
    }

    mutating func add(_ value: ExponentialPoint) {
        content.add(value.content)
        add(value.sum)
    }

    mutating func add(_ value: ExponentialPoint, beyond baseline: ExponentialPoint) {
        var growth = value.content
        growth.subtract(baseline.content)
        content.add(growth)
        guard value.sum.isFinite, baseline.sum.isFinite else { return add(value.sum.isFinite ? 0 : value.sum) }
        add(value.sum)
        add(-baseline.sum)
    }

    mutating func add(_ other: ExponentialTotal) {
        content.add(other.content)
        // Counts carried over a reset continue without a sum that was not finite.
        total.add(other.total)
    }

    private mutating func add(_ sum: Double) {
        if sum.isFinite { total.add(.double(sum)) } else { irregular = irregular.map { $0 + sum } ?? sum }
    }

    /// The value on the page.
    var value: NativeHistogramValue {
        NativeHistogramValue(
            scale: content.scale, zeroThreshold: content.zeroThreshold, zeroCount: content.zeroCount,
            positive: content.positive.side, negative: content.negative.side, count: content.count, sum: sum)
    }
}

extension ExponentialTotal: StateCoded {
    func write(to writer: inout StateWriter) {
        content.write(to: &writer)
        total.write(to: &writer)
        writer.optional(irregular)
    }

    init(from reader: inout StateReader) throws(StateFault) {
        content = try ExponentialContent(from: &reader)
        total = try Total(from: &reader)
        irregular = try reader.optional(Double.self)
    }
}
