/// A message about a configuration: a mistake that prevents the start, or a note that does not.
package struct ConfigFinding: Error, Equatable, Sendable, CustomStringConvertible {
    /// Nil without a position in a file, such as for a note on the embedded default.
    package var position: SourcePosition?
    /// The key path, such as `exporters.prometheus.endpoint`; empty when the finding is about the whole file.
    package var path: String
    /// What is wrong and what to write instead, without a full stop.
    package var message: String

    package init(position: SourcePosition?, path: String, message: String) {
        self.position = position
        self.path = path
        self.message = message
    }

    /// `FILE:LINE:COLUMN: key.path: message`, always one line.
    package var description: String {
        var parts: [String] = []
        if let position {
            parts.append(position.description)
        }
        if !path.isEmpty {
            parts.append(path)
        }
        parts.append(message)
        return parts.joined(separator: ": ")
    }
}

/// Why a configuration was refused.
package struct ConfigFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// Never empty; in the order of files and lines where that is known, at most `Findings.mistakeLimit`.
    package var mistakes: [ConfigFinding]
    /// How many more there were.
    package var omittedCount: Int

    package init(mistakes: [ConfigFinding], omittedCount: Int = 0) {
        self.mistakes = mistakes
        self.omittedCount = omittedCount
    }

    /// One line for each mistake, or for each that is made again and again, and one for the omitted ones.
    package var lines: [String] {
        var lines = mistakes.lines
        if omittedCount > 0 {
            lines.append("and \(omittedCount) more error\(omittedCount == 1 ? "" : "s")")
        }
        return lines
    }

    package var description: String {
        lines.joined(separator: "\n")
    }
}
