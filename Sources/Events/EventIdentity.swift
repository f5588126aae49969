internal import OTLP

/// The identity of an event, so that it counts once however often it is sent.
struct EventIdentity: Hashable {
    /// A hash of session.id, event.sequence, event.timestamp, the name and the ids of the event; of the whole record if
    /// one of the first three is missing.
    var hash: UInt64
    var time: UnixNanoseconds
    /// Whether it has all three: no other event has the same identity.
    var isOwn: Bool

    /// Nil if the record cannot be distinguished from an equal one: it has no time.
    init?(_ record: LogRecord, slots: [LogValue?], plan: RulePlan) {
        time = record.time != 0 ? record.time : record.observedTime
        var hash = ByteHash()
        var isOwn = true
        for slot in [plan.sessionID, plan.sequence, plan.timestamp, plan.eventName] {
            let isThere = slots[slot]?.withText { hash.combine($0) } != nil
            if !isThere, slot != plan.eventName { isOwn = false }
        }
        self.isOwn = isOwn
        // Processes that continue one session at the same time number their events from the same number on, possibly
        // within one millisecond.
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
        // 0 means no start time.
        self.hash = max(hash.value, 1)
    }
}

extension LogValue {
    /// Whether it has text for a label.
    var isText: Bool { withText { !$0.isEmpty } ?? false }

    /// Calls `body` with the value as text for a label; nil for arrays, maps and bytes.
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
