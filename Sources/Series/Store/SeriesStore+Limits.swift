internal import OTLP
internal import Settings

/// Bounds: what goes when something new has no room.
extension SeriesStore {
    /// Makes sure that one more series fits.
    /// - Returns: false when the limit is reached and nothing has been idle long enough to be evicted.
    mutating func makeRoomForSeries(now: UnixNanoseconds) -> Bool {
        if series.count - freeSeries.count < stateLimits.maxSeries { return true }
        return evictLongestIdle(now: now)
    }

    /// Evicts the series that has been idle for longest.
    /// - Returns: false when none has been idle long enough.
    mutating func evictLongestIdle(now: UnixNanoseconds) -> Bool {
        if evictionQueue.isEmpty, now >= nextEvictionScan { fillEvictionQueue(now: now) }
        while let candidate = evictionQueue.popLast() {
            // It may have been seen, or evicted, since it was queued: then others have been idle for longer.
            let record = series[candidate.number]
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
        for (number, record) in series.enumerated() where !record.isVacant {
            let seen = lastSeen(of: record)
            if isIdle(seen, now: now) {
                idle.append(EvictionCandidate(number: SeriesID(row: number), lastSeen: seen))
            } else {
                earliest = min(earliest, seen)
            }
        }
        idle.sort { a, b in a.lastSeen == b.lastSeen ? stands(b.number, before: a.number) : a.lastSeen > b.lastSeen }
        evictionQueue = idle
        if idle.isEmpty {
            let (time, overflow) = earliest.addingReportingOverflow(settings.retention.evictAfter)
            nextEvictionScan = overflow ? .max : time
        }
    }

    /// An order that depends on what is shown only: after a restart the same series are evicted in the same order, though
    /// they have other numbers.
    private func stands(_ a: SeriesID, before b: SeriesID) -> Bool {
        let (first, second) = (series[a], series[b])
        let names = (families[first.family].descriptor.name, families[second.family].descriptor.name)
        if names.0 != names.1 { return names.0.lexicographicallyPrecedes(names.1) }
        return first.labels.lexicographicallyPrecedes(second.labels)
    }

    /// Removes a series and its streams. Cumulative writers leave tombstones.
    mutating func evict(_ seriesNumber: SeriesID, isCounted: Bool = true) {
        let record = series[seriesNumber]
        var gone: [StreamID] = []
        forEachStream(of: record) { number, _ in gone.append(number) }
        for number in gone { removeStream(number) }
        if record.activeStreams > 0 { families[record.family].activeSeries -= 1 }
        weight -= StateWeight.series + record.labels.count
        lineCount -= Int(record.lines)
        if families[record.family].descriptor.type == .nativeHistogram { exponentialCount -= 1 }
        lineBytes -= lineBytes(
            Int(record.lines), name: families[record.family].descriptor.name, labels: record.labels)
        removeFromFamily(seriesNumber, family: record.family)
        seriesIndex.remove(labelsHash(record.labels, in: record.family), seriesNumber.number)
        exemplars.forget(seriesNumber)
        series[seriesNumber] = .vacant
        freeSeries.append(seriesNumber)
        evictedThisRequest = true
        if isCounted { counters.evictedSeries += 1 }
    }

    private mutating func removeFromFamily(_ seriesNumber: SeriesID, family number: FamilyID) {
        var family = FamilyRecord(descriptor: families[number].descriptor, help: [])
        swap(&family, &families[number])
        family.remove(seriesNumber) { labels(of: $0) }
        swap(&family, &families[number])
        if families[number].isEmpty { removeFamily(number) }
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
        weight -= Int(record.weight)
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
