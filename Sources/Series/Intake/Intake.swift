internal import OTLP

/// Counts points: adds each to its stream, or rejects it with a reason.
struct Intake: Sendable {
    let describer: StreamDescriber
    private let targetlessScope: [UInt8]?
    /// Of the current request; its memory is reused.
    private var plan: IngestPlan
    /// Of the current metric.
    private var pointNotes = PointNotes()

    init(_ settings: SeriesSettings, describer: StreamDescriber) {
        self.describer = describer
        targetlessScope = settings.targetlessScope
        plan = IngestPlan(identityLimitBytes: settings.identityLimitBytes)
    }

    /// Counts an export, or a part of one.
    /// - Parameter mayBeEmpty: false: an export in which nothing can be decoded is malformed.
    /// - Throws: `malformed`, also if attributes, a resource or a scope that were not seen before cannot be decoded.
    ///   Nothing is counted then.
    mutating func count(
        _ batch: borrowing MetricsBatch, in held: inout BoundedLedger, mayBeEmpty: Bool
    ) throws(DecodingFailure) -> ExportOutcome {
        defer { held.ledger.identities.dropUnused() }
        try plan.resolve(batch, in: &held, by: describer)
        if !mayBeEmpty, batch.pointCount == 0, plan.losses[.point] == 0, !plan.losses.isEmpty {
            // Nothing else is in the export.
            throw .malformed(plan.losses.reason)
        }
        let outcome = apply(batch, to: &held)
        held.ledger.trimWindows()
        return outcome
    }

    /// Applies a batch that `resolve` has prepared. Cannot fail: points that cannot count are rejected one by one.
    private mutating func apply(
        _ batch: borrowing MetricsBatch, to held: inout BoundedLedger
    ) -> ExportOutcome {
        var outcome = ExportOutcome()
        outcome.losses = plan.losses
        reject(.malformed, count: plan.losses[.point], in: &outcome, &held)
        for index in batch.metrics.indices {
            let metric = batch.metrics[index]
            guard !metric.points.isEmpty else { continue }
            switch plan.metric(index) {
            case .rejected(let reason):
                reject(reason, count: metric.points.count, metric: metric, in: &outcome, &held)
            case .record(let number):
                let acceptedBefore = outcome.acceptedPoints
                apply(metric, record: number, of: batch, to: &held, outcome: &outcome)
                if outcome.acceptedPoints > acceptedBefore { noteTarget(of: metric, in: batch, &held) }
            }
        }
        held.ledger.counters.acceptedPoints += UInt64(outcome.acceptedPoints)
        held.ledger.counters.filteredPoints += UInt64(outcome.filteredPoints)
        return outcome
    }

    private mutating func apply(
        _ metric: RawMetric, record: MetricID, of batch: borrowing MetricsBatch, to held: inout BoundedLedger,
        outcome: inout ExportOutcome
    ) {
        let rule = held.ledger.identities[metric: record].rule
        if held.ledger.identities[metric: record].isFiltered {
            outcome.filteredPoints += metric.points.count
            guard held.ledger.isReplaying else { return }
            // A replay: the export may have counted before the filter was configured. Its points go to existing
            // streams, which are not shown, so that no total falls when the filter is removed.
            var unseen = ExportOutcome()
            count(metric, record: record, rule: rule, of: batch, in: &held, outcome: &unseen)
            return
        }
        count(metric, record: record, rule: rule, of: batch, in: &held, outcome: &outcome)
    }

    private mutating func count(
        _ metric: RawMetric, record: MetricID, rule: StreamRule, of batch: borrowing MetricsBatch,
        in held: inout BoundedLedger, outcome: inout ExportOutcome
    ) {
        if case .reject(let reason) = rule {
            reject(reason, count: metric.points.count, metric: metric, in: &outcome, &held)
            return
        }
        var context = PointContext(
            metric: record, rule: rule, description: metric.description, encoding: batch.encoding,
            now: held.ledger.lastArrival)
        defer { reportNotes(of: metric, in: &outcome, &held) }
        guard metric.kind == .gauge || metric.kind == .sum else {
            countDistributions(metric, of: batch, in: &held, context: &context, outcome: &outcome)
            return
        }
        for index in metric.points {
            let point = batch.points.numbers[index]
            if let reason = count(point, stream: plan.stream(ofPoint: index), in: &held, context: &context) {
                reject(reason, count: 1, metric: metric, in: &outcome, &held)
            } else {
                outcome.acceptedPoints += 1
                if !point.exemplars.isEmpty, rule.isMonotonic, !point.hasNoRecordedValue {
                    keepExemplars(point.exemplars, ofPointWith: point.attributes, in: batch, &held, context: context)
                }
            }
        }
    }

