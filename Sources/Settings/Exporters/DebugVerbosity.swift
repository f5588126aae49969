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
