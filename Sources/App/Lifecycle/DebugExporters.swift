internal import ConfigFile
internal import Logging
internal import OTLP
internal import Pipeline
internal import Settings

extension AppConfig {
    /// The debug exporters that receive metrics of a receiver.
    func metricsDebug(of receiver: String, log: Logger) -> [MetricsDebug] {
        debug.filter { $0.inputs.contains { $0.signal == .metrics && $0.receiver == receiver } }.map {
            MetricsDebug(exporter: $0.name, receiver: receiver, verbosity: $0.verbosity, log: log)
        }
    }

    /// The paths of a receiver's logs or traces to debug exporters.
    func recordsDebug(of signal: OTLP.Signal, from receiver: String) -> [RecordsDebug.Input] {
        debug.flatMap { exporter in
            exporter.inputs.filter { $0.signal.rawValue == signal.rawValue && $0.receiver == receiver }.map {
                RecordsDebug.Input(
                    name: exporter.name, isDetailed: exporter.verbosity == .detailed,
                    processors: $0.processors)
            }
        }
    }
}
