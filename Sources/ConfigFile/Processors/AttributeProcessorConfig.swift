package import Patterns

/// One `processors.resource` or `processors.attributes`: what is changed before names and labels are made.
package struct AttributeProcessorConfig: Equatable, Sendable {
    /// The processor as the configuration names it.
    package var name: String
    package var target: Target
    /// In the order in which they are applied.
    package var actions: [Action]
    /// Whose metrics' points are changed, by the name as the client sends it. Default: all.
    package var metrics = TextCondition.all([])

    package init(name: String, target: Target, actions: [Action]) {
        self.name = name
        self.target = target
        self.actions = actions
    }

    /// Whose attributes are changed.
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
        /// Every attribute whose key has a part that matches.
        case deleteMatching(TextPattern)
        /// The value becomes the SHA-256 of itself, in hex.
        case hash(key: String)
        case hashMatching(TextPattern)
        /// What the groups of the pattern, which all have names, hold of the text under the key is set under their names.
        case extract(key: String, TextPattern)
        /// The value becomes one of this type; it stays where it cannot.
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
        /// `insert`: where the key is missing.
        case missing
        /// `update`: where the key is there.
        case present
        /// `upsert`.
        case always
    }

    /// Where a value comes from.
    package enum Source: Equatable, Sendable {
        case text(String)
        case integer(Int)
        case number(Double)
        case flag(Bool)
        /// `from_attribute`; where that is missing nothing is set.
        case attribute(String)
    }
}