    /// Counts the changes made to the points of one metric.
    private mutating func reportNotes(
        of metric: RawMetric, in outcome: inout ExportOutcome, _ held: inout BoundedLedger
    ) {
        guard !pointNotes.isEmpty else { return }
        if pointNotes.mendedCounts > 0 {
            held.ledger.counters.mendedCounts += UInt64(pointNotes.mendedCounts)
            outcome.mendedCounts += pointNotes.mendedCounts
            if outcome.firstMendedMetric == nil { outcome.firstMendedMetric = ExportOutcome.shown(metric.name) }
        }
        held.ledger.counters.cutLabelValues += UInt64(pointNotes.cuts.values)
        held.ledger.counters.leftOutLabels += UInt64(pointNotes.cuts.labels)
        outcome.cuts.add(pointNotes.cuts)
        pointNotes = PointNotes()
    }

    /// Rejects points of a metric.
    func reject(
        _ reason: RejectionReason, count: Int, metric: RawMetric, in outcome: inout ExportOutcome,
        _ held: inout BoundedLedger
    ) {
        reject(reason, count: count, in: &outcome, &held)
        if outcome.firstRejectedMetric == nil {
            outcome.firstRejectedMetric = ExportOutcome.shown(metric.name)
        }
    }

    private func reject(
        _ reason: RejectionReason, count: Int, in outcome: inout ExportOutcome, _ held: inout BoundedLedger
    ) {
        guard count > 0 else { return }
        outcome.rejected[reason, default: 0] += count
        held.ledger.counters.rejectedPoints[reason, default: 0] += UInt64(count)
    }

    private func noteTarget(of metric: RawMetric, in batch: borrowing MetricsBatch, _ held: inout BoundedLedger) {
        let target = plan.target(of: metric, in: batch, held.ledger.identities, targetless: targetlessScope)
        if let target { held.ledger.identities.noteTarget(target, seen: held.ledger.lastArrival) }
    }
}

// MARK: - One point

extension Intake {
    /// The stream of a point, by its position among the points of all kinds; `none` if it was not known.
    func stream(ofPoint place: Int) -> StreamID { plan.stream(ofPoint: place) }

    /// Records that the count of a histogram point differs from the sum of its buckets.
    mutating func noteMended() { pointNotes.mendedCounts += 1 }

