internal import OTLP

/// All writers of one cumulative stream, by start time. Nearly always one, which needs no allocation.
struct CumulativeWriters<Value: CountedValue>: Sendable {
    private var first: CumulativeWriter<Value>
    /// Empty or one element; an array, to keep the common stream small.
    private var more: [Further] = []

    private struct Further {
        var writers: [CumulativeWriter<Value>] = []
        /// Start time -> position in `writers`; used if there are more than `scanLimit`.
        var positions: [UnixNanoseconds: Int] = [:]
        /// The counts of folded writers and streams.
        var folded: Value.Sum?

        static var scanLimit: Int { 8 }

        func position(of startTime: UnixNanoseconds) -> Int? {
            writers.count > Further.scanLimit
                ? positions[startTime] : writers.firstIndex { $0.startTime == startTime }
        }

        mutating func append(_ writer: CumulativeWriter<Value>) {
            writers.append(writer)
            if writers.count == Further.scanLimit + 1 {
                for (position, other) in writers.enumerated() { positions[other.startTime] = position }
            } else if writers.count > Further.scanLimit {
                positions[writer.startTime] = writers.count - 1
            }
        }
    }

    init(_ writer: CumulativeWriter<Value>) { first = writer }

    var count: Int { 1 + (more.first?.writers.count ?? 0) }

    mutating func append(_ writer: CumulativeWriter<Value>) {
        if more.isEmpty { more = [Further()] }
        more[0].append(writer)
    }

    /// Applies the next point of the writer with this start time; nil if there is no such writer.
    mutating func take(
        _ value: Value, startTime: UnixNanoseconds, time: UnixNanoseconds, now: UInt32,
        mayGrow: Bool
    ) -> WriterOutcome? {
        if first.startTime == startTime { return first.take(value, time: time, now: now, mayGrow: mayGrow) }
        guard let position = more.first?.position(of: startTime) else { return nil }
        return more[0].writers[position].take(value, time: time, now: now, mayGrow: mayGrow)
    }

    /// The time of the newest point of the writer with this start time; nil if there is no such writer.
    func newestTime(startTime: UnixNanoseconds) -> UnixNanoseconds? {
        if first.startTime == startTime { return first.newestTime }
        guard let further = more.first, let position = further.position(of: startTime) else { return nil }
        return further.writers[position].newestTime
    }

    func add(to total: inout Value.Sum) {
        first.add(to: &total)
        guard let further = more.first else { return }
        if let folded = further.folded { total.add(folded) }
        for writer in further.writers { writer.add(to: &total) }
    }

    func forEach(_ body: (CumulativeWriter<Value>) -> Void) {
        body(first)
        guard let further = more.first else { return }
        for writer in further.writers { body(writer) }
    }
}

/// Folding of writers.
extension CumulativeWriters {
    /// Adds the counts of folded streams.
    mutating func fold(_ sum: Value.Sum) {
        if more.isEmpty { more = [Further()] }
        var total = more[0].folded ?? Value.Sum()
        total.add(sum)
        more[0].folded = total
    }

    /// The number of writers idle since before `cutoff`, seconds since 1970; one always stays.
    func idleCount(before cutoff: UInt32) -> Int {
        guard count > 1 else { return 0 }
        var idle = 0
        forEach { if $0.arrival < cutoff { idle += 1 } }
        return min(idle, count - 1)
    }

    /// Folds the writers idle since before `cutoff`; the newest stays.
    /// - Parameter body: called with each of them.
    mutating func foldIdle(before cutoff: UInt32, _ body: (CumulativeWriter<Value>) -> Void) {
        guard let further = more.first, !further.writers.isEmpty else { return }
        let all = [first] + further.writers
        let newest = all.indices.max { all[$0].arrival < all[$1].arrival } ?? 0
        let isKept = { (position: Int) in position == newest || all[position].arrival >= cutoff }
        let kept = all.indices.filter(isKept).map { all[$0] }
        guard kept.count < all.count else { return }
        var sum = Value.Sum()
        for position in all.indices where !isKept(position) {
            all[position].add(to: &sum)
            body(all[position])
        }
        first = kept[0]
        more = [Further(folded: further.folded)]
        for writer in kept.dropFirst() { append(writer) }
        fold(sum)
    }
}

extension CumulativeWriters: StateCoded {
    func write(to writer: inout StateWriter) {
        writer.number(count)
        forEach { $0.write(to: &writer) }
        writer.optional(more.first?.folded)
    }

    init(from reader: inout StateReader) throws(StateFault) {
        let count = try reader.count(ofAtLeast: 4)
        guard count > 0 else { throw .outOfRange }
        self.init(try CumulativeWriter(from: &reader))
        for _ in 1..<count { append(try CumulativeWriter(from: &reader)) }
        if let folded = try reader.optional(Value.Sum.self) { fold(folded) }
    }
}
