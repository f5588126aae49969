package import Settings

/// `odometer.events`: metrics made of Claude Code's events.
package struct EventsConfig: SettingGroup {
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

/// The kind of histograms that events make.
package enum EventHistograms: String, Equatable, Sendable, CaseIterable {
    /// With the buckets of their rules.
    case classic
    /// Exponential, which are native histograms to a Prometheus that asks for the protobuf format.
    case native
}

/// An element of `odometer.events.rules`.
package struct EventRuleConfig: Equatable, Sendable {
    /// The metric that the rule makes.
    package enum Kind: Equatable, Sendable {
        case counter
        /// `buckets`: ascending, finite.
        case histogram(buckets: [Double])
    }

    /// `event`: the event's name without `claude_code.`; `*`, every event, is nil.
    package var event: String?
    /// `counter` or `histogram`: the OTLP name of the metric.
    package var metric: String
    package var kind: Kind
    /// `unit`, as OTLP has it; empty when not given.
    package var unit = ""
    package var description = ""
    /// `value`: the attribute whose number is counted; nil counts events.
    package var value: String?
    /// `divide_by`, default 1; greater than 0.
    package var divisor = 1.0
    /// `labels`: names of labels and of the attributes they show.
    package var labels: [Label] = []
    /// `where`: attributes and their required values.
    package var conditions: [Condition] = []

    /// A label and the attribute that it shows.
    package struct Label: Equatable, Sendable {
        package var name: String
        package var attribute: String
    }

    /// An attribute and its required value.
    package struct Condition: Equatable, Sendable {
        package var attribute: String
        package var text: String
    }
}
