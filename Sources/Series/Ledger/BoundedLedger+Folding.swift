internal import OTLP
internal import Settings

/// Folding: what was idle for long in a series that lives becomes a part of the series' total, and its memory is free.
///
/// A service without an instance id is another writer after every restart, and attributes that are not shown make one
/// series of many streams; without this they would reach the limit of writers for good. What is folded goes into another
/// stream of its series, so it follows that stream through a change of the configuration. The total that is shown stays
/// the same. Cumulative writers leave tombstones: one that returns adds only its growth.
extension BoundedLedger {
    /// Folds what is idle in series that hold more of it than `spared`.
    ///
    /// Complexity: O(streams + writers).
    mutating func foldIdle(now: UnixNanoseconds, sparing spared: Int) -> Bool {
        fold(inSeriesWith: spared, now: now, before: 0)
    }

    /// Folds, beside what is idle, the delta streams of shared series that were seen before `time` for the last time.
    mutating func foldIdle(now: UnixNanoseconds, before time: UnixNanoseconds) {
        _ = fold(inSeriesWith: 0, now: now, before: time)
    }

    private mutating func fold(inSeriesWith spared: Int, now: UnixNanoseconds, before early: UnixNanoseconds) -> Bool {
        // In an order that is the same after a restart.
        let crowded = ledger.exposed.numbers.filter {
            idleCount(in: ledger.exposed[$0], now: now, before: early) > spared
        }
        .sorted {
            ledger.streams[ledger.exposed[$0].firstStream].birth < ledger.streams[ledger.exposed[$1].firstStream].birth
        }
        let countBefore = ledger.streams.writerCount
        for number in crowded { fold(number, now: now, before: early) }
        let folded = countBefore - ledger.streams.writerCount
        guard folded > 0 else { return false }
        ledger.counters.foldedWriters += UInt64(folded)
        ledger.noteRemovedStreams()
        return true
    }

    /// Writers that arrived before this second are idle.
    private func idleCutoff(now: UnixNanoseconds) -> UInt32 {
        let (sum, overflow) = ledger.settings.retention.evictAfter.addingReportingOverflow(999_999_999)
        let idle = overflow ? UInt64.max : sum / 1_000_000_000
        let seconds = now / 1_000_000_000
        return seconds > idle ? UInt32(truncatingIfNeeded: seconds - idle) : 0
    }

    /// Whether a stream has been idle for long, and no point of it can be repeated any more: its windows go with it.
    ///
    /// - Parameter early: a delta stream seen before this time for the last time may go as well: its windows are kept.
    private func isForgotten(_ stream: StreamRecord, now: UnixNanoseconds, before early: UnixNanoseconds) -> Bool {
        if stream.lastSeen < early, mayFoldEarly(stream, now: now) { return true }
        guard isIdle(stream.lastSeen, now: now) else { return false }
        return stream.state.windows == nil || now - stream.lastSeen >= ledger.settings.windowRetention
    }

    /// How many streams and writers of a series could be folded, or a few more.
    private func idleCount(in record: SeriesRecord, now: UnixNanoseconds, before early: UnixNanoseconds) -> Int {
        let cutoff = idleCutoff(now: now)
        var idle = 0
        var others = -1
        ledger.streams.forEach(from: record.firstStream) { _, stream in
            others += 1
            if isForgotten(stream, now: now, before: early) { idle += 1 }
        }
        idle = min(idle, others)
        ledger.streams.forEach(from: record.firstStream) { _, stream in idle += stream.state.idleWriters(before: cutoff)
        }
        return idle
    }

    /// Folds what is idle in one series, unless that changed what is shown: merging exponential histograms of different
    /// zero thresholds depends on the order.
    private mutating func fold(_ number: SeriesID, now: UnixNanoseconds, before early: UnixNanoseconds) {
        let expiry = ledger.settings.expiration.time(of: ledger.exposed.descriptor(of: number).type)
        let before = ledger.streams.value(from: ledger.exposed[number].firstStream, at: now, expiry: expiry).value
        let first = ledger.exposed[number].firstStream
        var old: [(number: StreamID, record: StreamRecord)] = []
        ledger.streams.forEach(from: ledger.exposed[number].firstStream) { old.append(($0, $1)) }
        var folded: [FoldedWriter] = []
        for (stream, record) in old {
            ledger.streams[stateOf: stream] = .released
            var state = record.state
            state.foldIdleWriters(before: idleCutoff(now: now)) {
                var writer = $0
                writer.identity = record.key.hash
                folded.append(writer)
            }
            ledger.streams[stateOf: stream] = state
        }
        let (carrier, gone) = foldStreams(of: number, now: now, before: early, expiry: expiry)
        settle(carrier, at: before.fraction) {
            $0.streams.value(from: $0.exposed[number].firstStream, at: now, expiry: expiry).value.fraction
        }
        guard ledger.streams.value(from: ledger.exposed[number].firstStream, at: now, expiry: expiry).value == before
        else {
            for (stream, record) in old {
                ledger.streams[stateOf: stream] = record.state
                ledger.streams.setNext(of: stream, to: record.next)
            }
            ledger.exposed.setFirstStream(of: number, to: first)
            return
        }
        for (stream, record) in old {
            ledger.changes.markTotal(stream)
            ledger.grow(stream, by: ledger.streams[stream].state.weight - record.state.weight, lines: 0)
        }
        ledger.streams.noteWriters(-folded.count)
        // The longest idle first: it is the first to go for good.
        for (_, writer) in folded.enumerated().sorted(by: { ($0.1.arrival, $0.0) < ($1.1.arrival, $1.0) }) {
            ledger.tombstones.insert(identity: writer.identity, startTime: writer.startTime, value: writer.value)
        }
        for stream in gone {
            if !ledger.streams[stream].isWithdrawn { ledger.exposed.deactivate(number) }
            ledger.duplicates.keepWindows(of: ledger.streams[stream])
            ledger.removeStream(stream)
        }
    }

