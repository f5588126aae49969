internal import OTLP
internal import Settings

/// From the state directory: records come back one by one, then `finishRestoring` makes the store whole.
///
/// What is exposed is derived anew: another configuration shows the same streams under other names. A record that
/// cannot be used is left out, and those that refer to it as well; the next checkpoint takes them off the disk.
extension SeriesStore {
    /// Puts one record back. Records come in ascending order of kind and number, before anything is ingested.
    /// - Throws: why the record is left out.
    package mutating func restore(
        _ kind: StateKind, _ number: UInt32, _ bytes: UnsafeRawBufferPointer
    ) throws(StateFault) {
        do throws(StateFault) {
            guard number < IdentityNumbers.limit else { throw StateFault.outOfRange }
            guard !hasForeignRecords else { throw StateFault.unknownTag }
            var reader = StateReader(bytes, bounds: boundsCache)
            switch kind {
            case .header: try restoreHeader(&reader)
            case .resource: try identities.restoreResource(number, &reader, depth: canonicalDepth)
            case .scope: try identities.restoreScope(number, &reader, depth: canonicalDepth)
            case .metric: try identities.restoreMetric(number, &reader)
            case .stream: try restoreStream(StreamID(number), &reader)
            case .total: try restoreTotal(StreamID(number), &reader)
            case .tombstones: try tombstones.restore(run: number, from: &reader)
            case .foldedWindows: try duplicates.restoreFoldedWindows(run: number, from: &reader)
            case .events: try duplicates.restoreEvents(run: number, request: request, from: &reader)
            }
            boundsCache = reader.bounds
        } catch {
            markChanged(kind, number)
            throw error
        }
    }

    private mutating func restoreHeader(_ reader: inout StateReader) throws(StateFault) {
        guard try reader.number() == SeriesStore.stateVersion else {
            // The others would be read as what they are not.
            hasForeignRecords = true
            throw .unknownTag
        }
        let restored = SeededHash(parts: (try reader.fixed(), try reader.fixed()))
        requestCount = try reader.number32()
        request = requestCount
        sequence = try reader.number()
        streams.resume(births: try reader.number32())
        lastArrival = try reader.number()
        showing.restore(createdAt: try reader.number(), newestTime: try reader.number())
        nextFold = try reader.number()
        // Not there in states of before they were written.
        nextCrowdFold = reader.remaining > 0 ? try reader.number() : 0
        duplicates.restore(
            reader.remaining > 0
                ? WindowClock(offset: try reader.signed(), now: try reader.number32())
                : WindowClock(now: UInt32(truncatingIfNeeded: lastArrival / 1_000_000_000)))
        recordedLimits = reader.remaining > 0 ? try StateLimits(from: &reader) : nil
        hash = restored
        identities.restart(with: restored)
        exposed.restart(with: restored)
        duplicates.restart(with: restored)
    }

    /// How deep attributes of canonical forms may be nested.
    private var canonicalDepth: Int { decodingLimits.maxAttributeDepth + 1 }

    /// A stream without its total yet.
    private mutating func restoreStream(_ number: StreamID, _ reader: inout StateReader) throws(StateFault) {
        let metric = try reader.number32()
        let birth = try reader.number32()
        let encoding = try reader.tag(WireEncoding.self)
        let raw = try reader.slice()
        try reader.end()
        guard identities.holds(metric: metric) else { throw .orphan }
        guard !streams.holds(number) else { throw .outOfRange }
        let attributes: [Attribute]
        do throws(DecodingFailure) {
            attributes = CanonicalEncoding.sorted(
                try AttributeReader(encoding: encoding, limits: decodingLimits).attributes(raw))
        } catch {
            throw .malformed
        }
        let content = identities[metric: metric]
        let exposure: Exposure
        do throws(RejectionReason) {
            let identity = identities.identity(ofStreamOf: metric, attributes)
            if let family = restoredFamily, family.metric == metric {
                exposure = try translation.exposure(of: identity, in: family.descriptor)
            } else {
                exposure = try translation.exposure(of: identity)
                restoredFamily = (metric, exposure.family)
            }
        } catch {
            throw .notShown(error)
        }
        let key = streamKey(canonicalBytes(attributes), of: metric)
        let seriesNumber = try restoreSeries(exposure, rule: content.rule, help: content.help)
        let parent = metric << 1 | UInt32(encoding.rawValue)
        let record = StreamBirth(
            metric: metric, series: seriesNumber, next: exposed[seriesNumber].firstStream, key: key,
            alias: fingerprint(raw, parent: parent), weight: StateWeight.stream + raw.count, lastSeen: 0)
        streams.restore(number, record, order: birth)
        exposed.setFirstStream(of: seriesNumber, to: number)
        identities.retain(metric: metric)
        signs.note(number, of: content.identity, attributes)
    }

