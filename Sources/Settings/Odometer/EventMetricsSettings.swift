/// `odometer.events`: metrics made of Claude Code's events.
package struct EventMetricsSettings: SettingGroup {
    /// `enabled`: whether metrics are made of events.
    package var isEnabled = true
    /// `built_in`: whether the built-in rules apply in addition to those below.
    package var hasBuiltInRules = true
    package var histograms = EventHistograms.classic
    /// Values of one label, further ones become `other`.
    package var maxLabelValues = 1000
    /// How long a session is active after its last event or metric.
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

/// The kind of histograms that events make.
package enum EventHistograms: String, Equatable, Sendable, CaseIterable {
    /// With the buckets of their rules.
    case classic
    /// Exponential; Prometheus gets them as native histograms in the protobuf format.
    case native
}
