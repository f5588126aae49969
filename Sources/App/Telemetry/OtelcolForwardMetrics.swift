internal import Forward
internal import OTLP
internal import Series
internal import Settings

/// Metrics of exporters that forward, under the names of the OpenTelemetry Collector.
struct OtelcolForwardMetrics {
    private(set) var families: [FamilySnapshot] = []

    private typealias Sample = (labels: [(String, String)], value: SampleValue)

    /// - Parameters:
    ///   - sentPoints: of exporters that do not forward.
    ///   - failedPoints: the same.
    init(
        _ forwarders: [Forwarder], sentPoints: [(exporter: String, count: UInt64)],
        failedPoints: [(exporter: String, count: UInt64)]
    ) {
        for (signal, name) in [(Signal.metrics, "metric_points"), (.logs, "log_records"), (.traces, "spans")] {
            let states = forwarders.map { (exporter: $0.name, counts: $0.counts) }
            let words = name.replacing("_", with: " ")
            appendCounts(
                "sent_" + name, "Number of \(words) successfully sent to destination.",
                states.map { ($0.exporter, $0.counts.sent[signal] ?? 0) } + (signal == .metrics ? sentPoints : []))
            appendCounts(
                "send_failed_" + name, "Number of \(words) in failed attempts to send to destination.",
                states.map { state in
                    let dropped = state.counts.dropped.values.reduce(0) { $0 &+ ($1[signal] ?? 0) }
                    return (state.exporter, dropped &+ (state.counts.rejected[signal] ?? 0))
                } + (signal == .metrics ? failedPoints : []))
            appendCounts(
                "enqueue_failed_" + name, "Number of \(words) failed to be added to the sending queue.",
                states.map { ($0.exporter, $0.counts.refused[signal] ?? 0) })
        }
        let queues = forwarders.map { (name: $0.name, depth: $0.depth, settings: $0.settings) }
        append(
            "queue_size", .gauge, "Current size of the retry queue (in batches, items or bytes, as its capacity).",
            queues.map { ([("exporter", $0.name)], .int(Int64($0.settings.size($0.depth).now))) })
        append(
            "queue_capacity", .gauge, "Fixed capacity of the retry queue (in batches, items or bytes).",
            queues.map { ([("exporter", $0.name)], .int(Int64($0.settings.size($0.depth).limit))) })
    }

    private mutating func appendCounts(_ name: String, _ help: String, _ counts: [(exporter: String, count: UInt64)]) {
        append(name, .counter, help, counts.map { ([("exporter", $0.exporter)], .counted($0.count)) })
    }

    private mutating func append(_ name: String, _ type: FamilyType, _ help: String, _ samples: [Sample]) {
        guard !samples.isEmpty else { return }
        families.append(FamilySnapshot(named: "otelcol_exporter_" + name, type, help: help, samples))
    }
}

extension QueueSettings {
    /// The size of the queue in the unit of `sizer`.
    fileprivate func size(_ depth: QueueDepth) -> (now: Int, limit: Int) {
        if let limit = sending.maxRequests { return (depth.exports, limit) }
        if let limit = sending.maxItems { return (depth.records, limit) }
        return (depth.bytes, sending.maxBytes)
    }
}