    private mutating func restoreSeries(
        _ exposure: Exposure, rule: StreamRule, help: [UInt8]
    ) throws(StateFault) -> SeriesID {
        let family: FamilyID
        switch exposed.findFamily(exposure.family, now: lastArrival) {
        case .known(let number): family = number
        case .absent, .conflict: family = exposed.insertFamily(exposure.family)
        }
        if exposed.family(family).help.isEmpty { exposed.setHelp(of: family, to: help) }
        if let known = exposed.find(exposure.labels, in: family) {
            guard isAlike(known, to: rule) else { throw .notShown(.typeConflict) }
            return known
        }
        return insertSeries(exposure.labels, in: family, startTime: 0, zeroUntil: .max)
    }

    private mutating func restoreTotal(_ number: StreamID, _ reader: inout StateReader) throws(StateFault) {
        guard streams.holds(number) else { throw .orphan }
        guard case .released = streams[number].state else { throw .outOfRange }
        let lastSeen = try reader.number()
        let isWithdrawn = try reader.flag()
        let startTime = try reader.number()
        let zeroUntil = try reader.number()
        let exposedTime = try reader.optional(ExposedTime.self)
        let state = try StreamState(from: &reader)
        try reader.end()
        let record = streams[number]
        let rule = identities[metric: record.metric].rule
        guard let state = state.following(rule, startTime: startTime, lastSeen: lastSeen) else { throw .outOfRange }
        streams[stateOf: number] = state
        streams.noteArrival(of: number, at: lastSeen)
        grow(number, by: state.weight, lines: state.lines)
        streams.noteWriters(state.writerCount - 1)
        duplicates.noteRestored(state)
        let owner = record.series
        exposed.setStartTime(of: owner, to: max(exposed[owner].startTime, startTime))
        // Where another configuration merges series, what one of them has shown must not be 0 again.
        exposed.setZeroUntil(of: owner, to: min(exposed[owner].zeroUntil, zeroUntil))
        showing.noteZero(until: exposed[owner].zeroUntil)
        if let exposedTime { exposedTimes.restore(exposedTime, of: owner) }
        let family = exposed[owner].family
        exposed.noteArrival(of: family, at: max(exposed.family(family).lastSeen, lastSeen))
        // A filter that is new hides it. Where another configuration brings two types under one name, the first is shown.
        let isFiltered = identities[metric: record.metric].isFiltered
        let isHidden = isFiltered || exposed.hasLiveRival(family, now: lastArrival)
        if !isWithdrawn, !isHidden { restore(number) }
    }

    /// Makes the store whole after the last record.
    /// - Returns: how many streams had no total and were left out.
    package mutating func finishRestoring() -> Int {
        restoredFamily = nil
        isReplaying = true
        if let recordedLimits { stateLimits = stateLimits.raised(to: recordedLimits) }
        identities.finishRestoring()
        let incomplete = streams.finishRestoring()
        for number in incomplete { removeIncomplete(number) }
        linkByBirth()
        identities.dropAllUnused()
        return incomplete.count
    }

