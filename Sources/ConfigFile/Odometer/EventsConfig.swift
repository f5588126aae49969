package import Settings

/// `odometer.events`: what Claude Code's events count as.
package struct EventsConfig: SettingGroup {
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
    package var rules: [EventRuleConfig] = []

    package init() {}

    package static let keys: [Key<EventsConfig>] = [
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

/// An element of `odometer.events.rules`.
package struct EventRuleConfig: Equatable, Sendable {
    /// What the rule makes.
    package enum Kind: Equatable, Sendable {
        case counter
        /// `buckets`: ascending, finite.
        case histogram(buckets: [Double])
    }

    /// `event`: the event's name without `claude_code.`; `*`, every event, is nil.
    package var event: String?
    /// `counter` or `histogram`: the metric's name as OTLP has it.
    package var metric: String
    package var kind: Kind
    /// `unit`, as OTLP has it; empty when not given.
    package var unit = ""
    package var description = ""
    /// `value`: the attribute that is counted; nil counts events.
    package var value: String?
    /// `divide_by`, default 1; greater than 0.
    package var divisor = 1.0
    /// `labels`: names of labels and of the attributes they show.
    package var labels: [Label] = []
    /// `where`: attributes and the text that they must have.
    package var conditions: [Condition] = []

    /// A label and the attribute that it shows.
    package struct Label: Equatable, Sendable {
        package var name: String
        package var attribute: String
    }

    /// An attribute and the text that it must have.
    package struct Condition: Equatable, Sendable {
        package var attribute: String
        package var text: String
    }
}
