package import Series

/// OpenMetrics 1.0.0 of a snapshot, written piece by piece into the caller's memory (R-OM-01..22).
///
/// Like `TextExposition`; a snapshot without samples still has the final line.
package struct OpenMetricsExposition: Sendable {
    private var lines: LineExposition

    /// - Parameter escaping: of names that older readers do not accept.
    package init(
        _ snapshot: SeriesSnapshot, settings: ExpositionSettings = ExpositionSettings(),
        escaping: NameEscaping = .underscores
    ) {
        var families = snapshot.families
        var heads = Self.targetFirst(
            FamilyHead.openMetricsHeads(of: families, escaping: escaping), of: families)
        for position in heads.indices where heads[position].type == .stateset {
            let head = heads[position]
            let haveTimes = families[head.index].samples.sortStates(named: head.family, escaping: escaping)
            heads[position].hidesTimes = !haveTimes
        }
        lines = LineExposition(
            families, heads: heads, style: LineStyle(isOpenMetrics: true, escaping: escaping, settings: settings))
    }

    /// See `FormattedExposition.prepare`.
    mutating func prepare() { lines.prepare() }

    /// See `TextExposition.write`.
    package mutating func write(into output: UnsafeMutableRawBufferPointer) -> Int {
        lines.write(into: output)
    }

    /// R-TGT-05.
    private static func targetFirst(_ heads: [FamilyHead], of families: [FamilySnapshot]) -> [FamilyHead] {
        guard let position = heads.firstIndex(where: { families[$0.index].isTargetInfo }) else { return heads }
        var heads = heads
        heads.insert(heads.remove(at: position), at: 0)
        return heads
    }
}

extension [SeriesSample] {
    /// Groups the states of each point of a state set, which are those with the same other labels (R-OM-06).
    /// - Parameter name: of the label that names the state.
    /// - Returns: whether the states of each point have one time, as OpenMetrics requires.
    fileprivate mutating func sortStates(named name: [UInt8], escaping: NameEscaping) -> Bool {
        let points = map { sample in
            var labels: [UInt8] = []
            for label in RenderedLabels.all(in: sample.labels, escaping: escaping) where label.name != name {
                for text in [label.name, label.value] { TextEscaping.appendQuoted(text, to: &labels) }
            }
            return labels
        }
        let order = indices.sorted { left, right in
            points[left] == points[right] ? left < right : points[left].lexicographicallyPrecedes(points[right])
        }
        let haveTimes = zip(order, order.dropFirst()).allSatisfy { left, right in
            points[left] != points[right] || self[left].time == self[right].time
        }
        self = order.map { self[$0] }
        return haveTimes
    }
}
