package import Patterns

/// One `processors.resource` or `processors.attributes`: changes of attributes before names and labels are derived.
package struct AttributeProcessorConfig: Equatable, Sendable {
    /// The processor as the configuration names it.
    package var name: String
    package var target: Target
    /// In the order in which they are applied.
    package var actions: [Action]
    /// The metrics whose points are changed, by the name that the client sends. Default: all.
    package var metrics = TextCondition.all([])

    package init(name: String, target: Target, actions: [Action]) {
        self.name = name
        self.target = target
        self.actions = actions
    }

    /// The attributes that are changed.
    package enum Target: Equatable, Sendable {
        /// `resource`.
        case resource
        /// `attributes`.
        case dataPoints
    }

    /// One element of `attributes` or `actions`. Keys are never empty.
    package enum Action: Equatable, Sendable {
        case set(key: String, Condition, Source)
        case delete(key: String)
        /// Every attribute whose key contains a match.
        case deleteMatching(TextPattern)
        /// Replaces the value by its SHA-256, in hex.
        case hash(key: String)
        case hashMatching(TextPattern)
        /// Sets attributes with the names of the pattern's groups, which all have names, to the text of the groups.
        case extract(key: String, TextPattern)
        /// Converts the value to this type; a value that cannot be converted stays.
        case convert(key: String, ValueType)
    }

    /// `converted_type`.
    package enum ValueType: String, CaseIterable, Sendable {
        case int
        case double
        case string
    }

    /// When a value is set.
    package enum Condition: Equatable, Sendable {
        /// `insert`: if the key is missing.
        case missing
        /// `update`: if the key is present.
        case present
        /// `upsert`.
        case always
    }

    /// The source of a value.
    package enum Source: Equatable, Sendable {
        case text(String)
        case integer(Int)
        case number(Double)
        case flag(Bool)
        /// `from_attribute`; if that is missing, nothing is set.
        case attribute(String)
    }
}
