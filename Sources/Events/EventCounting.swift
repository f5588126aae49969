internal import Bytes
package import OTLP
package import Settings

/// Converts the events of a logs export into a metrics export.
///
/// Only names, numbers and the labels of the rules are taken from a record; texts of prompts and responses are not. One
/// owner at a time.
package struct EventCounting: ~Copyable {
    private let plan: RulePlan
    private let settings: EventSettings
    private var values: LabelValues

    // Values of the record being read.
    private var slots: [LogValue?]
    private var labels: [LabelState]
    private var labelBytes: [WireWriter]
    /// How often processors have hashed each; see `HashMarks`.
    private var hashes: [Int]
    private var isHashed = false
    /// The marks of hashed labels.
    private var markBytes: [WireWriter]
    /// `query_source` as received, if processors have changed it.
    private var formerQuerySource: [UInt8]?

    private enum LabelState {
        case unknown, made
    }

    /// Without known label values.
    package init(_ settings: EventSettings) {
        self.settings = settings
        plan = RulePlan(
            settings.rules, hasNativeHistograms: settings.metrics.histograms == .native,
            userAttributes: settings.userAttributes)
        values = LabelValues(
            labels: plan.labels.count, limit: settings.metrics.maxLabelValues,
            lengthLimit: settings.labelValueLengthLimit)
        slots = [LogValue?](repeating: nil, count: plan.attributes.count)
        labels = [LabelState](repeating: .unknown, count: plan.labels.count)
        labelBytes = [WireWriter](repeating: WireWriter(), count: plan.labels.count)
        hashes = [Int](repeating: 0, count: plan.attributes.count)
        markBytes = labelBytes
    }

    /// Counts the events of an export.
    /// - Throws: `malformed` if a resource or a scope cannot be decoded; `tooLarge` if the result would exceed the
    ///   limit. Then only the memory of label values has changed.
    package mutating func count(
        _ batch: borrowing LogsBatch, limits: DecodingLimits = DecodingLimits()
    ) throws(DecodingFailure) -> DerivedExport {
        try count(batch, receivedAs: batch, isChanged: false, limits: limits)
    }

    /// Counts the events of an export whose attributes processors have changed. The result contains nothing of the
    /// records as received, except the hashes that identify events and sessions.
    /// - Parameter received: the same records in the same order, as received.
    package mutating func count(
        _ batch: borrowing LogsBatch, receivedAs received: borrowing LogsBatch,
        limits: DecodingLimits = DecodingLimits()
    ) throws(DecodingFailure) -> DerivedExport {
        try count(batch, receivedAs: received, isChanged: true, limits: limits)
    }

    private mutating func count(
        _ batch: borrowing LogsBatch, receivedAs received: borrowing LogsBatch, isChanged: Bool,
        limits: DecodingLimits
    ) throws(DecodingFailure) -> DerivedExport {
        var derivation = begin(batch)
        while try count(.max, of: batch, receivedAs: received, isChanged: isChanged, limits: limits, into: &derivation)
        {}
        return derivation.finished
    }

    /// Begins to count a long export, a number of records at a time.
    package func begin(_ batch: borrowing LogsBatch) -> EventDerivation {
        EventDerivation(metrics: plan.metrics, losses: batch.losses)
    }

    /// Counts the next records of an export.
    /// - Parameters:
    ///   - limit: maximum number of records.
    ///   - received: the same records as received, if processors have changed them; else `batch` again.
    ///   - isChanged: whether processors have changed them.
    ///   - derivation: of this batch.
    /// - Returns: whether there are more.
    /// - Throws: as `count`.
    package mutating func count(
        _ limit: Int, of batch: borrowing LogsBatch, receivedAs received: borrowing LogsBatch, isChanged: Bool,
        limits: DecodingLimits, into derivation: inout EventDerivation
    ) throws(DecodingFailure) -> Bool {
        let reader = batch.attributeReader(limits: limits)
        var resource: (number: Int32, content: EventResource?)?
        var scope: (number: Int32, isEvents: Bool)?
        formerQuerySource = nil
        defer { slots.withUnsafeMutableBufferPointer { $0.update(repeating: nil) } }
        let next = derivation.next
        derivation.next += min(limit, batch.records.count - next)
        for index in next..<derivation.next {
            let record = batch.records[index]
            if scope?.number != record.scope {
                let raw = batch.scopes[Int(record.scope)]
                scope = (record.scope, try Self.isEvents(raw, reader, &derivation.export.losses))
            }
            guard scope?.isEvents == true || EventName.isPrefixed(record.eventName) || EventName.isPrefixed(record.body)
            else { continue }
            let number = batch.scopes[Int(record.scope)].resource
            if resource?.number != number {
                if let content = resource?.content { derivation.derived.finish(resource: content.message) }
                resource = (
                    number,
                    try EventResource(
                        batch.resources[Int(number)], reader, keepsAll: settings.keepsResource, isMarked: isChanged,
                        &derivation.export.losses)
                )
            }
            let former = isChanged ? try former(of: record, index, in: received) : nil
            try read(record, of: batch, isMarked: isChanged, &derivation.export.losses)
            guard let name = name(of: record), !name.isEmpty else { continue }
            guard let content = resource?.content else {
                derivation.export.rejectedRecords += 1
                continue
            }
            derivation.export.events += 1
            let known = former ?? identityAndSession(of: record)
            if let session = known.session, derivation.sessions.insert(session).inserted {
                derivation.export.sessions.append(DerivedExport.Session(id: session, owner: owner(of: content)))
            }
            let identity = known.identity
            if let identity, identity.isOwn, !derivation.seen.insert(identity).inserted {
                derivation.export.repeatedEvents += 1
                continue
            }
            add(name, identity, to: &derivation.derived, resource: content)
            guard derivation.derived.count <= settings.derivedBytesLimit else {
                throw .tooLarge("the metrics made of these events need more memory than the limit allows")
            }
        }
        if let content = resource?.content { derivation.derived.finish(resource: content.message) }
        return derivation.next < batch.records.count
    }

    private typealias Known = (identity: EventIdentity?, session: UInt64?)

    /// The identity of the record that was read.
    private func identityAndSession(of record: LogRecord) -> Known {
        (
            EventIdentity(record, slots: slots, plan: plan),
            slots[plan.sessionID]?.withText { ByteHash.of($0) }
        )
    }

    /// The identity of an event whose record processors have changed: that of the record as received. Nil if that
    /// cannot be found because a record that cannot be decoded was left out.
    private mutating func former(
        of changed: LogRecord, _ index: Int, in batch: borrowing LogsBatch
    ) throws(DecodingFailure) -> Known? {
        formerQuerySource = nil
        guard index < batch.records.count, batch.records[index].time == changed.time,
            batch.records[index].observedTime == changed.observedTime
        else { return nil }
        let record = batch.records[index]
        // Losses are reported for the changed record.
        var losses = DecodingLosses()
        try read(record, of: batch, isMarked: false, &losses)
        formerQuerySource = slots[plan.querySource]?.withText { [UInt8]($0) }
        var known = identityAndSession(of: record)
        if let identity = known.identity, let code = settings.identityCode {
            // 0 means no start time.
            known.identity?.hash = max(code(identity.hash), 1)
        }
        return known
    }

    private func owner(of resource: EventResource) -> SessionOwner {
        let users = users.map { user in
            SourcedText(
                key: user.key, text: Array(user.text.prefix(settings.labelValueLengthLimit)), hashes: user.hashes)
        }
        return SessionOwner(resource: resource.message, service: resource.service, users: users)
    }

    /// The user of the record that was read, as far as it is kept.
    private var users: [SourcedText] {
        var users: [SourcedText] = []
        for (slot, key) in plan.user where settings.keepsAllUserAttributes || users.isEmpty {
            let text = slots[slot]?.withText { [UInt8]($0) } ?? []
            if !text.isEmpty { users.append(SourcedText(key: key, text: text, hashes: hashes[slot])) }
        }
        return users
    }

    /// Whether a scope contains only Claude Code's events.
    private static func isEvents(
        _ scope: RawScope, _ reader: AttributeReader, _ losses: inout DecodingLosses
    ) throws(DecodingFailure) -> Bool {
        guard let scope = try reader.scopeIfText(scope.bytes, losses: &losses) else { return false }
        return scope.name.starts(with: EventName.scope)
    }

    /// - Parameter isMarked: the collector itself has set the `HashMarks` among the attributes.
    private mutating func read(
        _ record: LogRecord, of batch: borrowing LogsBatch, isMarked: Bool, _ losses: inout DecodingLosses
    ) throws(DecodingFailure) {
        if isHashed { for slot in hashes.indices { hashes[slot] = 0 } }
        isHashed = false
        for slot in slots.indices { slots[slot] = nil }
        for label in labels.indices { labels[label] = .unknown }
        try batch.forEachAttribute(of: record, losses: &losses) { attribute in
            if let slot = plan.attributes.find(attribute.key) { slots[slot] = attribute.value }
            guard isMarked, attribute.key.starts(with: HashMarks.prefix), case .int(let count) = attribute.value,
                let slot = plan.attributes.find(
                    UnsafeRawBufferPointer(rebasing: attribute.key.dropFirst(HashMarks.prefix.count)))
            else { return }
            hashes[slot] = Int(clamping: count)
            isHashed = true
        }
    }

    /// The event's name without the prefix: the attribute, else the field, else the body.
    private func name(of record: LogRecord) -> [UInt8]? {
        if case .string(let text)? = slots[plan.eventName], text.countBound > 0 {
            return text.withBytes { [UInt8](EventName.bare($0)) }
        }
        if !record.eventName.isEmpty { return [UInt8](EventName.bare(record.eventName)) }
        return EventName.isPrefixed(record.body) ? [UInt8](EventName.bare(record.body)) : nil
    }

    /// Adds the points that the rules make of the record that was read.
    private mutating func add(
        _ name: [UInt8], _ identity: EventIdentity?, to derived: inout DerivedMetrics, resource: EventResource
    ) {
        var due: [RulePlan.Rule] = []
        name.withUnsafeBytes { name in plan.forEachRule(of: name) { due.append($0) } }
        for rule in due where matches(rule) {
            guard let value = value(of: rule) else { continue }
            for label in rule.labels where labels[label] == .unknown { make(label, event: name, resource: resource) }
            derived.append(
                value, to: rule.metric, labels: rule.labels.lazy.map { [labelBytes] in labelBytes[$0] },
                marks: isHashed ? rule.labels.map { markBytes[$0] } : [],
                identity: identity?.hash, time: identity?.time ?? 0)
        }
    }

    private func matches(_ rule: RulePlan.Rule) -> Bool {
        rule.conditions.allSatisfy { condition in
            slots[condition.slot]?.withText { $0.elementsEqual(condition.text) } ?? false
        }
    }

    /// The value that the event adds; nil without a valid number for the rule.
    private func value(of rule: RulePlan.Rule) -> NumberValue? {
        guard !rule.values.isEmpty else { return .int(1) }
        for (slot, divisor) in rule.values {
            switch slots[slot]?.number ?? .missing {
            case .missing: continue
            case .int(let number):
                guard number >= 0 else { return nil }
                return divisor == 1 ? .int(number) : .double(Double(number) / divisor)
            case .double(let number):
                let value = number / divisor
                return value >= 0 && value.isFinite ? .double(value) : nil
            }
        }
        return nil
    }
}

