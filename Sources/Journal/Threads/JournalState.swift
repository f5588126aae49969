internal import Storage

/// The state shared by the journal's threads and callers, behind one monitor.
struct JournalState {
    /// Groups that wait; entries are added to the last one.
    var queue: [EntryGroup] = []
    /// An empty group for the next use.
    var spare: EntryGroup?
    var backlogBytes = 0

    /// Entries ever appended and ever settled, in this run.
    var appended: UInt64 = 0
    var settled: UInt64 = 0

    /// Callers of `sync`, by the number of appended entries they wait for.
    var syncWaiters: [(after: UInt64, completion: @Sendable (StorageFailure?) -> Void)] = []
    /// Whether commits happened that no sync covers.
    var isUnsynced = false
    /// Entries up to this number were in a file whose sync failed; a checkpoint has to cover them.
    var unsafeNumber: UInt64 = 0
    var syncFailure: StorageFailure?

    /// The checkpoint thread requests a new journal file; the journal thread clears it.
    var isRotationWanted = false

    /// Files that are no longer written, oldest first: all their entries are at most `through`.
    var retired: [RetiredFile] = []
    /// Approximate bytes of the file being written.
    var currentBytes = 0
    var isCheckpointDueTold = false

    /// No more appends.
    var isClosed = false
    /// No more checkpoints: the journal thread ends when the queue is empty.
    var isEnding = false
    /// The journal thread waits for work and needs a signal.
    var isIdle = false

    var counters = JournalCounters()

    /// Approximate bytes of journal files since the last checkpoint.
    var journalBytes: Int { retired.reduce(currentBytes) { $0 + $1.bytes } }

    /// Whether everything appended is settled and survives a power failure.
    var isDurable: Bool {
        settled == appended && !isUnsynced && unsafeNumber <= counters.coveredNumber
    }
}

/// A journal file that waits for a checkpoint that covers it.
struct RetiredFile: Sendable {
    let path: String
    let through: UInt64
    let bytes: Int
    /// It is set aside instead of removed.
    let isDamaged: Bool
}

/// The input of the checkpoint thread; separate, so that an append wakes only the journal thread.
struct CheckpointQueue {
    var jobs: [CheckpointJob] = []
    var isClosed = false
}

/// One call of `checkpoint`.
struct CheckpointJob: Sendable {
    var changes: RecordChanges
    let covered: UInt64
    /// Whether deleted data must not stay in a file.
    var erases = false
    let completion: @Sendable (CheckpointResult) -> Void
}
