internal import Exposition
internal import Forward
internal import Journal
internal import OTLP
internal import Pipeline
internal import Platform
internal import Series
internal import Server

/// The collector's own metrics as families: names begin with `odometer_`, reasons come from closed lists.
struct OwnMetricsFamilies {
    /// The prefix of every name.
    static let prefix = Array("odometer_".utf8)

    private(set) var families: [FamilySnapshot] = []

    /// - Parameters:
    ///   - exporters: the stores by the name of their exporter.
    ///   - memory: nil without a `memory_limiter`.
    ///   - startTime: when the program started.
    init(
        own: OwnMetrics.Counts, exporters: [(name: String, series: SharedSeries)], state: StateMetrics?,
        memory: MemoryGuard?, bodies: BodyBudget? = nil, forwarders: [Forwarder] = [], unclaimed: [UnclaimedQueue] = [],
        startTime: UnixNanoseconds
    ) {
        appendProgram(startTime: startTime)
        appendLog()
        appendServing(own)
        let states = exporters.map { (name: $0.name, state: $0.series.state) }
        appendCounters(states)
        appendCounts(states)
        if let state { appendState(state) }
        if let memory { appendMemory(memory) }
        if let bodies { appendBodies(bodies) }
        families += ForwardFamilies(forwarders, unclaimed: unclaimed).families
        families.sort { $0.descriptor.name.lexicographicallyPrecedes($1.descriptor.name) }
    }

    private typealias ExporterState = (name: String, state: (counters: SeriesCounters, counts: SeriesCounts))

    private mutating func appendProgram(startTime: UnixNanoseconds) {
        append("build_info", .gauge, "The running version.", [([("version", Version.current)], .int(1))])
        append("process_cpu_seconds_total", .counter, "CPU used, user and system.", .double(ProcessUsage.cpuSeconds))
        append(
            "process_start_time_seconds", .gauge, "Start time of the process, Unix time.",
            .double(Double(startTime) / 1e9))
        if let bytes = ProcessUsage.residentBytes {
            append("process_resident_memory_bytes", .gauge, "Resident memory.", .int(Int64(bytes)))
        }
    }

    private mutating func appendLog() {
        append(
            "log_lines_dropped_total", .counter, "Log lines dropped because standard error was not read.",
            .counted(LogQueue.standardError.droppedLines))
    }

    private mutating func appendServing(_ own: OwnMetrics.Counts) {
        append(
            "http_responses_total", .counter, "Responses by listener and HTTP status.",
            Self.samples(own.responses, "status") { "\($0)" })
        append(
            "grpc_responses_total", .counter, "Responses by listener and gRPC status.",
            Self.samples(own.calls, "status") { $0.name })
        append(
            "refused_connections_total", .counter,
            "Connections that failed before their first request, by listener and reason.",
            Self.samples(own.refusedConnections, "reason") { $0 })
        append(
            "closed_connections_total", .counter, "Connections closed to make room for others, by listener and reason.",
            Self.samples(own.closedConnections, "reason") { $0.rawValue })
        append(
            "refused_exports_total", .counter, "Exports refused, by reason.",
            RefusalReason.allCases.map { ([("reason", $0.rawValue)], .counted(own.refusedExports[$0] ?? 0)) })
        append(
            "left_out_parts_total", .counter, "Parts of accepted exports that cannot be decoded and were left out.",
            ExportPart.allCases.map { ([("part", $0.name)], .counted(UInt64(own.lostParts[$0]))) })
        append("scrapes_total", .counter, "Scrapes answered.", .counted(own.scrapes))
        let seconds = own.scrapeTime / .seconds(1)
        append(
            "scrape_duration_seconds_total", .counter, "Time from a scrape's request to its last byte written.",
            .double(seconds))
    }

    private typealias Sample = (labels: [(String, String)], value: SampleValue)

    private static func samples<Event>(
        _ counts: [OwnMetrics.Key<Event>: UInt64], _ label: String, _ text: (Event) -> String
    ) -> [Sample] {
        counts.map { ([("listener", $0.key.listener), (label, text($0.key.event))], .counted($0.value)) }
    }

    private mutating func appendCounters(_ states: [ExporterState]) {
        let counters: [(String, String, (SeriesCounters) -> UInt64)] = [
            ("accepted_points_total", "Data points accepted, with duplicates and late ones.", { $0.acceptedPoints }),
            ("filtered_points_total", "Data points of metrics that a filter drops.", { $0.filteredPoints }),
            ("duplicate_points_total", "Data points that an earlier request brought already.", { $0.duplicatePoints }),
            ("late_points_total", "Data points older than the newest of their writer.", { $0.latePoints }),
            ("gaps_total", "Delta points that start after the one before ended.", { $0.gaps }),
            ("overlaps_total", "Delta points that start before the one before ended.", { $0.overlaps }),
            ("resets_total", "Resets of cumulative writers: a lower value than before.", { $0.resets }),
            ("shared_writers_total", "Cumulative writers found to be several processes.", { $0.sharedWriters }),
            (
                "mended_histogram_counts_total", "Histogram points whose count differs from their buckets.",
                { $0.mendedCounts }
            ),
            (
                "cut_label_values_total", "Label values that the configuration adds to new series, cut to the limit.",
                { $0.cutLabelValues }
            ),
            (
                "left_out_labels_total", "Labels that the configuration adds to new series, left out beyond the limit.",
                { $0.leftOutLabels }
            ),
            ("evicted_series_total", "Series evicted to make room for new ones.", { $0.evictedSeries }),
            ("forgotten_windows_total", "Delta windows forgotten early because of a limit.", { $0.forgottenWindows }),
        ]
        for (name, help, value) in counters {
            append(name, .counter, help, states.map { ([("exporter", $0.name)], .counted(value($0.state.counters))) })
        }
        let rejected = states.flatMap { exporter in
            RejectionReason.allCases.map { reason in
                (
                    labels: [("exporter", exporter.name), ("reason", reason.rawValue)],
                    value: SampleValue.counted(exporter.state.counters.rejectedPoints[reason] ?? 0)
                )
            }
        }
        append("rejected_points_total", .counter, "Data points rejected, by reason.", rejected)
    }

