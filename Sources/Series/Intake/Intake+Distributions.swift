internal import OTLP
internal import Settings

/// Counts distributions: histograms, exponential histograms, and summaries.
extension Intake {
    /// Counts the points of a metric that is neither a gauge nor a sum.
    mutating func countDistributions(
        _ metric: RawMetric, of batch: borrowing MetricsBatch, in held: inout BoundedLedger,
        context: inout PointContext, outcome: inout ExportOutcome
    ) {
        let base = batch.firstPoint(of: metric.kind)
        for index in metric.points {
            let stream = stream(ofPoint: base + index)
            let reason: RejectionReason?
            switch metric.kind {
            case .histogram:
                reason = count(batch.points.histograms[index], stream: stream, of: batch, in: &held, context: &context)
            case .exponentialHistogram:
                reason = count(
                    batch.points.exponentialHistograms[index], stream: stream, of: batch, in: &held, context: &context)
            case .summary:
                reason = count(batch.points.summaries[index], stream: stream, of: batch, in: &held, context: &context)
            case .none, .gauge, .sum: return
            }
            if let reason {
                reject(reason, count: 1, metric: metric, in: &outcome, &held)
            } else {
                outcome.acceptedPoints += 1
            }
        }
    }

    private mutating func count<Point: DistributionDataPoint>(
        _ point: Point, stream: StreamID, of batch: borrowing MetricsBatch,
        in held: inout BoundedLedger, context: inout PointContext
    ) -> RejectionReason? {
        if point.header.hasNoRecordedValue {
            withdraw(stream, by: point.header, in: &held, context: context)
            return nil
        }
        if point.header.isEvent, context.rule.addsDeltas, !context.isEvent {
            return countEvent(point, stream: stream, of: batch, in: &held, context: &context)
        }
        if let reason = point.reasonOfSize(held.ledger.limits) { return reason }
        let value: Point.Value
        var isMended = false
        do throws(RejectionReason) {
            value = try point.value(of: batch, cache: &held.ledger.boundsCache, isMended: &isMended)
        } catch {
            return error
        }
        if context.rule.addsDeltas {
            if !value.hasFiniteSum { return .notFinite }
        } else if isMended, !point.isCredible(value) {
            return .invalidHistogram
        }
        let arrival = PointArrival(value, header: point.header, context: context)
        if let reason = count(arrival, stream: stream, in: &held, context: &context) { return reason }
        if isMended { noteMended() }
        if !point.exemplars.isEmpty {
            keepExemplars(
                point.exemplars, ofPointWith: point.header.attributes, in: batch, &held, context: context)
        }
        return nil
    }

    /// Counts a point derived from an event, unless an earlier export brought the event.
    private mutating func countEvent(
        _ point: some DistributionDataPoint, stream: StreamID, of batch: borrowing MetricsBatch,
        in held: inout BoundedLedger, context: inout PointContext
    ) -> RejectionReason? {
        let header = point.header
        if held.ledger.isRepeatedEvent(startTime: header.startTime, time: header.time) { return nil }
        var event = point
        event.header.startTime = header.time
        context.isEvent = true
        defer { context.isEvent = false }
        return count(event, stream: stream, of: batch, in: &held, context: &context)
    }

    private mutating func count(
        _ point: SummaryDataPoint, stream: StreamID, of batch: borrowing MetricsBatch,
        in held: inout BoundedLedger, context: inout PointContext
    ) -> RejectionReason? {
        if point.header.hasNoRecordedValue {
            withdraw(stream, by: point.header, in: &held, context: context)
            return nil
        }
        guard point.quantiles.count <= held.ledger.limits.maxSummaryQuantiles else { return .quantileLimit }
        let arrival = PointArrival(SummaryPoint(point, of: batch), header: point.header, context: context)
        return count(arrival, stream: stream, in: &held, context: &context)
    }

    private func withdraw(
        _ known: StreamID, by header: PointHeader, in held: inout BoundedLedger, context: PointContext
    ) {
        withdraw(
            known, attributes: header.attributes, startTime: header.startTime, time: header.time, in: &held,
            context: context)
    }
}

/// A data point of a histogram of either kind.
private protocol DistributionDataPoint {
    associatedtype Value: DistributionValue

    var header: PointHeader { get set }
    var exemplars: Range<Int32> { get }

    /// - Parameter isMended: set if the count of the point differs from the sum of its buckets.
    /// - Throws: why the point is rejected.
    func value(
        of batch: borrowing MetricsBatch, cache: inout BoundsCache, isMended: inout Bool
    ) throws(RejectionReason) -> Value

    /// The reason to reject a point for its size.
    func reasonOfSize(_ limits: StateLimits) -> RejectionReason?

    /// Whether the buckets of a cumulative point count although their sum differs from its count.
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
    /// Any number of buckets is valid; few are kept.
    fileprivate func reasonOfSize(_ limits: StateLimits) -> RejectionReason? { nil }

    fileprivate func value(
        of batch: borrowing MetricsBatch, cache: inout BoundsCache, isMended: inout Bool
    ) throws(RejectionReason) -> ExponentialPoint {
        try ExponentialPoint(self, of: batch, isMended: &isMended)
    }

    /// As in the Collector, a cumulative point that has lost most of its buckets is rejected.
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
