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
        checkIdentities(&report)
        checkStreams(&report)
        checkSeries(&report)
        checkCounts(&report)
        checkChanges(&report)
        tombstones.check(&report)
        foldedWindows.check(&report)
        events.check(&report)
        boundsCache.check(&report)
        exemplars.check(&report) { exposed.holds($0) }
        return report.violations
    }

    private func checkIdentities(_ report: inout InvariantReport) {
        var (ofResources, ofScopes, ofMetrics): ([UInt32: Int], [UInt32: Int], [UInt32: Int]) = ([:], [:], [:])
        var metricCount = 0
        scopes.forEach { _, scope in ofResources[scope.resource, default: 0] += 1 }
        metrics.forEach { number, metric in
            ofScopes[metric.scope, default: 0] += 1
            metricCount += 1
            report.require(unitIndex.holds(metric.unitHash, number), "metric \(number): not in the index of units")
        }
        for stream in streams where !stream.isVacant { ofMetrics[stream.metric, default: 0] += 1 }
        resources.check("resource", references: ofResources, &report)
        scopes.check("scope", references: ofScopes, &report)
        metrics.check("metric", references: ofMetrics, &report)
        unitIndex.check("unit", entries: metricCount, &report)
        targets.check(&report) { resources.canonical(of: $0) != nil }
        report.require(
            plan.unusedResources.isEmpty && plan.unusedScopes.isEmpty && plan.unusedMetrics.isEmpty,
            "identities wait to be dropped")
    }

    private func checkCounts(_ report: inout InvariantReport) {
        let live = streams.filter { !$0.isVacant }
        report.compare(
            "weight of streams", kept: streamWeight, held: live.reduce(0) { $0 + Int($1.weight) })
        report.compare("writers", kept: writerCount, held: live.reduce(0) { $0 + $1.state.writerCount })
        report.compare("windows", kept: windowCount, held: live.reduce(0) { $0 + ($1.state.windows?.count ?? 0) })
        report.compare(
            "further aliases", kept: furtherAliasCount, held: live.reduce(0) { $0 + $1.furtherAliases.count })
        signs.forEach { number, _ in
            report.require(
                number.row < streams.count && !streams[number].isVacant, "signs of stream \(number), which is gone")
        }
        for (earlier, later) in zip(evictionQueue, evictionQueue.dropFirst()) {
            report.require(earlier.lastSeen >= later.lastSeen, "the queue of evictions is not in order")
        }
    }

    /// What is noted for the next checkpoint.
    private func checkChanges(_ report: inout InvariantReport) {
        changes.streams.check("changed streams", &report)
        changes.totals.check("changed totals", &report)
        let lists = [
            resources.changes, scopes.changes, metrics.changes, tombstones.changes, events.changes,
            foldedWindows.changes,
        ]
        for list in lists {
            list?.check("changed records", &report)
            report.require((list != nil) == changes.isTracked, "changes of some kinds only are noted")
        }
        let noted = Set(changes.streams.numbers.lazy.map { StreamID($0) })
        for stream in unwritten.newestStreams {
            report.require(noted.contains(stream), "stream \(stream): not written, and not among the changes")
        }
        report.require(
            changes.isTracked || noted.isEmpty && changes.totals.numbers.isEmpty && shortenings.isEmpty,
            "changes are noted that nobody asks for")
        report.require(restoredFamily == nil, "a family is left over from restoring")
    }
}
