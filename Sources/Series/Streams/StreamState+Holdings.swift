internal import OTLP

/// The weight and content of a state.
extension StreamState {
    /// Its weight without that of its record.
    var weight: Int {
        switch self {
        case .accumulating, .writers, .newest, .released: 0
        case .histogram(let box): box.value.weight
        case .exponential(let box): box.value.weight
        case .summary(let box): box.value.weight
        }
    }

    /// Number of its lines on a page.
    var lines: Int {
        switch self {
        case .accumulating, .writers, .newest, .released: 1
        case .histogram(let box): box.value.lines
        case .exponential(let box): box.value.lines
        case .summary(let box): box.value.lines
        }
    }

    /// Streams and further writers.
    var writerCount: Int {
        switch self {
        case .writers(let writers): writers.count
        case .histogram(let box): box.value.writerCount
        case .exponential(let box): box.value.writerCount
        case .accumulating, .newest, .summary, .released: 1
        }
    }

    /// Calls `body` with the start and the last value of each cumulative writer, as a tombstone keeps them.
    func forEachTombstone(_ body: (UnixNanoseconds, SampleValue) -> Void) {
        switch self {
        case .writers(let writers): writers.forEach { body($0.startTime, $0.value.tombstone) }
        case .histogram(let box): box.value.forEachTombstone(body)
        case .exponential(let box): box.value.forEachTombstone(body)
        case .accumulating, .newest, .summary, .released: break
        }
    }
}

// MARK: - Delta windows

extension StreamState {
    /// The windows of a delta stream of any kind.
    var windows: DeltaWindows? {
        switch self {
        case .accumulating(let accumulation): accumulation.windows
        case .histogram(let box): box.value.windows
        case .exponential(let box): box.value.windows
        case .writers, .newest, .summary, .released: nil
        }
    }

    /// Forgets windows that arrived before `cutoff`.
    /// - Returns: the number of forgotten windows; nil if it is not a delta stream.
    mutating func forgetWindows(before cutoff: UInt32) -> Int? {
        var taken = StreamState.released
        swap(&taken, &self)
        switch consume taken {
        case .accumulating(var accumulation):
            let forgotten = accumulation.windows.forget(before: cutoff)
            self = .accumulating(accumulation)
            return forgotten.all
        case .histogram(var box):
            let forgotten = box.value.forgetWindows(before: cutoff)
            self = .histogram(box)
            return forgotten
        case .exponential(var box):
            let forgotten = box.value.forgetWindows(before: cutoff)
            self = .exponential(box)
            return forgotten
        case let other:
            self = other
            return nil
        }
    }
}

extension DistributionStream {
    /// Complexity: O(writers).
    var weight: Int {
        guard case .writers(let writers) = counting else { return ownWeight ?? 0 }
        var weight = 0
        writers.forEach { weight += $0.weight }
        return weight
    }

    /// Nil for writers, which are weighed one by one.
    var ownWeight: Int? {
        switch counting {
        case .deltas(let accumulation): Value.weight(of: accumulation.total)
        case .latest(let writer): writer.weight
        case .writers, .released: nil
        }
    }

    /// Complexity: O(writers).
    fileprivate var lines: Int {
        switch counting {
        case .deltas(let accumulation): return Value.lines(of: accumulation.total)
        case .writers(let writers):
            var lines = 0
            writers.forEach { lines = max(lines, $0.lines) }
            return lines
        case .latest(let writer): return writer.value.lines
        case .released: return 0
        }
    }

    fileprivate var writerCount: Int {
        if case .writers(let writers) = counting { writers.count } else { 1 }
    }

    fileprivate func forEachTombstone(_ body: (UnixNanoseconds, SampleValue) -> Void) {
        if case .writers(let writers) = counting { writers.forEach { body($0.startTime, $0.value.tombstone) } }
    }
}
