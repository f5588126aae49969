internal import OTLP

/// Counting: each point to its stream.
extension SeriesStore {
    /// Applies a batch that `resolve` has gone through. Cannot fail: points that cannot count are rejected one by one.
    mutating func apply(_ batch: borrowing MetricsBatch, now: UnixNanoseconds) -> ExportOutcome {
        var outcome = ExportOutcome()
        outcome.losses = plan.losses
        reject(.malformed, count: plan.losses[.point], in: &outcome)
        for index in batch.metrics.indices {
            let metric = batch.metrics[index]
            guard !metric.points.isEmpty else { continue }
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
        counters.filteredPoints += UInt64(outcome.filteredPoints)
        return outcome
    }

    private mutating func apply(
        _ metric: RawMetric, record: UInt32, of batch: borrowing MetricsBatch, now: UnixNanoseconds,
        outcome: inout ExportOutcome
    ) {
        let rule = identities[metric: record].rule
        if identities[metric: record].isFiltered {
            outcome.filteredPoints += metric.points.count
            guard isReplaying else { return }
            // The export may have counted before the filter was there. Its points go on to the streams that are still
            // there, out of sight: a total that was shown never falls when the filter goes.
            var unseen = ExportOutcome()
            take(metric, record: record, rule: rule, of: batch, now: now, outcome: &unseen)
            return
        }
        take(metric, record: record, rule: rule, of: batch, now: now, outcome: &outcome)
    }

    private mutating func take(
        _ metric: RawMetric, record: UInt32, rule: StreamRule, of batch: borrowing MetricsBatch, now: UnixNanoseconds,
        outcome: inout ExportOutcome
    ) {
        if case .reject(let reason) = rule {
            reject(reason, count: metric.points.count, metric: metric, in: &outcome)
            return
        }
        var context = PointContext(
            metric: record, rule: rule, description: metric.description, encoding: batch.encoding, now: now)
        defer { takeNotes(of: metric, into: &outcome) }
        guard metric.kind == .gauge || metric.kind == .sum else {
            applyDistributions(metric, of: batch, context: &context, outcome: &outcome)
            return
        }
        for index in metric.points {
            let point = batch.numberPoints[index]
            if let reason = take(point, stream: plan.streams[index], context: &context) {
                reject(reason, count: 1, metric: metric, in: &outcome)
            } else {
                outcome.acceptedPoints += 1
                if !point.exemplars.isEmpty, rule.isMonotonic, !point.hasNoRecordedValue {
                    keepExemplars(point.exemplars, ofPointWith: point.attributes, in: batch, context: context)
                }
            }
        }
    }

    /// Counts what was changed of the points of one metric to accept them.
    private mutating func takeNotes(of metric: RawMetric, into outcome: inout ExportOutcome) {
        guard !pointNotes.isEmpty else { return }
        if pointNotes.mendedCounts > 0 {
            counters.mendedCounts += UInt64(pointNotes.mendedCounts)
            outcome.mendedCounts += pointNotes.mendedCounts
            if outcome.firstMendedMetric == nil { outcome.firstMendedMetric = ExportOutcome.shown(metric.name) }
        }
        counters.cutLabelValues += UInt64(pointNotes.cuts.values)
        counters.leftOutLabels += UInt64(pointNotes.cuts.labels)
        outcome.cuts.add(pointNotes.cuts)
        pointNotes = PointNotes()
    }

    mutating func reject(
        _ reason: RejectionReason, count: Int, metric: RawMetric, in outcome: inout ExportOutcome
    ) {
        reject(reason, count: count, in: &outcome)
        if outcome.firstRejectedMetric == nil {
            outcome.firstRejectedMetric = ExportOutcome.shown(metric.name)
        }
    }

    private mutating func reject(_ reason: RejectionReason, count: Int, in outcome: inout ExportOutcome) {
        guard count > 0 else { return }
        outcome.rejected[reason, default: 0] += count
        counters.rejectedPoints[reason, default: 0] += UInt64(count)
    }

    /// Takes one point.
    /// - Returns: why it does not count, nil when it does.
    private mutating func take(
        _ point: NumberDataPoint, stream known: StreamID, context: inout PointContext
    ) -> RejectionReason? {
        // Nearly always 0.
        if point.flags != 0 {
            if point.hasNoRecordedValue {
                withdraw(
                    known, attributes: point.attributes, startTime: point.startTime, time: point.time,
                    context: context)
                return nil
            }
            if point.isEvent, context.rule == .countDeltas, !context.isEvent {
                return takeEvent(point, stream: known, context: &context)
            }
        }
        let value: SampleValue
        switch point.value {
        case .missing: return .missingValue
        case .int(let number):
            if number < 0, context.rule.isMonotonic { return .negativeIncrement }
            value = .int(number)
        case .double(let number):
            if !number.isFinite, !context.rule.takesAnyNumber { return .notFinite }
            if number < 0, context.rule.isMonotonic { return .negativeIncrement }
            value = .double(number)
        }
        let arrival = PointArrival(
            value: value, startTime: point.startTime, time: point.time, attributes: point.attributes, context: context)
        return take(arrival, stream: known, context: &context)
    }

    /// Takes what an event counted, unless an earlier export brought it.
    private mutating func takeEvent(
        _ point: NumberDataPoint, stream known: StreamID, context: inout PointContext
    ) -> RejectionReason? {
        if isRepeatedEvent(startTime: point.startTime, time: point.time) { return nil }
        var event = point
        event.startTime = point.time
        context.isEvent = true
        defer { context.isEvent = false }
        return take(event, stream: known, context: &context)
    }

    /// Whether an earlier export brought the event of this point; see `PointFlags.isEvent`.
    mutating func isRepeatedEvent(startTime: UnixNanoseconds, time: UnixNanoseconds) -> Bool {
        let isRepeated = duplicates.isRepeated(EventMemory.Key(identity: startTime, time: time), request: request)
        if isRepeated { counters.duplicatePoints += 1 }
        return isRepeated
    }

    /// Takes a point that was checked.
    mutating func take<Value: PointValue>(
        _ arrival: PointArrival<Value>, stream known: StreamID, context: inout PointContext
    ) -> RejectionReason? {
        isCurrent(known) ? add(arrival, to: known, context: &context) : takeNew(arrival, context: &context)
    }

    /// Whether what the request resolved still holds: what was evicted since may stand for another stream by now.
    private func isCurrent(_ known: StreamID) -> Bool { known != StreamID.none && !evictedThisRequest }

    /// Takes a NoRecordedValue point, which makes no stream where there is none.
    mutating func withdraw(
        _ known: StreamID, attributes: UnsafeRawBufferPointer, startTime: UnixNanoseconds, time: UnixNanoseconds,
        context: PointContext
    ) {
        if isCurrent(known) {
            withdraw(known, startTime: startTime, time: time)
        } else if case .known(let number) = findOrDescribeStream(attributes, context: context) {
            withdraw(number, startTime: startTime, time: time)
        }
    }

    /// Takes a point whose stream was not known when the request was resolved.
    private mutating func takeNew<Value: PointValue>(
        _ arrival: PointArrival<Value>, context: inout PointContext
    ) -> RejectionReason? {
        switch findOrDescribeStream(arrival.attributes, context: context) {
        case .known(let number): return add(arrival, to: number, context: &context)
        case .rejected(let reason): return reason
        case .new(let description):
            if isFolded(arrival, of: description.key) { return nil }
            // Only a replay comes here with a metric that is filtered, and that makes no streams.
            if identities[metric: context.metric].isFiltered { return nil }
            let reason = create(description, first: arrival)
            if reason == nil, !description.exposure.cuts.isEmpty { pointNotes.cuts.add(description.exposure.cuts) }
            return reason
        }
    }

    /// Adds a point to a stream that exists.
    private mutating func add<Value: PointValue>(
        _ arrival: PointArrival<Value>, to number: StreamID, context: inout PointContext
    ) -> RejectionReason? {
        let family: FamilyID
        if let known = context.family {
            family = known
        } else {
            family = exposed[streams[number].series].family
            context.family = family
            describe(family, by: context)
        }
        if exposed.hasLiveRival(family, now: context.now) { return .typeConflict }
        if isFolded(arrival, of: streams[number].key) { return nil }
        sequence += 1
        switch Value.update(number, with: arrival, in: &self) {
        case .rejected(.writerLimit) where foldForRoom(now: context.now),
            .rejected(.stateMemory)
        where makeRoom(forBytes: StateWeight.writer + arrival.value.weight, now: context.now):
            // The stream itself may have been folded.
            return takeNew(arrival, context: &context)
        case .rejected(let reason): return reason
        case .ignored: return nil
        case .counted:
            changes.markTotal(number)
            streams.noteArrival(of: number, at: context.now)
            exposed.noteArrival(of: family, at: context.now)
            if exposedTimes.areKept {
                exposedTimes.move(
                    streams[number].series, to: arrival.shownTime, request: request, now: context.now)
            }
            if streams[number].isWithdrawn, !identities[metric: context.metric].isFiltered {
                restore(number)
                withdrawOtherUnits(arrival.attributes, context: context)
            }
            return nil
        }
    }
}

/// What a point can bring: how it changes its stream.
protocol PointValue: Sendable {
    /// What tells the value of a delta window from another; nil where there are no windows.
    func windowValue(_ hash: SeededHash) -> SampleValue?

