internal import OTLP

/// Adds the totals of folded streams to a stream.
extension StreamState {
    /// Whether the stream has a total that can be added to another stream.
    var addsUp: Bool {
        switch self {
        case .accumulating, .writers: true
        case .histogram(let box): box.value.addsUp
        case .exponential(let box): box.value.addsUp
        case .newest, .summary, .released: false
        }
    }

    var isNewestPoint: Bool {
        if case .newest = self { true } else { false }
    }

    /// The number of writers, except the one that stays, whose newest point arrived before `cutoff`, seconds since
    /// 1970.
    func idleWriters(before cutoff: UInt32) -> Int {
        switch self {
        case .writers(let writers): writers.idleCount(before: cutoff)
        case .histogram(let box): box.value.idleWriters(before: cutoff)
        case .exponential(let box): box.value.idleWriters(before: cutoff)
        case .accumulating, .newest, .summary, .released: 0
        }
    }

    /// Folds those writers.
    /// - Parameter body: called with each of them.
    mutating func foldIdleWriters(before cutoff: UInt32, _ body: (FoldedWriter) -> Void) {
        var taken = StreamState.released
        swap(&taken, &self)
        switch consume taken {
        case .writers(var writers):
            writers.foldIdle(before: cutoff) { body(FoldedWriter($0)) }
            self = .writers(writers)
        case .histogram(var box):
            box.value.foldIdleWriters(before: cutoff, body)
            self = .histogram(box)
        case .exponential(var box):
            box.value.foldIdleWriters(before: cutoff, body)
            self = .exponential(box)
        case let other: self = other
        }
    }

    /// A histogram with bounds, to which exponential ones can be added, too.
    var isExplicit: Bool {
        if case .histogram = self { true } else { false }
    }

    /// Adds the total of another stream of the same series. Only if both add up.
    mutating func absorb(_ other: StreamState) {
        switch other {
        case .accumulating(let accumulation): fold(accumulation.total)
        case .writers(let writers):
            var total = Total()
            writers.add(to: &total)
            fold(total)
        case .histogram(let box): fold(box.value.total)
        case .exponential(let box) where isExplicit: fold(HistogramTotal(box.value.total))
        case .exponential(let box): fold(box.value.total)
        case .newest, .summary, .released: break
        }
    }

    /// Adds to the part that is subject to rounding.
    mutating func adjust(by difference: Double) {
        switch self {
        case .accumulating, .writers:
            var total = Total()
            total.add(.double(difference))
            fold(total)
        case .histogram(let box): fold(HistogramTotal(correction: difference, like: box.value.total))
        case .exponential: fold(ExponentialTotal(correction: difference))
        case .newest, .summary, .released: break
        }
    }

    private mutating func fold(_ sum: Total) {
        var taken = StreamState.released
        swap(&taken, &self)
        switch consume taken {
        case .accumulating(var accumulation):
            accumulation.total.add(sum)
            self = .accumulating(accumulation)
        case .writers(var writers):
            writers.fold(sum)
            self = .writers(writers)
        case let other: self = other
        }
    }

    private mutating func fold(_ sum: HistogramTotal) {
        var taken = StreamState.released
        swap(&taken, &self)
        switch consume taken {
        case .histogram(var box):
            box.value.fold(sum)
            self = .histogram(box)
        case let other: self = other
        }
    }

    private mutating func fold(_ sum: ExponentialTotal) {
        var taken = StreamState.released
        swap(&taken, &self)
        switch consume taken {
        case .exponential(var box):
            box.value.fold(sum)
            self = .exponential(box)
        case let other: self = other
        }
    }
}

extension DistributionStream {
    fileprivate var addsUp: Bool {
        switch counting {
        case .deltas, .writers: true
        case .latest, .released: false
        }
    }

    fileprivate func idleWriters(before cutoff: UInt32) -> Int {
        if case .writers(let writers) = counting { writers.idleCount(before: cutoff) } else { 0 }
    }

    fileprivate mutating func foldIdleWriters(before cutoff: UInt32, _ body: (FoldedWriter) -> Void) {
        guard case .writers(var writers) = counting else { return }
        counting = .released
        writers.foldIdle(before: cutoff) { body(FoldedWriter($0)) }
        counting = .writers(writers)
    }

    /// The contribution of the stream to its series.
    fileprivate var total: Value.Sum {
        switch counting {
        case .deltas(let accumulation): return accumulation.total
        case .writers(let writers):
            var total = Value.Sum()
            writers.add(to: &total)
            return total
        case .latest, .released: return Value.Sum()
        }
    }

    fileprivate mutating func fold(_ sum: Value.Sum) {
        switch counting {
        case .deltas(var accumulation):
            counting = .released
            accumulation.total.add(sum)
            counting = .deltas(accumulation)
        case .writers(var writers):
            counting = .released
            writers.fold(sum)
            counting = .writers(writers)
        case .latest, .released: break
        }
    }
}
