internal import OTLP
internal import Settings

/// The ledger with its limits: makes room for new series, streams and writers.
///
/// First idle streams and writers of active series are folded (`BoundedLedger+Folding`), then idle series are evicted,
/// the longest idle first.
struct BoundedLedger: ~Copyable, Sendable {
    var ledger: Ledger
    /// Series that may be evicted, the longest idle last.
    private var evictionQueue: [EvictionCandidate] = []
    private var nextEvictionScan: UnixNanoseconds = 0
    /// Before this time another search finds nothing more to fold.
    private(set) var nextFold: UnixNanoseconds = 0
    /// Before this time crowded series are not folded.
    private(set) var nextCrowdFold: UnixNanoseconds = 0

    init(_ ledger: consuming Ledger) { self.ledger = ledger }

    /// Continues from the state of the previous process.
    mutating func restore(nextFold: UnixNanoseconds, nextCrowdFold: UnixNanoseconds) {
        self.nextFold = nextFold
        self.nextCrowdFold = nextCrowdFold
    }

    /// See `SeriesStore.maintain`.
    mutating func maintain(at now: UnixNanoseconds) {
        ledger.advance(to: now)
        ledger.counters.forgottenWindows += UInt64(ledger.duplicates.forgetOld(in: &ledger.streams))
        _ = foldIdle(now: ledger.lastArrival, sparing: ledger.settings.idleWritersPerSeriesLimit)
        ledger.identities.dropUnused()
    }

    /// See `SeriesStore.forget`.
    mutating func remove(where isMeant: (FamilyDescriptor, [UInt8]) -> Bool) -> Int {
        let meant = ledger.exposed.numbers.filter {
            isMeant(ledger.exposed.descriptor(of: $0), ledger.exposed[$0].labels)
        }
        for number in meant { ledger.removeSeries(number) }
        // The queued series may be gone.
        if !meant.isEmpty { evictionQueue = [] }
        ledger.identities.dropUnused()
        return meant.count
    }

    /// Makes room for this number of bytes: folds idle streams and writers of active series, then evicts idle series.
    /// - Returns: false if the limit is reached and nothing has been idle long enough.
    mutating func makeRoom(forBytes bytes: Int, now: UnixNanoseconds) -> Bool {
        if ledger.hasRoom(forBytes: bytes) { return true }
        if foldForRoom(now: now), ledger.hasRoom(forBytes: bytes) { return true }
        while evictLongestIdle(now: now) {
            if ledger.hasRoom(forBytes: bytes) { return true }
        }
        return false
    }

    /// Makes room for one more series.
    /// - Returns: false if the limit is reached and nothing has been idle long enough to be evicted.
    mutating func makeRoomForSeries(now: UnixNanoseconds) -> Bool {
        if ledger.exposed.count < ledger.limits.maxSeries { return true }
        return evictLongestIdle(now: now)
    }

    /// Evicts the series that has been idle for longest.
    /// - Returns: false if none has been idle long enough.
    mutating func evictLongestIdle(now: UnixNanoseconds) -> Bool {
        if evictionQueue.isEmpty, now >= nextEvictionScan { fillEvictionQueue(now: now) }
        while let candidate = evictionQueue.popLast() {
            // Since it was queued, it may have got a point or been evicted; then others have been idle for longer.
            let record = ledger.exposed[candidate.number]
            guard !record.isVacant, ledger.streams.lastSeen(from: record.firstStream) == candidate.lastSeen else {
                continue
            }
            ledger.removeSeries(candidate.number)
            ledger.counters.evictedSeries += 1
            return true
        }
        return false
    }

    /// Whether a series last seen at `lastSeen` may be evicted.
    func isIdle(_ lastSeen: UnixNanoseconds, now: UnixNanoseconds) -> Bool {
        now > lastSeen && now - lastSeen >= ledger.settings.retention.evictAfter
    }

    /// Queues the series that may be evicted, the longest idle last (it is popped first). If there is none, sets when
    /// the next one can be, so that a full store does not search all series for every new one.
    private mutating func fillEvictionQueue(now: UnixNanoseconds) {
        var idle: [EvictionCandidate] = []
        var earliest = UnixNanoseconds.max
        ledger.exposed.forEach { number, record in
            let seen = ledger.streams.lastSeen(from: record.firstStream)
            if isIdle(seen, now: now) {
                idle.append(EvictionCandidate(number: number, lastSeen: seen))
            } else {
                earliest = min(earliest, seen)
            }
        }
        idle.sort { a, b in
            a.lastSeen == b.lastSeen ? ledger.exposed.stands(b.number, before: a.number) : a.lastSeen > b.lastSeen
        }
        evictionQueue = idle
        if idle.isEmpty {
            let (time, overflow) = earliest.addingReportingOverflow(ledger.settings.retention.evictAfter)
            nextEvictionScan = overflow ? .max : time
        }
    }

