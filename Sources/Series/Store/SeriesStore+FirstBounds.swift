internal import OTLP

/// The one place where new bounds start a histogram anew, as behind the Collector: docs/semantics.md, S6.8.
extension SeriesStore {
    /// Whether a delta series begins with its second export. It does when that follows the first without a gap, has all
    /// its bounds and more, and no lower number in any bucket, and when nobody was shown the first: no reader can tell.
    /// Never in a replay, which does not know who was shown what, and only of points that are older than the state:
    /// recorded ones. What a living client sends counts whole.
    func isSuperseded<Value: DistributionValue>(
        _ first: Accumulation<Value>, by arrival: PointArrival<Value>, stream number: StreamID
    ) -> Bool {
        guard !isReplaying, first.newestTime != 0, arrival.startTime == first.newestTime,
            arrival.effectiveTime < showing.createdAt,
            let only = first.onlyPoint(hash), arrival.value.isFiner(than: only)
        else { return false }
        let stream = streams[number]
        let owner = exposed[stream.series]
        return owner.firstStream == number && stream.next == StreamID.none
            && !exposed.family(owner.family).hasShownHelp
    }

    /// The total of a delta stream starts anew with the next point.
    mutating func supersede<Value: DistributionValue>(_ first: inout Accumulation<Value>, stream number: StreamID) {
        let owner = streams[number].series
        counters.resets += 1
        exposed.setStartTime(of: owner, to: first.newestTime)
        exemplars.forget(owner)
        first.total = Value.Sum()
    }
}

extension Accumulation where Value: DistributionValue {
    /// The one point that was counted; nil when there were more.
    fileprivate func onlyPoint(_ hash: SeededHash) -> Value? {
        guard windows.count == 1, let point = Value(total) else { return nil }
        var isOnly = false
        windows.forEach { isOnly = $0.value == point.fingerprint(hash) }
        return isOnly ? point : nil
    }
}
