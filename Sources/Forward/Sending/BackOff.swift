internal import Settings

/// Growing intervals between attempts.
struct BackOff {
    private let settings: RetrySettings
    private var interval: Duration

    init(_ settings: RetrySettings) {
        self.settings = settings
        interval = min(settings.initialInterval, settings.maxInterval)
    }

    /// The intervals between probes of a destination that takes nothing: the first ones are so short that a single
    /// export that is never taken hardly delays those behind it.
    static func probes(_ settings: RetrySettings) -> BackOff {
        var settings = settings
        settings.initialInterval = settings.initialInterval / 64
        settings.multiplier = max(2, settings.multiplier)
        return BackOff(settings)
    }

    /// The time to the next attempt.
    /// - Parameter random: 0 to 1, selects within the allowed range of intervals.
    mutating func next(random: Double) -> Duration {
        let factor = 1 + settings.randomizationFactor * (2 * random - 1)
        let time = interval * max(0, factor)
        interval = min(interval * settings.multiplier, settings.maxInterval)
        return time
    }
}
