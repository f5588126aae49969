internal import OTLP

/// What a scrape sees of histograms and summaries.
extension SeriesStore {
    /// Of streams with bounds and exponential ones side by side, which have no bucket in common, count and sum.
    func combineDistributions(_ record: SeriesRecord) -> Combination<SeriesValue> {
        if case .exponential = streams[record.firstStream].state {
            let sum = combineDistribution(record, of: ExponentialPoint.self)
            if !sum.lacksOthers { return sum.map { .nativeHistogram($0.value) } }
        }
        var sum = combineDistribution(record, of: HistogramPoint.self)
        if sum.lacksOthers {
            let others = combineDistribution(record, of: ExponentialPoint.self)
            sum.value.add(HistogramTotal(others.value))
            sum.time = max(sum.time, others.time)
        }
        return sum.map { .histogram($0.value) }
    }

    /// Totals add up, those of withdrawn streams included; of streams in `writers: latest` mode the newest hides the
    /// others.
    private func combineDistribution<Value: DistributionValue>(
        _ record: SeriesRecord, of type: Value.Type
    ) -> Combination<Value.Sum> {
        var result = Combination(value: Value.Sum())
        var latest: CumulativeWriter<Value>?
        forEachStream(of: record) { _, stream in
            if !stream.isWithdrawn { result.lastSeen = max(result.lastSeen, stream.lastSeen) }
            guard let distribution = Value.box(of: stream.state)?.value else {
                result.lacksOthers = true
                return
            }
            switch distribution.counting {
            case .deltas(let accumulation): result.value.add(accumulation.total)
            case .writers(let writers): writers.add(to: &result.value)
            case .latest(let writer):
                if stream.isWithdrawn { return }
                if latest.map({ $0.time < writer.time }) ?? true { latest = writer }
            case .released: return
            }
            result.time = max(result.time, stream.given(distribution.newestTime))
        }
        latest?.add(to: &result.value)
        return result
    }

    /// Of several streams the newest hides the others; of equal times the later arrival wins.
    func newestSummary(of record: SeriesRecord) -> Combination<SummaryValue> {
        var newest: SummaryPoint?
        var time: UnixNanoseconds = 0
        var lastSeen: UnixNanoseconds = 0
        forEachStream(of: record) { _, stream in
            guard !stream.isWithdrawn, case .summary(let box) = stream.state else { return }
            lastSeen = max(lastSeen, stream.lastSeen)
            let point = box.value
            if let other = newest, (point.time, point.sequence) < (other.time, other.sequence) { return }
            newest = point
            time = stream.given(point.time)
        }
        return Combination(
            value: newest?.value ?? SummaryValue(quantiles: [], count: 0, sum: 0), time: time, lastSeen: lastSeen)
    }
}
