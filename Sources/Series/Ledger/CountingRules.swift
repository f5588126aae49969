internal import OTLP

/// The rules of docs/semantics.md, S3 to S6, that apply a point to its stream. The counts are in the ledger.
enum CountingRules {
    /// The outcome for a point.
    enum Update {
        case counted
        /// Ignored: a duplicate or late point; it does not keep its stream alive.
        case ignored
        case rejected(RejectionReason)
    }

    /// Applies the next point of a stream.
    static func update(
        _ number: StreamID, with arrival: PointArrival<SampleValue>, in ledger: inout Ledger
    ) -> Update {
        // The state is moved out and back, so that it is changed in place, without a copy.
        var state = StreamState.released
        swap(&state, &ledger.streams[stateOf: number])
        switch consume state {
        case .accumulating(var accumulation):
            let update = accumulate(arrival, in: &accumulation, of: &ledger)
            ledger.streams[stateOf: number] = .accumulating(accumulation)
            return update
        case .newest(var newest):
            let update = updateNewest(&newest, with: arrival, stream: number, in: &ledger)
            ledger.streams[stateOf: number] = .newest(newest)
            return update
        case .writers(var writers):
            let update = updateWriters(&writers, with: arrival, stream: number, in: &ledger)
            ledger.streams[stateOf: number] = .writers(writers)
            return update
        case .histogram, .exponential, .summary, .released:
            preconditionFailure("only live streams get points, of their own kind")
        }
    }

    /// Adds a point to a delta total, unless an earlier request brought it (S3).
    static func accumulate<Value: CountedValue>(
        _ arrival: PointArrival<Value>, in accumulation: inout Accumulation<Value>, of ledger: inout Ledger
    ) -> Update {
        guard arrival.time != 0 else {
            // Without a time a duplicate cannot be recognised.
            accumulation.total.add(arrival.value)
            return .counted
        }
        let fingerprint = arrival.value.fingerprint(ledger.hash)
        // A point newer than all before it cannot be a duplicate.
        if arrival.time <= accumulation.newestTime,
            accumulation.windows.holds(
                startTime: arrival.startTime, time: arrival.time, value: fingerprint, before: ledger.request)
        {
            ledger.counters.duplicatePoints += 1
            return .ignored
        }
        if accumulation.newestTime != 0, arrival.startTime != 0, arrival.startTime != arrival.time {
            if arrival.startTime > accumulation.newestTime { ledger.counters.gaps += 1 }
            if arrival.startTime < accumulation.newestTime { ledger.counters.overlaps += 1 }
        }
        accumulation.total.add(arrival.value)
        accumulation.newestTime = max(accumulation.newestTime, arrival.time)
        remember(arrival, value: fingerprint, in: &accumulation.windows, of: &ledger)
        return .counted
    }

    /// Remembers the window of a point, to recognise a duplicate; events are remembered elsewhere.
    static func remember<Value>(
        _ arrival: PointArrival<Value>, value: SampleValue, in windows: inout DeltaWindows, of ledger: inout Ledger
    ) {
        guard !arrival.context.isEvent else { return }
        let forgotten = ledger.duplicates.remember(
            startTime: arrival.startTime, time: arrival.time, value: value, request: ledger.request, in: &windows)
        ledger.counters.forgottenWindows += UInt64(forgotten)
    }

    private static func updateNewest(
        _ newest: inout NewestPoint, with arrival: PointArrival<SampleValue>, stream: StreamID,
        in ledger: inout Ledger
    ) -> Update {
        guard arrival.effectiveTime >= newest.time else {
            ledger.counters.latePoints += 1
            return .ignored
        }
        if arrival.context.rule == .latestWriter, arrival.value.isLess(than: newest.value) {
            // The total falls: a reset.
            ledger.counters.resets += 1
            ledger.exposed.setStartTime(of: ledger.streams[stream].series, to: max(arrival.startTime, newest.time))
        }
        newest.value = arrival.value
        newest.time = arrival.effectiveTime
        newest.sequence = ledger.sequence
        return .counted
    }

