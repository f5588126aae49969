package import Journal
package import Logging
package import NIOCore
package import OTLP
internal import Platform
internal import Series
package import Settings
internal import Storage

/// Restores the stores from a state directory: records first, then the exports after them, through the same code as at
/// their arrival.
package struct RecoveredState {
    package let stores: [NumberedStore]
    private let recovery: JournalRecovery
    private var summary = RecoverySummary()
    private var lastApplied: UInt64

    /// Opens the configured directory and restores the stores.
    ///
    /// - Parameters:
    ///   - exporters: fresh stores by the name of their exporter, in the order of the configuration.
    ///   - memory: of the machine or container, bytes; a state that needs more than it and `max_state_memory` is
    ///     refused.
    ///   - isWhole: whether `stores` includes all exporters that are no longer configured; false: only those for which
    ///     the journal has exports.
    ///   - absent: a fresh store of an exporter that is no longer configured.
    /// - Returns: nil if no state is configured, or the default directory cannot be used.
    package init?(
        _ settings: StateSettings, limits: Limits, exporters: [(name: String, series: SharedSeries)],
        now: UnixNanoseconds, log: Logger, isWhole: Bool, memory: Int, absent: (String) -> SharedSeries
    ) throws(StateFailure) {
        guard !settings.path.isEmpty else { return nil }
        let recovery: JournalRecovery
        do throws(JournalOpenFailure) {
            recovery = try JournalRecovery(opening: JournalSettings(settings), now: now)
        } catch {
            // Starting at zero beside an existing state would lose it.
            guard case .unusable(let failure) = error, !settings.isPathGiven, failure.code != .full,
                !JournalRecovery.holdsState(at: settings.path)
            else { throw .journal(error) }
            log.warning("\(StateOutOfReach(path: settings.path, reason: error.description))")
            return nil
        }
        do throws(StateFailure) {
            try self.init(
                recovery, exporters: exporters, limits: limits.decoding, now: now, isWhole: isWhole,
                memory: max(memory / 8 * 7, limits.state.maxStateMemory), absent: absent)
        } catch {
            recovery.abandon()
            throw error
        }
        logFindings(to: log)
    }

    private init(
        _ recovery: JournalRecovery, exporters: [(name: String, series: SharedSeries)], limits: DecodingLimits,
        now: UnixNanoseconds, isWhole: Bool, memory: Int, absent: (String) -> SharedSeries
    ) throws(StateFailure) {
        self.recovery = recovery
        lastApplied = recovery.coveredNumber
        stores = try Self.restore(
            recovery, exporters: exporters, isWhole: isWhole, absent: absent, memory: memory, summary: &summary)
        try replay(limits: limits, memory: memory)
        for store in stores where store.series.withStore({ $0.resumeWindows(at: now) || $0.hasOtherLimits }) {
            summary.needsCheckpoint = true
        }
        summary.findings = recovery.findings
    }

    private static func restore(
        _ recovery: JournalRecovery, exporters: [(name: String, series: SharedSeries)], isWhole: Bool,
        absent: (String) -> SharedSeries, memory: Int, summary: inout RecoverySummary
    ) throws(StateFailure) -> [NumberedStore] {
        for exporter in exporters { exporter.series.withStore { $0.trackChanges() } }
        // Records of the directory are the first.
        var content = DirectoryRecords.Content()
        var stores: [NumberedStore]?
        let failure = try recovery.forEachRecord { (record) throws(StateFailure) in
            if record.store == DirectoryRecords.store { return content.take(record) }
            if stores == nil {
                stores = try numbered(exporters, by: content, isWhole ? nil : recovery, absent) ?? []
            }
            // Records of exporters that are no longer configured stay on disk.
            guard let store = stores?.first(where: { $0.recordStore == record.store }) else { return }
            guard let kind = UInt8(exactly: record.kind).flatMap(StateKind.init), let id = UInt32(exactly: record.id)
            else {
                summary.faults[.unknownTag, default: 0] += 1
                return
            }
            let fault = store.series.withStore { series -> StateFault? in
                let before = series.stateMemory
                defer { summary.memory += series.stateMemory - before }
                do throws(StateFault) {
                    try series.restore(kind, id, record.value)
                    return nil
                } catch {
                    return error
                }
            }
            // Otherwise the system would end this process, again and again and without a message.
            guard summary.memory <= memory else { throw .tooLarge(available: memory) }
            if let fault { summary.faults[fault, default: 0] += 1 } else { summary.records += 1 }
        }
        if let failure { throw .journal(.unusable(failure)) }
        if stores == nil { stores = try numbered(exporters, by: content, isWhole ? nil : recovery, absent) }
        guard let numbered = stores, numbered.count >= exporters.count else { throw .tooManyExporters }
        for store in numbered {
            summary.incompleteStreams += store.series.withStore { $0.finishRestoring() }
            if let interval = content.scrapeIntervals[store.number] {
                store.series.restore(scrapeInterval: interval)
            }
        }
        summary.hasNewExporters = numbered.contains { content.names[$0.number] == nil }
        summary.absentExporters = numbered.dropFirst(exporters.count).map(\.name)
        summary.otherExporters = content.names.values.filter { name in !exporters.contains { $0.name == name } }
            .sorted()
        return numbered
    }

    /// The stores by number, first those of the configuration, then those for which only the journal has exports.
    /// - Parameter recovery: has the journal; nil: all exporters of the directory are included.
    /// - Returns: nil if there are not enough numbers.
    private static func numbered(
        _ exporters: [(name: String, series: SharedSeries)], by content: DirectoryRecords.Content,
        _ recovery: JournalRecovery?, _ absent: (String) -> SharedSeries
    ) throws(StateFailure) -> [NumberedStore]? {
        guard let numbers = content.numbers(of: exporters.map(\.name)) else { return nil }
        let present = zip(numbers, exporters).map { NumberedStore(number: $0, name: $1.name, series: $1.series) }
        let others = content.names.filter { !numbers.contains($0.key) }
        guard !others.isEmpty else { return present }
        var route = ExportRoute(exporters: recovery == nil ? .max : 0)
        let failure = recovery?.forEachEntry { route.exporters |= ExportRoute(mark: $0.route).exporters }
        if let failure { throw .journal(.unusable(failure)) }
        // Acknowledged exports must count when the exporters are configured again.
        return present
            + others.filter { route.contains($0.key) }.sorted { $0.key < $1.key }.map {
                let series = absent($0.value)
                series.withStore { $0.trackChanges() }
                return NumberedStore(number: $0.key, name: $0.value, series: series)
            }
    }

    /// Replays the exports that no record includes yet.
    private mutating func replay(limits: DecodingLimits, memory: Int) throws(StateFailure) {
        var batch = MetricsBatch(limits: limits)
        var part = MetricsBatch(limits: limits)
        let stores = stores
        var last = lastApplied
        var entries = 0
        var unusable = 0
        let failure = try recovery.forEachEntry { (entry) throws(StateFailure) in
            last = entry.number
            entries += 1
            guard let encoding = WireEncoding(rawValue: entry.encoding) else {
                unusable += 1
                return
            }
            do throws(DecodingFailure) {
                try batch.decode(entry.body, as: encoding)
                let route = ExportRoute(mark: entry.route)
                let stamp = ArrivalStamp(
                    arrival: entry.arrival, scrapeInterval: ExportRoute.scrapeInterval(ofMark: entry.route))
                try ExportCounting.countAll(
                    batch, in: stores.filter { route.contains($0.number) }.map(\.series), at: stamp, using: &part)
            } catch {
                // It was within the limits when it was accepted: they were lowered since.
                unusable += 1
            }
            let held = stores.reduce(0) { $0 + $1.series.withStore { $0.stateMemory } }
            guard held <= memory else { throw .tooLarge(available: memory) }
        }
        if let failure { throw .journal(.unusable(failure)) }
        lastApplied = last
        summary.entries = entries
        summary.unusableEntries = unusable
        for store in stores { store.series.withStore { $0.resetCounters() } }
    }

    private func logFindings(to log: Logger) {
        if !recovery.isNew {
            log.info(
                "state recovered",
                metadata: ["records": "\(summary.records)", "exports_replayed": "\(summary.entries)"])
        }
        for name in summary.absentExporters {
            log.warning(
                "exports of the last run are counted for an exporter that is no longer configured; its totals are kept",
                metadata: ["exporter": "\(name)"])
        }
        for store in stores where store.series.withStore({ $0.exceedsStateMemory }) {
            log.warning(
                "the series in the state directory need more than odometer.limits.max_state_memory: all of them continue to count; new ones are rejected until some are removed",
                metadata: ["exporter": "\(store.name)", "bytes": "\(store.series.withStore { $0.stateMemory })"])
        }
        for line in summary.faultLines { log.error("\(line)") }
    }

    /// Closes the directory again without a start.
    package func abandon() { recovery.abandon() }

    /// Starts the journal.
    /// - Parameter turns: the turns of long exports.
    package func start(
        observer: any JournalObserver, turns: ExportTurns, on eventLoop: any EventLoop
    ) throws(StateFailure) -> StateDirectory {
        do throws(JournalOpenFailure) {
            return try StateDirectory(
                stores, recovery: recovery, lastApplied: lastApplied,
                isCheckpointDue: summary.isCheckpointDue || lastApplied != recovery.coveredNumber, turns: turns,
                observer: observer, on: eventLoop)
        } catch {
            throw .journal(error)
        }
    }

    /// Exporters that the directory has totals of, and that are no longer configured.
    package var otherExporters: [String] { summary.otherExporters }

    /// Losses by kind, for a metric.
    package var losses: [(kind: String, count: UInt64)] { summary.losses }
}

