package import Storage

/// Events of the running journal for the collector's log and metrics.
package enum JournalEvent: Sendable {
    /// A group is committed: it survives the end of the process. `bytes` counts bodies.
    case committed(entries: Int, bytes: Int, duration: Duration)
    /// Everything committed so far survives a power failure.
    case synced(duration: Duration)
    /// A group is not in the journal. Its settlements carry the same failure; the next append tries again.
    case commitFailed(StorageFailure, entries: Int)
    /// A sync failed: what was committed since the last one may not survive a power failure. The journal continues in a
    /// new file and requests a checkpoint; `sync` fails until that checkpoint is written.
    case syncFailed(StorageFailure)
    /// The journal or its state requests a checkpoint as soon as possible.
    case checkpointDue(CheckpointCause)
    /// A checkpoint is durable. `bytes` counts record values.
    case checkpointWritten(records: Int, bytes: Int, duration: Duration)
    /// A checkpoint changed nothing.
    case checkpointFailed(StorageFailure)
    /// A failure that loses nothing, such as a file that could not be removed yet.
    case housekeepingFailed(StorageFailure)
}

/// Why an early checkpoint is requested.
package enum CheckpointCause: String, Sendable {
    /// `StateSettings.maxJournal` is exceeded. Reported once until the next checkpoint.
    case journalSize = "journal_size"
    /// A sync failed, so only a checkpoint can make the entries durable.
    case failedSync = "failed_sync"
}

/// Receives events on the journal's own threads; must return soon, and must not call `close` or anything that blocks.
package protocol JournalObserver: Sendable {
    /// Something happened.
    func journal(_ event: JournalEvent)
}

/// Counters since `start`, and current sizes.
package struct JournalCounters: Sendable, Equatable {
    /// Groups and entries committed.
    package var commits: UInt64 = 0
    package var entries: UInt64 = 0
    /// Bytes of the committed bodies.
    package var bytes: UInt64 = 0
    /// Syncs that succeeded.
    package var syncs: UInt64 = 0
    /// Groups that failed, syncs that failed, checkpoints that failed.
    package var commitFailures: UInt64 = 0
    package var syncFailures: UInt64 = 0
    package var checkpointFailures: UInt64 = 0
    /// Checkpoints written, and records written or deleted by them.
    package var checkpoints: UInt64 = 0
    package var records: UInt64 = 0
    /// Appends refused because of `StateSettings.maxBacklog`.
    package var backlogRefusals: UInt64 = 0
    /// Bytes queued and not yet committed, now.
    package var backlogBytes: Int = 0
    /// Bytes of journal files (about) since the last checkpoint, now.
    package var journalBytes: Int = 0
    /// The number of the last committed entry, and of the last one that the records include.
    package var lastNumber: UInt64 = 0
    package var coveredNumber: UInt64 = 0
}
