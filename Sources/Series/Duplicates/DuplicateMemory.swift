internal import OTLP
internal import Settings

/// Recognises duplicates (docs/semantics.md, S3.2): the number of windows of delta streams, the windows of folded
/// streams, the recent events, and the clock by which they age.
///
/// The windows of a stream are in its state.
struct DuplicateMemory {
    /// How long a window or an event is remembered after its arrival, seconds.
    private let retention: UInt32
    private let windowsPerStreamLimit: Int
    private let eventLimit: Int
    /// Limit of the memory of all windows, bytes.
    private let memoryLimit: Int
    private var hash: SeededHash

    private(set) var clock = WindowClock()
    private var events = EventMemory()
    private var folded = FoldedWindows()
    /// Of all delta streams.
    private(set) var windowCount = 0
    /// Whether the windows exceeded their memory during this request.
    private(set) var needsTrimming = false

    init(_ settings: SeriesSettings, hash: SeededHash) {
        retention = UInt32(clamping: settings.windowRetention / 1_000_000_000)
        windowsPerStreamLimit = settings.windowsPerStreamLimit
        eventLimit = settings.eventLimit
        memoryLimit = settings.retention.maxWindowsMemory
        self.hash = hash
    }

    /// Replaces the hash function; only while nothing is remembered.
    mutating func restart(with hash: SeededHash) { self.hash = hash }

    /// Advances the clock to an arrival.
    mutating func advance(to now: UnixNanoseconds) { clock.advance(to: now) }

    /// See `SeriesStore.noteClockJump`.
    mutating func noteJump(_ total: Int64) { clock.noteJump(total) }

    /// Continues from the state of the previous process.
    /// - Returns: the seconds of the wall clock that this clock skipped.
    mutating func resume(at now: UnixNanoseconds) -> Int64 { clock.resume(at: now) }

    /// Continues the clock of the previous process.
    mutating func restore(_ clock: WindowClock) { self.clock = clock }

    /// Memory of all windows, without events, bytes.
    var memory: Int { windowCount * DeltaWindows.bytesPerWindow + folded.count * FoldedWindows.bytesPerWindow }

    private var isFull: Bool { memory > memoryLimit }

    /// Events remembered.
    var eventCount: Int { events.count }

    /// Windows that arrived before this second are too old.
    private var cutoff: UInt32 { clock.now > retention ? clock.now - retention : 0 }
}

// MARK: - Points

extension DuplicateMemory {
    /// Remembers a window of a delta stream.
    /// - Parameters:
    ///   - request: the one that brought it.
    ///   - windows: those of the stream.
    /// - Returns: the number of windows forgotten early.
    mutating func remember(
        startTime: UnixNanoseconds, time: UnixNanoseconds, value: SampleValue, request: UInt32,
        in windows: inout DeltaWindows
    ) -> Int {
        windows.append(
            DeltaWindows.Window(
                startTime: startTime, time: time, value: value, request: request, arrival: clock.now))
        let forgotten = windows.forget(before: cutoff, limit: windowsPerStreamLimit)
        windowCount += 1 - forgotten.all
        needsTrimming = needsTrimming || isFull
        return forgotten.overLimit
    }

    /// Whether an earlier request brought the event of a point; see `PointFlags.isEvent`.
    mutating func isRepeated(_ event: EventMemory.Key, request: UInt32) -> Bool {
        events.isRepeated(event, request: request, now: clock.now, limit: eventLimit)
    }

    /// Whether an earlier request brought this point to a stream that was folded since.
    @inline(__always)
    func isFolded<Value: PointValue>(_ arrival: PointArrival<Value>, of key: StreamKey) -> Bool {
        // Most points are newer than all of them.
        arrival.time <= folded.newestTime && arrival.time != 0 && holdsFolded(arrival, of: key)
    }

    private func holdsFolded<Value: PointValue>(_ arrival: PointArrival<Value>, of key: StreamKey) -> Bool {
        guard let value = arrival.value.windowValue(hash) else { return false }
        return folded.holds(code(of: key, startTime: arrival.startTime, time: arrival.time, value: value))
    }

    /// The 64-bit code of a window of a stream: among twenty million windows the chance that a new point is taken for a
    /// duplicate is 1e-12.
    private func code(
        of key: StreamKey, startTime: UnixNanoseconds, time: UnixNanoseconds, value: SampleValue
    ) -> UInt64 {
        let bits: (UInt64, UInt64) =
            switch value {
            case .int(let number): (0, UInt64(bitPattern: number))
            case .double(let number): (1, number.bitPattern)
            }
        return withUnsafeBytes(of: (startTime, time, bits.0, bits.1)) { hash($0, parent: key.hash) }
    }
}

