internal import OTLP

/// For tests and fuzzing; the program does not call it.
extension SeriesStore {
    /// Counts everything anew, and follows every link between records.
    ///
    /// Holds between two calls, but not from the first record that is restored to `finishRestoring`.
    /// Complexity: O(everything held).
    /// - Returns: a sentence for each count, link or index entry that is wrong; empty when all are right.
    package func checkInvariants() -> [String] {
        var report = InvariantReport()
        identities.check(streams, isTracked: changes.isTracked, &report)
        checkStreams(&report)
        exposed.check(&report)
        exposedTimes.check(&report, rows: exposed.rowCount)
        showing.check(exposed, isTracked: changes.isTracked, &report)
        checkCounts(&report)
        checkChanges(&report)
        tombstones.check(&report)
        duplicates.check(streams, isTracked: changes.isTracked, &report)
        boundsCache.check(&report)
        exemplars.check(&report) { exposed.holds($0) }
        return report.violations
    }

    private func checkCounts(_ report: inout InvariantReport) {
        signs.forEach { number, _ in
            report.require(
                streams.holds(number), "signs of stream \(number), which is gone")
        }
        for (earlier, later) in zip(evictionQueue, evictionQueue.dropFirst()) {
            report.require(earlier.lastSeen >= later.lastSeen, "the queue of evictions is not in order")
        }
    }

    /// What is noted for the next checkpoint.
    private func checkChanges(_ report: inout InvariantReport) {
        changes.streams.check("changed streams", &report)
        changes.totals.check("changed totals", &report)
        report.checkChanges(tombstones.changes, "tombstones", isTracked: changes.isTracked)
        let noted = Set(changes.streams.numbers.lazy.map { StreamID($0) })
        for stream in unwritten.newestStreams {
            report.require(noted.contains(stream), "stream \(stream): not written, and not among the changes")
        }
        report.require(
            changes.isTracked || noted.isEmpty && changes.totals.numbers.isEmpty,
            "changes are noted that nobody asks for")
        report.require(restoredFamily == nil, "a family is left over from restoring")
    }
}
