internal import OTLP

/// A value that is spread over buckets.
protocol DistributionValue: CountedValue, PointValue {
    /// Which buckets a value has.
    associatedtype Layout: Equatable & Sendable & StateCoded

    var layout: Layout { get }

    /// See `StateWeight`.
    static func weight(of sum: Sum) -> Int

    /// Lines that a sum shows on a page.
    static func lines(of sum: Sum) -> Int

    /// The buckets that both have.
    func commonLayout(with layout: Layout) -> Layout

    /// Whether this has all bounds of an earlier value and more, and no lower number in any of its buckets.
    func isFiner(than earlier: Self) -> Bool

    /// The one value that adds up to a sum; nil where no sum tells it.
    init?(_ sum: Sum)

    /// Whether the sum is a number, or not given.
    var hasFiniteSum: Bool { get }

    /// The state of a stream of this kind.
    static func state(of box: consuming Boxed<DistributionStream<Self>>) -> StreamState
    /// What the state of a stream of this kind holds; nil for any other.
    static func box(of state: consuming StreamState) -> Boxed<DistributionStream<Self>>?
}

/// What the points of one histogram stream add up to.
struct DistributionStream<Value: DistributionValue>: Sendable {
    enum Counting {
        case deltas(Accumulation<Value>)
        case writers(CumulativeWriters<Value>)
        /// `writers: latest`: only the newest point counts.
        case latest(CumulativeWriter<Value>)
        /// Out being changed.
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
    /// - Returns: how many; nil when it is no delta stream.
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
    /// Bounds that ascend, in memory shared with the histograms before.
    mutating func sharedBounds() throws(StateFault) -> [Double] {
        let list = try list(of: Double.self)
        for (lower, upper) in zip(list, list.dropFirst()) where !(lower < upper) { throw .outOfRange }
        return bounds.shared(list[...])
    }
}
