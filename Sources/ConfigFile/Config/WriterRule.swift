/// An element of `odometer.writers`: how several writers of one series are taken together.
package struct WriterRule: Equatable, Sendable {
    /// A metric name as OTLP has it, `*` standing for any run of characters, none included.
    package var metric: String
    package var mode: WriterMode

    package init(metric: String, mode: WriterMode) {
        self.metric = metric
        self.mode = mode
    }

    /// Totals of a host that carry the start of a process: adding them up would count the host once a process.
    /// They stand behind the rules of the configuration.
    package static let defaults = ["system.*", "container.*", "k8s.*", "hw.*"].map {
        WriterRule(metric: $0, mode: .latest)
    }

    /// The mode of a metric under rules of which the first match counts; without a match `.sum`.
    package static func mode(of metric: String, under rules: [WriterRule]) -> WriterMode {
        rules.first { $0.matches(metric) }?.mode ?? .sum
    }

    /// Whether the pattern matches the whole name. Takes at most name times pattern steps.
    package func matches(_ name: String) -> Bool {
        let pattern = Array(metric.utf8)
        let text = Array(name.utf8)
        var patternIndex = 0
        var textIndex = 0
        var afterStar: Int?
        var starText = 0
        while textIndex < text.count {
            if patternIndex < pattern.count, pattern[patternIndex] == UInt8(ascii: "*") {
                patternIndex += 1
                afterStar = patternIndex
                starText = textIndex
            } else if patternIndex < pattern.count, pattern[patternIndex] == text[textIndex] {
                patternIndex += 1
                textIndex += 1
            } else if let afterStar {
                // The last star takes one character more.
                starText += 1
                patternIndex = afterStar
                textIndex = starText
            } else {
                return false
            }
        }
        return pattern[patternIndex...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}

/// What a series with several writers shows.
package enum WriterMode: String, Equatable, Sendable, CaseIterable {
    /// The sum over its writers.
    case sum
    /// The value that came last.
    case latest
}
