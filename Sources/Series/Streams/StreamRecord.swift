internal import OTLP

/// One stream as received, with its state.
struct StreamRecord {
    /// Its metric.
    var metric: MetricID
    /// Its series.
    var series: SeriesID
    /// The next stream of the same series; `none` at the end.
    var next: StreamID
    /// The raw form in which it was first received or restored.
    var alias: UInt32
    /// Other raw forms, oldest first; nearly always empty, which allocates nothing.
    var furtherAliases: [UInt32] = []
    /// Number of the stream in order of creation, over the whole store: the last digit of the sum of the streams of a
    /// series may depend on their order, and must be the same after a restart.
    var birth: UInt32 = 0
    /// Its weight in the store: itself, its attributes as first received, its state; at most 4 GiB.
    var weight: UInt32 = 0
    var key: StreamKey
    /// Arrival of the newest point that was not ignored.
    var lastSeen: UnixNanoseconds
    var state: StreamState
    /// Whether its last point was a NoRecordedValue point (R-DM-03).
    var isWithdrawn = false

    /// A time of the state, or 0 if its point had none: such a point has the time of its arrival in the state, which is
    /// not shown as a time of the sender (R-TS-02).
    func given(_ time: UnixNanoseconds) -> UnixNanoseconds { time == lastSeen ? 0 : time }

    var isVacant: Bool { metric == .none }

    /// A free row.
    static let vacant = StreamRecord(
        metric: .none, series: .none, next: .none, alias: .max,
        key: StreamKey(hash: 0, fingerprint: Fingerprint(first: 0, second: 0)), lastSeen: 0, state: .released)
}

/// The key of a stream, independent of its raw form.
struct StreamKey: Equatable {
    /// The same whenever the stream is created again; tombstones keep it.
    var hash: UInt64
    /// The fingerprint below the record of the metric.
    var fingerprint: Fingerprint
}

/// The running state, by kind.
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
    /// The state is moved out for a change, or the row is free; never in a live stream between two points.
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
    /// Number of the point over the whole store: of equal times the later arrival wins.
    var sequence: UInt64
    /// Whether the streams of a series add up; otherwise the newest is shown.
    var isAdded: Bool
}
