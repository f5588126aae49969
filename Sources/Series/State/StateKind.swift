/// What a record of the state directory holds. Records are read in the order of these numbers: each kind refers to
/// earlier ones only. The numbers are on disk; they never change.
package enum StateKind: UInt8, Sendable {
    /// One record: what belongs to the store as a whole.
    case header = 0
    case resource = 1
    case scope = 2
    case metric = 3
    /// What identifies a stream: written once.
    case stream = 4
    /// What the points of a stream add up to: written whenever it changed.
    case total = 5
    /// A run of tombstones.
    case tombstones = 6
    /// A run of events lately counted.
    case events = 7
    /// A run of windows of streams that were folded.
    case foldedWindows = 8
}

/// Takes what changed since the last checkpoint, record by record.
package protocol StateSink {
    /// - Parameters:
    ///   - id: below 2^32; with the kind it names the record.
    ///   - bytes: the record, up to `tail`.
    ///   - tail: the rest of it, part of an array that nobody changes any more; empty for most.
    mutating func put(_ kind: StateKind, _ id: UInt32, _ bytes: [UInt8], tail: ArraySlice<UInt8>)

    mutating func delete(_ kind: StateKind, _ id: UInt32)
}

extension StateSink {
    /// - Parameter content: what the run holds now; nil when that is nothing.
    mutating func put(_ kind: StateKind, run: UInt32, _ content: StateWriter?) {
        if let content { put(kind, run, content.bytes, tail: []) } else { delete(kind, run) }
    }
}
