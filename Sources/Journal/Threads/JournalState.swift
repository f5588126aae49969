/// What the journal's threads and its callers share, behind one monitor.
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
    var syncWaiters: [(after: UInt64, completion: @Sendable (JournalFailure?) -> Void)] = []
    /// Whether commits happened that no sync covers.
    var isUnsynced = false
    /// Entries up to this number were in a file whose sync failed; a checkpoint has to cover them.
    var unsafeNumber: UInt64 = 0
    var syncFailure: JournalFailure?

    /// The checkpoint thread wants a new journal file; the journal thread clears it.
    var isRotationWanted = false

    /// Files that are not written any more, oldest first: all their entries are at most `through`.
    var retired: [RetiredFile] = []
    /// Bytes of the file that is written, about.
    var currentBytes = 0
    var isCheckpointDueTold = false

    /// No append any more.
    var isClosed = false
    /// No checkpoint any more: the journal thread ends when the queue is empty.
    var isEnding = false
    /// The journal thread waits for work and needs a signal.
    var isIdle = false

    var counters = JournalCounters()

    /// Bytes of journal files (about) since the last checkpoint.
    var journalBytes: Int { retired.reduce(currentBytes) { $0 + $1.bytes } }

    /// Whether everything appended is settled and survives a power cut.
    var isDurable: Bool {
        settled == appended && !isUnsynced && unsafeNumber <= counters.coveredNumber
    }
}

/// A journal file that waits for a checkpoint that covers it.
struct RetiredFile: Sendable {
    let path: String
    let through: UInt64
    let bytes: Int
    /// It is kept under another name instead of removed.
    let isDamaged: Bool
}

/// What the checkpoint thread waits for; apart from the rest, so that an append wakes the journal thread alone.
struct CheckpointQueue {
    var jobs: [CheckpointJob] = []
    var isClosed = false
}

/// One call of `checkpoint`.
struct CheckpointJob: Sendable {
    var changes: RecordChanges
    let covered: UInt64
    /// Whether nothing of what is deleted may stay in a file.
    var erases = false
    let completion: @Sendable (CheckpointResult) -> Void
}
