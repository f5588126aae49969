package import Settings

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
