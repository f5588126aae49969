internal import Forward
package import Logging
package import NIOCore
package import OTLP
package import Receiver
internal import Server
package import Settings

/// The `debug` exporters in logs or traces pipelines: log the size of exports, and hand them on. Only detailed ones log
/// the content: it may contain prompts and names of people, and a warning at the start says so.
package struct RecordsDebug: ExportSink {
    let signal: OTLP.Signal
    /// The path to one of the exporters.
    package struct Input: Sendable {
        var name: String
        /// It logs everything.
        var isDetailed: Bool
        /// What its pipeline changes before.
        var processors: [AttributeProcessor]

        package init(name: String, isDetailed: Bool, processors: [AttributeProcessor]) {
            self.name = name
            self.isDetailed = isDetailed
            self.processors = processors
        }
    }

    let exporters: [Input]
    let receiver: String
    let limits: DecodingLimits
    let log: Logger
    /// The next sink.
    package let next: any ExportSink

    package init(
        signal: OTLP.Signal, exporters: [Input], receiver: String, limits: DecodingLimits, log: Logger,
        next: any ExportSink
    ) {
        self.signal = signal
        self.exporters = exporters
        self.receiver = receiver
        self.limits = limits
        self.log = log
        self.next = next
    }

    /// See `ExportSink`.
    package func ingest(_ body: ByteBuffer, as encoding: WireEncoding, on eventLoop: any EventLoop) -> IngestAnswer {
        LongWork.run(on: body, for: eventLoop) { logExport(body, as: encoding) }
            .flatMap { next.ingest(body, as: encoding, on: eventLoop) }
    }

    private func logExport(_ body: ByteBuffer, as encoding: WireEncoding) {
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

    /// Characters logged of one export, and of one log line. 64 Ki, 512.
    private static let textLimit = 64 << 10
    private static let lineLimit = 512

    /// Logs the result of the pipeline, as OTLP's JSON.
    private func show(_ body: ByteBuffer, as encoding: WireEncoding, by exporter: Input) {
        let received = ForwardedExport(signal: signal, encoding: encoding, records: 0, body: body)
        do throws(DecodingFailure) {
            // The other sinks report what cannot be decoded.
            var losses = DecodingLosses()
            let export = try received.processed(by: exporter.processors, limits: limits, losses: &losses)
            let text = String(buffer: try export.jsonBody())
            var rest = text.prefix(Self.textLimit)
            while !rest.isEmpty {
                // Log lines are bounded; a long export takes several.
                log.info(
                    "\(signal.rawValue)",
                    metadata: ["exporter": "\(exporter.name)", "content": "\(rest.prefix(Self.lineLimit))"])
                rest = rest.dropFirst(Self.lineLimit)
            }
        } catch {
            log.info("\(signal.rawValue) malformed", metadata: ["exporter": "\(exporter.name)"])
        }
    }

    /// Nil if it is malformed: the next sink decides whether that matters.
    private func count(_ body: ByteBuffer, as encoding: WireEncoding) -> RecordCount? {
        body.withUnsafeReadableBytes { bytes in
            do throws(DecodingFailure) { return try RecordCount(bytes, of: signal, as: encoding) } catch { return nil }
        }
    }
}
