package import Logging
internal import OTLP
package import Settings

/// A `debug` exporter in a metrics pipeline: logs each export.
///
/// It never logs attribute values: those of Claude Code identify people.
package struct MetricsDebug: Sendable {
    /// Metrics logged of one export. 100.
    private static let metricLimit = 100
    /// Values logged of one metric. 20.
    private static let valueLimit = 20

    let exporter: String
    let receiver: String
    let verbosity: DebugVerbosity
    let log: Logger

    package init(exporter: String, receiver: String, verbosity: DebugVerbosity, log: Logger) {
        self.exporter = exporter
        self.receiver = receiver
        self.verbosity = verbosity
        self.log = log
    }

    /// Logs an export that counts. `basic`: its size; `normal`: also a line for each metric; `detailed`: with the
    /// values of its points.
    func tell(_ batch: borrowing MetricsBatch) {
        log.info(
            "metrics received",
            metadata: [
                "exporter": "\(exporter)", "receiver": "\(receiver)", "resource_metrics": "\(batch.resources.count)",
                "metrics": "\(batch.metrics.count)", "data_points": "\(batch.pointCount)",
            ])
        guard verbosity != .basic else { return }
        for metric in batch.metrics.prefix(Self.metricLimit) {
            var metadata: Logger.Metadata = [
                "exporter": "\(exporter)", "name": "\(String(decoding: metric.name, as: UTF8.self))",
                "type": "\(metric.kind)", "data_points": "\(metric.points.count)",
            ]
            if verbosity == .detailed { metadata["values"] = "\(values(of: metric, in: batch))" }
            log.info("metric", metadata: metadata)
        }
        if batch.metrics.count > Self.metricLimit {
            log.info("further metrics", metadata: ["count": "\(batch.metrics.count - Self.metricLimit)"])
        }
    }

    /// Count and sum of histograms and summaries.
    private func values(of metric: RawMetric, in batch: borrowing MetricsBatch) -> String {
        var texts: [String] = []
        for index in metric.points.prefix(Self.valueLimit) {
            switch metric.kind {
            case .none: break
            case .gauge, .sum:
                switch batch.points.numbers[index].value {
                case .missing: texts.append("none")
                case .int(let value): texts.append("\(value)")
                case .double(let value): texts.append("\(value)")
                }
            case .histogram: texts.append(Self.text(batch.points.histograms[index]))
            case .exponentialHistogram: texts.append(Self.text(batch.points.exponentialHistograms[index]))
            case .summary: texts.append(Self.text(batch.points.summaries[index]))
            }
        }
        if metric.points.count > Self.valueLimit { texts.append("...") }
        return texts.joined(separator: " ")
    }

    private static func text(_ point: HistogramDataPoint) -> String { "count:\(point.count)" }
    private static func text(_ point: ExponentialHistogramDataPoint) -> String { "count:\(point.count)" }
    private static func text(_ point: SummaryDataPoint) -> String { "count:\(point.count)" }
}
