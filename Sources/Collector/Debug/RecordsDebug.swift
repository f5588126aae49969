internal import ConfigFile
internal import Forward
internal import Logging
internal import NIOCore
internal import OTLP
internal import Receiver
internal import Server
internal import Settings

/// The `debug` exporters in pipelines of logs or traces: tell in the log how much came, and hand it on. What came is
/// shown only by those that are detailed: it may hold prompts and names of people, which the start warns of.
struct RecordsDebug: ExportSink {
    let signal: OTLP.Signal
    /// A way to one of the exporters.
    struct Input: Sendable {
        var name: String
        /// It shows everything.
        var isDetailed: Bool
        /// What its pipeline changes before.
        var processors: [AttributeProcessor]
    }

    let exporters: [Input]
    let receiver: String
    let limits: DecodingLimits
    let log: Logger
    /// What becomes of the exports.
    let next: any ExportSink

    func ingest(_ body: ByteBuffer, as encoding: WireEncoding, on eventLoop: any EventLoop) -> IngestAnswer {
        LongWork.run(on: body, for: eventLoop) { tell(body, as: encoding) }
            .flatMap { next.ingest(body, as: encoding, on: eventLoop) }
    }

    private func tell(_ body: ByteBuffer, as encoding: WireEncoding) {
        for exporter in exporters {
            var metadata: Logger.Metadata = [
                "exporter": "\(exporter.name)", "receiver": "\(receiver)", "bytes": "\(body.readableBytes)",
            ]
            if let count = count(body, as: encoding) {
                let isLogs = signal == .logs
                metadata[isLogs ? "resource_logs" : "resource_spans"] = "\(count.resources)"
                metadata[isLogs ? "log_records" : "spans"] = "\(count.records)"
            }
            log.info("\(signal.rawValue) received", metadata: metadata)
            if exporter.isDetailed { show(body, as: encoding, by: exporter) }
        }
    }

    /// Characters of one export that are shown, and those of one line of the log. 64 Ki, 512.
    private static let textLimit = 64 << 10
    private static let lineLimit = 512

    /// Everything that the pipeline leaves, as OTLP's JSON.
    private func show(_ body: ByteBuffer, as encoding: WireEncoding, by exporter: Input) {
        let received = ForwardedExport(signal: signal, encoding: encoding, records: 0, body: body)
        do throws(DecodingFailure) {
            // What cannot be read is told by those who take the export.
            var losses = DecodingLosses()
            let export = try received.processed(by: exporter.processors, limits: limits, losses: &losses)
            let text = String(buffer: try export.jsonBody())
            var rest = text.prefix(Self.textLimit)
            while !rest.isEmpty {
                // Lines of the log are bounded; a long export takes several.
                log.info(
                    "\(signal.rawValue)",
                    metadata: ["exporter": "\(exporter.name)", "content": "\(rest.prefix(Self.lineLimit))"])
                rest = rest.dropFirst(Self.lineLimit)
            }
        } catch {
            log.info("\(signal.rawValue) malformed", metadata: ["exporter": "\(exporter.name)"])
        }
    }

    /// Nil when it is malformed: whether that matters is for the next sink to say.
    private func count(_ body: ByteBuffer, as encoding: WireEncoding) -> RecordCount? {
        body.withUnsafeReadableBytes { bytes in
            do throws(DecodingFailure) { return try RecordCount(bytes, of: signal, as: encoding) } catch { return nil }
        }
    }
}

extension CollectorConfig {
    /// The debug exporters that metrics of a receiver reach.
    func metricsDebug(of receiver: String, log: Logger) -> [MetricsDebug] {
        debug.filter { $0.inputs.contains { $0.signal == .metrics && $0.receiver == receiver } }.map {
            MetricsDebug(exporter: $0.name, receiver: receiver, verbosity: $0.verbosity, log: log)
        }
    }

    /// The ways of logs or traces of a receiver to debug exporters.
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
