internal import OTLP

/// Counting: each point to its stream.
extension SeriesStore {
    /// Applies a batch that `resolve` has gone through. Cannot fail: points that cannot count are rejected one by one.
    mutating func apply(_ batch: borrowing MetricsBatch, now: UnixNanoseconds) -> ExportOutcome {
        var outcome = ExportOutcome()
        for index in batch.metrics.indices {
            let metric = batch.metrics[index]
            if metric.untakenPointCount > 0 {
                reject(.unsupportedType, count: metric.untakenPointCount, metric: metric, in: &outcome)
            }
            guard !metric.points.isEmpty else { continue }
            guard metric.kind == .gauge || metric.kind == .sum else {
                reject(.unsupportedType, count: metric.points.count, metric: metric, in: &outcome)
                continue
            }
            switch plan.metrics[index] {
            case .rejected(let reason):
                reject(reason, count: metric.points.count, metric: metric, in: &outcome)
            case .record(let number):
                let acceptedBefore = outcome.acceptedPoints
                apply(metric, record: number, of: batch, now: now, outcome: &outcome)
                if outcome.acceptedPoints > acceptedBefore { noteTarget(of: metric, in: batch, now: now) }
            }
        }
        counters.acceptedPoints += UInt64(outcome.acceptedPoints)
        return outcome
    }

    private mutating func apply(
        _ metric: RawMetric, record: UInt32, of batch: borrowing MetricsBatch, now: UnixNanoseconds,
        outcome: inout ExportOutcome
    ) {
        let rule = metrics[record].rule
        if case .reject(let reason) = rule {
            reject(reason, count: metric.points.count, metric: metric, in: &outcome)
            return
        }
        var context = PointContext(
            metric: record, rule: rule, description: metric.description, encoding: batch.encoding, now: now)
        for index in metric.points {
            let point = batch.numberPoints[index]
            if let reason = take(point, stream: plan.streams[index], context: &context) {
                reject(reason, count: 1, metric: metric, in: &outcome)
            } else {
                outcome.acceptedPoints += 1
            }
        }
    }

    private mutating func reject(
        _ reason: RejectionReason, count: Int, metric: RawMetric, in outcome: inout ExportOutcome
    ) {
        outcome.rejected[reason, default: 0] += count
        counters.rejectedPoints[reason, default: 0] += UInt64(count)
        if outcome.firstRejectedMetric == nil {
            outcome.firstRejectedMetric = String(decoding: metric.name.prefix(200), as: UTF8.self)
        }
    }

    /// Takes one point.
    /// - Returns: why it does not count, nil when it does.
    private mutating func take(
        _ point: NumberDataPoint, stream known: UInt32, context: inout PointContext
    ) -> RejectionReason? {
        if point.hasNoRecordedValue {
            withdraw(known, time: point.time)
            return nil
        }
        let value: SampleValue
        switch point.value {
        case .missing: return .missingValue
        case .int(let number):
            if number < 0, context.rule.isMonotonic { return .negativeIncrement }
            value = .int(number)
        case .double(let number):
            if context.rule != .newest, !number.isFinite { return .notFinite }
            if number < 0, context.rule.isMonotonic { return .negativeIncrement }
            value = .double(number)
        }
        if known != StreamRecord.none, !evictedThisRequest {
            return add(value, of: point, to: known, context: &context)
        }
        return takeNew(value, of: point, context: &context)
    }

    /// Takes a point whose stream was not known when the request was resolved.
    private mutating func takeNew(
        _ value: SampleValue, of point: NumberDataPoint, context: inout PointContext
    ) -> RejectionReason? {
        switch findOrDescribeStream(point.attributes, context: context) {
        case .known(let number): return add(value, of: point, to: number, context: &context)
        case .rejected(let reason): return reason
        case .new(let description):
            let arrival = PointArrival(value: value, point: point, context: context)
            return create(description, first: arrival)
        }
    }

    /// Adds a point to a stream that exists.
    private mutating func add(
        _ value: SampleValue, of point: NumberDataPoint, to number: UInt32, context: inout PointContext
    ) -> RejectionReason? {
        let family = context.family ?? series[Int(streams[Int(number)].series)].family
        context.family = family
        if families[Int(family)].hasRival, hasLiveRival(family, now: context.now) { return .typeConflict }
        sequence += 1
        guard let reason = update(number, with: PointArrival(value: value, point: point, context: context)) else {
            streams[Int(number)].lastSeen = context.now
            families[Int(family)].lastSeen = context.now
            if streams[Int(number)].isWithdrawn {
                restore(number)
                withdrawOtherUnits(point.attributes, context: context)
            }
            return nil
        }
        return reason
    }
}

/// What all points of one metric in one request share.
struct PointContext {
    var metric: UInt32
    var rule: StreamRule
    /// As received with this request; it is no part of the metric's identity.
    var description: UnsafeRawBufferPointer
    var encoding: WireEncoding
    var now: UnixNanoseconds

    /// The family that all streams of the metric are shown in, once one of them was looked at: it spares every other
    /// point a look at its series.
    var family: UInt32?

    /// `now` in whole seconds; 32 bits last until 2106.
    var nowSeconds: UInt32 { UInt32(truncatingIfNeeded: now / 1_000_000_000) }

    /// The parent of the stream's aliases: the metric and how its attributes are written.
    var aliasParent: UInt32 { metric << 1 | UInt32(encoding.rawValue) }
}

/// One point with the value that was checked.
struct PointArrival {
    var value: SampleValue
    var point: NumberDataPoint
    var context: PointContext

    /// The point's time; a point without one is as new as its arrival.
    var effectiveTime: UnixNanoseconds { point.time == 0 ? context.now : point.time }
}
