package import Journal
package import OTLP

/// What the collector's log learns of an exporter. No text holds anything of an export.
package enum ForwardEvent: Sendable {
    /// An attempt failed; the export is sent again.
    case failing(reason: String)
    /// The destination takes exports again.
    case recovered
    /// An export is given up.
    case dropped(DropReason, signal: Signal, records: Int, detail: String)
    /// The destination took an export but for some of its records.
    case rejected(signal: Signal, records: Int, message: String)
    /// The disk of the queue refused something.
    case queueFailed(JournalFailure)
}

/// Why an export is given up.
package enum DropReason: String, Sendable, CaseIterable {
    /// The destination will never take it.
    case refused
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

    package init() {}
}
