internal import OTLP

/// What an event is known by, so that it counts once however often it is sent.
struct EventIdentity: Hashable {
    /// Of session.id, event.sequence, event.timestamp, the name and the ids that the event has; of everything the record
    /// says when it lacks one of the first three.
    var hash: UInt64
    var time: UnixNanoseconds
    /// It has all three: no other event can be known by the same.
    var isOwn: Bool

    /// nil when nothing tells the record from one that says the same: it has no time.
    init?(_ record: LogRecord, slots: [LogValue?], plan: RulePlan) {
        time = record.time != 0 ? record.time : record.observedTime
        var hash = ByteHash()
        var isOwn = true
        for slot in [plan.sessionID, plan.sequence, plan.timestamp, plan.eventName] {
            let isThere = slots[slot]?.withText { hash.combine($0) } != nil
            if !isThere, slot != plan.eventName { isOwn = false }
        }
        self.isOwn = isOwn
        // Processes that continue one session at once count their events from the same number on, and may do so within one
        // millisecond.
        for slot in plan.ownIDs {
            let isThere = slots[slot]?.withText { hash.combine($0) } != nil
            if !isThere { hash.combine(0) }
        }
        if !isOwn {
            guard time != 0 else { return nil }
            hash.combine(record.observedTime)
            hash.combine(record.body)
            hash.combine(record.attributes)
        }
        // 0 is no start time.
        self.hash = max(hash.value, 1)
    }
}

extension LogValue {
    /// Whether there is text in it for a label.
    var isText: Bool { withText { !$0.isEmpty } ?? false }

    /// Calls `body` with the value as a label has it; nil for arrays, maps and bytes.
    func withText<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
        switch self {
        case .string(let text): return text.withBytes(body)
        case .int(let number): return Array(String(number).utf8).withUnsafeBytes(body)
        case .double(let number):
            if let integer = Int64(exactly: number) { return Array(String(integer).utf8).withUnsafeBytes(body) }
            return Array(String(number).utf8).withUnsafeBytes(body)
        case .bool(let flag): return Array((flag ? "true" : "false").utf8).withUnsafeBytes(body)
        case .other: return nil
        }
    }
}
