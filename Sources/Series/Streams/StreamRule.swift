internal import OTLP

/// What the points of a metric do to their streams.
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
    /// None of the metric's points can count.
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
        case (.none, _), (.histogram, _), (.exponentialHistogram, _), (.summary, _):
            self = .reject(.unsupportedType)
        }
    }

    var isMonotonic: Bool {
        switch self {
        case .countDeltas, .sumWriters, .latestWriter: true
        case .newest, .newestAdded, .addDeltas, .reject: false
        }
    }
}
