internal import OTLP

/// Adds, removes, withdraws and shows streams and series.
extension Ledger {
    /// Creates a series.
    /// - Parameters:
    ///   - startTime: when its total started; 0 when not known.
    ///   - zeroUntil: see `SeriesRecord.zeroUntil`.
    mutating func insertSeries(
        _ labels: [UInt8], in family: FamilyID, startTime: UnixNanoseconds, zeroUntil: UnixNanoseconds
    ) -> SeriesID {
        let number = exposed.insert(labels, in: family, startTime: startTime, zeroUntil: zeroUntil)
        exposedTimes.insert(number)
        return number
    }

    /// Creates the series of a new stream.
    mutating func insertSeries<Value>(
        of new: NewStream, in family: FamilyID, first arrival: PointArrival<Value>
    ) -> SeriesID {
        // The start of the total is that of the delta or of the cumulative writer.
        let startTime = arrival.context.rule.isMonotonic ? arrival.startTime : 0
        let zeroUntil = showing.zeroUntil(
            of: arrival, returns: tombstones.holds(identity: new.key.hash, startTime: arrival.startTime))
        showing.noteZero(until: zeroUntil)
        return insertSeries(new.exposure.labels, in: family, startTime: startTime, zeroUntil: zeroUntil)
    }

    /// Creates a stream with its first point and adds it to its series.
    mutating func insertStream<Value: PointValue>(
        _ new: NewStream, in series: SeriesID, first arrival: PointArrival<Value>
    ) {
        let context = arrival.context
        exposed.show(arrival.value.lines, of: series)
        countPoint()
        let state = Value.firstState(of: arrival, identity: new.key.hash, in: &self)
        let birth = StreamBirth(
            metric: context.metric, series: series, next: exposed[series].firstStream, key: new.key,
            alias: new.alias, weight: StateWeight.stream + new.raw.count, lastSeen: context.now)
        let number = streams.insert(birth, state: state)
        exposed.setFirstStream(of: series, to: number)
        identities.retain(metric: context.metric)
        changes.markStream(number)
        changes.noteBirth(of: number, new.raw, as: context.encoding)
        signs.note(number, of: identities[metric: context.metric].identity, new.attributes)
        exposedTimes.move(series, to: arrival.shownTime, request: request, now: context.now)
        exposed.activate(series)
        exposed.noteArrival(of: exposed[series].family, at: context.now)
    }

    /// Removes a stream that is no longer in the list of its series. Cumulative writers leave tombstones.
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

    /// Removes a series and its streams.
    mutating func removeSeries(_ series: SeriesID) {
        var gone: [StreamID] = []
        streams.forEach(from: exposed[series].firstStream) { number, _ in gone.append(number) }
        for number in gone { removeStream(number) }
        exposed.remove(series)
        exemplars.forget(series)
        noteRemovedStreams()
    }

    /// A series shows one kind of value; both kinds of histogram count as one.
    func isAlike(_ series: SeriesID, to rule: StreamRule) -> Bool {
        let first = exposed[series].firstStream
        return first == StreamID.none || identities[metric: streams[first].metric].rule.shape.addsUp(with: rule.shape)
    }

    /// The first description that is not empty becomes the help of the family. Until it is shown, its metric may change
    /// it, as in the Collector.
    mutating func describe(_ family: FamilyID, by context: PointContext) {
        guard exposed.mayChangeHelp(of: family, to: context.description) else { return }
        let known = exposed.family(family).help
        guard known.isEmpty || identities[metric: context.metric].help == known else { return }
        let growth = context.description.count - known.count
        guard exposed.helpBytes + growth <= settings.helpMemoryLimitBytes, hasRoom(onPageForBytes: growth)
        else { return }
        let help = [UInt8](context.description)
        exposed.setHelp(of: family, to: help)
        identities.setHelp(ofMetric: context.metric, to: help)
    }
}

// MARK: - Points

