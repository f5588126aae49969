/// How often `hash` of a pipeline has changed attributes, by key. Marks travel with events, as attributes beside those they
/// are of, from the pipelines of logs to the pages: what is hashed already is not hashed again there. Looks say nothing:
/// an id may have 64 digits, too.
package struct HashMarks: Hashable, Sendable {
    /// Of the key of a mark, before the key of its attribute.
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

    /// Takes the marks out of attributes.
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