    /// Counts one point.
    /// - Returns: why it is rejected; nil if it counts.
    private mutating func count(
        _ point: NumberDataPoint, stream known: StreamID, in held: inout BoundedLedger, context: inout PointContext
    ) -> RejectionReason? {
        // Nearly always 0.
        if point.flags != 0 {
            if point.hasNoRecordedValue {
                withdraw(
                    known, attributes: point.attributes, startTime: point.startTime, time: point.time, in: &held,
                    context: context)
                return nil
            }
            if point.isEvent, context.rule == .countDeltas, !context.isEvent {
                return countEvent(point, stream: known, in: &held, context: &context)
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
        return count(arrival, stream: known, in: &held, context: &context)
    }

    /// Counts a point derived from an event, unless an earlier export brought the event.
    private mutating func countEvent(
        _ point: NumberDataPoint, stream known: StreamID, in held: inout BoundedLedger, context: inout PointContext
    ) -> RejectionReason? {
        if held.ledger.isRepeatedEvent(startTime: point.startTime, time: point.time) { return nil }
        var event = point
        event.startTime = point.time
        context.isEvent = true
        defer { context.isEvent = false }
        return count(event, stream: known, in: &held, context: &context)
    }

    /// Counts a checked point.
    mutating func count<Value: PointValue>(
        _ arrival: PointArrival<Value>, stream known: StreamID, in held: inout BoundedLedger,
        context: inout PointContext
    ) -> RejectionReason? {
        held.ledger.isCurrent(known)
            ? add(arrival, to: known, in: &held, context: &context) : countNew(arrival, in: &held, context: &context)
    }

    /// Counts a NoRecordedValue point, which never creates a stream.
    func withdraw(
        _ known: StreamID, attributes: UnsafeRawBufferPointer, startTime: UnixNanoseconds, time: UnixNanoseconds,
        in held: inout BoundedLedger, context: PointContext
    ) {
        if held.ledger.isCurrent(known) {
            held.ledger.withdraw(known, startTime: startTime, time: time)
        } else if case .known(let number) = describer.find(attributes, context: context, in: &held.ledger) {
            held.ledger.withdraw(number, startTime: startTime, time: time)
        }
    }

    /// Counts a point whose stream was not known when the request was resolved.
    private mutating func countNew<Value: PointValue>(
        _ arrival: PointArrival<Value>, in held: inout BoundedLedger, context: inout PointContext
    ) -> RejectionReason? {
        switch describer.find(arrival.attributes, context: context, in: &held.ledger) {
        case .known(let number): return add(arrival, to: number, in: &held, context: &context)
        case .rejected(let reason): return reason
        case .new(let description):
            if held.ledger.isFolded(arrival, of: description.key) { return nil }
            // A filtered metric gets here only in a replay; no stream is created for it.
            if held.ledger.identities[metric: context.metric].isFiltered { return nil }
            if let reason = held.create(description, first: arrival) { return reason }
            withdrawOtherUnits(arrival.attributes, in: &held.ledger, context: context)
            if !description.exposure.cuts.isEmpty { pointNotes.cuts.add(description.exposure.cuts) }
            return nil
        }
    }

    /// Adds a point to an existing stream.
    private mutating func add<Value: PointValue>(
        _ arrival: PointArrival<Value>, to number: StreamID, in held: inout BoundedLedger,
        context: inout PointContext
    ) -> RejectionReason? {
        let family: FamilyID
        if let known = context.family {
            family = known
        } else {
            family = held.ledger.exposed[held.ledger.streams[number].series].family
            context.family = family
            held.ledger.describe(family, by: context)
        }
        if held.ledger.exposed.hasLiveRival(family, now: context.now) { return .typeConflict }
        if held.ledger.isFolded(arrival, of: held.ledger.streams[number].key) { return nil }
        held.ledger.countPoint()
        switch Value.update(number, with: arrival, in: &held.ledger) {
        case .rejected(.writerLimit) where held.foldForRoom(now: context.now),
            .rejected(.stateMemory)
        where held.makeRoom(forBytes: StateWeight.writer + arrival.value.weight, now: context.now):
            // The stream itself may have been folded.
            return countNew(arrival, in: &held, context: &context)
        case .rejected(let reason): return reason
        case .ignored: return nil
        case .counted:
            held.ledger.noteCounted(arrival, of: number, in: family)
            if held.ledger.streams[number].isWithdrawn, !held.ledger.identities[metric: context.metric].isFiltered {
                held.ledger.unhide(number)
                withdrawOtherUnits(arrival.attributes, in: &held.ledger, context: context)
            }
            return nil
        }
    }

    /// A gauge whose unit changed: withdraws its streams with the old unit, which is part of their name. Counters are
    /// not withdrawn: a total never disappears. The state of withdrawn streams stays: if the unit changes back, they
    /// continue.
    ///
    /// Called for streams that are new or were withdrawn, not for every point.
    private func withdrawOtherUnits(
        _ raw: UnsafeRawBufferPointer, in ledger: inout Ledger, context: PointContext
    ) {
        guard context.rule == .newest || context.rule == .newestAdded else { return }
        let others = ledger.identities.metricsWithOtherUnit(than: context.metric)
        guard !others.isEmpty else { return }
        guard let attributes = describer.canonicalAttributes(raw, encoding: context.encoding) else { return }
        let canonical = CanonicalEncoding.bytes(of: attributes)
        for metric in others {
            guard let number = ledger.streams.find(ledger.key(canonical, of: metric)),
                !ledger.streams[number].isWithdrawn
            else { continue }
            ledger.hide(number, since: 0)
        }
    }
}
