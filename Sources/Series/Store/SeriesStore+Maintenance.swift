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
        windowClock.advance(to: now)
        let cutoff = windowCutoff
        forgetWindows(before: cutoff, countAsForgotten: false)
        _ = foldedWindows.forget(before: cutoff)
        events.forget(before: cutoff)
        if windowMemoryIsFull { trimWindows() }
        _ = foldIdle(now: lastArrival, sparing: settings.idleWritersPerSeriesLimit)
        dropUnusedIdentities()
    }

    /// Windows that arrived before this second (`WindowClock`) are over.
    var windowCutoff: UInt32 {
        let retention = UInt32(clamping: settings.windowRetention / 1_000_000_000)
        return windowClock.now > retention ? windowClock.now - retention : 0
    }

    /// Tells by how much the wall clock was set since the process began, seconds; negative: back. No window grows older
    /// by that.
    package mutating func noteClockJump(_ total: Int64) { windowClock.noteJump(total) }

    /// After a restart: the time in between is not counted against any window.
    /// - Returns: whether the next run must know of it, too, which a checkpoint makes sure of.
    package mutating func resumeWindows(at now: UnixNanoseconds) -> Bool { windowClock.resume(at: now).magnitude > 60 }

    /// Bytes.
    var windowMemory: Int {
        windowCount * DeltaWindows.bytesPerWindow + foldedWindows.count * FoldedWindows.bytesPerWindow
    }

    var windowMemoryIsFull: Bool { windowMemory > settings.retention.maxWindowsMemory }

    /// Forgets the oldest windows until a tenth of the limit is free, those of folded streams first.
    mutating func trimWindows() {
        windowsNeedTrimming = false
        let goal = settings.retention.maxWindowsMemory / 10 * 9
        let excessBytes = windowMemory - goal
        if excessBytes > 0, foldedWindows.count > 0 {
            let excess = excessBytes / FoldedWindows.bytesPerWindow + 1
            counters.forgottenWindows += UInt64(foldedWindows.forget(beyond: max(0, foldedWindows.count - excess)))
        }
        guard windowMemory > goal else { return }
        var arrivals: [UInt32: Int] = [:]
        for stream in streams {
            stream.state.windows?.forEachArrival { arrivals[$0, default: 0] += 1 }
        }
        let foldedBytes = foldedWindows.count * FoldedWindows.bytesPerWindow
        let allowed = max(0, goal - foldedBytes) / DeltaWindows.bytesPerWindow
        var excess = windowCount - allowed
        var cutoff: UInt32 = 0
        for (second, count) in arrivals.sorted(by: { $0.key < $1.key }) where excess > 0 {
            excess -= count
            cutoff = second &+ 1
        }
        forgetWindows(before: cutoff, countAsForgotten: true)
    }

    private mutating func forgetWindows(before cutoff: UInt32, countAsForgotten: Bool) {
        for index in streams.indices {
            guard let forgotten = streams[index].state.forgetWindows(before: cutoff) else { continue }
            windowCount -= forgotten
            if countAsForgotten { counters.forgottenWindows += UInt64(forgotten) }
        }
    }
}

extension StreamState {
    /// The windows of a delta stream, of whatever kind.
    var windows: DeltaWindows? {
        switch self {
        case .accumulating(let accumulation): accumulation.windows
        case .histogram(let box): box.value.windows
        case .exponential(let box): box.value.windows
        case .writers, .newest, .summary, .released: nil
        }
    }

    /// Forgets windows that arrived before `cutoff`.
    /// - Returns: how many; nil when the stream is no delta stream.
    fileprivate mutating func forgetWindows(before cutoff: UInt32) -> Int? {
        var taken = StreamState.released
        swap(&taken, &self)
        switch consume taken {
        case .accumulating(var accumulation):
            let forgotten = accumulation.windows.forget(before: cutoff)
            self = .accumulating(accumulation)
            return forgotten.all
        case .histogram(var box):
            let forgotten = box.value.forgetWindows(before: cutoff)
            self = .histogram(box)
            return forgotten
        case .exponential(var box):
            let forgotten = box.value.forgetWindows(before: cutoff)
            self = .exponential(box)
            return forgotten
        case let other:
            self = other
            return nil
        }
    }
}
