/// `retry_on_failure` of an exporter: when and for how long a failed export is retried.
package struct RetrySettings: SettingGroup {
    /// Whether it is retried at all.
    package var isEnabled = true
    /// Time to the second attempt.
    package var initialInterval = Duration.seconds(5)
    /// The fraction by which an interval may be longer or shorter, 0 to 1.
    package var randomizationFactor = 0.5
    /// How much longer each interval is than the one before, at least 1.
    package var multiplier = 1.5
    /// The longest interval.
    package var maxInterval = Duration.seconds(30)
    /// Time after which an export is dropped; 0 (nil): never. Never is the default, unlike the Collector's 5 minutes,
    /// since the queue is bounded and on disk.
    package var maxElapsedTime: Duration?

    package init() {}

    package static let keys: [Key<RetrySettings>] = [
        .flag("enabled", \.isEnabled),
        .duration("initial_interval", \.initialInterval, atLeast: .milliseconds(1)),
        .number("randomization_factor", \.randomizationFactor, in: 0...1),
        .number("multiplier", \.multiplier, in: 1...1000),
        .duration("max_interval", \.maxInterval, atLeast: .milliseconds(1)),
        .duration("max_elapsed_time", \.maxElapsedTime),
    ]
}