    private mutating func appendCounts(_ states: [ExporterState]) {
        let counts: [(String, String, (SeriesCounts) -> Int)] = [
            ("series", "Series held.", { $0.series }),
            ("streams", "Streams held, as received.", { $0.streams }),
            ("writers", "Writers held.", { $0.writers }),
            ("tombstones", "Last values of evicted, folded and forgotten writers.", { $0.tombstones }),
            ("families", "Families held.", { $0.families }),
            ("state_memory_bytes", "Memory of series, labels, buckets and identities.", { $0.stateMemory }),
            ("hidden_targets", "Resources for which target_info has no room.", { $0.hiddenTargets }),
            ("page_bytes", "Upper bound for the size of a page that shows all series.", { $0.pageBytes }),
            ("window_memory_bytes", "Memory of the windows that recognise duplicates.", { $0.windowMemory }),
        ]
        for (name, help, value) in counts {
            append(name, .gauge, help, states.map { ([("exporter", $0.name)], .int(Int64(value($0.state.counts)))) })
        }
    }

    private mutating func appendState(_ state: StateMetrics) {
        let journal = state.counters()
        append("journal_exports_total", .counter, "Exports written to the journal.", .counted(journal.entries))
        append(
            "journal_commits_total", .counter, "Commits of the journal, each of one or more exports.",
            .counted(journal.commits))
        append(
            "journal_written_bytes_total", .counter, "Bytes of exports written to the journal.", .counted(journal.bytes)
        )
        append(
            "journal_syncs_total", .counter, "Syncs (fsync) of the journal.",
            .counted(journal.syncs))
        append("checkpoints_total", .counter, "Checkpoints written.", .counted(journal.checkpoints))
        append("checkpoint_records_total", .counter, "Records that checkpoints wrote.", .counted(journal.records))
        append(
            "state_failures_total", .counter, "Failed disk operations, by operation.",
            [
                ([("operation", "commit")], .counted(journal.commitFailures)),
                ([("operation", "sync")], .counted(journal.syncFailures)),
                ([("operation", "checkpoint")], .counted(journal.checkpointFailures)),
                ([("operation", "queue")], .counted(journal.backlogRefusals)),
            ])
        append(
            "journal_backlog_bytes", .gauge, "Bytes of exports that wait for the disk.",
            .int(Int64(journal.backlogBytes)))
        append(
            "journal_bytes", .gauge, "Bytes of exports since the last checkpoint.", .int(Int64(journal.journalBytes)))
        append(
            "state_losses", .gauge, "Records and exports that this start could not recover, by kind.",
            state.losses.map { ([("kind", $0.kind)], .counted($0.count)) })
    }

    private mutating func appendMemory(_ memory: MemoryGuard) {
        append(
            "memory_limiter_limit_bytes", .gauge, "Resident memory above which exports are refused.",
            .int(Int64(memory.softLimit)))
        append(
            "memory_limiter_refusing", .gauge, "1 while memory_limiter refuses exports.",
            .int(memory.isRefusing ? 1 : 0))
        append(
            "memory_limiter_refused_exports_total", .counter, "Exports refused by memory_limiter.",
            .counted(memory.refusals))
    }

    private mutating func appendBodies(_ bodies: BodyBudget) {
        append(
            "body_memory_bytes", .gauge, "Bytes of bodies in flight that take more than one read.",
            .int(Int64(bodies.used)))
        append("body_memory_limit_bytes", .gauge, "Limit of the bytes of bodies in flight.", .int(Int64(bodies.limit)))
        append(
            "given_up_bodies_total", .counter, "Incomplete bodies refused to make room for new ones.",
            .counted(bodies.givenWay))
    }

    private mutating func append(_ name: String, _ type: FamilyType, _ help: String, _ value: SampleValue) {
        append(name, type, help, [([], value)])
    }

    private mutating func append(
        _ name: String, _ type: FamilyType, _ help: String,
        _ samples: [(labels: [(String, String)], value: SampleValue)]
    ) {
        guard !samples.isEmpty else { return }
        families.append(
            FamilySnapshot(named: String(decoding: Self.prefix, as: UTF8.self) + name, type, help: help, samples))
    }
}

extension FamilySnapshot {
    /// A family of the collector's own; its samples are sorted here.
    init(
        named name: String, _ type: FamilyType, help: String,
        _ samples: [(labels: [(String, String)], value: SampleValue)]
    ) {
        let rendered = samples.map { SeriesSample(labels: LabelText.render($0.labels), value: .number($0.value)) }
            .sorted { $0.labels.lexicographicallyPrecedes($1.labels) }
        self.init(
            descriptor: FamilyDescriptor(name: Array(name.utf8), type: type), help: Array(help.utf8), samples: rendered)
    }
}

extension SampleValue {
    static func counted(_ number: UInt64) -> SampleValue { .int(Int64(clamping: number)) }
}
