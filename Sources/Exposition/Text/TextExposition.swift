package import Series

/// The text format 0.0.4 of a snapshot, written piece by piece into the caller's memory.
///
/// Families and samples are in the order of the snapshot; families without samples are left out. The unwritten rest
/// stays in the snapshot; besides that and the names of the families, one line is held at a time. A value for one
/// reader; it may move between threads but not be shared.
package struct TextExposition: Sendable {
    private var lines: LineExposition

    /// - Parameter escaping: of names that older readers do not accept.
    package init(
        _ snapshot: SeriesSnapshot, settings: ExpositionSettings = ExpositionSettings(),
        escaping: NameEscaping = .underscores
    ) {
        lines = LineExposition(
            snapshot.families, heads: FamilyHead.heads(of: snapshot.families, escaping: escaping),
            style: LineStyle(isOpenMetrics: false, escaping: escaping, settings: settings))
    }

    /// See `FormattedExposition.prepare`.
    mutating func prepare() { lines.prepare() }

    /// Writes the next piece of the exposition to the start of `output`: whole lines, except of a line that is longer
    /// than `output`.
    ///
    /// Cost: one copy of the bytes written.
    /// - Parameter output: not empty. 64 KiB is a good size; the text is the same with any.
    /// - Returns: the bytes written, at most `output.count`; 0 when the exposition is complete.
    package mutating func write(into output: UnsafeMutableRawBufferPointer) -> Int {
        lines.write(into: output)
    }
}
