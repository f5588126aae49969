package import Series

/// OpenMetrics 1.0.0 of a snapshot, written piece by piece into memory of the caller (R-OM-01..22).
///
/// As `TextExposition`; a snapshot without samples gives the line that ends every exposition.
package struct OpenMetricsExposition: Sendable {
    private var lines: LineExposition

    /// - Parameter escaping: what becomes of names that older readers do not take.
    package init(
        _ snapshot: SeriesSnapshot, settings: ExpositionSettings = ExpositionSettings(),
        escaping: NameEscaping = .underscores
    ) {
        lines = LineExposition(
            Self.withTargetFirst(snapshot), style: LineStyle(isOpenMetrics: true, escaping: escaping, settings: settings))
    }

    /// See `TextExposition.write`.
    package mutating func write(into output: UnsafeMutableRawBufferPointer) -> Int {
        lines.write(into: output)
    }

    /// R-TGT-05.
    private static func withTargetFirst(_ snapshot: SeriesSnapshot) -> SeriesSnapshot {
        guard let position = snapshot.families.firstIndex(where: \.isTargetInfo), position > 0 else { return snapshot }
        var result = snapshot
        result.families.insert(result.families.remove(at: position), at: 0)
        return result
    }
}
