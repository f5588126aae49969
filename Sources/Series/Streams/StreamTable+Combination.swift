internal import OTLP
internal import Settings

/// Combines all streams of a series to the value on the page.
struct StreamCombination<Value> {
    var value: Value
    var time: UnixNanoseconds = 0
    var lastSeen: UnixNanoseconds = 0
    /// Whether some streams have values of another kind, which are left out.
    var lacksOthers = false

    func map<Other>(_ transform: (Value) -> Other) -> StreamCombination<Other> {
        StreamCombination<Other>(value: transform(value), time: time, lastSeen: lastSeen, lacksOthers: lacksOthers)
    }
}

extension StreamTable {
    /// The value of the streams of one series. They are all of one kind, or histograms.
    /// - Parameters:
    ///   - first: see `SeriesRecord.firstStream`.
    ///   - expiry: how long a gauge is shown after its last point; nil: it never expires.
    func value(
        from first: StreamID, at now: UnixNanoseconds, expiry: UInt64?
    ) -> StreamCombination<SeriesValue> {
        switch self[first].state {
        case .accumulating, .writers, .newest, .released:
            combine(from: first, at: now, expiry: expiry).map { .number($0) }
        case .histogram, .exponential: combineDistributions(from: first)
        case .summary: newestSummary(from: first).map { .summary($0) }
        }
    }

    /// The streams of a series as one value. Totals add up, including withdrawn streams, so that a total never falls.
    /// Of streams that keep their newest point, the newest is shown, unless they add up; expired and withdrawn ones are
    /// left out: an ended process must not count as long as others run.
    private func combine(
        from first: StreamID, at now: UnixNanoseconds, expiry: UInt64?
    ) -> StreamCombination<SampleValue> {
        var total = Total()
        var result = StreamCombination(value: SampleValue.int(0))
        var newest: NewestPoint?
        var newestAdded: NewestPoint?
        // A total is never NaN or infinite; a sum of newest points is, if one of them is.
        var notFinite: Double?
        var number = first
        while number != StreamID.none {
            let stream = self[number]
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
                if stream.isWithdrawn || MetricExpiration.isOver(stream.lastSeen, at: now, expiry: expiry) { continue }
                result.time = max(result.time, stream.given(point.time))
                if point.isAdded {
                    if case .double(let number) = point.value, !number.isFinite {
                        notFinite = (notFinite ?? 0) + number
                    } else {
                        total.add(point.value)
                    }
                    newestAdded = StreamTable.newer(point, newestAdded)
                } else {
                    newest = StreamTable.newer(point, newest)
                }
            case .histogram, .exponential, .summary, .released: continue
            }
        }
        if let newest, newestAdded.map({ StreamTable.isNewer($0, than: newest) }) != true {
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

// MARK: - Histograms and summaries

extension StreamTable {
    /// Of streams with bounds and exponential streams, which have no common buckets: count and sum.
    private func combineDistributions(from first: StreamID) -> StreamCombination<SeriesValue> {
        if case .exponential = self[first].state {
            let sum = combineDistribution(from: first, of: ExponentialPoint.self)
            if !sum.lacksOthers { return sum.map { .nativeHistogram($0.value) } }
        }
        var sum = combineDistribution(from: first, of: HistogramPoint.self)
        if sum.lacksOthers {
            let others = combineDistribution(from: first, of: ExponentialPoint.self)
            sum.value.add(HistogramTotal(others.value))
            sum.time = max(sum.time, others.time)
        }
        return sum.map { .histogram($0.value) }
    }

    /// Totals add up, including withdrawn streams; of streams in `writers: latest` mode the newest is shown.
    private func combineDistribution<Value: DistributionValue>(
        from first: StreamID, of type: Value.Type
    ) -> StreamCombination<Value.Sum> {
        var result = StreamCombination(value: Value.Sum())
        var latest: CumulativeWriter<Value>?
        forEach(from: first) { _, stream in
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

    /// Of several streams the newest is shown; of equal times the later arrival.
    private func newestSummary(from first: StreamID) -> StreamCombination<SummaryValue> {
        var newest: SummaryPoint?
        var time: UnixNanoseconds = 0
        var lastSeen: UnixNanoseconds = 0
        forEach(from: first) { _, stream in
            guard !stream.isWithdrawn, case .summary(let box) = stream.state else { return }
            lastSeen = max(lastSeen, stream.lastSeen)
            let point = box.value
            if let other = newest, (point.time, point.sequence) < (other.time, other.sequence) { return }
            newest = point
            time = stream.given(point.time)
        }
        return StreamCombination(
            value: newest?.value ?? SummaryValue(quantiles: [], count: 0, sum: 0), time: time, lastSeen: lastSeen)
    }
}
