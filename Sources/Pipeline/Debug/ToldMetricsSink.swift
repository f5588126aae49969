package import NIOCore
package import OTLP
package import Receiver
internal import Server
package import Settings

/// Logs metrics that no page shows, and hands them on.
package struct ToldMetricsSink: ExportSink {
    private let batches: BatchPool
    private let debug: [MetricsDebug]
    private let clock: any WallClock
    private let next: any ExportSink

    package init(debug: [MetricsDebug], limits: DecodingLimits, clock: any WallClock, next: any ExportSink) {
        batches = BatchPool(limits: limits)
        self.debug = debug
        self.clock = clock
        self.next = next
    }

    /// See `ExportSink`.
    package func ingest(_ body: ByteBuffer, as encoding: WireEncoding, on eventLoop: any EventLoop) -> IngestAnswer {
        let export = MetricsExport(
            body: body, encoding: encoding, stamp: ArrivalStamp(arrival: clock.now(), scrapeInterval: 0))
        return LongWork.run(on: body, for: eventLoop) { logExport(export) }
            .flatMap { $0.map { .now(.failure($0)) } ?? next.ingest(body, as: encoding, on: eventLoop) }
    }

    /// - Returns: why the export is refused; nil if it is not.
    private func logExport(_ export: MetricsExport) -> IngestFailure? {
        do throws(DecodingFailure) {
            let decoded = try batches.decodeLong(export)
            defer { batches.giveBack(decoded) }
            for each in debug { each.tell(decoded.batch) }
            return nil
        } catch {
            return IngestFailure(error)
        }
    }
}
