/// How often the action `hash` of a pipeline has changed attributes, by key. Marks are attributes beside the ones they
/// describe, and travel with events from the logs pipelines to the pages: what is already hashed is not hashed again
/// there. The value alone does not show it: an id may have 64 digits, too.
package struct HashMarks: Hashable, Sendable {
    /// Prefix of the key of a mark, before the key of its attribute.
    package static let prefix = Array("odometer.hashed/".utf8)

    private var counts: [[UInt8]: Int] = [:]

    /// Nothing is hashed.
    package init() {}

    /// How often the attribute was hashed; 0 when it was not.
    package subscript(key: [UInt8]) -> Int {
        get { counts.isEmpty ? 0 : counts[key] ?? 0 }
        set {
            guard newValue > 0 || !counts.isEmpty else { return }
            counts[key] = newValue > 0 ? newValue : nil
        }
    }

    /// Removes the marks from attributes.
    package static func take(from attributes: inout [Attribute]) -> HashMarks {
        var marks = HashMarks()
        attributes.removeAll { attribute in
            guard attribute.key.starts(with: prefix) else { return false }
            if case .int(let count) = attribute.value {
                marks[Array(attribute.key.dropFirst(prefix.count))] = Int(clamping: count)
            }
            return true
        }
        return marks
    }

    /// The marks as attributes, by key.
    package var attributes: [Attribute] {
        counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { key, count in
            Attribute(key: Self.prefix + key, value: .int(Int64(count)))
        }
    }
}