/// The findings of a start in the state directory.
struct RecoverySummary {
    var records = 0
    /// Memory of all stores, bytes, see `SeriesStore.stateMemory`.
    var memory = 0
    var entries = 0
    /// Exports that cannot be replayed.
    var unusableEntries = 0
    var incompleteStreams = 0
    var faults: [StateFault: Int] = [:]
    var findings: [RecoveryFinding] = []
    var hasNewExporters = false
    /// Those that are no longer configured.
    var otherExporters: [String] = []
    /// Those of them for which the journal has exports.
    var absentExporters: [String] = []

    /// Whether a checkpoint must save findings, so that the next start does not repeat them.
    var needsCheckpoint = false

    var isCheckpointDue: Bool { needsCheckpoint || hasNewExporters || !losses.isEmpty }

    var losses: [(kind: String, count: UInt64)] {
        var losses: [String: UInt64] = [:]
        for finding in findings { losses[finding.kind.rawValue, default: 0] += max(1, finding.count) }
        let unusable = faults.values.reduce(0, +) + incompleteStreams
        if unusable > 0 { losses["records_unusable"] = UInt64(unusable) }
        if unusableEntries > 0 { losses["entries_unusable"] = UInt64(unusableEntries) }
        return losses.sorted { $0.key < $1.key }.map { (kind: $0.key, count: $0.value) }
    }

