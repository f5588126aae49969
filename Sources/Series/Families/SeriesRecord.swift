internal import OTLP

/// One exposed series: its place in a family and the streams it is made of.
struct SeriesRecord {
    /// As in `Exposure.labels`.
    var labels: [UInt8]
    var family: FamilyID
    /// The streams, linked through `StreamRecord.next`; newest first.
    var firstStream: StreamID
    /// Streams that are not withdrawn.
    var activeStreams: Int32
    /// When the exposed total started; 0 when not known. Stable while the total grows (R-ST-04).
    var startTime: UnixNanoseconds
    /// Zero-until time: Prometheus sees 0 before it (docs/semantics.md, S13). Set when the series is created, may
    /// become earlier (`SeriesStore.shortenZeros`); 0 for none.
    var zeroUntil: UnixNanoseconds = 0

    /// Maximum number of its lines on a page.
    var lines: UInt32 = 0

    /// A free row.
    static let vacant = SeriesRecord(
        labels: [], family: .none, firstStream: .none, activeStreams: 0, startTime: 0)

    var isVacant: Bool { family == .none }
}
