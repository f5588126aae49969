internal import CMemory
internal import OTLP

/// The streams: found by canonical and raw forms, linked by series.
///
/// The caller updates the series (`SeriesRecord.firstStream`), metric and windows of a stream that it adds or removes.
struct StreamTable {
    private var rows: [StreamRecord] = []
    private var free: [StreamID] = []
    private var index = IndexTable()
    private var aliases = StreamAliases()
    private let aliasLimit: Int
    /// Raw forms remembered of streams beyond their first ones.
    private(set) var furtherAliasCount = 0
    /// 40 bytes each.
    private static let furtherAliasLimit = 160_000

    /// Streams created so far.
    private(set) var births: UInt32 = 0
    /// Of all streams; see `StateWeight`.
    private(set) var weight = 0
    /// Streams and further cumulative writers.
    private(set) var writerCount = 0

    /// - Parameter aliasLimit: raw forms remembered of one stream; beyond it the oldest is forgotten.
    init(aliasLimit: Int) { self.aliasLimit = aliasLimit }

    /// Streams held.
    var count: Int { rows.count - free.count }

    /// Rows of the table, including free ones.
    var rowCount: Int { rows.count }

    subscript(_ stream: StreamID) -> StreamRecord {
        @inline(__always) _read { yield rows[stream.row] }
    }

    /// The running state of a stream, for changes in place. Report changes of its size with `grow` and `noteWriters`.
    subscript(stateOf stream: StreamID) -> StreamState {
        @inline(__always) _read { yield rows[stream.row].state }
        @inline(__always) _modify { yield &rows[stream.row].state }
    }

    /// Whether a stream has this number.
    func holds(_ stream: StreamID) -> Bool { stream.row < rows.count && !rows[stream.row].isVacant }

    /// Every stream, by number.
    func forEach(_ body: (StreamID, StreamRecord) -> Void) {
        for (row, record) in rows.enumerated() where !record.isVacant { body(StreamID(row: row), record) }
    }

    /// The streams of one series, newest first.
    /// - Parameter first: see `SeriesRecord.firstStream`.
    @inline(__always)
    func forEach(from first: StreamID, _ body: (StreamID, StreamRecord) -> Void) {
        var number = first
        while number != StreamID.none {
            let stream = rows[number.row]
            body(number, stream)
            number = stream.next
        }
    }

    /// Arrival of the newest point of the streams of one series.
    func lastSeen(from first: StreamID) -> UnixNanoseconds {
        var newest: UnixNanoseconds = 0
        forEach(from: first) { _, stream in newest = max(newest, stream.lastSeen) }
        return newest
    }
}

// MARK: - Finding

extension StreamTable {
    /// The stream with this raw form.
    @inline(__always)
    func find(_ alias: Fingerprint) -> StreamID? { aliases.find(alias) }

    /// The stream with this canonical form.
    func find(_ key: StreamKey) -> StreamID? {
        index.find(key.hash) { rows[StreamID($0)].key == key }.map { StreamID($0) }
    }

    /// Prefetches the memory that `find` will read.
    @inline(__always)
    func prefetch(_ alias: Fingerprint) { aliases.prefetch(alias) }

    /// Prefetches a stream.
    @inline(__always)
    func prefetch(_ stream: StreamID) {
        rows.withUnsafeBytes { records in
            let stride = MemoryLayout<StreamRecord>.stride
            let record = UnsafeRawBufferPointer(rebasing: records[(stream.row * stride)...].prefix(stride))
            prefetch_bytes(record.baseAddress, record.count)
        }
    }

    /// Remembers another raw form of a stream if there is room.
    mutating func addAlias(_ fingerprint: Fingerprint, to stream: StreamID) {
        guard furtherAliasCount < StreamTable.furtherAliasLimit else { return }
        furtherAliasCount += 1
        rows[stream].furtherAliases.append(aliases.insert(fingerprint, stream: stream))
        guard rows[stream].furtherAliases.count >= aliasLimit else { return }
        furtherAliasCount -= 1
        aliases.remove(rows[stream].furtherAliases.removeFirst())
    }
}