    /// Begins to count for the collector's own metrics: what was replayed was counted by the process before.
    package mutating func resetCounters() {
        counters = SeriesCounters()
        isReplaying = false
        stateLimits = settings.stateLimits
    }

    /// Gives each series the order of its streams back: newest first.
    private mutating func linkByBirth() {
        let ordered = streams.byBirth
        for number in ordered { exposed.setFirstStream(of: streams[number].series, to: .none) }
        for number in ordered {
            let owner = streams[number].series
            streams.setNext(of: number, to: exposed[owner].firstStream)
            exposed.setFirstStream(of: owner, to: number)
        }
    }

    /// Takes a stream without a total out of its series, which goes with its last stream.
    private mutating func removeIncomplete(_ number: StreamID) {
        let owner = streams[number].series
        if exposed[owner].firstStream == number {
            exposed.setFirstStream(of: owner, to: streams[number].next)
        } else {
            var previous = exposed[owner].firstStream
            while streams[previous].next != number { previous = streams[previous].next }
            streams.setNext(of: previous, to: streams[number].next)
        }
        removeStream(number)
        if exposed[owner].firstStream == StreamID.none { evict(owner, isCounted: false) }
    }
}

extension StreamState {
    /// The state under the rule that the configuration has now. Only `writers: sum | latest` can have changed: everything
    /// else belongs to the identity of the metric.
    /// - Parameters:
    ///   - startTime: when the exposed total started.
    ///   - lastSeen: the stream's.
    /// - Returns: nil for the state of another kind of metric.
    fileprivate func following(
        _ rule: StreamRule, startTime: UnixNanoseconds, lastSeen: UnixNanoseconds
    ) -> StreamState? {
        switch (rule, self) {
        case (.countDeltas, .accumulating), (.addDeltas, .accumulating), (.sumWriters, .writers),
            (.latestWriter, .newest), (.newest, .newest), (.newestAdded, .newest), (.summary, .summary):
            self
        case (.sumWriters, .newest(let newest)):
            .writers(
                CumulativeWriters(
                    CumulativeWriter(
                        startTime: startTime, time: newest.time, value: newest.value,
                        arrival: UInt32(truncatingIfNeeded: lastSeen / 1_000_000_000))))
        case (.latestWriter, .writers(let writers)):
            .newest(writers.newest)
        case (.distribution(let rule), .histogram(let box)) where rule.shape == .buckets:
            box.value.following(rule).map { .histogram(Boxed($0)) }
        case (.distribution(let rule), .exponential(let box)) where rule.shape == .exponential:
            box.value.following(rule).map { .exponential(Boxed($0)) }
        default: nil
        }
    }
}

extension CumulativeWriters<SampleValue> {
    /// The newest point of all.
    fileprivate var newest: NewestPoint {
        var result: NewestPoint?
        forEach { writer in
            if let result, result.time >= writer.time { return }
            result = NewestPoint(value: writer.value, time: writer.time, sequence: 0, isAdded: false)
        }
        guard let result else { preconditionFailure("a stream has a writer") }
        return result
    }
}

extension DistributionStream {
    fileprivate func following(_ rule: DistributionRule) -> DistributionStream? {
        switch (rule.counting, counting) {
        case (.deltas, .deltas), (.sumWriters, .writers), (.latestWriter, .latest): return self
        case (.sumWriters, .latest(let writer)):
            return DistributionStream(counting: .writers(CumulativeWriters(writer)), layout: layout)
        case (.latestWriter, .writers(let writers)):
            var newest: CumulativeWriter<Value>?
            writers.forEach { writer in
                if let newest, newest.newestTime >= writer.newestTime { return }
                newest = writer
            }
            return newest.map { writer in
                let only = CumulativeWriter(
                    startTime: writer.startTime, time: writer.newest.time, value: writer.newest.value,
                    arrival: writer.arrival)
                return DistributionStream(counting: .latest(only), layout: layout)
            }
        default: return nil
        }
    }
}
