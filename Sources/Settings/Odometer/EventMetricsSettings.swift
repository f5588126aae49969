/// `odometer.events`: which metrics are made of events.
package struct EventMetricsSettings: SettingGroup {
    /// `enabled`: metrics are made of events at all.
    package var isEnabled = true
    /// `built_in`: the built-in rules count beside those below.
    package var hasBuiltInRules = true
    package var histograms = EventHistograms.classic
    /// Values a label may have, further ones are `other`.
    package var maxLabelValues = 1000
    /// How long after its last sign of life a session is active.
    package var activeWindow = Duration.seconds(300)
    /// `rules`: those of the user.
    package var rules: [EventRule] = []

    package init() {}

    package static let keys: [Key<EventMetricsSettings>] = [
        .flag("enabled", \.isEnabled),
        .flag("built_in", \.hasBuiltInRules),
        .choice("histograms", \.histograms),
        .count("max_label_values", \.maxLabelValues, in: 1...1_000_000),
        .duration("active_window", \.activeWindow, atLeast: .seconds(1)),
    ]
}

/// What kind of histograms events make.
package enum EventHistograms: String, Equatable, Sendable, CaseIterable {
    /// With the buckets of their rules.
    case classic
    /// Exponential, which are native histograms to a Prometheus that asks for the protobuf format.
    case native
}
