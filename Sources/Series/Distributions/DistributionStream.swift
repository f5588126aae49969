internal import OTLP

/// A value with buckets.
protocol DistributionValue: CountedValue, PointValue {
    /// The buckets of a value.
    associatedtype Layout: Equatable & Sendable & StateCoded

    var layout: Layout { get }

    /// See `StateWeight`.
    static func weight(of sum: Sum) -> Int

    /// Number of lines of a sum on a page.
    static func lines(of sum: Sum) -> Int

    /// The buckets that both have.
    func commonLayout(with layout: Layout) -> Layout

    /// Whether this has all bounds of an earlier value and more, and no lower count in any of its buckets.
    func isFiner(than earlier: Self) -> Bool

    /// The single value of which a sum consists; nil if that is not known.
    init?(_ sum: Sum)

    /// Whether the sum is finite, or not given.
    var hasFiniteSum: Bool { get }

    /// The state of a stream of this kind.
    static func state(of box: consuming Boxed<DistributionStream<Self>>) -> StreamState
    /// The content of the state of a stream of this kind; nil for any other.
    static func box(of state: consuming StreamState) -> Boxed<DistributionStream<Self>>?
}

/// The state of one histogram stream.
struct DistributionStream<Value: DistributionValue>: Sendable {
    enum Counting {
        case deltas(Accumulation<Value>)
        case writers(CumulativeWriters<Value>)
        /// `writers: latest`: only the newest point counts.
        case latest(CumulativeWriter<Value>)
        /// Moved out for a change.
        case released
    }

    var counting: Counting
    /// What all points have in common.
    var layout: Value.Layout

    /// The newest point's time; 0 when no point had one.
    var newestTime: UnixNanoseconds {
        switch counting {
        case .deltas(let accumulation): return accumulation.newestTime
        case .writers(let writers):
            var newest: UnixNanoseconds = 0
            writers.forEach { newest = max(newest, $0.newestTime) }
            return newest
        case .latest(let writer): return writer.time
        case .released: return 0
        }
    }

    /// The windows of a delta stream.
    var windows: DeltaWindows? {
        if case .deltas(let accumulation) = counting { accumulation.windows } else { nil }
    }

    /// Forgets windows that arrived before `cutoff`.
    /// - Returns: the number of forgotten windows; nil if it is not a delta stream.
    mutating func forgetWindows(before cutoff: UInt32) -> Int? {
        var taken = Counting.released
        swap(&taken, &counting)
        guard case .deltas(var accumulation) = taken else {
            swap(&taken, &counting)
            return nil
        }
        taken = .released
        let forgotten = accumulation.windows.forget(before: cutoff)
        counting = .deltas(accumulation)
        return forgotten.all
    }
}

extension DistributionStream: StateCoded {
    private enum Tag: UInt8 {
        case deltas = 1
        case writers
        case latest
    }

    func write(to writer: inout StateWriter) {
        switch counting {
        case .deltas(let accumulation): writer.tagged(Tag.deltas, accumulation)
        case .writers(let writers): writer.tagged(Tag.writers, writers)
        case .latest(let latest): writer.tagged(Tag.latest, latest)
        case .released: preconditionFailure("only live streams are written, between two points")
        }
        layout.write(to: &writer)
    }

    init(from reader: inout StateReader) throws(StateFault) {
        switch try reader.tag(Tag.self) {
        case .deltas: counting = .deltas(try Accumulation(from: &reader))
        case .writers: counting = .writers(try CumulativeWriters(from: &reader))
        case .latest: counting = .latest(try CumulativeWriter(from: &reader))
        }
        layout = try Value.Layout(from: &reader)
    }
}

/// The bounds of a histogram.
extension [Double]: StateCoded {
    func write(to writer: inout StateWriter) { writer.list(self) }

    init(from reader: inout StateReader) throws(StateFault) { self = try reader.sharedBounds() }
}

extension StateReader {
    /// Ascending bounds, in memory shared with other histograms.
    mutating func sharedBounds() throws(StateFault) -> [Double] {
        let list = try list(of: Double.self)
        for (lower, upper) in zip(list, list.dropFirst()) where !(lower < upper) { throw .outOfRange }
        return bounds.shared(list[...])
    }
}
