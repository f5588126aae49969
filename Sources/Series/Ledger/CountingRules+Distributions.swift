internal import OTLP

/// The rules for histograms of both kinds.
extension CountingRules {
    /// Applies the next point of a histogram stream.
    static func update<Value: DistributionValue>(
        _ stream: inout DistributionStream<Value>, number: StreamID, with arrival: PointArrival<Value>,
        in ledger: inout Ledger
    ) -> Update {
        guard stream.layout != arrival.value.layout else {
            return count(arrival, in: &stream, number: number, of: &ledger)
        }
        // Writers are weighed when they are added.
        let before = stream.ownWeight
        let (weight, lines) = (arrival.value.weight, arrival.value.lines)
        if let before, let reason = ledger.reasonOfGrowth(number, by: weight - before, lines: lines) {
            return .rejected(reason)
        }
        let update = count(arrival, in: &stream, number: number, of: &ledger)
        guard case .counted = update else { return update }
        stream.layout = arrival.value.commonLayout(with: stream.layout)
        if let before, let after = stream.ownWeight { ledger.grow(number, by: after - before, lines: lines) }
        return update
    }

    private static func count<Value: DistributionValue>(
        _ arrival: PointArrival<Value>, in stream: inout DistributionStream<Value>, number: StreamID,
        of ledger: inout Ledger
    ) -> Update {
        var taken = DistributionStream<Value>.Counting.released
        swap(&taken, &stream.counting)
        switch consume taken {
        case .deltas(var accumulation):
            if stream.layout != arrival.value.layout,
                isSuperseded(accumulation, by: arrival, stream: number, in: ledger)
            {
                supersede(&accumulation, stream: number, in: &ledger)
                stream.layout = arrival.value.layout
            }
            let update = accumulate(arrival, in: &accumulation, of: &ledger)
            stream.counting = .deltas(accumulation)
            return update
        case .writers(var writers):
            let update = updateWriters(&writers, with: arrival, stream: number, in: &ledger)
            stream.counting = .writers(writers)
            return update
        case .latest(let writer):
            let isLate = arrival.effectiveTime < writer.time
            stream.counting = .latest(updateLatest(writer, with: arrival, stream: number, in: &ledger))
            return isLate ? .ignored : .counted
        case .released: preconditionFailure("only live streams get points")
        }
    }

    private static func updateLatest<Value: DistributionValue>(
        _ writer: CumulativeWriter<Value>, with arrival: PointArrival<Value>, stream: StreamID,
        in ledger: inout Ledger
    ) -> CumulativeWriter<Value> {
        guard arrival.effectiveTime >= writer.time else {
            ledger.counters.latePoints += 1
            return writer
        }
        if arrival.value.hasFallen(from: writer.value) {
            ledger.counters.resets += 1
            ledger.exposed.setStartTime(of: ledger.streams[stream].series, to: max(arrival.startTime, writer.time))
        }
        return CumulativeWriter(
            startTime: arrival.startTime, time: arrival.effectiveTime, value: arrival.value,
            arrival: arrival.context.nowSeconds)
    }

    /// A histogram stream with its first point.
    static func firstStream<Value: DistributionValue>(
        of arrival: PointArrival<Value>, identity: UInt64, in ledger: inout Ledger
    ) -> DistributionStream<Value> {
        let layout = arrival.value.layout
        guard case .distribution(let rule) = arrival.context.rule else {
            preconditionFailure("histograms have the rule of a distribution")
        }
        switch rule.counting {
        case .deltas:
            return DistributionStream(counting: .deltas(firstAccumulation(of: arrival, in: &ledger)), layout: layout)
        case .sumWriters:
            let first = writer(for: arrival, identity: identity, isFurther: false, in: &ledger)
            return DistributionStream(counting: .writers(CumulativeWriters(first)), layout: layout)
        case .latestWriter:
            let only = CumulativeWriter(
                startTime: arrival.startTime, time: arrival.effectiveTime, value: arrival.value,
                arrival: arrival.context.nowSeconds)
            return DistributionStream(counting: .latest(only), layout: layout)
        }
    }
}

/// The only case in which new bounds restart a histogram, as in the Collector: docs/semantics.md, S6.8.
extension CountingRules {
    /// Whether a delta series restarts with its second export: if that follows the first without a gap, has all its
    /// bounds and more, and no lower number in any bucket, and if the first was never shown, so that no reader sees a
    /// difference. Not in a replay, where it is not known what was shown, and only for points older than the state,
    /// which are recorded ones. Points of running clients always count.
    private static func isSuperseded<Value: DistributionValue>(
        _ first: Accumulation<Value>, by arrival: PointArrival<Value>, stream number: StreamID,
        in ledger: borrowing Ledger
    ) -> Bool {
        guard !ledger.isReplaying, first.newestTime != 0, arrival.startTime == first.newestTime,
            arrival.effectiveTime < ledger.showing.createdAt,
            let only = first.onlyPoint(ledger.hash), arrival.value.isFiner(than: only)
        else { return false }
        let stream = ledger.streams[number]
        let owner = ledger.exposed[stream.series]
        return owner.firstStream == number && stream.next == StreamID.none
            && !ledger.exposed.family(owner.family).hasShownHelp
    }

    /// The total of a delta stream restarts with the next point.
    private static func supersede<Value: DistributionValue>(
        _ first: inout Accumulation<Value>, stream number: StreamID, in ledger: inout Ledger
    ) {
        let owner = ledger.streams[number].series
        ledger.counters.resets += 1
        ledger.exposed.setStartTime(of: owner, to: first.newestTime)
        ledger.exemplars.forget(owner)
        first.total = Value.Sum()
    }
}

extension Accumulation where Value: DistributionValue {
    /// The only point that was counted; nil if there were more.
    fileprivate func onlyPoint(_ hash: SeededHash) -> Value? {
        guard windows.count == 1, let point = Value(total) else { return nil }
        var isOnly = false
        windows.forEach { isOnly = $0.value == point.fingerprint(hash) }
        return isOnly ? point : nil
    }
}
