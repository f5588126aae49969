internal import OTLP

/// For tests and fuzzing; the program does not call it.
extension Ledger {
    /// Violations within the parts, and between them.
    func check(_ report: inout InvariantReport) {
        let isTracked = changes.isTracked
        identities.check(streams, isTracked: isTracked, &report)
        streams.check(&report)
        streams.checkLists(of: exposed, &report)
        streams.forEach { number, stream in checkWeight(of: number, stream, &report) }
        exposed.check(&report)
        exposedTimes.check(&report, rows: exposed.rowCount)
        exemplars.check(&report) { exposed.holds($0) }
        showing.check(exposed, isTracked: isTracked, &report)
        duplicates.check(streams, isTracked: isTracked, &report)
        tombstones.check(isTracked: isTracked, &report)
        changes.check(&report)
        boundsCache.check(&report)
        signs.forEach { number, _ in
            report.require(streams.holds(number), "signs of stream \(number), which is gone")
        }
    }

    private func checkWeight(of number: StreamID, _ stream: StreamRecord, _ report: inout InvariantReport) {
        let held = StateWeight.stream + stream.state.weight
        if let identity = changes.identity(of: number) {
            report.compare(
                "weight of stream \(number)", kept: Int(stream.weight), held: held + identity.attributes.count)
        } else {
            report.require(Int(stream.weight) >= held, "stream \(number): weighs \(stream.weight), holds \(held)")
        }
    }

    /// For tests: every redundant count.
    static var keptCounts: [(name: String, change: (inout Ledger) -> Void)] {
        typealias Change = (name: String, change: (inout Ledger) -> Void)
        return StreamTable.keptCounts.map { count -> Change in (count.name, { $0.streams[keyPath: count.path] += 1 }) }
            + ExposedSeries.keptCounts.map { count -> Change in (count.name, { $0.exposed[keyPath: count.path] += 1 }) }
            + Identities.keptCounts.map { count -> Change in (count.name, { $0.identities[keyPath: count.path] += 1 }) }
            + ExemplarStore.keptCounts.map { count -> Change in (count.name, { $0.exemplars[keyPath: count.path] += 1 })
            }
            + DuplicateMemory.keptCounts.map { count -> Change in
                (count.name, { $0.duplicates[keyPath: count.path] += 1 })
            }
    }
}
