internal import OTLP

/// All writers of one cumulative stream, found by start time. Nearly always one, which is held without an allocation.
struct CumulativeWriters<Value: CountedValue>: Sendable {
    private var first: CumulativeWriter<Value>
    /// Empty or one element; an array, so that the common stream is small.
    private var more: [Further] = []

    private struct Further {
        var writers: [CumulativeWriter<Value>] = []
        /// Start time -> position in `writers`, kept once there are more than `scanLimit`.
        var positions: [UnixNanoseconds: Int] = [:]

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

    /// Hands the writer with this start time its next point; nil when there is no such writer yet.
    mutating func take(
        _ value: Value, startTime: UnixNanoseconds, time: UnixNanoseconds, now: UInt32
    ) -> WriterOutcome? {
        if first.startTime == startTime { return first.take(value, time: time, now: now) }
        guard let position = more.first?.position(of: startTime) else { return nil }
        return more[0].writers[position].take(value, time: time, now: now)
    }

    /// The time of the newest point of the writer with this start time; nil when there is no such writer.
    func newestTime(startTime: UnixNanoseconds) -> UnixNanoseconds? {
        if first.startTime == startTime { return first.time }
        guard let further = more.first, let position = further.position(of: startTime) else { return nil }
        return further.writers[position].time
    }

    func add(to total: inout Value.Sum) {
        first.add(to: &total)
        guard let further = more.first else { return }
        for writer in further.writers { writer.add(to: &total) }
    }

    func forEach(_ body: (CumulativeWriter<Value>) -> Void) {
        body(first)
        guard let further = more.first else { return }
        for writer in further.writers { body(writer) }
    }

    /// All contribute nothing but their growth from here on.
    mutating func startAnew() {
        first.startAnew()
        guard !more.isEmpty else { return }
        for position in more[0].writers.indices { more[0].writers[position].startAnew() }
    }
}

extension CumulativeWriters: StateCoded {
    func write(to writer: inout StateWriter) {
        writer.number(count)
        forEach { $0.write(to: &writer) }
    }

    init(from reader: inout StateReader) throws(StateFault) {
        let count = try reader.count(ofAtLeast: 4)
        guard count > 0 else { throw .outOfRange }
        self.init(try CumulativeWriter(from: &reader))
        for _ in 1..<count { append(try CumulativeWriter(from: &reader)) }
    }
}
