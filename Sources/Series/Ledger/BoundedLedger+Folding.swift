internal import OTLP
internal import Settings

/// Folding: adds idle streams and writers to the total of their active series, and frees their memory.
///
/// A service without an instance id is a new writer after every restart, and attributes that are not shown make one
/// series of many streams; without folding they would reach the limit of writers. A folded total goes into another
/// stream of its series, so it follows that stream when the configuration changes. The total on the page stays the
/// same. Cumulative writers leave tombstones: if one returns, only its growth counts.
extension BoundedLedger {
    /// Folds idle streams and writers of series that have more of them than `spared`.
    ///
    /// Complexity: O(streams + writers).
    mutating func foldIdle(now: UnixNanoseconds, sparing spared: Int) -> Bool {
        fold(inSeriesWith: spared, now: now, before: 0)
    }

    /// Also folds delta streams of shared series that were last seen before `time`.
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

    /// Whether a stream has been idle for long, and its points are older than the duplicate window: its windows are
    /// removed.
    ///
    /// - Parameter early: a delta stream last seen before this time may be folded, too: its windows are kept.
    private func isForgotten(_ stream: StreamRecord, now: UnixNanoseconds, before early: UnixNanoseconds) -> Bool {
        if stream.lastSeen < early, mayFoldEarly(stream, now: now) { return true }
        guard isIdle(stream.lastSeen, now: now) else { return false }
        return stream.state.windows == nil || now - stream.lastSeen >= ledger.settings.windowRetention
    }

    /// Upper bound for the streams and writers of a series that could be folded.
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

    /// Folds idle streams and writers of one series, unless the value on the page would change: the result of merging
    /// exponential histograms with different zero thresholds depends on the order.
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
        // The longest idle first: the first to be removed.
        for (_, writer) in folded.enumerated().sorted(by: { ($0.1.arrival, $0.0) < ($1.1.arrival, $1.0) }) {
            ledger.tombstones.insert(identity: writer.identity, startTime: writer.startTime, value: writer.value)
        }
        for stream in gone {
            if !ledger.streams[stream].isWithdrawn { ledger.exposed.deactivate(number) }
            ledger.duplicates.keepWindows(of: ledger.streams[stream])
            ledger.removeStream(stream)
        }
    }

    /// Adds the totals of the idle streams of one series to another of its streams, and removes them from the series;
    /// of gauges, only expired ones.
    /// - Returns: the stream with the folded total, and the streams to remove, the longest idle first.
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

    /// Doubles added in another order may differ in the last digit, and Prometheus takes any decrease of a counter for
    /// a reset: the difference is added to the total.
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

/// Series of very many streams, such as a label policy makes of a million sessions.
///
/// Their streams need not be kept: the total holds their counts, and a 64-bit code of each window is enough to
/// recognise duplicates. Only delta streams are folded before `RetentionLimits.evictAfter`: for a cumulative one that
/// returns, a tombstone could not distinguish a late point from a reset.
extension BoundedLedger {
    /// Whether a series is made of several streams.
    func isShared(_ record: SeriesRecord) -> Bool {
        record.firstStream != StreamID.none && ledger.streams[record.firstStream].next != StreamID.none
    }

    /// Whether a stream whose windows are still needed may be folded. Not if this request has points of it: equal
    /// points within one request all count.
    func mayFoldEarly(_ stream: StreamRecord, now: UnixNanoseconds) -> Bool {
        stream.lastSeen < now && stream.state.windows != nil
    }
}

/// The data of a folded writer for its tombstone.
struct FoldedWriter {
    /// The canonical hash of its stream; 0 until it is known.
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
    /// The target of folding: of the streams that add up and are shown, the one seen last.
    fileprivate func isBetterCarrier(than other: StreamRecord) -> Bool {
        if state.addsUp != other.state.addsUp { return state.addsUp }
        if state.isExplicit != other.state.isExplicit { return state.isExplicit }
        if isWithdrawn != other.isWithdrawn { return other.isWithdrawn }
        return (lastSeen, birth) > (other.lastSeen, other.birth)
    }
}

extension SeriesValue {
    /// The part of the value that is subject to rounding.
    fileprivate var fraction: Double? {
        switch self {
        case .number(.double(let number)): number
        case .number(.int), .summary: nil
        case .histogram(let value): value.sum
        case .nativeHistogram(let value): value.sum
        }
    }
}