    /// What it weighs in its stream, see `StateWeight`.
    var weight: Int { get }

    /// Lines that it shows on a page.
    var lines: Int { get }

    /// Hands a stream that exists its next point.
    static func update(
        _ number: StreamID, with arrival: PointArrival<Self>, in store: inout SeriesStore
    ) -> SeriesStore.Update

    /// The state of a stream with its first point.
    /// - Parameter identity: the stream's canonical hash.
    static func firstState(
        of arrival: PointArrival<Self>, identity: UInt64, in store: inout SeriesStore
    ) -> StreamState
}

extension PointValue {
    func windowValue(_ hash: SeededHash) -> SampleValue? { nil }
}

extension PointValue where Self: CountedValue {
    func windowValue(_ hash: SeededHash) -> SampleValue? { fingerprint(hash) }
}

extension SampleValue: PointValue {
    var lines: Int { 1 }

    static func update(
        _ number: StreamID, with arrival: PointArrival<SampleValue>, in store: inout SeriesStore
    ) -> SeriesStore.Update {
        store.update(number, with: arrival)
    }

    static func firstState(
        of arrival: PointArrival<SampleValue>, identity: UInt64, in store: inout SeriesStore
    ) -> StreamState {
        store.firstState(of: arrival, identity: identity)
    }
}

/// What all points of one metric in one request share.
///
/// Copied for every point, so it holds nothing that is counted by references.
struct PointContext {
    var metric: UInt32
    var rule: StreamRule
    /// As received with this request; it is no part of the metric's identity.
    var description: UnsafeRawBufferPointer
    var encoding: WireEncoding
    var now: UnixNanoseconds

