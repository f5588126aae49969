internal import ConfigFile
internal import Logging
internal import NIOCore
internal import OTLP
internal import Receiver

/// The `debug` exporters in pipelines of logs and traces: tell in the log how much came, never what.
struct DiscardDebug: DiscardObserver {
    /// The exporters by name.
    let logs: [String]
    let traces: [String]
    let receiver: String
    let log: Logger

    func discarded(_ body: ByteBuffer, of signal: OTLP.Signal, as encoding: WireEncoding) {
        for exporter in signal == .logs ? logs : signal == .traces ? traces : [] {
            var metadata: Logger.Metadata = [
                "exporter": "\(exporter)", "receiver": "\(receiver)", "bytes": "\(body.readableBytes)",
            ]
            if let count = Self.count(body, as: encoding) {
                let isLogs = signal == .logs
                metadata[isLogs ? "resource_logs" : "resource_spans"] = "\(count.resources)"
                metadata[isLogs ? "log_records" : "spans"] = "\(count.records)"
            }
            log.info("\(signal.rawValue) received", metadata: metadata)
        }
    }

    /// Nil when it is malformed: nobody decodes what is discarded.
    private static func count(_ body: ByteBuffer, as encoding: WireEncoding) -> RecordCount? {
        body.withUnsafeReadableBytes { bytes in
            do throws(DecodingFailure) { return try RecordCount(bytes, as: encoding) } catch { return nil }
        }
    }
}

extension CollectorConfig {
    /// The debug exporters that metrics of a receiver reach.
    func metricsDebug(of receiver: String, log: Logger) -> [MetricsDebug] {
        debug.filter { $0.metricsFrom.contains(receiver) }.map {
            MetricsDebug(exporter: $0.name, receiver: receiver, verbosity: $0.verbosity, log: log)
        }
    }

    /// The debug exporters that logs and traces of a receiver reach; nil when there are none.
    func discardDebug(of receiver: String, log: Logger) -> DiscardDebug? {
        let logs = debug.filter { $0.logsFrom.contains(receiver) }.map(\.name)
        let traces = debug.filter { $0.tracesFrom.contains(receiver) }.map(\.name)
        guard !logs.isEmpty || !traces.isEmpty else { return nil }
        return DiscardDebug(logs: logs, traces: traces, receiver: receiver, log: log)
    }
}