    var faultLines: [String] {
        var lines = findings.map(\.description)
        for (fault, count) in faults.sorted(by: { $0.value > $1.value }) {
            lines.append("\(count) records of the state cannot be used (\(fault)): their totals are lost")
        }
        if unusableEntries > 0 {
            lines.append(
                "\(unusableEntries) acknowledged exports are lost: they exceed odometer.limits, which were lowered")
        }
        if incompleteStreams > 0 {
            lines.append("\(incompleteStreams) streams have no total in the state: their totals are lost")
        }
        return lines
    }
}

/// Why the state cannot be used.
package enum StateFailure: Error, CustomStringConvertible {
    case journal(JournalOpenFailure)
    case tooManyExporters
    /// The series on disk need more memory than there is, bytes.
    case tooLarge(available: Int)
    /// Labels are to be hashed, and the directory cannot store the key; the error and the path.
    case labelSecret(String)

    package var description: String {
        switch self {
        case .journal(let failure): failure.description
        case .labelSecret(let reason): reason
        case .tooLarge(let available):
            "the series in the state directory need more than the \(available >> 20) MiB of memory available; nothing is removed: start with more memory or a larger odometer.limits.max_state_memory, or choose another directory"
        case .tooManyExporters:
            "the state directory holds \(ExportRoute.exporterLimit) exporters, which is the limit; choose another directory"
        }
    }
}
