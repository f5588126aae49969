internal import OTLP
internal import Settings

/// How the points of a metric change their streams.
enum StreamRule: Equatable {
    /// Monotonic delta sum: points add up.
    case countDeltas
    /// Monotonic cumulative sum: writers add up.
    case sumWriters
    /// Monotonic cumulative sum in `writers: latest` mode.
    case latestWriter
    /// Gauge: the newest point.
    case newest
    /// Non-monotonic cumulative sum: the newest point of each stream; streams of one series add up.
    case newestAdded
    /// Non-monotonic delta sum: points add up to a gauge.
    case addDeltas
    /// Histogram or exponential histogram: points or writers add up bucket by bucket.
    case distribution(DistributionRule)
    /// Summary: the newest point.
    case summary
    /// No point of the metric can count.
    case reject(RejectionReason)

    init(_ metric: MetricIdentity, writerRules: WriterRules) {
        switch (metric.kind, metric.temporality) {
        case (.gauge, _):
            self = .newest
        case (.sum, .delta):
            self = metric.isMonotonic ? .countDeltas : .addDeltas
        case (.sum, .cumulative) where !metric.isMonotonic:
            self = .newestAdded
        case (.sum, .cumulative):
            self = writerRules.mode(for: metric.name) == .sum ? .sumWriters : .latestWriter
        case (.sum, .unspecified):
            self = .reject(.unspecifiedTemporality)
        case (.histogram, _):
            self = .distribution(DistributionRule(metric, .buckets, writerRules: writerRules))
        case (.exponentialHistogram, _):
            self = .distribution(DistributionRule(metric, .exponential, writerRules: writerRules))
        case (.summary, _):
            self = .summary
        case (.none, _):
            self = .reject(.unsupportedType)
        }
    }

    /// The kind of value of the series of the metric.
    var shape: ValueShape {
        switch self {
        case .countDeltas, .sumWriters, .latestWriter, .newest, .newestAdded, .addDeltas, .reject: .number
        case .distribution(let rule): rule.shape
        case .summary: .summary
        }
    }

    var isMonotonic: Bool {
        switch self {
        case .countDeltas, .sumWriters, .latestWriter, .distribution, .summary: true
        case .newest, .newestAdded, .addDeltas, .reject: false
        }
    }
}

extension StreamRule {
    /// Whether NaN and infinities count (R-TYPE-11): only if points do not add up. Otherwise the total would never be a
    /// number again.
    var takesAnyNumber: Bool {
        switch self {
        case .newest, .newestAdded: true
        case .countDeltas, .sumWriters, .latestWriter, .addDeltas, .distribution, .summary, .reject: false
        }
    }
}

/// The kinds of values that a series can show.
enum ValueShape: UInt8 {
    case number
    /// Explicit bounds.
    case buckets
    case exponential
    case summary

    /// Whether one series can show both.
    func addsUp(with other: ValueShape) -> Bool { self == other || (isHistogram && other.isHistogram) }

    private var isHistogram: Bool { self == .buckets || self == .exponential }
}

/// How the points of a histogram metric change their streams.
struct DistributionRule: Equatable {
    enum Counting: UInt8 {
        case deltas
        case sumWriters
        /// `writers: latest` mode.
        case latestWriter
    }

    var shape: ValueShape
    var counting: Counting

    /// An unspecified temporality counts as cumulative, as in the Collector: a sum without one could be a gauge, but a
    /// histogram cannot.
    init(_ metric: MetricIdentity, _ shape: ValueShape, writerRules: WriterRules) {
        self.shape = shape
        if metric.temporality == .delta {
            counting = .deltas
        } else {
            counting = writerRules.mode(for: metric.name) == .sum ? .sumWriters : .latestWriter
        }
    }
}