// MARK: - Adding and removing

/// A stream to create.
struct StreamBirth {
    var metric: MetricID
    var series: SeriesID
    /// The first stream of the series so far.
    var next: StreamID
    var key: StreamKey
    /// Its raw form.
    var alias: Fingerprint
    /// Its weight without that of its state, see `StateWeight`.
    var weight: Int
    /// Arrival of its first point.
    var lastSeen: UnixNanoseconds
}

extension StreamTable {
    /// Creates a stream that `find` did not find.
    mutating func insert(_ birth: StreamBirth, state: StreamState) -> StreamID {
        births &+= 1
        let number = free.popLast() ?? StreamID(row: rows.count)
        var record = StreamRecord(
            metric: birth.metric, series: birth.series, next: birth.next,
            alias: aliases.insert(birth.alias, stream: number), birth: births, key: birth.key,
            lastSeen: birth.lastSeen, state: state)
        record.weight = UInt32(clamping: birth.weight + state.weight)
        weight += Int(record.weight)
        writerCount += 1
        if number.row == rows.count { rows.append(record) } else { rows[number] = record }
        index.insert(birth.key.hash, number.number)
        return number
    }

    /// Removes a stream that is no longer in the list of its series.
    /// - Returns: the removed record.
    mutating func remove(_ number: StreamID) -> StreamRecord {
        let record = rows[number]
        for alias in [record.alias] + record.furtherAliases { aliases.remove(alias) }
        index.remove(record.key.hash, number.number)
        furtherAliasCount -= record.furtherAliases.count
        weight -= Int(record.weight)
        writerCount -= record.state.writerCount
        rows[number] = .vacant
        free.append(number)
        return record
    }

    /// Restores a stream without state; it is withdrawn until it has one.
    /// - Parameter number: of a free row.
    mutating func restore(_ number: StreamID, _ birth: StreamBirth, order: UInt32) {
        while rows.count <= number.row { rows.append(.vacant) }
        rows[number] = StreamRecord(
            metric: birth.metric, series: birth.series, next: birth.next,
            alias: aliases.insert(birth.alias, stream: number), birth: order, key: birth.key,
            lastSeen: birth.lastSeen, state: .released, isWithdrawn: true)
        writerCount += 1
        grow(number, by: birth.weight)
        index.insert(birth.key.hash, number.number)
    }

    /// Continues the numbering of streams after a restart.
    mutating func resume(births: UInt32) { self.births = births }

    /// Collects the free rows after the last record is restored.
    /// - Returns: the streams without state.
    mutating func finishRestoring() -> [StreamID] {
        free = rows.indices.reversed().filter { rows[$0].isVacant }.map { StreamID(row: $0) }
        var incomplete: [StreamID] = []
        forEach { number, record in
            if case .released = record.state { incomplete.append(number) }
        }
        return incomplete
    }

    /// All streams, in order of creation.
    var byBirth: [StreamID] {
        rows.indices.filter { !rows[$0].isVacant }.sorted { rows[$0].birth < rows[$1].birth }
            .map { StreamID(row: $0) }
    }
}

// MARK: - Changing one stream

extension StreamTable {
    /// Sets the arrival of the last point that was not ignored.
    @inline(__always)
    mutating func noteArrival(of stream: StreamID, at now: UnixNanoseconds) { rows[stream.row].lastSeen = now }

    /// Whether a NoRecordedValue point came last.
    mutating func setWithdrawn(_ isWithdrawn: Bool, _ stream: StreamID) { rows[stream].isWithdrawn = isWithdrawn }

    /// Sets the next stream in the list of a series.
    mutating func setNext(of stream: StreamID, to next: StreamID) { rows[stream].next = next }

    /// Updates the weight of a stream; at most 4 GiB.
    mutating func grow(_ stream: StreamID, by bytes: Int) {
        let held = UInt32(clamping: Int(rows[stream].weight) + bytes)
        weight += Int(held) - Int(rows[stream].weight)
        rows[stream].weight = held
    }