    /// Folds everything idle because there is no room for one more writer. At most once a second, since it visits every
    /// writer.
    /// - Returns: whether anything was folded; then resolved streams may be gone.
    mutating func foldForRoom(now: UnixNanoseconds) -> Bool {
        guard now >= nextFold else { return false }
        nextFold = now.addingReportingOverflow(1_000_000_000).overflow ? .max : now + 1_000_000_000
        return foldIdle(now: now, sparing: 0)
    }

    /// If crowded series have more streams than allowed, folds the half of their delta streams that has been idle for
    /// longest. A stream that is still used is created again by its next point. Rarely called if it gains little, since
    /// it visits every stream.
    mutating func foldCrowd(now: UnixNanoseconds) {
        let shared = ledger.streams.writerCount - ledger.exposed.count
        guard shared > ledger.settings.sharedStreamLimit, now >= nextCrowdFold else { return }
        var arrivals: [UnixNanoseconds] = []
        ledger.exposed.forEach { _, record in
            guard isShared(record) else { return }
            ledger.streams.forEach(from: record.firstStream) { _, stream in
                if mayFoldEarly(stream, now: now) { arrivals.append(stream.lastSeen) }
            }
        }
        arrivals.sort()
        let countBefore = ledger.streams.writerCount
        if !arrivals.isEmpty { foldIdle(now: now, before: arrivals[arrivals.count / 2] + 1) }
        let gained = countBefore - ledger.streams.writerCount
        // Seconds; 0 while each search frees an eighth of all.
        let pause: UInt64 = gained >= countBefore / 8 ? 0 : gained > ledger.settings.sharedStreamLimit / 8 ? 1 : 30
        let (next, overflow) = now.addingReportingOverflow(pause * 1_000_000_000)
        nextCrowdFold = overflow ? .max : next
    }
}

// MARK: - New streams

extension BoundedLedger {
    /// Creates a stream with its first point.
    /// - Returns: why there is no room for it; nil if it was created.
    mutating func create<Value: PointValue>(_ new: NewStream, first arrival: PointArrival<Value>) -> RejectionReason? {
        let bytes = weight(of: new, first: arrival.value)
        guard makeRoom(forBytes: bytes, now: arrival.context.now) else {
            return .stateMemory
        }
        let known: FamilyID?
        switch ledger.exposed.findFamily(new.exposure.family, now: arrival.context.now) {
        case .conflict: return .typeConflict
        case .known(let number): known = number
        case .absent: known = nil
        }
        let existing = known.flatMap { ledger.exposed.find(new.exposure.labels, in: $0) }
        if let existing, !ledger.isAlike(existing, to: arrival.context.rule) { return .typeConflict }
        guard hasRoomOnPage(for: new, lines: arrival.value.lines, existing: existing, family: known) else {
            return .pageLimit
        }
        guard existing != nil || makeRoomForSeries(now: arrival.context.now) else { return .seriesLimit }
        // An existing series keeps one of the folded streams.
        if existing != nil { foldCrowd(now: arrival.context.now) }
        let hasRoom =
            ledger.makeRoomForWriter(identity: new.key.hash, startTime: arrival.startTime)
            || foldForRoom(now: arrival.context.now)
                && ledger.makeRoomForWriter(identity: new.key.hash, startTime: arrival.startTime)
        guard hasRoom else { return .writerLimit }
        // Making room may have removed the last series of the family, and the family with it.
        let family =
            known.flatMap { ledger.exposed.holds($0) ? $0 : nil } ?? ledger.exposed.insertFamily(new.exposure.family)
        ledger.describe(family, by: arrival.context)
        let series = existing ?? ledger.insertSeries(of: new, in: family, first: arrival)
        ledger.insertStream(new, in: series, first: arrival)
        return nil
    }

    /// The weight that a new stream adds, with a new series.
    private func weight<Value: PointValue>(of new: NewStream, first value: Value) -> Int {
        StateWeight.stream + StateWeight.writer + StateWeight.series + StateWeight.family + new.raw.count
            + new.exposure.labels.count + 2 * new.exposure.family.name.count + value.weight
    }

    private func hasRoomOnPage(for new: NewStream, lines: Int, existing: SeriesID?, family: FamilyID?) -> Bool {
        if let existing { return ledger.hasRoom(for: lines, of: existing) }
        return ledger.hasRoom(
            onPageForBytes: ExposedSeries.pageBytes(of: new.exposure, lines: lines, hasFamily: family != nil))
    }
}

/// A series that may be evicted, unless it gets a point before.
struct EvictionCandidate {
    var number: SeriesID
    var lastSeen: UnixNanoseconds
}

// MARK: - Invariants

extension BoundedLedger {
    /// Violations in the ledger, or in the order of eviction.
    func check(_ report: inout InvariantReport) {
        ledger.check(&report)
        for (earlier, later) in zip(evictionQueue, evictionQueue.dropFirst()) {
            report.require(earlier.lastSeen >= later.lastSeen, "the queue of evictions is not in order")
        }
    }

    /// For tests, which corrupt private state.
    mutating func setEvictionQueue(_ queue: [EvictionCandidate]) { evictionQueue = queue }
}