// MARK: - Adding and removing streams

extension DuplicateMemory {
    /// Counts the windows of a restored stream.
    mutating func noteRestored(_ state: StreamState) { windowCount += state.windows?.count ?? 0 }

    /// Counts the windows of a removed stream.
    mutating func noteGone(_ state: StreamState) { windowCount -= state.windows?.count ?? 0 }

    /// Keeps the windows of a folded stream.
    mutating func keepWindows(of stream: StreamRecord) {
        guard let windows = stream.state.windows else { return }
        let cutoff = cutoff
        windows.forEach { window in
            guard window.arrival >= cutoff else { return }
            let code = code(of: stream.key, startTime: window.startTime, time: window.time, value: window.value)
            folded.insert(code, time: window.time, arrival: window.arrival)
        }
        needsTrimming = needsTrimming || isFull
    }

    /// Forgets what is too old, and the oldest windows beyond the memory limit.
    ///
    /// Complexity: O(streams + windows).
    /// - Returns: the number of windows forgotten early.
    mutating func forgetOld(in streams: inout StreamTable) -> Int {
        windowCount -= streams.forgetWindows(before: cutoff)
        _ = folded.forget(before: cutoff)
        events.forget(before: cutoff)
        return isFull ? trim(&streams) : 0
    }

    /// Forgets the oldest windows until a tenth of the limit is free, those of folded streams first.
    /// - Returns: the number of forgotten windows.
    mutating func trim(_ streams: inout StreamTable) -> Int {
        needsTrimming = false
        var forgotten = 0
        let goal = memoryLimit / 10 * 9
        let excessBytes = memory - goal
        if excessBytes > 0, folded.count > 0 {
            let excess = excessBytes / FoldedWindows.bytesPerWindow + 1
            forgotten += folded.forget(beyond: max(0, folded.count - excess))
        }
        guard memory > goal else { return forgotten }
        var arrivals: [UInt32: Int] = [:]
        streams.forEach { _, stream in
            stream.state.windows?.forEachArrival { arrivals[$0, default: 0] += 1 }
        }
        let foldedBytes = folded.count * FoldedWindows.bytesPerWindow
        let allowed = max(0, goal - foldedBytes) / DeltaWindows.bytesPerWindow
        var excess = windowCount - allowed
        var cutoff: UInt32 = 0
        for (second, count) in arrivals.sorted(by: { $0.key < $1.key }) where excess > 0 {
            excess -= count
            cutoff = second &+ 1
        }
        let gone = streams.forgetWindows(before: cutoff)
        windowCount -= gone
        return forgotten + gone
    }
}

// MARK: - State

extension DuplicateMemory {
    /// Tracks changes from now on, for checkpoints.
    mutating func trackChanges() {
        events.trackChanges()
        folded.trackChanges()
    }

    /// Makes the next checkpoint write a run of events again.
    mutating func markEvents(run: UInt32) { events.markChanged(run: run) }

    /// Makes the next checkpoint write a run of windows of folded streams again.
    mutating func markFoldedWindows(run: UInt32) { folded.markChanged(run: run) }

    /// Passes each run that changed since the last call.
    mutating func takeChanges(into sink: inout some StateSink) {
        folded.takeChanges { sink.put(.foldedWindows, run: $0, $1) }
        events.takeChanges { sink.put(.events, run: $0, $1) }
    }

    /// Restores the events of a run.
    /// - Parameter request: a completed one.
    mutating func restoreEvents(
        run: UInt32, request: UInt32, from reader: inout StateReader
    ) throws(StateFault) {
        try events.restore(run: run, request: request, from: &reader)
    }

    /// Restores the windows of a run.
    mutating func restoreFoldedWindows(run: UInt32, from reader: inout StateReader) throws(StateFault) {
        try folded.restore(run: run, from: &reader)
    }
}

// MARK: - Invariants

extension DuplicateMemory {
    /// The number of windows is that of all streams; the parts hold their invariants.
    /// - Parameter isTracked: whether there is a state directory.
    func check(_ streams: StreamTable, isTracked: Bool, _ report: inout InvariantReport) {
        var windows = 0
        streams.forEach { _, stream in windows += stream.state.windows?.count ?? 0 }
        report.compare("windows", kept: windowCount, held: windows)
        folded.check(isTracked: isTracked, &report)
        events.check(isTracked: isTracked, &report)
    }

    static var keptCounts: [KeptCount<DuplicateMemory>] {
        [KeptCount("windows", \.windowCount)]
            + KeptCount.of(\Self.events, EventMemory.keptCounts, in: "events")
    }
}
