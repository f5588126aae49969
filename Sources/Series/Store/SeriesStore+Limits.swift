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
            guard !record.isVacant, lastSeen(of: record) == candidate.lastSeen else { continue }
            evict(candidate.number)
            return true
        }
        return false
    }

    /// Makes sure that one more writer fits; tombstones go first. One that returns takes the place of its tombstone,
    /// which must not go before it is read.
    mutating func makeRoomForWriter(identity: UInt64, startTime: UnixNanoseconds) -> Bool {
        if tombstones.holds(identity: identity, startTime: startTime) { return true }
        while writerCount + tombstones.count >= stateLimits.maxWriters, tombstones.count > 0 {
            tombstones.dropOldest()
        }
        return writerCount < stateLimits.maxWriters
    }

    func isIdle(_ lastSeen: UnixNanoseconds, now: UnixNanoseconds) -> Bool {
        now > lastSeen && now - lastSeen >= settings.retention.evictAfter
    }

    private func lastSeen(of record: SeriesRecord) -> UnixNanoseconds {
        var newest: UnixNanoseconds = 0
        forEachStream(of: record) { _, stream in newest = max(newest, stream.lastSeen) }
        return newest
    }

    func forEachStream(of record: SeriesRecord, _ body: (StreamID, StreamRecord) -> Void) {
        var number = record.firstStream
        while number != StreamID.none {
            let stream = streams[number]
            body(number, stream)
            number = stream.next
        }
    }

    /// Queues the series that may be evicted, the longest idle last (it is popped first). When there is none, notes
    /// when the next one can be, so that a full store does not look through all series for every new one.
    private mutating func fillEvictionQueue(now: UnixNanoseconds) {
        var idle: [EvictionCandidate] = []
        var earliest = UnixNanoseconds.max
        exposed.forEach { number, record in
            let seen = lastSeen(of: record)
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
        forEachStream(of: exposed[seriesNumber]) { number, _ in gone.append(number) }
        for number in gone { removeStream(number) }
        exposed.remove(seriesNumber)
        exemplars.forget(seriesNumber)
        evictedThisRequest = true
        if isCounted { counters.evictedSeries += 1 }
    }

    mutating func removeStream(_ number: StreamID) {
        let record = streams[number]
        switch record.state {
        case .accumulating(let accumulation): windowCount -= accumulation.windows.count
        case .writers(let writers): bury(writers, identity: record.key.hash)
        case .histogram(let box): release(box.value, identity: record.key.hash)
        case .exponential(let box): release(box.value, identity: record.key.hash)
        case .newest, .summary, .released: break
        }
        for alias in [record.alias] + record.furtherAliases { streamAliases.remove(alias) }
        streamIndex.remove(record.key.hash, number.number)
        furtherAliasCount -= record.furtherAliases.count
        streamWeight -= Int(record.weight)
        streams[number] = .vacant
        signs.forget(number)
        changes.markStream(number)
        freeStreams.append(number)
        writerCount -= 1
        releaseMetric(record.metric)
    }

    /// Leaves a tombstone for each writer of a stream that goes.
    private mutating func bury<Value: CountedValue>(_ writers: CumulativeWriters<Value>, identity: UInt64) {
        writerCount -= writers.count - 1
        writers.forEach { writer in
            tombstones.insert(identity: identity, startTime: writer.startTime, value: writer.value.tombstone)
        }
    }

    private mutating func release<Value: DistributionValue>(_ stream: DistributionStream<Value>, identity: UInt64) {
        switch stream.counting {
        case .deltas(let accumulation): windowCount -= accumulation.windows.count
        case .writers(let writers): bury(writers, identity: identity)
        case .latest, .released: break
        }
    }
}

/// A series that may be evicted, unless it is seen before its turn comes.
struct EvictionCandidate {
    var number: SeriesID
    var lastSeen: UnixNanoseconds
}
