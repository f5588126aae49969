/// One `exporters.debug` (or `logging`) that a pipeline uses: it logs a line for each export.
package struct DebugConfig: Equatable, Sendable {
    /// The exporter as the configuration names it.
    package var name: String
    package var verbosity: DebugVerbosity
    /// Its inputs from pipelines.
    package var inputs: [PipelineInput] = []

    package init(name: String, verbosity: DebugVerbosity = .basic) {
        self.name = name
        self.verbosity = verbosity
    }

    /// The receivers whose logs are logged, by name.
    package var logsFrom: [String] { inputs.filter { $0.signal == .logs }.map(\.receiver) }
}

/// `verbosity` of a debug exporter. Default `basic`. Bodies and attribute values are logged only of logs and traces,
/// and only by `detailed`.
package enum DebugVerbosity: String, Equatable, Sendable, CaseIterable {
    /// The size of an export.
    case basic
    /// As `basic`, and the metrics by name.
    case normal
    /// As `normal`, and the values of the metrics; of logs and traces everything.
    case detailed
}
