internal import OTLP
internal import Settings

/// Bounds: what goes when something new has no room.
extension SeriesStore {
    /// Makes sure that one more series fits.
    /// - Returns: false when the limit is reached and nothing has been idle long enough to be evicted.
    mutating func makeRoomForSeries(now: UnixNanoseconds) -> Bool {
        if exposed.count < stateLimits.maxSeries { return true }
        return evictLongestIdle(now: now)
    }

    /// Evicts the series that has been idle for longest.
    /// - Returns: false when none has been idle long enough.
    mutating func evictLongestIdle(now: UnixNanoseconds) -> Bool {
        if evictionQueue.isEmpty, now >= nextEvictionScan { fillEvictionQueue(now: now) }
        while let candidate = evictionQueue.popLast() {
            // It may have been seen, or evicted, since it was queued: then others have been idle for longer.
            let record = exposed[candidate.number]
            guard !record.isVacant, streams.lastSeen(from: record.firstStream) == candidate.lastSeen else { continue }
            evict(candidate.number)
            return true
        }
        return false
    }

    /// Makes sure that one more writer fits; tombstones go first. One that returns takes the place of its tombstone,
    /// which must not go before it is read.
    mutating func makeRoomForWriter(identity: UInt64, startTime: UnixNanoseconds) -> Bool {
        if tombstones.holds(identity: identity, startTime: startTime) { return true }
        while streams.writerCount + tombstones.count >= stateLimits.maxWriters, tombstones.count > 0 {
            tombstones.dropOldest()
        }
        return streams.writerCount < stateLimits.maxWriters
    }

    func isIdle(_ lastSeen: UnixNanoseconds, now: UnixNanoseconds) -> Bool {
        now > lastSeen && now - lastSeen >= settings.retention.evictAfter
    }

    /// Queues the series that may be evicted, the longest idle last (it is popped first). When there is none, notes
    /// when the next one can be, so that a full store does not look through all series for every new one.
    private mutating func fillEvictionQueue(now: UnixNanoseconds) {
        var idle: [EvictionCandidate] = []
        var earliest = UnixNanoseconds.max
        exposed.forEach { number, record in
            let seen = streams.lastSeen(from: record.firstStream)
            if isIdle(seen, now: now) {
                idle.append(EvictionCandidate(number: number, lastSeen: seen))
            } else {
                earliest = min(earliest, seen)
            }
        }
        idle.sort { a, b in
            a.lastSeen == b.lastSeen ? exposed.stands(b.number, before: a.number) : a.lastSeen > b.lastSeen
        }
        evictionQueue = idle
        if idle.isEmpty {
            let (time, overflow) = earliest.addingReportingOverflow(settings.retention.evictAfter)
            nextEvictionScan = overflow ? .max : time
        }
    }

    /// Removes a series and its streams. Cumulative writers leave tombstones.
    mutating func evict(_ seriesNumber: SeriesID, isCounted: Bool = true) {
        var gone: [StreamID] = []
        streams.forEach(from: exposed[seriesNumber].firstStream) { number, _ in gone.append(number) }
        for number in gone { removeStream(number) }
        exposed.remove(seriesNumber)
        exemplars.forget(seriesNumber)
        evictedThisRequest = true
        if isCounted { counters.evictedSeries += 1 }
    }

    /// Removes a stream that no list leads to any more. Cumulative writers leave tombstones.
    mutating func removeStream(_ number: StreamID) {
        let record = streams.remove(number)
        duplicates.noteGone(record.state)
        record.state.forEachTombstone { startTime, value in
            tombstones.insert(identity: record.key.hash, startTime: startTime, value: value)
        }
        signs.forget(number)
        changes.markStream(number)
        identities.release(metric: record.metric)
    }
}

/// A series that may be evicted, unless it is seen before its turn comes.
struct EvictionCandidate {
    var number: SeriesID
    var lastSeen: UnixNanoseconds
}
