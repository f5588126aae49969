internal import OTLP

/// The recently counted events, to recognise duplicates in all metrics (`PointFlags.isEvent`).
///
/// One memory for all streams: an event makes a point in many of them, and a stream would have to remember every event
/// of a whole team. Entries are in order of arrival; they are written in runs, of which only the last one changes.
struct EventMemory {
    /// The key of an event.
    struct Key: Hashable {
        var identity: UInt64
        var time: UnixNanoseconds
    }

    private struct Entry {
        var key: Key
        /// Seconds of `WindowClock`.
        var arrival: UInt32
    }

    /// Entries of a run on disk.
    private static let runLength = 512

    /// Entries from number `first` on, a multiple of the run length.
    private var entries: [Entry] = []
    private var first = 0
    /// The entries before this number are forgotten; they are removed run by run.
    private var forgotten = 0
    /// The request that brought each event.
    private var requests: [Key: UInt32] = [:]
    private var changes: ChangeList?

    /// Events remembered.
    var count: Int { requests.count }

    /// Remembers the event of a point.
    /// - Parameters:
    ///   - request: its number; all points of an event in one request count.
    ///   - now: arrival, seconds of `WindowClock`.
    ///   - limit: number of events beyond which the oldest are forgotten.
    /// - Returns: whether an earlier request brought the event.
    mutating func isRepeated(_ key: Key, request: UInt32, now: UInt32, limit: Int) -> Bool {
        if let known = requests[key] { return known != request }
        requests[key] = request
        entries.append(Entry(key: key, arrival: now))
        markRun(of: first + entries.count - 1)
        if requests.count > limit { forgetFirst() }
        return false
    }

    /// Forgets events that arrived before `cutoff`.
    mutating func forget(before cutoff: UInt32) {
        while forgotten < first + entries.count, entries[forgotten - first].arrival < cutoff { forgetFirst() }
    }

    private mutating func forgetFirst() {
        requests[entries[forgotten - first].key] = nil
        forgotten += 1
        guard forgotten - first >= Self.runLength else { return }
        markRun(of: first)
        first += Self.runLength
        entries.removeFirst(Self.runLength)
    }

    private mutating func markRun(of number: Int) {
        changes?.mark(UInt32(truncatingIfNeeded: number / Self.runLength))
    }
}

// MARK: - State

extension EventMemory {
    /// Tracks changes from now on, for checkpoints.
    mutating func trackChanges() { changes = ChangeList() }

    /// Makes the next checkpoint write a run again, or its removal.
    mutating func markChanged(run: UInt32) { changes?.mark(run) }

    /// Passes each run that changed since the last call; nil for a removed one.
    mutating func takeChanges(_ body: (_ run: UInt32, StateWriter?) -> Void) {
        for run in changes?.takeAll() ?? [] {
            let start = Int(run) * Self.runLength - first
            guard start >= 0, start < entries.count else {
                body(run, nil)
                continue
            }
            var writer = StateWriter()
            for entry in entries[start..<min(start + Self.runLength, entries.count)] {
                writer.fixed(entry.key.identity)
                writer.number(entry.key.time)
                writer.number(entry.arrival)
            }
            body(run, writer)
        }
    }

    /// Restores the events of a run; they count as newer than those restored before and get new numbers.
    /// - Parameter request: a completed one.
    mutating func restore(run: UInt32, request: UInt32, from reader: inout StateReader) throws(StateFault) {
        var restored: [Entry] = []
        while reader.remaining > 0 {
            let key = Key(identity: try reader.fixed(), time: try reader.number())
            restored.append(Entry(key: key, arrival: try reader.number32()))
        }
        changes?.mark(run)
        for entry in restored {
            _ = isRepeated(entry.key, request: request, now: entry.arrival, limit: .max)
        }
    }
}

// MARK: - Invariants

extension EventMemory {
    /// Every remembered event is in the order of arrival, once.
    /// - Parameter isTracked: whether there is a state directory.
    func check(isTracked: Bool, _ report: inout InvariantReport) {
        report.checkChanges(changes, "events", isTracked: isTracked)
        guard first % Self.runLength == 0, forgotten >= first, forgotten - first <= entries.count else {
            return report.require(false, "events: \(forgotten) are forgotten of \(entries.count) from \(first) on")
        }
        let remembered = entries.dropFirst(forgotten - first)
        report.compare("events", kept: count, held: remembered.count)
        for entry in remembered {
            report.require(requests[entry.key] != nil, "an event is in the order of arrival, and not remembered")
        }
    }

    static var keptCounts: [KeptCount<EventMemory>] {
        [KeptCount("number of the first", \.first), KeptCount("forgotten", \.forgotten)]
    }
}
