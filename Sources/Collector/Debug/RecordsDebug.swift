internal import ConfigFile
internal import Logging
internal import NIOCore
internal import OTLP
internal import Receiver

/// The `debug` exporters in pipelines of logs or traces: tell in the log how much came, never what, and hand it on.
struct RecordsDebug: ExportSink {
    let signal: OTLP.Signal
    /// The exporters by name.
    let exporters: [String]
    let receiver: String
    let log: Logger
    /// What becomes of the exports.
    let next: any ExportSink

    func ingest(_ body: ByteBuffer, as encoding: WireEncoding, on eventLoop: any EventLoop) -> IngestAnswer {
        for exporter in exporters {
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
        return next.ingest(body, as: encoding, on: eventLoop)
    }

    /// Nil when it is malformed: whether that matters is for the next sink to say.
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

    /// The debug exporters that logs or traces of a receiver reach, by name.
    func recordsDebug(of signal: OTLP.Signal, from receiver: String) -> [String] {
        debug.filter { (signal == .logs ? $0.logsFrom : $0.tracesFrom).contains(receiver) }.map(\.name)
    }
}
