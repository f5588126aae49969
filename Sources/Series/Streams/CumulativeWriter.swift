internal import OTLP

/// One sequence of a cumulative stream: the points that carry one start time (design.md, "Monotonic sums, cumulative").
struct CumulativeWriter {
    /// What a point did to its writer.
    enum Outcome {
        /// The writer's contribution grew or stayed.
        case counted
        /// Equal to the newest point.
        case duplicate
        /// Older than the newest point: ignored.
        case late
        /// The writer started anew from a lower value.
        case reset
        /// A second fall within `fallWindow`: several processes write under one identity and start. From here on the
        /// writer contributes the growth of its highest value only.
        case becameShared
    }

    /// Two falls within this many seconds mean several processes. Not a setting: it is part of what a total means.
    static let fallWindowSeconds: UInt32 = 15 * 60

    let startTime: UnixNanoseconds
    private(set) var time: UnixNanoseconds
    /// The newest value; of a shared writer the highest.
    private(set) var value: SampleValue
    /// Empty for the common writer, which never fell and counts from zero; else one element. An array, so that the
    /// common writer is small.
    private var history: [History] = []

    private struct History {
        /// What `value` alone does not hold: values before resets, less what was not ours to count.
        var carried = Total()
        /// When the writer last fell, seconds since 1970; 0 = never.
        var lastFall: UInt32 = 0
        var isShared = false
    }

    var isShared: Bool { history.first?.isShared ?? false }

    /// A writer with its first point.
    /// - Parameter baseline: how much of the value was counted before or never is; nil = nothing.
    init(startTime: UnixNanoseconds, time: UnixNanoseconds, value: SampleValue, baseline: SampleValue? = nil) {
        self.startTime = startTime
        self.time = time
        self.value = value
        if let baseline {
            var carried = Total()
            carried.add(baseline.negated)
            history = [History(carried: carried)]
        }
    }

    /// What this writer adds to the total of its series.
    func add(to total: inout Total) {
        if let past = history.first { total.add(past.carried) }
        total.add(value)
    }

    /// Takes the writer's next point.
    /// - Parameter now: arrival in seconds since 1970.
    mutating func take(_ newValue: SampleValue, time newTime: UnixNanoseconds, now: UInt32) -> Outcome {
        if newTime < time { return .late }
        let fell = newValue.isLess(than: value)
        if newTime == time {
            guard value.isLess(than: newValue) else { return fell ? .late : .duplicate }
            value = newValue
            return .counted
        }
        time = newTime
        guard fell else {
            value = newValue
            return .counted
        }
        return fall(to: newValue, now: now)
    }

    private mutating func fall(to newValue: SampleValue, now: UInt32) -> Outcome {
        var past = history.first ?? History()
        if past.isShared { return .counted }
        defer { history = [past] }
        if past.lastFall != 0, now &- past.lastFall <= CumulativeWriter.fallWindowSeconds {
            past.isShared = true
            return .becameShared
        }
        past.lastFall = max(now, 1)
        past.carried.add(value)
        value = newValue
        return .reset
    }
}
