internal import Forward
internal import OTLP
internal import Series
internal import Settings

/// Metrics of exporters that forward, under names of this project.
struct ForwardFamilies {
    private(set) var families: [FamilySnapshot] = []

    private typealias Sample = (labels: [(String, String)], value: SampleValue)

    /// - Parameter unclaimed: queues on disk without a configured exporter.
    init(_ forwarders: [Forwarder], unclaimed: [UnclaimedQueue] = []) {
        appendUnclaimed(unclaimed)
        guard !forwarders.isEmpty else { return }
        let states = forwarders.map { (name: $0.name, depth: $0.depth, counts: $0.counts, settings: $0.settings) }
        appendQueues(states.map { ($0.name, $0.depth, $0.settings) })
        appendRecords(
            "sent_records_total", "Data points, log records and spans delivered.",
            states.map { ($0.name, $0.counts.sent) })
        appendRecords(
            "rejected_records_total", "Records that the destination rejected in exports it accepted.",
            states.map { ($0.name, $0.counts.rejected) })
        appendRecords(
            "refused_records_total", "Records that the queue refused.",
            states.map { ($0.name, $0.counts.refused) })
        append(
            "dropped_records_total", .counter, "Records dropped, by reason.",
            states.flatMap { state in
                DropReason.allCases.flatMap { reason in
                    Signal.allCases.map { signal in
                        (
                            [("exporter", state.name), ("signal", signal.rawValue), ("reason", reason.rawValue)],
                            .counted(state.counts.dropped[reason]?[signal] ?? 0)
                        )
                    }
                }
            })
        append(
            "failing_exports", .gauge, "Exports whose last attempt failed and that wait for a retry.",
            forwarders.map { ([("exporter", $0.name)], .int(Int64($0.failingExports))) })
        append(
            "split_exports_total", .counter,
            "Exports split because they were too large for the destination.",
            states.map { ([("exporter", $0.name)], .counted($0.counts.splitExports)) })
        append(
            "failed_attempts_total", .counter, "Attempts to send an export that failed.",
            states.map { ([("exporter", $0.name)], .counted($0.counts.failedAttempts)) })
    }

    private mutating func appendUnclaimed(_ queues: [UnclaimedQueue]) {
        guard !queues.isEmpty else { return }
        let depths: [(String, String, (QueueDepth) -> Int)] = [
            ("exports", "Exports in queues whose exporter is no longer configured.", { $0.exports }),
            ("records", "Records in queues whose exporter is no longer configured.", { $0.records }),
            (
                "bytes", "Bytes of bodies in queues whose exporter is no longer configured.",
                { $0.bytes }
            ),
        ]
        for (name, help, value) in depths {
            append(
                "unclaimed_" + name, .gauge, help,
                queues.compactMap { queue in
                    queue.depth.map { ([("exporter", queue.exporter)], .int(Int64(value($0)))) }
                })
        }
        // Of an unreadable queue only its existence is known.
        append(
            "unclaimed_unreadable", .gauge, "Unreadable queues whose exporter is no longer configured.",
            [([], .int(Int64(queues.count { $0.depth == nil })))])
    }

    private mutating func appendQueues(_ queues: [(name: String, depth: QueueDepth, settings: QueueSettings)]) {
        let depths: [(String, String, (QueueDepth) -> Int)] = [
            ("queue_exports", "Exports that wait to be delivered.", { $0.exports }),
            ("queue_records", "Records that wait to be delivered.", { $0.records }),
            ("queue_bytes", "Bytes of bodies that wait to be delivered.", { $0.bytes }),
        ]
        for (name, help, value) in depths {
            append(name, .gauge, help, queues.map { ([("exporter", $0.name)], .int(Int64(value($0.depth)))) })
        }
        append(
            "queue_limit_bytes", .gauge, "Limit of the bytes of bodies that wait.",
            queues.map { ([("exporter", $0.name)], .int(Int64($0.settings.sending.maxBytes))) })
    }

    /// Signals without counts are shown as 0, so that a first increase is visible.
    private mutating func appendRecords(
        _ name: String, _ help: String, _ counts: [(exporter: String, counts: [Signal: UInt64])]
    ) {
        append(
            name, .counter, help,
            counts.flatMap { exporter, counts in
                Signal.allCases.map { signal in
                    ([("exporter", exporter), ("signal", signal.rawValue)], .counted(counts[signal] ?? 0))
                }
            })
    }

    private mutating func append(_ name: String, _ type: FamilyType, _ help: String, _ samples: [Sample]) {
        families.append(FamilySnapshot(named: "odometer_forward_" + name, type, help: help, samples))
    }
}
