internal import OTLP

/// What a point did to its cumulative writer.
enum WriterOutcome {
    /// The writer's contribution grew or stayed.
    case counted
    /// Equal to the newest point.
    case duplicate
    /// Older than the newest point: ignored.
    case late
    /// The writer started anew from a lower value.
    case reset
    /// A second fall within `fallWindow`: several processes write under one identity and start. From here on the writer
    /// contributes the growth of its highest value only.
    case becameShared

    /// Two falls within this many seconds mean several processes. Not a setting: it is part of what a total means.
    static let fallWindowSeconds: UInt32 = 15 * 60
}

/// One sequence of a cumulative stream: the points that carry one start time (design.md, "Monotonic sums, cumulative").
struct CumulativeWriter<Value: CountedValue>: Sendable {

    let startTime: UnixNanoseconds
    private(set) var time: UnixNanoseconds
    /// The newest value; of a shared writer the highest.
    private(set) var value: Value
    /// Arrival of the newest point that counted, seconds since 1970: a writer that was idle for long may be folded.
    private(set) var arrival: UInt32
    /// Empty for the common writer, which never fell and counts from zero; else one element. An array, so that the
    /// common writer is small.
    private var history: [History] = []

    fileprivate struct History {
        /// What was counted before resets.
        var carried = Value.Sum()
        /// How much of `value` is not ours to count.
        var baseline: Value?
        /// When the writer last fell, seconds since 1970; 0 = never.
        var lastFall: UInt32 = 0
        var isShared = false
    }

    var isShared: Bool { history.first?.isShared ?? false }

    /// A writer with its first point.
    /// - Parameters:
    ///   - arrival: of that point, seconds since 1970.
    ///   - baseline: how much of the value was counted before or never is; nil = nothing.
    init(startTime: UnixNanoseconds, time: UnixNanoseconds, value: Value, arrival: UInt32, baseline: Value? = nil) {
        self.startTime = startTime
        self.time = time
        self.value = value
        self.arrival = arrival
        if let baseline { history = [History(baseline: baseline)] }
    }

    /// What this writer adds to the total of its series.
    func add(to total: inout Value.Sum) {
        guard let past = history.first else { return total.add(value) }
        total.add(past.carried)
        if let baseline = past.baseline { total.add(value, beyond: baseline) } else { total.add(value) }
    }

    /// Contributes nothing but its growth from here on: the total starts anew.
    mutating func startAnew() {
        history = [History(baseline: value, isShared: isShared)]
    }

    /// Takes the writer's next point.
    /// - Parameter now: arrival in seconds since 1970.
    mutating func take(_ newValue: Value, time newTime: UnixNanoseconds, now: UInt32) -> WriterOutcome {
        if newTime < time { return .late }
        guard newValue.continues(value) else {
            guard newTime > time else { return .late }
            self = CumulativeWriter(startTime: startTime, time: newTime, value: newValue, arrival: now)
            return .counted
        }
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
        writer.flag(isShared)
    }

    init(from reader: inout StateReader) throws(StateFault) {
        carried = try Value.Sum(from: &reader)
        baseline = try reader.optional(Value.self)
        lastFall = try reader.number32()
        isShared = try reader.flag()
    }
}
