package import OTLP
internal import Settings

/// What a scrape sees.
extension SeriesStore {
    /// All series exposed at `now`, in exposition order.
    ///
    /// Complexity: O(series); the label texts are shared, not copied.
    /// - Parameter reader: who it is for; the default sees every value.
    package mutating func snapshot(
        at now: UnixNanoseconds, for reader: SnapshotReader = .any
    ) -> SeriesSnapshot {
        noteTime(now)
        var snapshot = SeriesSnapshot()
        // They expire as gauges do.
        snapshot.targets = targets.shown(
            at: now, of: resources, expiry: settings.expiration.gauges, room: stateLimits.targetBytes)
        for number in exposed.inOrder() {
            let samples = samples(of: number, at: now, for: reader)
            guard !samples.isEmpty else { continue }
            exposed.noteShown(number)
            let family = exposed.family(number)
            snapshot.families.append(
                FamilySnapshot(descriptor: family.descriptor, help: family.help, samples: samples))
        }
        return snapshot
    }

    private func samples(
        of number: FamilyID, at now: UnixNanoseconds, for reader: SnapshotReader
    ) -> [SeriesSample] {
        let family = exposed.family(number)
        let expiry = settings.expiration.time(of: family.descriptor.type)
        var samples: [SeriesSample] = []
        samples.reserveCapacity(family.sorted.count)
        let withholdsOlder = reader == .prometheus && isSettling
        for seriesNumber in family.sorted {
            let record = exposed[seriesNumber]
            guard record.activeStreams > 0 else { continue }
            if withholdsOlder, isOlderThanState(record) { continue }
            let sum = exposedValue(of: record, at: now, expiry: expiry)
            if SeriesStore.isExpired(sum.lastSeen, at: now, expiry: expiry) { continue }
            var sample = SeriesSample(
                labels: record.labels, value: sum.value, startTime: record.startTime,
                time: exposedTimes.shown(seriesNumber, newest: sum.time))
            if let kept = exemplars[seriesNumber] {
                if case .histogram(let histogram) = sum.value {
                    sample.exemplars = kept.ascending(in: histogram.bounds)
                } else {
                    sample.exemplars = kept.ascending
                }
            }
            samples.append(showsZero(record, to: reader) ? sample.beforeFirstIncrement : sample)
        }
        return samples
    }

    /// All streams of a series as one value.
    struct Combination<Value> {
        var value: Value
        var time: UnixNanoseconds = 0
        var lastSeen: UnixNanoseconds = 0
        /// Some streams hold values of another kind, which are not in it.
        var lacksOthers = false

        func map<Other>(_ transform: (Value) -> Other) -> Combination<Other> {
            Combination<Other>(value: transform(value), time: time, lastSeen: lastSeen, lacksOthers: lacksOthers)
        }
    }

    /// All streams of one series are of one kind, or histograms.
    func exposedValue(
        of record: SeriesRecord, at now: UnixNanoseconds, expiry: UInt64?
    ) -> Combination<SeriesValue> {
        switch streams[record.firstStream].state {
        case .accumulating, .writers, .newest, .released: combine(record, at: now, expiry: expiry).map { .number($0) }
        case .histogram, .exponential: combineDistributions(record)
        case .summary: newestSummary(of: record).map { .summary($0) }
        }
    }

    static func isExpired(_ lastSeen: UnixNanoseconds, at now: UnixNanoseconds, expiry: UInt64?) -> Bool {
        guard let expiry else { return false }
        return now > lastSeen && now - lastSeen >= expiry
    }

    /// The streams of a series as one value. Totals add up, withdrawn streams included, so that a total never falls;
    /// of newest points the newest hides the others, unless they are of the kind that adds up. Newest points that are
    /// expired or withdrawn have no part in it: a process that has gone must not count for as long as others live.
    private func combine(
        _ record: SeriesRecord, at now: UnixNanoseconds, expiry: UInt64?
    ) -> Combination<SampleValue> {
        var total = Total()
        var result = Combination(value: SampleValue.int(0))
        var newest: NewestPoint?
        var newestAdded: NewestPoint?
        // A total is never one of these; while such a point is among those added up, their sum is one too.
        var notFinite: Double?
        var number = record.firstStream
        while number != StreamID.none {
            let stream = streams[number]
            number = stream.next
            if !stream.isWithdrawn { result.lastSeen = max(result.lastSeen, stream.lastSeen) }
            switch stream.state {
            case .accumulating(let accumulation):
                total.add(accumulation.total)
                result.time = max(result.time, accumulation.newestTime)
            case .writers(let writers):
                writers.add(to: &total)
                writers.forEach { result.time = max(result.time, stream.given($0.time)) }
            case .newest(let point):
                if stream.isWithdrawn || SeriesStore.isExpired(stream.lastSeen, at: now, expiry: expiry) { continue }
                result.time = max(result.time, stream.given(point.time))
                if point.isAdded {
                    if case .double(let number) = point.value, !number.isFinite {
                        notFinite = (notFinite ?? 0) + number
                    } else {
                        total.add(point.value)
                    }
                    newestAdded = SeriesStore.newer(point, newestAdded)
                } else {
                    newest = SeriesStore.newer(point, newest)
                }
            case .histogram, .exponential, .summary, .released: continue
            }
        }
        if let newest, newestAdded.map({ SeriesStore.isNewer($0, than: newest) }) != true {
            result.value = newest.value
        } else {
            result.value = notFinite.map { .double($0) } ?? total.value
        }
        return result
    }

    private static func newer(_ a: NewestPoint, _ b: NewestPoint?) -> NewestPoint {
        guard let b else { return a }
        return isNewer(a, than: b) ? a : b
    }

    /// Newer by time; of equal times the later arrival.
    private static func isNewer(_ a: NewestPoint, than b: NewestPoint) -> Bool {
        a.time == b.time ? a.sequence > b.sequence : a.time > b.time
    }
}