// @unchecked: its references to a record point into the batch, and are cleared before `count` returns; it cannot be
// copied, so moving it to another thread is safe.
extension EventCounting: @unchecked Sendable {}

// MARK: - Labels

extension EventCounting {
    /// Makes a label of the record; empty if the event has no value for it.
    private mutating func make(_ number: Int, event: [UInt8], resource: EventResource) {
        labels[number] = .made
        labelBytes[number].removeAll()
        markBytes[number].removeAll()
        switch plan.labels[number].source {
        case .slot(let slot): slots[slot]?.withText { put($0, number, hashes: hashes[slot]) }
        case .constant(let text): text.withUnsafeBytes { write($0, number) }
        case .user: put(users, number)
        case .service: resource.service.withUnsafeBytes { put($0, number) }
        case .event: event.withUnsafeBytes { put($0, number, hashes: hashes[plan.eventName]) }
        case .querySource:
            slots[plan.querySource]?.withText { source in
                // A value set by a processor is not changed: it may be a hash.
                if let formerQuerySource, !source.elementsEqual(formerQuerySource) {
                    return put(source, number, hashes: hashes[plan.querySource])
                }
                QuerySource.kind(source).withUnsafeBytes { write($0, number) }
            }
        }
    }

    /// Adds a value taken from an event.
    private mutating func put(_ value: UnsafeRawBufferPointer, _ number: Int, hashes: Int = 0) {
        guard !value.isEmpty else { return }
        if values.admits(value, for: number) {
            write(value, number)
            if hashes > 0 { markBytes[number].mark(plan.labels[number].name, hashes) }
        } else {
            LabelValues.overflow.withUnsafeBytes { write($0, number) }
        }
    }

    /// Adds the user of an event. The first of the values is used for the limit on label values.
    private mutating func put(_ users: [SourcedText], _ number: Int) {
        guard let best = users.first else { return }
        let isShort = users.allSatisfy { $0.text.count <= settings.labelValueLengthLimit }
        if isShort, best.text.withUnsafeBytes({ values.admits($0, for: number) }) {
            labelBytes[number].label(plan.labels[number].name, users)
        } else {
            LabelValues.overflow.withUnsafeBytes { write($0, number) }
        }
    }

    private mutating func write(_ value: UnsafeRawBufferPointer, _ number: Int) {
        labelBytes[number].label(plan.labels[number].name, value)
    }
}
