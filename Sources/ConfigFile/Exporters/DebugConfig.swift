/// One `exporters.debug` (or `logging`) that a pipeline uses: a line of the log for each export.
package struct DebugConfig: Equatable, Sendable {
    /// The exporter as the configuration names it.
    package var name: String
    package var verbosity: DebugVerbosity
    /// What the pipelines bring here.
    package var inputs: [PipelineInput] = []

    package init(name: String, verbosity: DebugVerbosity = .basic) {
        self.name = name
        self.verbosity = verbosity
    }

    /// The receivers whose logs are told, by name.
    package var logsFrom: [String] { inputs.filter { $0.signal == .logs }.map(\.receiver) }
}

/// `verbosity` of a debug exporter. Default `basic`. Bodies and values of attributes are shown only of
/// logs and traces, and only by `detailed`.
package enum DebugVerbosity: String, Equatable, Sendable, CaseIterable {
    /// How much an export holds.
    case basic
    /// The same, and the metrics by name.
    case normal
    /// The same, and the values of the metrics; of logs and traces everything.
    case detailed
}
