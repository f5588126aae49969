internal import OTLP
internal import Settings

/// Counting what is spread over buckets: histograms, exponential histograms, and summaries.
extension SeriesStore {
    /// Applies the points of one metric that is no gauge and no sum.
    mutating func applyDistributions(
        _ metric: RawMetric, of batch: borrowing MetricsBatch, context: inout PointContext,
        outcome: inout ExportOutcome
    ) {
        let base = batch.firstPoint(of: metric.kind)
        for index in metric.points {
            let stream = plan.streams[base + index]
            let reason: RejectionReason?
            switch metric.kind {
            case .histogram: reason = take(batch.histogramPoints[index], stream: stream, of: batch, context: &context)
            case .exponentialHistogram:
                reason = take(batch.exponentialHistogramPoints[index], stream: stream, of: batch, context: &context)
            case .summary: reason = take(batch.summaryPoints[index], stream: stream, of: batch, context: &context)
            case .none, .gauge, .sum: return
            }
            if let reason {
                reject(reason, count: 1, metric: metric, in: &outcome)
            } else {
                outcome.acceptedPoints += 1
            }
        }
    }

    private mutating func take<Point: DistributionDataPoint>(
        _ point: Point, stream: StreamID, of batch: borrowing MetricsBatch, context: inout PointContext
    ) -> RejectionReason? {
        if point.header.hasNoRecordedValue {
            withdraw(stream, by: point.header, context: context)
            return nil
        }
        if point.header.isEvent, context.rule.addsDeltas, !context.isEvent {
            return takeEvent(point, stream: stream, of: batch, context: &context)
        }
        if let reason = point.reasonOfSize(stateLimits) { return reason }
        let value: Point.Value
        var isMended = false
        do throws(RejectionReason) {
            value = try point.value(of: batch, cache: &boundsCache, isMended: &isMended)
        } catch {
            return error
        }
        if context.rule.addsDeltas {
            if !value.hasFiniteSum { return .notFinite }
        } else if isMended, !point.isCredible(value) {
            return .invalidHistogram
        }
        let arrival = PointArrival(value, header: point.header, context: context)
        if let reason = take(arrival, stream: stream, context: &context) { return reason }
        if isMended { pointNotes.mendedCounts += 1 }
        if !point.exemplars.isEmpty {
            keepExemplars(
                point.exemplars, ofPointWith: point.header.attributes, in: batch, context: context)
        }
        return nil
    }

    /// Takes what an event counted, unless an earlier export brought it.
    private mutating func takeEvent(
        _ point: some DistributionDataPoint, stream: StreamID, of batch: borrowing MetricsBatch,
        context: inout PointContext
    ) -> RejectionReason? {
        let header = point.header
        if isRepeatedEvent(startTime: header.startTime, time: header.time) { return nil }
        var event = point
        event.header.startTime = header.time
        context.isEvent = true
        defer { context.isEvent = false }
        return take(event, stream: stream, of: batch, context: &context)
    }

    private mutating func take(
        _ point: SummaryDataPoint, stream: StreamID, of batch: borrowing MetricsBatch, context: inout PointContext
    ) -> RejectionReason? {
        if point.header.hasNoRecordedValue {
            withdraw(stream, by: point.header, context: context)
            return nil
        }
        guard point.quantiles.count <= stateLimits.maxSummaryQuantiles else { return .quantileLimit }
        let arrival = PointArrival(SummaryPoint(point, of: batch), header: point.header, context: context)
        return take(arrival, stream: stream, context: &context)
    }

    private mutating func withdraw(_ known: StreamID, by header: PointHeader, context: PointContext) {
        withdraw(
            known, attributes: header.attributes, startTime: header.startTime, time: header.time, context: context)
    }

    /// Hands a histogram stream its next point.
    mutating func update<Value: DistributionValue>(
        _ stream: inout DistributionStream<Value>, number: StreamID, with arrival: PointArrival<Value>
    ) -> Update {
        guard stream.layout != arrival.value.layout else { return count(arrival, in: &stream, number: number) }
        // Of writers each one is weighed when it comes.
        let before = stream.ownWeight
        let (weight, lines) = (arrival.value.weight, arrival.value.lines)
        if let before, let reason = reasonOfGrowth(number, by: weight - before, lines: lines) {
            return .rejected(reason)
        }
        let update = count(arrival, in: &stream, number: number)
        guard case .counted = update else { return update }
        stream.layout = arrival.value.commonLayout(with: stream.layout)
        if let before, let after = stream.ownWeight { grow(number, by: after - before, lines: lines) }
        return update
    }

