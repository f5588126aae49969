/// A condition on one text, such as the name of a metric.
package indirect enum TextCondition: Equatable, Sendable {
    case equals(String)
    case hasPrefix(String)
    case hasSuffix(String)
    /// Some part of the text matches.
    case matches(TextPattern)
    case not(TextCondition)
    /// At least one holds; none of none.
    case any([TextCondition])
    /// Each one holds.
    case all([TextCondition])

    /// Complexity: O(text x condition).
    package func holds(for text: String) -> Bool {
        switch self {
        case .equals(let other): text.utf8.elementsEqual(other.utf8)
        case .hasPrefix(let prefix): text.utf8.starts(with: prefix.utf8)
        case .hasSuffix(let suffix): text.utf8.reversed().starts(with: suffix.utf8.reversed())
        case .matches(let pattern): pattern.matches(text)
        case .not(let condition): !condition.holds(for: text)
        case .any(let conditions): conditions.contains { $0.holds(for: text) }
        case .all(let conditions): conditions.allSatisfy { $0.holds(for: text) }
        }
    }
}
