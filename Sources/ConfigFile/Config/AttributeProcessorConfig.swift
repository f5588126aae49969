/// One `processors.resource` or `processors.attributes`: what is changed before names and labels are made.
package struct AttributeProcessorConfig: Equatable, Sendable {
    /// The processor as the configuration names it.
    package var name: String
    package var target: Target
    /// In the order in which they are applied.
    package var actions: [Action]

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
        /// The value becomes the SHA-256 of itself, in hex.
        case hash(key: String)
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
