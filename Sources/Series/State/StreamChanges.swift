internal import OTLP

/// The changes of streams for the next checkpoint: streams added, removed or with new points, and the identity of new
/// ones.
struct StreamChanges: Sendable {
    /// False without a state directory: then changes are not tracked.
    private(set) var isTracked = false
    private var streams = ChangeList()
    private var totals = ChangeList()
    private var unwritten = UnwrittenIdentities()

    /// Tracks changes from now on, for checkpoints.
    mutating func track() { isTracked = true }

    /// The state of a stream changed, as by a point.
    @inline(__always)
    mutating func markTotal(_ stream: StreamID) {
        if isTracked { totals.mark(stream.number) }
    }

    /// A stream was added or removed.
    mutating func markStream(_ stream: StreamID) {
        guard isTracked else { return }
        streams.mark(stream.number)
        totals.mark(stream.number)
    }

    /// Makes the next checkpoint write a record again, or its removal.
    /// - Parameter kind: that of a stream or its total.
    mutating func markRecord(_ kind: StateKind, _ number: UInt32) {
        switch kind {
        case .stream: streams.mark(number)
        case .total: totals.mark(number)
        case .header, .resource, .scope, .metric, .tombstones, .events, .foldedWindows: break
        }
    }

    /// Keeps the identity of a new stream until it is on disk.
    /// - Parameter attributes: as received.
    mutating func noteBirth(of stream: StreamID, _ attributes: UnsafeRawBufferPointer, as encoding: WireEncoding) {
        if isTracked { unwritten.add(stream, attributes, as: encoding) }
    }

    /// Nil if the record of the stream is already written.
    func identity(of stream: StreamID) -> UnwrittenIdentities.Identity? { unwritten.identity(of: stream) }

    /// The streams added or removed since the last call, ascending.
    mutating func takeStreams() -> [StreamID] { streams.takeAll().map { StreamID($0) } }

    /// The streams whose totals changed since the last call, ascending.
    mutating func takeTotals() -> [StreamID] { totals.takeAll().map { StreamID($0) } }

    /// A checkpoint has the identities of the new streams.
    mutating func handOver() { unwritten.handOver() }

    /// The records passed to the last checkpoint are on disk.
    mutating func dropHandedOver() { unwritten.dropHandedOver() }
}

// MARK: - Invariants

extension StreamChanges {
    /// New streams are tracked, and only with a state directory.
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

    /// For tests, which corrupt private state.
    static var insideStreams: WritableKeyPath<Self, ChangeList> { \.streams }
}