    /// The family that all streams of the metric are shown in, once one of them was looked at: it spares every other
    /// point a look at its series.
    var family: FamilyID?

    /// The point being taken is what one event counted: it was looked up as such, and needs no window.
    var isEvent = false

    /// `now` in whole seconds; 32 bits last until 2106.
    var nowSeconds: UInt32 { UInt32(truncatingIfNeeded: now / 1_000_000_000) }

    /// The parent of the stream's aliases: the metric and how its attributes are written.
    var aliasParent: UInt32 { metric << 1 | UInt32(encoding.rawValue) }
}

/// What was changed of the points of one metric to accept them.
struct PointNotes {
    /// Points whose count was another one than their buckets add up to.
    var mendedCounts = 0
    /// What the labels of new series lack.
    var cuts = LabelCuts()

    var isEmpty: Bool { mendedCounts == 0 && cuts.isEmpty }
}

/// One point with the value that was checked.
struct PointArrival<Value> {
    var value: Value
    /// 0 when not given.
    var startTime: UnixNanoseconds
    /// 0 when not given.
    var time: UnixNanoseconds
    /// As received.
    var attributes: UnsafeRawBufferPointer
    var context: PointContext

    /// The point's time; a point without one is as new as its arrival.
    var effectiveTime: UnixNanoseconds { time == 0 ? context.now : time }
}
