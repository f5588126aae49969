/// How the total of a cumulative counter comes from its writers.
package enum WriterMode: String, Sendable {
    /// The total is the sum over the writers: processes that count side by side.
    case sum
    /// The total is the newest value of any writer: totals of a host that carry the start of whoever reads them.
    case latest
}

/// The writer mode by metric name: the first pattern that matches decides, `sum` when none does.
package struct WriterRules: Sendable, Equatable {
    /// One rule.
    package struct Rule: Sendable, Equatable {
        /// An OpenTelemetry metric name; `*` stands for any characters.
        package var pattern: String
        package var mode: WriterMode

        package init(pattern: String, mode: WriterMode) {
            self.pattern = pattern
            self.mode = mode
        }
    }

    package var rules: [Rule]

    /// - Parameter rules: the user's, asked before the built-in ones.
    package init(_ rules: [Rule] = []) {
        self.rules = rules + WriterRules.builtIn
    }

    /// Totals of the host that carry the start of a process (docs/semantics.md, S4.9).
    private static let builtIn = ["system.*", "container.*", "k8s.*", "hw.*"].map { Rule(pattern: $0, mode: .latest) }

    /// The mode for a metric name in UTF-8. Called once a metric, not once a point.
    package func mode(for name: [UInt8]) -> WriterMode {
        rules.first { WriterRules.matches(Array($0.pattern.utf8), name) }?.mode ?? .sum
    }

    /// Glob matching with `*` only, in time proportional to pattern times name at worst.
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
                // The star takes one byte more.
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
