internal import ConfigFile
internal import Forward
internal import Journal
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import OTLP
internal import Pipeline
internal import Platform
internal import Series
internal import Settings
internal import Storage

/// The state directory of a stopped collector, for `odometer forget`.
struct StoppedApp {
    private let config: AppConfig

    /// False: only report what would be removed.
    let isConfirmed: Bool

    init(_ config: AppConfig, isConfirmed: Bool) {
        var config = config
        // A directory that cannot be used must be an error here.
        config.state.isPathGiven = true
        self.config = config
        self.isConfirmed = isConfirmed
    }

    /// Removes series, or reports what would be removed.
    /// - Returns: the lines to print.
    /// - Throws: `StateFailure.journal(.held)` if a collector runs.
    func forget(_ selection: SeriesSelection) throws(StateFailure) -> [String] {
        let now = SystemClock().now()
        var log = Logger(config.telemetry, limits: config.log)
        log.logLevel = .warning
        // Matchers apply to labels as they are shown.
        let config = try LabelSecret.completed(config, log: log)
        let stores = config.prometheus.map {
            (name: $0.name, series: SharedSeries(SeriesStore($0, of: config, createdAt: now)))
        }
        log.logLevel = .error
        guard let recovered = try RecoveredState(config, exporters: stores, now: now, log: log, isWhole: true) else {
            return []
        }
        let task = ForgetTask(selection: selection, stores: recovered.stores.map { ($0.name, $0.series) })
        let series = task.lines(at: now)
        // Without a running collector, every queue is unclaimed.
        let queues = UnclaimedQueues(UnclaimedQueue.all(in: config.state.path, besides: []))
        let records = RecordForgetting(selection, config).map { queues.edit($0.edit(isConfirmed: isConfirmed)) }
        let report = ForgetReport(series: series, records: records, isConfirmed: isConfirmed)
        guard isConfirmed, !series.isEmpty else {
            recovered.abandon()
            return report.lines
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let state = try recovered.start(
            observer: SilentObserver(), turns: ExportTurns(limit: 0), on: group.next())
        _ = task.perform()
        let outcome = Result { try state.erase().wait() }
        state.close()
        if case .failure(let failure) = outcome {
            throw .journal(.unusable(failure as? StorageFailure ?? Self.unknown(failure, config.state.path)))
        }
        return try removeSetAside() + report.lines
    }

    /// Removes the queue of an exporter that is no longer configured, or reports what would be removed.
    /// - Returns: the lines to print.
    /// - Throws: `StateFailure.journal(.held)` if a collector runs.
    func forgetQueue(of exporter: String) throws -> [String] {
        let lock: DirectoryLock
        do throws(LockFailure) {
            lock = try DirectoryLock(directory: config.state.path, now: wallTime())
        } catch {
            throw StateFailure.journal(JournalOpenFailure(error))
        }
        return try withExtendedLifetime(lock) {
            let configured = config.forward.map(\.name)
            guard !configured.contains(exporter) else { throw ForgetFailure.configured(exporter) }
            let unclaimed = UnclaimedQueues(UnclaimedQueue.all(in: config.state.path, besides: configured))
            return try unclaimed.forget(exporter, isConfirmed: isConfirmed).lines
        }
    }

    private func removeSetAside() throws(StateFailure) -> [String] {
        do throws(StorageFailure) {
            return try SetAsideFiles.remove(in: config.state.path).map {
                "removed \($0), which was set aside as damaged: its content is unknown"
            }
        } catch {
            throw .journal(.unusable(error))
        }
    }

    private static func unknown(_ failure: any Error, _ path: String) -> StorageFailure {
        StorageFailure(code: .other, operation: "erase records", path: path, reason: "\(failure)")
    }
}

/// Why nothing was removed.
struct ForgetFailure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }

    /// The exporter of the queue is configured.
    static func configured(_ exporter: String) -> ForgetFailure {
        ForgetFailure(
            "\(exporter) is still configured and sends its queue; remove it from the configuration first")
    }
}

/// The result reports failures.
private struct SilentObserver: JournalObserver {
    func journal(_ event: JournalEvent) {}
}