extension Ledger {
    /// Whether the streams that a request resolved are still valid: rows of removed streams may be reused.
    func isCurrent(_ known: StreamID) -> Bool { known != StreamID.none && !hasRemovedStreams }

    /// Whether an earlier export brought the event of this point; see `PointFlags.isEvent`. Counts duplicates.
    mutating func isRepeatedEvent(startTime: UnixNanoseconds, time: UnixNanoseconds) -> Bool {
        let isRepeated = duplicates.isRepeated(
            EventMemory.Key(identity: startTime, time: time), request: request)
        if isRepeated { counters.duplicatePoints += 1 }
        return isRepeated
    }

    /// Whether an earlier request brought this point to a stream that was folded since. Counts duplicates.
    mutating func isFolded<Value: PointValue>(_ arrival: PointArrival<Value>, of key: StreamKey) -> Bool {
        guard duplicates.isFolded(arrival, of: key) else { return false }
        counters.duplicatePoints += 1
        return true
    }

    /// Updates a stream and its series after a point that counts.
    mutating func noteCounted<Value>(_ arrival: PointArrival<Value>, of number: StreamID, in family: FamilyID) {
        changes.markTotal(number)
        streams.noteArrival(of: number, at: arrival.context.now)
        exposed.noteArrival(of: family, at: arrival.context.now)
        if exposedTimes.areKept {
            exposedTimes.move(
                streams[number].series, to: arrival.shownTime, request: request, now: arrival.context.now)
        }
    }

    /// Forgets the oldest windows if they exceed their memory.
    mutating func trimWindows() {
        if duplicates.needsTrimming { counters.forgottenWindows += UInt64(duplicates.trim(&streams)) }
    }
}

// MARK: - Withdrawing

extension Ledger {
    /// A NoRecordedValue point: withdraws the stream until its next point with a value (R-DM-03). Its state stays. A
    /// NoRecordedValue point older than the newest point of the stream is late.
    mutating func withdraw(_ number: StreamID, startTime: UnixNanoseconds, time: UnixNanoseconds) {
        let record = streams[number]
        if time != 0, let newest = record.newestTime(startTime: startTime), time < newest {
            counters.latePoints += 1
            return
        }
        // Points older than the withdrawal are late from now on.
        changes.markTotal(number)
        switch record.state {
        case .newest(var newest):
            newest.time = max(newest.time, time)
            streams[stateOf: number] = .newest(newest)
        case .summary(var newest):
            newest.value.time = max(newest.value.time, time)
            streams[stateOf: number] = .summary(newest)
        case .accumulating, .writers, .histogram, .exponential, .released: break
        }
        if !record.isWithdrawn { hide(number, since: time) }
    }

    /// Withdraws a stream that is shown.
    /// - Parameter time: of the NoRecordedValue point; 0 if it has none.
    mutating func hide(_ number: StreamID, since time: UnixNanoseconds) {
        let series = streams[number].series
        streams.setWithdrawn(true, number)
        changes.markTotal(number)
        exposedTimes.move(series, to: time, request: request, now: lastArrival)
        exposed.deactivate(series)
    }

    /// Shows a withdrawn stream again.
    mutating func unhide(_ number: StreamID) {
        streams.setWithdrawn(false, number)
        exposed.activate(streams[number].series)
    }
}

extension StreamRecord {
    /// The time of the newest point; for cumulative streams of the writer with this start. Nil if there is no such
    /// writer.
    fileprivate func newestTime(startTime: UnixNanoseconds) -> UnixNanoseconds? {
        switch state {
        case .accumulating(let accumulation): accumulation.newestTime
        case .newest(let newest): newest.time
        case .writers(let writers): writers.newestTime(startTime: startTime)
        case .histogram(let histogram): histogram.value.newestTime
        case .exponential(let histogram): histogram.value.newestTime
        case .summary(let newest): newest.value.time
        case .released: nil
        }
    }
}
