package import Patterns

/// One `processors.resource` or `processors.attributes`: changes of attributes between the stream as received, which
/// keys its state, and the names and labels it is shown with. Streams that become equal are one series with several
/// writers.
package struct AttributeProcessor: Equatable, Sendable {
    /// The processor as the configuration names it.
    package var name: String
    package var target: Target
    /// In the order in which they are applied.
    package var actions: [Action]
    /// The metrics whose points are changed, by the name as received. Default: all. For `dataPoints` only.
    package var metrics = TextCondition.all([])

    package init(name: String = "", target: Target, actions: [Action]) {
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

    /// One element of `attributes` or `actions`. Keys are UTF-8 and not empty.
    package enum Action: Equatable, Sendable {
        case set(key: [UInt8], Condition, Source)
        case delete(key: [UInt8])
        /// Deletes every attribute whose key contains a match.
        case deleteMatching(TextPattern)
        /// Replaces the value by its SHA-256 in hex: of the bytes of text, and of numbers in the Collector's format (8
        /// bytes little-endian; a truth value is one byte). Lists and maps are hashed by their text.
        case hash(key: [UInt8])
        /// Hashes every attribute whose key contains a match.
        case hashMatching(TextPattern)
        /// Sets attributes with the names of the groups, which all have names, to their text in the value of the key:
        /// none if it does not match or is not text, and empty text for a group that took no part.
        case extract(key: [UInt8], TextPattern)
        /// Converts the value to this type; a value that cannot be converted stays.
        case convert(key: [UInt8], ValueType)
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
        /// UTF-8.
        case text([UInt8])
        case integer(Int64)
        case number(Double)
        case flag(Bool)
        /// The attribute with this key; if there is none, nothing is set.
        case attribute([UInt8])
    }
}
