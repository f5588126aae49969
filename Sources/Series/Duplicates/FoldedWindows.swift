internal import OTLP

/// The windows of delta streams folded within the duplicate window: a 64-bit code of stream and window for each, which
/// recognises a duplicate after its stream is removed.
///
/// In the order of folding; kept, forgotten and written in runs, of which only the last one changes.
struct FoldedWindows {
    /// Windows of a run. 4096: 32 KiB on disk.
    private static let runLength = 4096
    /// Number of run numbers; times the length of runs, 2^31 window numbers.
    private static let runLimit: UInt32 = 1 << 19
    /// Memory of a window, bytes: eight in its run, and a slot in the index.
    static let bytesPerWindow = 20

    private struct Run {
        var codes: [UInt64] = []
        /// When the newest of them arrived, seconds of `WindowClock`.
        var newestArrival: UInt32 = 0
    }

    private var runs: [Run] = []
    /// The number of the first run.
    private var firstRun: UInt32 = 0
    /// Code -> window number: number of the run * length of runs + position in the run.
    private var index = IndexTable()
    /// Time of the newest window: newer points need no lookup. 0 without windows.
    private(set) var newestTime: UnixNanoseconds = 0
    /// Runs that changed since the last checkpoint; nil without a state directory.
    private var changes: ChangeList?

    var count: Int { index.count }

    func holds(_ code: UInt64) -> Bool { index.find(code) { self.code($0) == code } != nil }

    /// - Parameters:
    ///   - time: of the point.
    ///   - arrival: seconds of `WindowClock`.
    mutating func insert(_ code: UInt64, time: UnixNanoseconds, arrival: UInt32) {
        newestTime = max(newestTime, time)
        insert(code, arrival: arrival)
    }

    private mutating func insert(_ code: UInt64, arrival: UInt32) {
        guard !holds(code) else { return }
        if runs.last.map({ $0.codes.count >= Self.runLength }) ?? true {
            if end >= Self.runLimit { renumber() }
            runs.append(Run())
            runs[runs.count - 1].codes.reserveCapacity(runs.count > 1 ? Self.runLength : 0)
        }
        let last = runs.count - 1
        let number = end - 1
        index.insert(code, number * UInt32(Self.runLength) + UInt32(runs[last].codes.count))
        runs[last].codes.append(code)
        runs[last].newestArrival = max(runs[last].newestArrival, arrival)
        changes?.mark(number)
    }

    /// Renumbers the runs from 0. Their numbers last for 2^31 windows.
    private mutating func renumber() {
        let numbers = firstRun..<end
        for number in numbers { changes?.mark(number) }
        firstRun = 0
        index = IndexTable()
        for (run, content) in runs.enumerated() {
            changes?.mark(UInt32(run))
            for (place, code) in content.codes.enumerated() {
                index.insert(code, UInt32(run * Self.runLength + place))
            }
        }
    }

    /// The number of the next run.
    private var end: UInt32 { firstRun + UInt32(runs.count) }

    private func code(_ number: UInt32) -> UInt64 {
        let length = UInt32(Self.runLength)
        return runs[Int(number / length - firstRun)].codes[Int(number % length)]
    }

    /// Forgets the runs in which all windows arrived before `cutoff`.
    /// - Returns: the number of forgotten windows.
    mutating func forget(before cutoff: UInt32) -> Int {
        forget(runs.prefix { $0.newestArrival < cutoff }.count)
    }

    /// Forgets the oldest runs until no more than `limit` windows are left.
    /// - Returns: the number of forgotten windows.
    mutating func forget(beyond limit: Int) -> Int {
        var left = count
        var gone = 0
        while left > limit, gone < runs.count {
            left -= runs[gone].codes.count
            gone += 1
        }
        return forget(gone)
    }

    private mutating func forget(_ runCount: Int) -> Int {
        guard runCount > 0 else { return 0 }
        let before = count
        for (offset, run) in runs[..<runCount].enumerated() {
            let number = firstRun + UInt32(offset)
            for (place, code) in run.codes.enumerated() {
                index.remove(code, number * UInt32(Self.runLength) + UInt32(place))
            }
            changes?.mark(number)
        }
        runs.removeFirst(runCount)
        firstRun += UInt32(runCount)
        if runs.isEmpty {
            firstRun = 0
            index = IndexTable()
            newestTime = 0
        }
        return before - count
    }
}

// MARK: - State

extension FoldedWindows {
    /// Tracks changes from now on, for checkpoints.
    mutating func trackChanges() { changes = ChangeList() }

    /// Makes the next checkpoint write a run again, or its removal.
    mutating func markChanged(run: UInt32) { changes?.mark(run) }

    /// Passes each run that changed since the last call; nil for a removed one.
    mutating func takeChanges(_ body: (_ run: UInt32, StateWriter?) -> Void) {
        for number in changes?.takeAll() ?? [] {
            guard number >= firstRun, number < end else {
                body(number, nil)
                continue
            }
            let run = runs[Int(number - firstRun)]
            var writer = StateWriter()
            writer.number(newestTime)
            writer.number(run.newestArrival)
            for code in run.codes { writer.fixed(code) }
            body(number, writer)
        }
    }

    /// Restores the windows of a run; they count as newer than those restored before.
    mutating func restore(run number: UInt32, from reader: inout StateReader) throws(StateFault) {
        let newest = try reader.number()
        let arrival = try reader.number32()
        // Runs are found by number; those in between are gone.
        guard runs.isEmpty || number >= end else { throw .outOfRange }
        guard number < Self.runLimit else { throw .outOfRange }
        if runs.isEmpty { firstRun = number }
        while end < number { runs.append(Run()) }
        var codes: [UInt64] = []
        while reader.remaining > 0 { codes.append(try reader.fixed()) }
        guard codes.count <= Self.runLength else { throw .outOfRange }
        runs.append(Run(codes: [], newestArrival: arrival))
        for code in codes where !holds(code) {
            index.insert(code, number * UInt32(Self.runLength) + UInt32(runs[runs.count - 1].codes.count))
            runs[runs.count - 1].codes.append(code)
        }
        newestTime = max(newestTime, newest)
    }
}

// MARK: - Invariants

extension FoldedWindows {
    /// Every window is in the index.
    /// - Parameter isTracked: whether there is a state directory.
    func check(isTracked: Bool, _ report: inout InvariantReport) {
        report.checkChanges(changes, "folded windows", isTracked: isTracked)
        for (offset, run) in runs.enumerated() {
            for (place, code) in run.codes.enumerated() {
                let number = (firstRun + UInt32(offset)) * UInt32(Self.runLength) + UInt32(place)
                report.require(index.holds(code, number), "folded window \(number): not in the index")
            }
        }
        index.check("folded windows", entries: runs.reduce(0) { $0 + $1.codes.count }, &report)
        report.require(count == 0 || newestTime != 0, "folded windows: the newest has no time")
    }
}
