internal import OTLP

/// The effect of a point on its cumulative writer.
enum WriterOutcome {
    /// The contribution of the writer grew or stayed.
    case counted
    /// Equal to the newest point.
    case duplicate
    /// Older than the newest point: ignored.
    case late
    /// A reset: the value is lower than before.
    case reset
    /// A second reset within `fallWindowSeconds`: several processes write under one identity and start. From now on
    /// only the growth of the highest value of the writer counts.
    case becameShared
    /// None yet: the point has new buckets; apply it again if there is room for them.
    case needsRoom
    /// Rejected: the point has new buckets, and there are too many kinds of them already.
    case crowded

    /// Two resets within this many seconds mean several processes. Not a setting, since totals depend on it.
    static let fallWindowSeconds: UInt32 = 15 * 60
}

/// A writer of a cumulative stream: its points with one start time (docs/semantics.md, S4).
///
/// Histogram points with different buckets under one start are from different processes, which add up: see `applyOther`.
struct CumulativeWriter<Value: CountedValue>: Sendable {

    let startTime: UnixNanoseconds
    private(set) var time: UnixNanoseconds
    /// The newest value; for a shared writer the highest.
    private(set) var value: Value
    /// Arrival of the newest point that counted, seconds since 1970: a writer that was idle for long may be folded.
    private(set) var arrival: UInt32
    /// Empty for the common writer, which was never reset and counts from zero; otherwise one element. An array, to
    /// keep the common writer small.
    private var history: [History] = []

    fileprivate struct History {
        /// The counts before resets.
        var carried = Value.Sum()
        /// The part of `value` that does not count.
        var baseline: Value?
        /// Time of the last reset, seconds since 1970; 0: never.
        var lastFall: UInt32 = 0
        var isShared = false
        /// Writers under the same start whose points have other buckets, at most `layoutLimit`; their own `others` is
        /// empty.
        var others: [CumulativeWriter] = []
    }

    /// Kinds of buckets under one start beyond the first. Not a setting: nobody needs more than a few.
    private static var layoutLimit: Int { 64 }

    var isShared: Bool { history.first?.isShared ?? false }

    /// A writer with its first point.
    /// - Parameters:
    ///   - arrival: of that point, seconds since 1970.
    ///   - baseline: the part of the value that does not count; nil: none.
    init(startTime: UnixNanoseconds, time: UnixNanoseconds, value: Value, arrival: UInt32, baseline: Value? = nil) {
        self.startTime = startTime
        self.time = time
        self.value = value
        self.arrival = arrival
        if let baseline { history = [History(baseline: baseline)] }
    }

    /// The contribution of this writer to the total of its series.
    func add(to total: inout Value.Sum) {
        guard let past = history.first else { return total.add(value) }
        total.add(past.carried)
        if let baseline = past.baseline { total.add(value, beyond: baseline) } else { total.add(value) }
        for other in past.others { other.add(to: &total) }
    }

    /// The newest point, whatever its buckets.
    var newest: (time: UnixNanoseconds, value: Value) {
        guard let others = history.first?.others else { return (time, value) }
        return others.reduce((time, value)) { $1.time > $0.0 ? ($1.time, $1.value) : $0 }
    }

    var newestTime: UnixNanoseconds { history.isEmpty ? time : newest.time }

    /// Its weight, see `StateWeight`.
    var weight: Int {
        guard let others = history.first?.others else { return value.weight }
        return others.reduce(value.weight) { $0 + $1.value.weight }
    }

    /// Number of its lines on a page.
    var lines: Int {
        guard let others = history.first?.others else { return value.lines }
        return others.reduce(value.lines) { max($0, $1.value.lines) }
    }

    /// Applies the next point of the writer.
    /// - Parameters:
    ///   - now: arrival in seconds since 1970.
    ///   - mayGrow: whether there is room for other buckets under its start.
    mutating func take(
        _ newValue: Value, time newTime: UnixNanoseconds, now: UInt32, mayGrow: Bool
    ) -> WriterOutcome {
        guard newValue.hasLayout(of: value) else {
            return applyOther(newValue, time: newTime, now: now, mayGrow: mayGrow)
        }
        if newTime < time { return .late }
        let fell = newValue.hasFallen(from: value)
        if newTime == time {
            guard newValue.hasGrown(from: value) else { return fell ? .late : .duplicate }
            value = newValue
            arrival = now
            return .counted
        }
        time = newTime
        arrival = now
        guard fell else {
            value = newValue
            return .counted
        }
        return fall(to: newValue, now: now)
    }

