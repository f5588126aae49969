internal import OTLP

/// One stream as received, and what its points add up to.
struct StreamRecord {
    /// The metric record it belongs to.
    var metric: MetricID
    /// The exposed series it is shown in.
    var series: SeriesID
    /// The next stream of the same series; `none` at the end.
    var next: StreamID
    /// The raw form it was first seen in, or came back from the state directory in.
    var alias: UInt32
    /// Other raw forms, oldest first; nearly always empty, which allocates nothing.
    var furtherAliases: [UInt32] = []
    /// Counts streams over the whole store: what the streams of a series add up to may depend on their order in the last
    /// digit, and has to be the same after a restart.
    var birth: UInt32 = 0
    /// What it adds to the weight of the store: itself, its attributes as first received, its state; at most 4 GiB.
    var weight: UInt32 = 0
    var key: StreamKey
    /// Arrival of the newest point that was not ignored.
    var lastSeen: UnixNanoseconds
    var state: StreamState
    /// A NoRecordedValue point came last (R-DM-03).
    var isWithdrawn = false

    /// A time kept with the state, or 0 where its point came without one: such a point is kept under its arrival, which
    /// is not shown as a time the sender gave (R-TS-02).
    func given(_ time: UnixNanoseconds) -> UnixNanoseconds { time == lastSeen ? 0 : time }

    var isVacant: Bool { metric == .none }

    /// A free place.
    static let vacant = StreamRecord(
        metric: .none, series: .none, next: .none, alias: .max,
        key: StreamKey(hash: 0, fingerprint: Fingerprint(first: 0, second: 0)), lastSeen: 0, state: .released)
}

/// What everything that identifies a stream is known by, whatever its raw form.
struct StreamKey: Equatable {
    /// The same whenever the stream is made again; tombstones keep it.
    var hash: UInt64
    /// Under the record of the metric.
    var fingerprint: Fingerprint
}

/// The running state, by what the points mean.
enum StreamState {
    /// Deltas add up; to a counter or, for non-monotonic sums, to a gauge.
    case accumulating(Accumulation<SampleValue>)
    /// Cumulative writers add up.
    case writers(CumulativeWriters<SampleValue>)
    /// The newest point counts.
    case newest(NewestPoint)
    case histogram(Boxed<DistributionStream<HistogramPoint>>)
    case exponential(Boxed<DistributionStream<ExponentialPoint>>)
    case summary(Boxed<SummaryPoint>)
    /// The state is out being changed, or the place is free; never seen in a live stream between two points.
    case released
}

/// The total of a delta stream.
struct Accumulation<Value: CountedValue>: Sendable {
    var total = Value.Sum()
    /// The newest point's time; 0 until a point has one.
    var newestTime: UnixNanoseconds = 0
    var windows = DeltaWindows()
}

/// The newest point of a stream.
struct NewestPoint {
    var value: SampleValue
    var time: UnixNanoseconds
    /// Counts points over the whole store: of equal times the later arrival wins.
    var sequence: UInt64
    /// The values of the streams of one series add up, instead of the newest hiding the others.
    var isAdded: Bool
}
