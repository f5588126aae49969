package import OTLP
package import Storage

/// What the collector logs about an exporter. No text contains anything of an export.
package enum ForwardEvent: Sendable {
    /// An attempt failed; the export is retried.
    case failing(reason: String)
    /// Failed exports still wait, the oldest one since `time` after its first attempt; `reason` is that of its last
    /// one.
    case waiting(exports: Int, time: Duration, attempts: Int, reason: String)
    /// The destination takes exports again, and no failed export waits.
    case recovered
    /// An export is dropped.
    case dropped(DropReason, signal: Signal, records: Int, Refusal)
    /// The destination stored an export except for this many of its records, which it will never take; nil: the number
    /// is unknown.
    case partlyStored(signal: Signal, records: Int, dropped: Int?, Refusal)
    /// The destination took an export and rejected some of its records.
    case rejected(signal: Signal, records: Int, message: String)
    /// The destination refused an export because of its size; it is split.
    case split(signal: Signal, records: Int, Refusal)
    /// The disk of the queue failed.
    case queueFailed(StorageFailure)
}

/// Why records are dropped. Raw values are values of the metrics' label `reason`.
package enum DropReason: String, Sendable, CaseIterable {
    /// The destination will never take them.
    case refused
    /// Their export was stored in part, and it is unknown which of them were stored.
    case partlyStored = "partly_stored"
    /// The destination does not take a single record of this size.
    case tooLarge = "too_large"
    /// Their export failed too often while the destination took others (`ForwardSettings.maxAttemptsWhileOthersSucceed`).
    case exhausted = "max_attempts"
    /// `RetrySettings.maxElapsedTime` has passed, or retries are off.
    case expired
}

/// Receives the events of an exporter, on any thread; must not block.
package protocol ForwardObserver: Sendable {
    func forward(_ event: ForwardEvent, exporter: String)
}

/// Counters of an exporter since the start, in records of a signal.
package struct ForwardCounts: Sendable, Equatable {
    /// Delivered, without those that the destination rejected.
    package var sent: [Signal: UInt64] = [:]
    /// Dropped.
    package var dropped: [DropReason: [Signal: UInt64]] = [:]
    /// Rejected by the destination out of exports that it took.
    package var rejected: [Signal: UInt64] = [:]
    /// Refused by the queue.
    package var refused: [Signal: UInt64] = [:]
    /// Failed attempts, in exports.
    package var failedAttempts: UInt64 = 0
    /// Exports that were split.
    package var splitExports: UInt64 = 0

    package init() {}
}
