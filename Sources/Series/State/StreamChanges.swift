internal import OTLP

/// What the next checkpoint has to write of streams: those that came, went or got points, and what identifies new ones.
struct StreamChanges: Sendable {
    /// False without a state directory: then nothing is noted.
    private(set) var isTracked = false
    private var streams = ChangeList()
    private var totals = ChangeList()
    private var unwritten = UnwrittenIdentities()

    /// Notes changes from here on.
    mutating func track() { isTracked = true }

    /// A stream got a point, or another change of what it counts and shows.
    @inline(__always)
    mutating func markTotal(_ stream: StreamID) {
        if isTracked { totals.mark(stream.number) }
    }

    /// A stream came or went.
    mutating func markStream(_ stream: StreamID) {
        guard isTracked else { return }
        streams.mark(stream.number)
        totals.mark(stream.number)
    }

    /// Makes the next checkpoint write a record again, or tell that it is not there.
    /// - Parameter kind: that of a stream or its total.
    mutating func markRecord(_ kind: StateKind, _ number: UInt32) {
        switch kind {
        case .stream: streams.mark(number)
        case .total: totals.mark(number)
        case .header, .resource, .scope, .metric, .tombstones, .events, .foldedWindows: break
        }
    }

    /// Keeps what identifies a new stream until it is on disk.
    /// - Parameter attributes: as received.
    mutating func noteBirth(of stream: StreamID, _ attributes: UnsafeRawBufferPointer, as encoding: WireEncoding) {
        if isTracked { unwritten.add(stream, attributes, as: encoding) }
    }

    /// Nil when the record of the stream was written before.
    func identity(of stream: StreamID) -> UnwrittenIdentities.Identity? { unwritten.identity(of: stream) }

    /// The streams that came or went since the last call, ascending.
    mutating func takeStreams() -> [StreamID] { streams.takeAll().map { StreamID($0) } }

    /// The streams whose totals changed since the last call, ascending.
    mutating func takeTotals() -> [StreamID] { totals.takeAll().map { StreamID($0) } }

    /// A checkpoint has what identifies the new streams.
    mutating func handOver() { unwritten.handOver() }

    /// What was handed over is on disk.
    mutating func dropHandedOver() { unwritten.dropHandedOver() }
}

// MARK: - Invariants

extension StreamChanges {
    /// What came is noted, and noted only with a state directory.
    func check(_ report: inout InvariantReport) {
        streams.check("changed streams", &report)
        totals.check("changed totals", &report)
        let noted = Set(streams.numbers.lazy.map { StreamID($0) })
        for stream in unwritten.newestStreams {
            report.require(noted.contains(stream), "stream \(stream): not written, and not among the changes")
        }
        report.require(
            isTracked || noted.isEmpty && totals.numbers.isEmpty, "changes are noted that nobody asks for")
    }

    /// For tests, which damage what is private here.
    static var insideStreams: WritableKeyPath<Self, ChangeList> { \.streams }
}
