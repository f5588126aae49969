internal import OTLP

/// The rules of design.md, "What counts as what", for streams that exist.
extension SeriesStore {
    /// Hands a stream its next point.
    /// - Returns: why it does not count, nil when it does.
    mutating func update(_ number: UInt32, with arrival: PointArrival) -> RejectionReason? {
        // The state is moved out and back, so that it is changed in place and never copied.
        var state = StreamState.released
        swap(&state, &streams[Int(number)].state)
        switch consume state {
        case .accumulating(var accumulation):
            accumulate(arrival, in: &accumulation)
            streams[Int(number)].state = .accumulating(accumulation)
        case .newest(var newest):
            updateNewest(&newest, with: arrival, stream: number)
            streams[Int(number)].state = .newest(newest)
        case .writers(var writers):
            let reason = updateWriters(&writers, with: arrival, stream: number)
            streams[Int(number)].state = .writers(writers)
            return reason
        case .released:
            preconditionFailure("only live streams get points")
        }
        return nil
    }

    private mutating func accumulate(_ arrival: PointArrival, in accumulation: inout Accumulation) {
        let point = arrival.point
        guard point.time != 0 else {
            // Without a time nothing tells a repeated point from another one.
            accumulation.total.add(arrival.value)
            return
        }
        // A point newer than all before it cannot be a repetition.
        if point.time <= accumulation.newestTime,
            accumulation.windows.holds(
                startTime: point.startTime, time: point.time, value: arrival.value, before: request)
        {
            counters.duplicatePoints += 1
            return
        }
        if accumulation.newestTime != 0, point.startTime != 0, point.startTime != point.time {
            if point.startTime > accumulation.newestTime { counters.gaps += 1 }
            if point.startTime < accumulation.newestTime { counters.overlaps += 1 }
        }
        accumulation.total.add(arrival.value)
        accumulation.newestTime = max(accumulation.newestTime, point.time)
        remember(arrival, in: &accumulation.windows)
    }

    mutating func remember(_ arrival: PointArrival, in windows: inout DeltaWindows) {
        let now = arrival.context.nowSeconds
        windows.append(
            DeltaWindows.Window(
                startTime: arrival.point.startTime, time: arrival.point.time, value: arrival.value,
                request: request, arrival: now))
        let forgotten = windows.forget(before: windowCutoff(now: now), limit: settings.windowsPerStreamLimit)
        windowCount += 1 - forgotten.all
        counters.forgottenWindows += UInt64(forgotten.overLimit)
        windowsNeedTrimming = windowsNeedTrimming || windowMemoryIsFull
    }

    private mutating func updateNewest(_ newest: inout NewestPoint, with arrival: PointArrival, stream: UInt32) {
        guard arrival.effectiveTime >= newest.time else {
            counters.latePoints += 1
            return
        }
        if arrival.context.rule == .latestWriter, arrival.value.isLess(than: newest.value) {
            // The total falls: it started anew.
            counters.resets += 1
            series[Int(streams[Int(stream)].series)].startTime = max(arrival.point.startTime, newest.time)
        }
        newest.value = arrival.value
        newest.time = arrival.effectiveTime
        newest.sequence = sequence
    }

    private mutating func updateWriters(
        _ writers: inout CumulativeWriters, with arrival: PointArrival, stream: UInt32
    ) -> RejectionReason? {
        let startTime = arrival.point.startTime
        let outcome = writers.take(
            arrival.value, startTime: startTime, time: arrival.effectiveTime, now: arrival.context.nowSeconds)
        switch outcome {
        case .counted: break
        case .duplicate: counters.duplicatePoints += 1
        case .late: counters.latePoints += 1
        case .reset: counters.resets += 1
        case .becameShared: counters.sharedWriters += 1
        case nil:
            guard makeRoomForWriter() else { return .writerLimit }
            let identity = streams[Int(stream)].canonicalHash
            writers.append(writer(for: arrival, identity: identity, isFurther: true))
            writerCount += 1
        }
        return nil
    }

    /// A writer from its first point. A further writer of a series whose first point does not tell when it started
    /// counting contributes only its later growth (R-CUM-05); so does one that was evicted and returns.
    mutating func writer(for arrival: PointArrival, identity: UInt64, isFurther: Bool) -> CumulativeWriter {
        let point = arrival.point
        var baseline: SampleValue?
        if let last = tombstones.take(identity: identity, startTime: point.startTime) {
            baseline = arrival.value.isLess(than: last) ? nil : last
        } else if isFurther, point.startTime == 0 || point.startTime == point.time {
            baseline = arrival.value
        }
        return CumulativeWriter(
            startTime: point.startTime, time: arrival.effectiveTime, value: arrival.value, baseline: baseline)
    }
}