    /// Applies the point to the writer with its start time, or creates that writer (S4).
    static func updateWriters<Value: CountedValue>(
        _ writers: inout CumulativeWriters<Value>, with arrival: PointArrival<Value>, stream: StreamID,
        in ledger: inout Ledger
    ) -> Update {
        let startTime = arrival.startTime
        let (time, now) = (arrival.effectiveTime, arrival.context.nowSeconds)
        var outcome = writers.take(arrival.value, startTime: startTime, time: time, now: now, mayGrow: false)
        if case .needsRoom? = outcome {
            let (weight, lines) = (arrival.value.weight, arrival.value.lines)
            if let reason = ledger.reasonOfGrowth(stream, by: weight, lines: lines) { return .rejected(reason) }
            outcome = writers.take(arrival.value, startTime: startTime, time: time, now: now, mayGrow: true)
            ledger.grow(stream, by: weight, lines: lines)
        }
        switch outcome {
        case .counted, .needsRoom: break
        case .duplicate:
            ledger.counters.duplicatePoints += 1
            return .ignored
        case .late:
            ledger.counters.latePoints += 1
            return .ignored
        case .reset: ledger.counters.resets += 1
        case .becameShared: ledger.counters.sharedWriters += 1
        case .crowded: return .rejected(.writerLimit)
        case nil:
            let identity = ledger.streams[stream].key.hash
            guard ledger.makeRoomForWriter(identity: identity, startTime: startTime) else {
                return .rejected(.writerLimit)
            }
            let (weight, lines) = (arrival.value.weight, arrival.value.lines)
            if let reason = ledger.reasonOfGrowth(stream, by: StateWeight.writer + weight, lines: lines) {
                return .rejected(reason)
            }
            ledger.grow(stream, by: weight, lines: lines)
            writers.append(writer(for: arrival, identity: identity, isFurther: true, in: &ledger))
            ledger.streams.noteWriters(1)
        }
        return .counted
    }

    /// A writer from its first point.
    ///
    /// If a further writer of its stream has no known start time, only its later growth counts (R-CUM-05): its value
    /// may have been counted under the earlier start. The same holds for an evicted writer that returns. The first
    /// writer of a stream counts with its whole value, even if its series has other streams: those are separate
    /// counters.
    /// - Parameter isFurther: whether the stream already has other writers.
    static func writer<Value: CountedValue>(
        for arrival: PointArrival<Value>, identity: UInt64, isFurther: Bool, in ledger: inout Ledger
    ) -> CumulativeWriter<Value> {
        var baseline: Value?
        if let last = ledger.tombstones.take(identity: identity, startTime: arrival.startTime) {
            baseline = arrival.value.baseline(tombstone: last)
        } else if isFurther, arrival.startTime == 0 || arrival.startTime == arrival.time {
            baseline = arrival.value
        }
        return CumulativeWriter(
            startTime: arrival.startTime, time: arrival.effectiveTime, value: arrival.value,
            arrival: arrival.context.nowSeconds, baseline: baseline)
    }
}

// MARK: - First points

extension CountingRules {
    /// The state of a new stream with its first point, by the rule of its metric.
    /// - Parameter identity: the stream's canonical hash.
    static func firstState(
        of arrival: PointArrival<SampleValue>, identity: UInt64, in ledger: inout Ledger
    ) -> StreamState {
        switch arrival.context.rule {
        case .countDeltas, .addDeltas:
            return .accumulating(firstAccumulation(of: arrival, in: &ledger))
        case .sumWriters:
            return .writers(CumulativeWriters(writer(for: arrival, identity: identity, isFurther: false, in: &ledger)))
        case .latestWriter, .newest, .newestAdded, .distribution, .summary, .reject:
            return .newest(
                NewestPoint(
                    value: arrival.value, time: arrival.effectiveTime, sequence: ledger.sequence,
                    isAdded: arrival.context.rule == .newestAdded))
        }
    }

    /// A delta stream with its first point.
    static func firstAccumulation<Value: CountedValue>(
        of arrival: PointArrival<Value>, in ledger: inout Ledger
    ) -> Accumulation<Value> {
        var accumulation = Accumulation<Value>()
        accumulation.total.add(arrival.value)
        accumulation.newestTime = arrival.time
        if arrival.time != 0 {
            remember(arrival, value: arrival.value.fingerprint(ledger.hash), in: &accumulation.windows, of: &ledger)
        }
        return accumulation
    }
}
