package import OTLP
internal import Settings

/// What is due now and then, whether or not anything arrives or scrapes (R-LIFE-03).
extension SeriesStore {
    /// Forgets delta windows whose time is over, and the oldest ones beyond the memory limit; folds what has been idle for
    /// long in series of very many writers. Call about once a minute.
    ///
    /// Complexity: O(streams + windows).
    package mutating func maintain(at now: UnixNanoseconds) {
        lastArrival = max(lastArrival, now)
        duplicates.advance(to: now)
        counters.forgottenWindows += UInt64(duplicates.forgetOld(in: &streams))
        _ = foldIdle(now: lastArrival, sparing: settings.idleWritersPerSeriesLimit)
        identities.dropUnused()
    }

    /// Tells by how much the wall clock was set since the process began, seconds; negative: back. No window grows older
    /// by that.
    package mutating func noteClockJump(_ total: Int64) {
        duplicates.noteJump(total)
        showing.noteJump(total)
    }

    /// After a restart: the time in between is not counted against any window.
    /// - Returns: whether the next run must know of it, too, which a checkpoint makes sure of.
    package mutating func resumeWindows(at now: UnixNanoseconds) -> Bool { duplicates.resume(at: now).magnitude > 60 }
}
