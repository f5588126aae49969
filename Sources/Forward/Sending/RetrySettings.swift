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
    /// Failed attempts after which an export is given up, of those between which the destination took others; nil:
    /// never. Default 30.
    package var attemptsWhileOthersSucceed: Int? = 30
    /// How often it is told that exports still wait. Default 5 minutes.
    package var reportInterval: Duration = .seconds(300)

    package init() {}
}

/// Growing intervals between attempts.
struct BackOff {
    private let settings: RetrySettings
    private var interval: Duration

    init(_ settings: RetrySettings) {
        self.settings = settings
        interval = min(settings.initialInterval, settings.maxInterval)
    }

    /// The intervals between probes of a destination that takes nothing: the first ones are so short that a single
    /// export which is never taken costs those behind it next to nothing.
    static func probes(_ settings: RetrySettings) -> BackOff {
        var settings = settings
        settings.initialInterval = settings.initialInterval / 64
        settings.multiplier = max(2, settings.multiplier)
        return BackOff(settings)
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
