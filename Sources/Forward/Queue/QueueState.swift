internal import NIOCore
internal import Settings

/// The state of an `ExportQueue`, behind its lock.
struct QueueState {
    struct Append {
        let queued: QueuedExport
        let completion: @Sendable (QueueAnswer) -> Void
    }

    /// An export that was handed out, and what replaces it.
    struct Replacement {
        let queued: QueuedExport
        var parts: [QueuedExport]
    }

    var appends: [Append] = []
    var removals: [QueuedExport] = []
    var replacements: [Replacement] = []
    var edits: [ExportQueue.Edit] = []
    /// The rest of exports that were changed while they were handed out; nil: nothing.
    var edited: [UInt64: ForwardedExport?] = [:]
    /// Callers that wait for an export; the last one is served first, so that few of them do the work.
    var receivers: [@Sendable (QueuedExport?) -> Void] = []
    /// Callers that wait for the end of draining.
    var drained: [@Sendable () -> Void] = []
    /// Everything that is not removed, including what is not written yet.
    var depth: QueueDepth
    /// Exports that are neither delivered nor dropped.
    var undelivered: Int
    var lastNumber: UInt64
    /// The last number that was written, or dropped.
    var lastWritten: UInt64
    /// Exports up to this number are no longer fresh: they were handed out once, or dropped.
    private(set) var cursor: UInt64 = 0
    /// Those beyond `cursor` that are no longer fresh either.
    private(set) var ahead: Set<UInt64> = []
    /// Exports in use, until they are deleted, replaced or released.
    private(set) var handedOut: Set<UInt64> = []
    private var handedOutBytes = 0
    var schedule = SendSchedule(RetrySettings(), ForwardSettings(), consumers: 1)
    /// Whether the result of `nextChange` may have changed.
    var isNextChangeStale = false
    var isClosed = false
    var isDraining = false
    /// Nothing is handed out any more.
    var isStopped = false

    init(depth: QueueDepth, lastNumber: UInt64) {
        self.depth = depth
        undelivered = depth.exports
        self.lastNumber = lastNumber
        lastWritten = lastNumber
    }

    /// Whether there may be an export that was not handed out yet.
    private var hasFresh: Bool { lastWritten - min(cursor, lastWritten) > UInt64(ahead.count) }

    /// The export to hand out now; nil: none.
    /// - Parameter limit: see `QueueSettings.handedOutLimit`.
    func choice(limit: Int, now: UInt64) -> SendSchedule.Choice? {
        guard !receivers.isEmpty, handedOutBytes < limit, !isClosed, !isStopped else { return nil }
        return schedule.choice(hasFresh: hasFresh, now: now)
    }

    /// The time after which there may be something to hand out without another call.
    func nextChange(after now: UInt64) -> UInt64? { receivers.isEmpty ? nil : schedule.nextChange(after: now) }

    /// Whether draining is over: nothing is being sent, and nothing will be soon.
    func isDrained(now: UInt64) -> Bool {
        isDraining && !isStopped && handedOut.isEmpty && appends.isEmpty && removals.isEmpty && replacements.isEmpty
            && !schedule.isHopeful(hasFresh: hasFresh, now: now)
    }

    mutating func handOut(_ queued: QueuedExport, as choice: SendSchedule.Choice, now: UInt64) {
        switch choice {
        case .oldest: pass(to: queued.number)
        case .newest: ahead.insert(queued.number)
        case .number: break
        }
        handedOut.insert(queued.number)
        handedOutBytes += queued.export.body.readableBytes
        schedule.began(queued.number, now: now)
    }

    /// Exports up to this number are no longer fresh.
    mutating func pass(to number: UInt64) {
        cursor = max(cursor, number)
        if !ahead.isEmpty { ahead = ahead.filter { $0 > cursor } }
    }

    /// An export beyond `cursor` is no longer fresh.
    mutating func skip(_ number: UInt64) { if number > cursor { ahead.insert(number) } }

    /// Returns an export to the queue, unless nothing is left of it.
    mutating func release(_ queued: QueuedExport) {
        takeBack(queued)
        guard let edited = edited.removeValue(forKey: queued.number), edited == nil else { return }
        schedule.forget(queued.number)
        undelivered -= 1
    }

    /// Deletes an export that was handed out.
    mutating func settle(_ queued: QueuedExport) {
        takeBack(queued)
        if let edited = edited.removeValue(forKey: queued.number) {
            if let edited { depth.subtract(edited) }
        } else {
            depth.subtract(queued.export)
        }
    }

    /// Replaces an export that was handed out by parts of it.
    mutating func settle(_ replacement: Replacement) {
        takeBack(replacement.queued)
        depth.subtract(replacement.queued.export)
        for part in replacement.parts {
            depth.add(part.export)
            skip(part.number)
            schedule.hurry(part.number)
        }
        undelivered += replacement.parts.count - 1
    }

    private mutating func takeBack(_ queued: QueuedExport) {
        if handedOut.remove(queued.number) != nil { handedOutBytes -= queued.export.body.readableBytes }
    }
}
