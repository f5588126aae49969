package import Patterns

/// One `processors.resource` or `processors.attributes`: changes to attributes between the stream as received, which
/// keys its state, and the names and labels it is shown with. Streams that become equal are one series with several
/// writers.
package struct AttributeProcessor: Equatable, Sendable {
    /// The processor as the configuration names it.
    package var name: String
    package var target: Target
    /// In the order in which they are applied.
    package var actions: [Action]
    /// Whose metrics' points are changed, by the name as received. Default: all. For `dataPoints` only.
    package var metrics = TextCondition.all([])

    package init(name: String = "", target: Target, actions: [Action]) {
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

    /// One element of `attributes` or `actions`. Keys are UTF-8 and not empty.
    package enum Action: Equatable, Sendable {
        case set(key: [UInt8], Condition, Source)
        case delete(key: [UInt8])
        /// Every attribute whose key has a part that matches.
        case deleteMatching(TextPattern)
        /// The value becomes the SHA-256 of itself in hex: of the bytes of text, and of numbers as the Collector lays
        /// them out (8 bytes little-endian; a truth value is one byte). Lists and maps are hashed by their text.
        case hash(key: [UInt8])
        /// Every attribute whose key has a part that matches is hashed.
        case hashMatching(TextPattern)
        /// Sets what the named groups hold of the text under the key, under their names, which all groups have: nothing
        /// where it does not match or is no text, and empty text for a group that took no part.
        case extract(key: [UInt8], TextPattern)
        /// The value becomes one of this type, and stays where it cannot.
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
        /// `insert`: where the key is missing.
        case missing
        /// `update`: where the key is there.
        case present
        /// `upsert`.
        case always
    }

    /// Where a value comes from.
    package enum Source: Equatable, Sendable {
        /// UTF-8.
        case text([UInt8])
        case integer(Int64)
        case number(Double)
        case flag(Bool)
        /// The attribute with this key; where there is none nothing is set.
        case attribute([UInt8])
    }
}