    /// Applies a point with other buckets than the newest one of this writer.
    ///
    /// A process nearly always keeps its buckets: other buckets under one start mean another process, as with several
    /// behind an unknown start. But if no count is lower than before, the first such point may come from the same
    /// process with new buckets, and counts as such until the old buckets return.
    private mutating func applyOther(
        _ newValue: Value, time newTime: UnixNanoseconds, now: UInt32, mayGrow: Bool
    ) -> WriterOutcome {
        var past = history.first ?? History()
        history = []
        defer { history = [past] }
        let other = CumulativeWriter(startTime: startTime, time: newTime, value: newValue, arrival: now)
        if let position = past.others.firstIndex(where: { newValue.hasLayout(of: $0.value) }) {
            arrival = now
            guard past.others[position].isFormer, newTime > past.others[position].time else {
                return past.others[position].take(newValue, time: newTime, now: now, mayGrow: false)
            }
            past.others[position] = other
            return .counted
        }
        guard past.others.count < CumulativeWriter.layoutLimit else { return .crowded }
        guard mayGrow else { return .needsRoom }
        arrival = now
        let hasFallen = newValue.hasFallen(from: value)
        if newTime > time, !hasFallen, past.others.allSatisfy(\.isFormer) {
            past.others.append(
                CumulativeWriter(startTime: startTime, time: time, value: value, arrival: arrival, baseline: value))
            (time, value) = (newTime, newValue)
            return .counted
        }
        past.others.append(other)
        return newTime > time && hasFallen ? .reset : .counted
    }

    /// One of `History.others` for buckets that its process no longer uses: it adds nothing, and detects their return.
    private var isFormer: Bool { history.first?.baseline != nil }

    private mutating func fall(to newValue: Value, now: UInt32) -> WriterOutcome {
        var past = history.first ?? History()
        if past.isShared {
            value.raise(to: newValue)
            return .counted
        }
        defer { history = [past] }
        if past.lastFall != 0, now &- past.lastFall <= WriterOutcome.fallWindowSeconds {
            past.isShared = true
            value.raise(to: newValue)
            return .becameShared
        }
        past.lastFall = max(now, 1)
        if let baseline = past.baseline {
            past.carried.add(value, beyond: baseline)
            past.baseline = nil
        } else {
            past.carried.add(value)
        }
        value = newValue
        return .reset
    }
}

extension CumulativeWriter: StateCoded {
    func write(to writer: inout StateWriter) {
        writer.number(startTime)
        writer.number(time)
        writer.number(arrival)
        value.write(to: &writer)
        writer.optional(history.first)
    }

    init(from reader: inout StateReader) throws(StateFault) {
        startTime = try reader.number()
        time = try reader.number()
        arrival = try reader.number32()
        value = try Value(from: &reader)
        if let past = try reader.optional(History.self) { history = [past] }
    }
}

extension CumulativeWriter.History: StateCoded {
    func write(to writer: inout StateWriter) {
        carried.write(to: &writer)
        writer.optional(baseline)
        writer.number(lastFall)
        writer.byte((isShared ? 1 : 0) | (others.isEmpty ? 0 : 2))
        if !others.isEmpty { writer.list(others) }
    }

    init(from reader: inout StateReader) throws(StateFault) {
        carried = try Value.Sum(from: &reader)
        baseline = try reader.optional(Value.self)
        lastFall = try reader.number32()
        // Bit 1 is set only since there are `others`.
        let flags = try reader.byte()
        guard flags <= 3 else { throw .unknownTag }
        isShared = flags & 1 != 0
        guard flags & 2 != 0 else { return }
        guard !reader.isWithinOthers else { throw .outOfRange }
        reader.isWithinOthers = true
        others = try reader.list(of: CumulativeWriter.self)
        reader.isWithinOthers = false
    }
}
