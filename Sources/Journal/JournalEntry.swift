package import Platform
package import Storage

/// One accepted export as recovery finds it. `body` is valid only during the call that hands the entry over.
package struct JournalEntry {
    /// Its place in the order of commits. Numbers are dense: every committed entry has the number after the one before.
    package let number: UInt64

    /// When it arrived, as the caller gave it.
    package let arrival: UnixNanoseconds

    /// A number of the caller: the route by which it arrived.
    package let route: UInt32

    /// A number of the caller: the encoding of the body.
    package let encoding: UInt8

    /// The bytes as appended.
    package let body: UnsafeRawBufferPointer
}

/// The immediate result of `append`. Only after `queued` a settlement follows.
package enum AppendAnswer: Sendable, Equatable {
    /// The body was copied; exactly one settlement will follow.
    case queued
    /// `StateSettings.maxBacklog` would be exceeded: nothing was taken. Try again later.
    case backlogFull
    /// `close` was called: nothing was taken.
    case closed
}

/// The outcome of one queued entry. Settlements are delivered in the order of their numbers, which is the order of
/// `append`.
package struct Settlement: Sendable {
    /// Committed under this number (it survives the end of the process from now on), or not in the journal at all.
    package let outcome: Result<UInt64, StorageFailure>

    /// The entry given to `append`.
    package let entry: (any PendingEntry)?
}

/// An entry that waits for the disk, as its owner knows it.
package protocol PendingEntry: AnyObject, Sendable {
    /// Its outcome is there. Called by the receiver of the settlements, on its own thread.
    func settled(_ outcome: Result<UInt64, StorageFailure>)
}

/// Receives the outcomes of one group, on the journal's thread: hand them to your own thread and return.
package typealias SettlementHandler = @Sendable ([Settlement]) -> Void
