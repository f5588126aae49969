package import Platform
internal import Settings
package import Storage

/// An opened state directory before the journal runs: what survived, and what was lost.
///
/// Use from one thread: read `findings`, hand all records and then all entries to their owners, and `start`. Everything
/// handed over was checked; no entry is handed over twice or together with a record that includes it.
package final class JournalRecovery {
    /// All damaged or missing parts; complete from the beginning.
    package private(set) var findings: [RecoveryFinding] = []

    /// The directory was empty: this is the first start, or the state was removed.
    package let isNew: Bool

    /// The number of the last entry that the records include; entries above it follow.
    package let coveredNumber: UInt64

    /// The number of the last entry ever committed, as far as known. Numbering continues after it.
    package let lastNumber: UInt64

    private let settings: JournalSettings
    private var lock: DirectoryLock?
    private let state: StateDatabase
    private let scan: JournalScan
    private let mark: CommitMark
    private let damagedSuffix: String

    /// Takes the lock, checks every file and repairs what is damaged.
    ///
    /// - Parameter now: names files that are set aside.
    /// - Throws: when another process holds the directory, a newer program wrote it, or it cannot be written.
    package init(opening settings: JournalSettings, now: UnixNanoseconds) throws(JournalOpenFailure) {
        // A file that reaches the limit on file sizes is a failed write, not the end of the process.
        signal(SIGXFSZ, SIG_IGN)
        self.settings = settings
        do throws(LockFailure) {
            lock = try DirectoryLock(directory: settings.state.path, now: now)
        } catch {
            throw JournalOpenFailure(error)
        }
        damagedSuffix = ".damaged-" + FileSystem.compactTime(now)
        // Before any database is opened, which removes it: a log shows that its database existed.
        let isLogLeft: Bool
        do throws(StorageFailure) {
            isLogLeft = try Self.isLogLeft(in: settings.state.path)
        } catch {
            throw .unusable(error)
        }
        var recovery = StateRecovery(settings: settings, damagedSuffix: damagedSuffix)
        state = try recovery.open()
        findings = recovery.findings
        mark = CommitMark(directory: settings.state.path)
        let content: CommitMark.Content
        do throws(StorageFailure) {
            scan = try JournalScan(settings: settings)
            content = try mark.read()
        } catch {
            throw .unusable(error)
        }
        var marked: UInt64 = 0
        if case .number(let number) = content { marked = number }
        let firstAfter = scan.files.map(\.name.after).min() ?? 0
        isNew = recovery.isMissing && scan.files.isEmpty && content == .missing && !isLogLeft
        // Without any record the entries start where the first file does; earlier ones are lost with the records. If
        // nothing was ever committed, nothing is lost.
        let isUnused = content == .number(0) && firstAfter == 0
        let isStateGone =
            recovery.isLost || (recovery.isMissing && !isNew && !isUnused && (firstAfter > 0 || scan.files.isEmpty))
        coveredNumber =
            isStateGone ? max(recovery.covered, scan.files.isEmpty ? marked : firstAfter) : recovery.covered
        let gaps = scan.gaps(above: coveredNumber)
        lastNumber = max(gaps.last, marked, scan.files.map(\.name.after).max() ?? 0)
        reportLosses(
            missing: gaps.missing, atEnd: marked > gaps.last ? marked - gaps.last : 0, content: content,
            isStateMissing: recovery.isMissing && isStateGone)
    }

    /// Whether a state or journal file is missing while its log exists.
    private static func isLogLeft(in directory: String) throws(StorageFailure) -> Bool {
        try FileSystem.names(in: directory).contains { name in
            guard name.hasSuffix(OrphanedLog.suffix) else { return false }
            let file = String(name.dropLast(OrphanedLog.suffix.count))
            return (file == "state.db" || JournalFileName(file) != nil)
                && OrphanedLog.isLeft(of: directory + "/" + file)
        }
    }

    /// Whether this directory seems to hold a state, without opening it.
    package static func holdsState(at path: String) -> Bool {
        (try? FileSystem.names(in: path))?.contains { $0 == "state.db" || JournalFileName($0) != nil } ?? false
    }

    /// Hands over every record, in the order of store, kind and id.
    ///
    /// - Throws: what `body` throws.
    /// - Returns: a failure if the device failed in between; then do not start.
    package func forEachRecord<Failure: Error>(
        _ body: (JournalRecord) throws(Failure) -> Void
    ) throws(Failure) -> StorageFailure? {
        try state.forEachRecord(body)
    }

    /// Hands over every entry that the records do not include, in order; see `forEachRecord` for the rest.
    package func forEachEntry<Failure: Error>(
        _ body: (JournalEntry) throws(Failure) -> Void
    ) throws(Failure) -> StorageFailure? {
        try scan.forEachEntry(above: coveredNumber, body)
    }

    /// Starts both threads. If there are findings, write a checkpoint soon: until then the next start finds them again.
    ///
    /// - Parameter settled: gets the outcomes of a group in one call, on the journal's thread.
    package func start(
        observer: any JournalObserver, settled: @escaping SettlementHandler
    ) throws(JournalOpenFailure) -> ExportJournal {
        guard let lock else {
            throw .unusable(
                StorageFailure(
                    code: .closed, operation: "start the journal", path: settings.state.path,
                    reason: "it is already started")
            )
        }
        self.lock = nil
        var shared = JournalState()
        shared.counters.lastNumber = lastNumber
        shared.counters.coveredNumber = coveredNumber
        for file in scan.files {
            let isEmpty = file.bytes == 0 && file.reason == nil
            if isEmpty || (file.reason == nil && file.through <= coveredNumber) {
                JournalFile.removeQuietly(file.path)
            } else {
                // A damaged file stays until a checkpoint covers what was read from it.
                shared.retired.append(
                    RetiredFile(
                        path: file.path, through: file.through, bytes: file.bytes, isDamaged: file.reason != nil))
            }
        }
        do throws(StorageFailure) {
            // From now on the file exists: without it a missing journal could not be detected.
            try mark.write(lastNumber)
        } catch {
            observer.journal(.housekeepingFailed(error))
        }
        let monitor = Monitor(shared)
        let queue = Monitor(CheckpointQueue())
        let writer = JournalWriter(
            settings: settings, monitor: monitor, observer: observer, settled: settled, mark: mark,
            nextSequence: (scan.files.map(\.name.sequence).max() ?? 0) &+ 1, lastNumber: lastNumber)
        let checkpoints = CheckpointWriter(
            settings: settings, monitor: monitor, queue: queue, observer: observer, state: state,
            damagedSuffix: damagedSuffix)
        return try ExportJournal(
            settings: settings, monitor: monitor, queue: queue, writer: writer, checkpoints: checkpoints, lock: lock)
    }

    /// Closes the directory and releases the lock without a start.
    package func abandon() {
        state.close()
        lock = nil
    }

    private func reportLosses(missing: UInt64, atEnd: UInt64, content: CommitMark.Content, isStateMissing: Bool) {
        for file in scan.files {
            guard let reason = file.reason else { continue }
            let aside = file.path + damagedSuffix
            findings.append(
                RecoveryFinding(
                    kind: .journalDamaged, count: 1, path: file.path,
                    description:
                        "\(file.path) is damaged (\(reason)); it is renamed after the next checkpoint to \(aside)"
                ))
        }
        if isStateMissing {
            findings.append(
                RecoveryFinding(
                    kind: .recordsLost, count: 0, path: state.path,
                    description: "\(state.path) is missing, but existed before: all its records are lost"))
        }
        let lost = missing &+ atEnd
        if lost > 0 {
            findings.append(
                RecoveryFinding(
                    kind: .entriesLost, count: lost, path: settings.state.path,
                    description: "\(lost) acknowledged exports are lost from the journal in \(settings.state.path)"))
        }
        if content == .damaged || (content == .missing && !isNew) {
            let what = content == .missing ? "missing" : "damaged"
            findings.append(
                RecoveryFinding(
                    kind: .markDamaged, count: 0, path: mark.path,
                    description:
                        "\(mark.path) is \(what): it is not known whether exports at the end of the journal are lost"))
        }
    }
}
