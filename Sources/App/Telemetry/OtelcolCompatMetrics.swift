internal import Forward
internal import OTLP
internal import Pipeline
internal import Platform
internal import Series

/// The collector's own metrics under the OpenTelemetry Collector's names, for existing dashboards and alerts: on pages
/// of `service.telemetry.metrics` only.
struct OtelcolCompatMetrics {
    private(set) var families: [FamilySnapshot] = []

    init(
        receivers: [ReceiverCounts], exporters: [(name: String, series: SharedSeries)], forwarders: [Forwarder],
        startTime: UnixNanoseconds, now: UnixNanoseconds
    ) {
        appendReceivers(receivers)
        appendExporters(exporters.map { ($0.name, $0.series.state.counters) }, forwarders)
        appendProcess(uptime: Double(now > startTime ? now - startTime : 0) / 1e9)
    }

    private mutating func appendReceivers(_ receivers: [ReceiverCounts]) {
        let counters: [(String, String, (ReceiverCounts) -> UInt64)] = [
            ("accepted", "Number of metric points successfully pushed into the pipeline.", { $0.accepted }),
            ("refused", "Number of metric points that could not be pushed into the pipeline.", { $0.rejected }),
        ]
        for (outcome, help, value) in counters {
            append(
                "receiver_\(outcome)_metric_points", .counter, help,
                receivers.map {
                    ([("receiver", $0.receiver), ("transport", $0.transport)], .counted(value($0)))
                })
        }
    }

    private mutating func appendExporters(
        _ exporters: [(name: String, counters: SeriesCounters)], _ forwarders: [Forwarder]
    ) {
        families +=
            OtelcolForwardMetrics(
                forwarders, sentPoints: exporters.map { ($0.name, $0.counters.acceptedPoints) },
                failedPoints: exporters.map { ($0.name, $0.counters.rejectedPoints.values.reduce(0, +)) }
            ).families
    }

    private mutating func appendProcess(uptime: Double) {
        append("process_uptime", .counter, "Uptime of the process in seconds.", [([], .double(uptime))])
        append(
            "process_cpu_seconds", .counter, "Total CPU user and system time in seconds.",
            [([], .double(ProcessUsage.cpuSeconds))])
        if let bytes = ProcessUsage.residentBytes {
            append(
                "process_memory_rss", .gauge, "Total physical memory (resident set size).", [([], .int(Int64(bytes)))])
        }
    }

    private mutating func append(
        _ name: String, _ type: FamilyType, _ help: String,
        _ samples: [(labels: [(String, String)], value: SampleValue)]
    ) {
        guard !samples.isEmpty else { return }
        families.append(FamilySnapshot(named: "otelcol_" + name, type, help: help, samples))
    }
}