    /// Updates the number of writers.
    mutating func noteWriters(_ difference: Int) { writerCount += difference }

    /// Forgets delta windows that arrived before `cutoff`, seconds of `WindowClock`.
    /// - Returns: the number of forgotten windows.
    mutating func forgetWindows(before cutoff: UInt32) -> Int {
        var forgotten = 0
        for row in rows.indices { forgotten += rows[row].state.forgetWindows(before: cutoff) ?? 0 }
        return forgotten
    }
}

// MARK: - Invariants

extension StreamTable {
    /// Every stream is found by its key and its raw forms; counts and weights are the sums over all streams.
    func check(_ report: inout InvariantReport) {
        var live: [StreamID] = []
        var aliases: [(alias: UInt32, stream: StreamID)] = []
        var (further, held, writers) = (0, 0, 0)
        for (row, stream) in rows.enumerated() where !stream.isVacant {
            let number = StreamID(row: row)
            live.append(number)
            further += stream.furtherAliases.count
            held += Int(stream.weight)
            writers += stream.state.writerCount
            for alias in [stream.alias] + stream.furtherAliases { aliases.append((alias, number)) }
            report.require(
                index.holds(stream.key.hash, number.number), "stream \(number): not in the index of streams")
            if case .released = stream.state { report.require(false, "stream \(number): its state is out") }
        }
        report.checkRows("stream", count: rows.count, used: live, free: free)
        index.check("stream", entries: live.count, &report)
        self.aliases.check(aliases, &report)
        report.compare("further aliases", kept: furtherAliasCount, held: further)
        report.compare("weight of streams", kept: weight, held: held)
        report.compare("writers", kept: writerCount, held: writers)
    }

    /// Each stream is in the list of its series, once.
    func checkLists(of series: ExposedSeries, _ report: inout InvariantReport) {
        var linked: Set<StreamID> = []
        series.forEach { owner, record in
            var number = record.firstStream
            var active = 0
            report.require(number != StreamID.none, "series \(owner): has no stream")
            while number != StreamID.none {
                guard number.row < rows.count, linked.insert(number).inserted else {
                    report.require(false, "series \(owner): its list comes to \(number), which stands elsewhere")
                    break
                }
                let stream = rows[number]
                report.require(stream.series == owner, "series \(owner): lists stream \(number) of another one")
                if !stream.isWithdrawn { active += 1 }
                number = stream.next
            }
            report.compare("active streams of series \(owner)", kept: Int(record.activeStreams), held: active)
        }
        forEach { number, stream in
            report.require(linked.contains(number), "stream \(number): in the list of no series")
            guard series.holds(stream.series) else {
                return report.require(false, "stream \(number): its series is gone")
            }
            report.require(
                Int(series[stream.series].lines) >= stream.state.lines,
                "stream \(number): has more lines than series \(stream.series)")
        }
        report.compare("streams in lists", kept: linked.count, held: count)
    }

    static var keptCounts: [KeptCount<StreamTable>] {
        let own: [KeptCount<StreamTable>] = [
            KeptCount("further aliases", \.furtherAliasCount), KeptCount("weight of streams", \.weight),
            KeptCount("weight of a stream", \.firstWeight), KeptCount("writers", \.writerCount),
        ]
        return own + KeptCount.of(\Self.index, IndexTable.keptCounts, in: "index of streams")
    }

    /// Of the first stream.
    private var firstWeight: Int {
        get { Int(rows[0].weight) }
        set { rows[0].weight = UInt32(newValue) }
    }

    /// For tests, which corrupt private state.
    static var inside:
        (
            rows: WritableKeyPath<Self, [StreamRecord]>, free: WritableKeyPath<Self, [StreamID]>,
            index: WritableKeyPath<Self, IndexTable>, aliases: WritableKeyPath<Self, StreamAliases>
        )
    { (\.rows, \.free, \.index, \.aliases) }
}
