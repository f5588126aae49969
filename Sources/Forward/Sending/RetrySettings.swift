/// When and for how long a failed export is sent again.
package struct RetrySettings: Sendable, Equatable {
    /// Whether it is sent again at all. Default true.
    package var isEnabled = true
    /// Time to the second attempt. Default 5 s.
    package var initialInterval: Duration = .seconds(5)
    /// By how much of itself an interval may be longer or shorter, 0 to 1. Default 0.5.
    package var randomizationFactor = 0.5
    /// How much longer each interval is than the one before, at least 1. Default 1.5.
    package var multiplier = 1.5
    /// The longest interval. Default 30 s.
    package var maxInterval: Duration = .seconds(30)
    /// After how long an export is given up; nil: never, it waits in the queue. Default nil.
    package var maxElapsedTime: Duration?

    package init() {}
}

/// The intervals between the attempts to send one export.
struct BackOff {
    private let settings: RetrySettings
    private var interval: Duration

    init(_ settings: RetrySettings) {
        self.settings = settings
        interval = min(settings.initialInterval, settings.maxInterval)
    }

    /// The time to the next attempt.
    /// - Parameter random: 0 to 1, which of the times that are allowed.
    mutating func next(random: Double) -> Duration {
        let factor = 1 + settings.randomizationFactor * (2 * random - 1)
        let time = interval * max(0, factor)
        interval = min(interval * settings.multiplier, settings.maxInterval)
        return time
    }
}