    /// Gives the totals of the idle streams of one series to another of its streams, and takes them out of the series; of
    /// gauges, those that are expired.
    /// - Returns: the stream that has what was folded, and those that are to be removed, the longest idle first.
    private mutating func foldStreams(
        of number: SeriesID, now: UnixNanoseconds, before early: UnixNanoseconds, expiry: UInt64?
    ) -> (carrier: StreamID, gone: [StreamID]) {
        var carrier = ledger.exposed[number].firstStream
        ledger.streams.forEach(from: ledger.exposed[number].firstStream) { candidate, stream in
            if stream.isBetterCarrier(than: ledger.streams[carrier]) { carrier = candidate }
        }
        var kept: [StreamID] = []
        var gone: [StreamID] = []
        ledger.streams.forEach(from: ledger.exposed[number].firstStream) { candidate, stream in
            let mayGo =
                candidate != carrier && isForgotten(stream, now: now, before: early)
                && (stream.state.addsUp
                    || stream.state.isNewestPoint && MetricExpiration.isOver(stream.lastSeen, at: now, expiry: expiry))
            if mayGo { gone.append(candidate) } else { kept.append(candidate) }
        }
        for (stream, next) in zip(kept, kept.dropFirst() + [StreamID.none]) {
            ledger.streams.setNext(of: stream, to: next)
        }
        ledger.exposed.setFirstStream(of: number, to: kept[0])
        gone.sort {
            let (a, b) = (ledger.streams[$0], ledger.streams[$1])
            return (a.lastSeen, a.birth) < (b.lastSeen, b.birth)
        }
        for stream in gone { ledger.streams[stateOf: carrier].absorb(ledger.streams[stateOf: stream]) }
        return (carrier, gone)
    }

    /// Doubles that are added up in another order may differ in the last digit, and a counter that falls by one has
    /// started anew to Prometheus: the difference goes into the total.
    private mutating func settle(
        _ carrier: StreamID, at before: Double?, _ shown: (borrowing Ledger) -> Double?
    ) {
        // The first correction is nearly always enough; the sum of two roundings may need a second one.
        for _ in 0..<4 {
            guard let before, let after = shown(ledger), before.isFinite, after.isFinite, before != after else {
                return
            }
            ledger.streams[stateOf: carrier].adjust(by: before - after)
        }
    }
}

// MARK: - Crowds

/// Series of very many streams: what one label policy has made of a million sessions.
///
/// Their streams need not be kept: what an ended one has counted is a part of the total, and of its windows a number is
/// enough to know a point that is sent again. Only delta streams go before `RetentionLimits.evictAfter`: of a cumulative one
/// that returns, a tombstone would not tell a late point from a new beginning.
extension BoundedLedger {
    /// Whether a series is made of several streams.
    func isShared(_ record: SeriesRecord) -> Bool {
        record.firstStream != StreamID.none && ledger.streams[record.firstStream].next != StreamID.none
    }

    /// Whether a stream may go whose windows are still needed. Not one that this request has seen: equal points within one
    /// request all count.
    func mayFoldEarly(_ stream: StreamRecord, now: UnixNanoseconds) -> Bool {
        stream.lastSeen < now && stream.state.windows != nil
    }
}

/// What a tombstone needs of a writer that was folded.
struct FoldedWriter {
    /// The canonical hash of its stream; 0 until that is known.
    var identity: UInt64 = 0
    var startTime: UnixNanoseconds
    var value: SampleValue
    var arrival: UInt32

    init(_ writer: CumulativeWriter<some CountedValue>) {
        startTime = writer.startTime
        value = writer.value.tombstone
        arrival = writer.arrival
    }
}

extension StreamRecord {
    /// What is folded goes to a stream that adds up and is shown, and of those to the one that was seen last.
    fileprivate func isBetterCarrier(than other: StreamRecord) -> Bool {
        if state.addsUp != other.state.addsUp { return state.addsUp }
        if state.isExplicit != other.state.isExplicit { return state.isExplicit }
        if isWithdrawn != other.isWithdrawn { return other.isWithdrawn }
        return (lastSeen, birth) > (other.lastSeen, other.birth)
    }
}

extension SeriesValue {
    /// The part of the value that rounding touches.
    fileprivate var fraction: Double? {
        switch self {
        case .number(.double(let number)): number
        case .number(.int), .summary: nil
        case .histogram(let value): value.sum
        case .nativeHistogram(let value): value.sum
        }
    }
}
