package import Journal
package import OTLP

/// What the collector's log learns of an exporter. No text holds anything of an export.
package enum ForwardEvent: Sendable {
    /// An attempt failed; the export is sent again.
    case failing(reason: String)
    /// Exports that failed still wait, the oldest one since `time` after its first attempt; `reason` is its last one's.
    case waiting(exports: Int, time: Duration, attempts: Int, reason: String)
    /// The destination takes exports again, and none that failed waits any more.
    case recovered
    /// An export is given up.
    case dropped(DropReason, signal: Signal, records: Int, Refusal)
    /// The destination stored an export but for so many of its records, which it will never take; nil: nobody knows how
    /// many.
    case partlyStored(signal: Signal, records: Int, dropped: Int?, Refusal)
    /// The destination took an export but for some of its records.
    case rejected(signal: Signal, records: Int, message: String)
    /// The destination takes no export as large as one was, which is sent in parts.
    case split(signal: Signal, records: Int, Refusal)
    /// The disk of the queue refused something.
    case queueFailed(JournalFailure)
}

/// Why records are given up. Raw values are values of the metrics' label `reason`.
package enum DropReason: String, Sendable, CaseIterable {
    /// The destination will never take them.
    case refused
    /// They are of an export that the destination stored in part, and nobody knows which of them it stored.
    case partlyStored = "partly_stored"
    /// The destination takes nothing as large as a single record.
    case tooLarge = "too_large"
    /// Their export failed too often while the destination took others (`ForwardSettings.maxAttemptsWhileOthersSucceed`).
    case exhausted = "max_attempts"
    /// `RetrySettings.maxElapsedTime` is over, or it is not to be sent again at all.
    case expired
}

/// Told of what happens to an exporter, on any thread; must not wait.
package protocol ForwardObserver: Sendable {
    func forward(_ event: ForwardEvent, exporter: String)
}

/// What an exporter counted since the start, in records of a signal.
package struct ForwardCounts: Sendable, Equatable {
    /// Delivered, without those that the destination rejected.
    package var sent: [Signal: UInt64] = [:]
    /// Given up.
    package var dropped: [DropReason: [Signal: UInt64]] = [:]
    /// Rejected by the destination out of exports that it took.
    package var rejected: [Signal: UInt64] = [:]
    /// Not taken into the queue.
    package var refused: [Signal: UInt64] = [:]
    /// Attempts, in exports, that failed.
    package var failedAttempts: UInt64 = 0
    /// Exports that were sent in parts.
    package var splitExports: UInt64 = 0

    package init() {}
}
