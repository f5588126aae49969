package import Settings

/// The writer mode by metric name: the first pattern that matches decides, `sum` when none does.
package struct WriterRules: Sendable, Equatable {
    package var rules: [WriterRule]

    /// - Parameter rules: those of the configuration; they precede the built-in ones.
    package init(_ rules: [WriterRule] = []) {
        self.rules = rules + WriterRules.builtIn
    }

    /// Totals of the host that carry the start of a process (docs/semantics.md, S4.9).
    private static let builtIn = ["system.*", "container.*", "k8s.*", "hw.*"].map {
        WriterRule(metric: $0, mode: .latest)
    }

    /// The mode for a metric name in UTF-8. Called once a metric, not once a point.
    package func mode(for name: [UInt8]) -> WriterMode {
        rules.first { WriterRules.matches(Array($0.metric.utf8), name) }?.mode ?? .sum
    }

    /// Glob matching with `*` only; worst case O(pattern * name).
    package static func matches(_ pattern: [UInt8], _ name: [UInt8]) -> Bool {
        let star = UInt8(ascii: "*")
        var position = 0
        var index = 0
        var lastStar: (index: Int, position: Int)?
        while position < name.count {
            if index < pattern.count, pattern[index] == star {
                lastStar = (index, position)
                index += 1
            } else if index < pattern.count, pattern[index] == name[position] {
                index += 1
                position += 1
            } else if let retry = lastStar {
                // The star matches one more byte.
                lastStar = (retry.index, retry.position + 1)
                index = retry.index + 1
                position = retry.position + 1
            } else {
                return false
            }
        }
        return pattern[index...].allSatisfy { $0 == star }
    }
}
