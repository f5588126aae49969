internal import OTLP

/// The recent windows (start, time, value) of one delta stream, to recognise duplicates (docs/semantics.md, S3.2).
/// Oldest arrival first.
struct DeltaWindows {
    /// One window.
    struct Window {
        var startTime: UnixNanoseconds
        var time: UnixNanoseconds
        var value: SampleValue
        /// The request that brought it: equal points within one request all count.
        var request: UInt32
        /// When it arrived, in whole seconds of `WindowClock`.
        var arrival: UInt32
    }

    /// Memory of a window, for the limit over all streams.
    static let bytesPerWindow = MemoryLayout<Window>.stride

    private var windows: [Window] = []
    /// Windows before this position are forgotten; they are removed in bulk.
    private var first = 0

    var count: Int { windows.count - first }

    /// Whether an earlier request brought this window.
    func holds(startTime: UnixNanoseconds, time: UnixNanoseconds, value: SampleValue, before request: UInt32) -> Bool {
        for window in windows[first...]
        where window.time == time && window.startTime == startTime && window.value == value
            && window.request != request
        {
            return true
        }
        return false
    }

    mutating func append(_ window: Window) { windows.append(window) }

    /// Forgets windows that arrived before `cutoff`, and the oldest beyond `limit`.
    /// - Returns: the number forgotten because of the limit, and in total.
    mutating func forget(before cutoff: UInt32, limit: Int = .max) -> (overLimit: Int, all: Int) {
        let start = first
        while first < windows.count, windows[first].arrival < cutoff { first += 1 }
        let overLimit = max(0, count - limit)
        first += overLimit
        let all = first - start
        if first > 0, first == windows.count || first > 16 && first * 2 > windows.count {
            // Copied, to free the memory of forgotten windows.
            windows = Array(windows[first...])
            first = 0
        }
        return (overLimit, all)
    }

    func forEach(_ body: (Window) -> Void) {
        for window in windows[first...] { body(window) }
    }

    /// Calls `body` with the arrival of each window.
    func forEachArrival(_ body: (UInt32) -> Void) {
        for window in windows[first...] { body(window.arrival) }
    }
}

extension DeltaWindows: StateCoded {
    /// Each window as differences from the one before, which are small: exports have regular intervals.
    func write(to writer: inout StateWriter) {
        writer.number(count)
        var previous = Window(startTime: 0, time: 0, value: .int(0), request: 0, arrival: 0)
        for window in windows[first...] {
            writer.difference(window.time, from: previous.time)
            writer.difference(window.startTime, from: window.time)
            window.value.write(to: &writer)
            writer.difference(UInt64(window.request), from: UInt64(previous.request))
            writer.difference(UInt64(window.arrival), from: UInt64(previous.arrival))
            previous = window
        }
    }

    init(from reader: inout StateReader) throws(StateFault) {
        let count = try reader.count(ofAtLeast: 5)
        windows.reserveCapacity(count)
        var previous = Window(startTime: 0, time: 0, value: .int(0), request: 0, arrival: 0)
        for _ in 0..<count {
            let time = try reader.difference(from: previous.time)
            previous = Window(
                startTime: try reader.difference(from: time), time: time, value: try SampleValue(from: &reader),
                request: UInt32(truncatingIfNeeded: try reader.difference(from: UInt64(previous.request))),
                arrival: UInt32(truncatingIfNeeded: try reader.difference(from: UInt64(previous.arrival))))
            windows.append(previous)
        }
    }
}