    private mutating func count<Value: DistributionValue>(
        _ arrival: PointArrival<Value>, in stream: inout DistributionStream<Value>, number: StreamID
    ) -> Update {
        var taken = DistributionStream<Value>.Counting.released
        swap(&taken, &stream.counting)
        switch consume taken {
        case .deltas(var accumulation):
            if stream.layout != arrival.value.layout, isSuperseded(accumulation, by: arrival, stream: number) {
                supersede(&accumulation, stream: number)
                stream.layout = arrival.value.layout
            }
            let update = accumulate(arrival, in: &accumulation)
            stream.counting = .deltas(accumulation)
            return update
        case .writers(var writers):
            let update = updateWriters(&writers, with: arrival, stream: number)
            stream.counting = .writers(writers)
            return update
        case .latest(let writer):
            let isLate = arrival.effectiveTime < writer.time
            stream.counting = .latest(updateLatest(writer, with: arrival, stream: number))
            return isLate ? .ignored : .counted
        case .released: preconditionFailure("only live streams get points")
        }
    }

    private mutating func updateLatest<Value: DistributionValue>(
        _ writer: CumulativeWriter<Value>, with arrival: PointArrival<Value>, stream: StreamID
    ) -> CumulativeWriter<Value> {
        guard arrival.effectiveTime >= writer.time else {
            counters.latePoints += 1
            return writer
        }
        if arrival.value.hasFallen(from: writer.value) {
            counters.resets += 1
            exposed.setStartTime(of: streams[stream].series, to: max(arrival.startTime, writer.time))
        }
        return CumulativeWriter(
            startTime: arrival.startTime, time: arrival.effectiveTime, value: arrival.value,
            arrival: arrival.context.nowSeconds)
    }

    /// A histogram stream with its first point.
    mutating func firstStream<Value: DistributionValue>(
        of arrival: PointArrival<Value>, identity: UInt64
    ) -> DistributionStream<Value> {
        let layout = arrival.value.layout
        guard case .distribution(let rule) = arrival.context.rule else {
            preconditionFailure("histograms have the rule of a distribution")
        }
        switch rule.counting {
        case .deltas:
            return DistributionStream(counting: .deltas(firstAccumulation(of: arrival)), layout: layout)
        case .sumWriters:
            let first = writer(for: arrival, identity: identity, isFurther: false)
            return DistributionStream(counting: .writers(CumulativeWriters(first)), layout: layout)
        case .latestWriter:
            let only = CumulativeWriter(
                startTime: arrival.startTime, time: arrival.effectiveTime, value: arrival.value,
                arrival: arrival.context.nowSeconds)
            return DistributionStream(counting: .latest(only), layout: layout)
        }
    }
}

/// A data point of a histogram of either kind, and the value it is checked for.
private protocol DistributionDataPoint {
    associatedtype Value: DistributionValue

    var header: PointHeader { get set }
    var exemplars: Range<Int32> { get }

    /// - Parameter isMended: set when the point's count is another one than its buckets add up to.
    /// - Throws: why the point is rejected.
    func value(
        of batch: borrowing MetricsBatch, cache: inout BoundsCache, isMended: inout Bool
    ) throws(RejectionReason) -> Value

    /// Why a point of its size is rejected.
    func reasonOfSize(_ limits: StateLimits) -> RejectionReason?

    /// Whether buckets that do not add up to the count are to be believed, of a point that comes again with the next.
    func isCredible(_ value: Value) -> Bool
}

extension DistributionDataPoint {
    fileprivate func isCredible(_ value: Value) -> Bool { true }
}

extension HistogramDataPoint: DistributionDataPoint {
    fileprivate func reasonOfSize(_ limits: StateLimits) -> RejectionReason? {
        explicitBounds.count <= limits.maxHistogramBounds ? nil : .boundLimit
    }

    fileprivate func value(
        of batch: borrowing MetricsBatch, cache: inout BoundsCache, isMended: inout Bool
    ) throws(RejectionReason) -> HistogramPoint {
        try HistogramPoint(self, of: batch, cache: &cache, isMended: &isMended)
    }
}

extension ExponentialHistogramDataPoint: DistributionDataPoint {
    /// Few buckets are kept, however many were sent.
    fileprivate func reasonOfSize(_ limits: StateLimits) -> RejectionReason? { nil }

    fileprivate func value(
        of batch: borrowing MetricsBatch, cache: inout BoundsCache, isMended: inout Bool
    ) throws(RejectionReason) -> ExponentialPoint {
        try ExponentialPoint(self, of: batch, isMended: &isMended)
    }

    /// As behind the Collector, a cumulative one that has lost most of its buckets is no histogram.
    fileprivate func isCredible(_ value: ExponentialPoint) -> Bool { value.content.count >= count / 2 }
}

extension StreamRule {
    /// A histogram whose points add up.
    fileprivate var addsDeltas: Bool {
        if case .distribution(let rule) = self { rule.counting == .deltas } else { false }
    }
}

extension PointArrival {
    fileprivate init(_ value: Value, header: PointHeader, context: PointContext) {
        self.init(
            value: value, startTime: header.startTime, time: header.time, attributes: header.attributes,
            context: context)
    }
}
