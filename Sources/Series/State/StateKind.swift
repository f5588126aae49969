/// The kinds of records of the state directory. Records are read in the order of these numbers: each kind refers only
/// to earlier ones. The numbers are on disk; they never change.
package enum StateKind: UInt8, Sendable {
    /// One record, for the store as a whole.
    case header = 0
    case resource = 1
    case scope = 2
    case metric = 3
    /// The identity of a stream: written once.
    case stream = 4
    /// The state of a stream: written whenever it changed.
    case total = 5
    /// A run of tombstones.
    case tombstones = 6
    /// A run of remembered events.
    case events = 7
    /// A run of windows of folded streams.
    case foldedWindows = 8
}

/// Receives the records that changed since the last checkpoint.
package protocol StateSink {
    /// - Parameters:
    ///   - id: below 2^32; with the kind it names the record.
    ///   - bytes: the record, up to `tail`.
    ///   - tail: the rest of the record, part of an array that is immutable by now; empty for most.
    mutating func put(_ kind: StateKind, _ id: UInt32, _ bytes: [UInt8], tail: ArraySlice<UInt8>)

    mutating func delete(_ kind: StateKind, _ id: UInt32)
}

extension StateSink {
    /// - Parameter content: the current content of the run; nil if it is empty.
    mutating func put(_ kind: StateKind, run: UInt32, _ content: StateWriter?) {
        if let content { put(kind, run, content.bytes, tail: []) } else { delete(kind, run) }
    }
}
