package import OTLP
internal import Settings

/// What a scrape sees.
extension SeriesStore {
    /// All series exposed at `now`, in exposition order.
    ///
    /// Complexity: O(series); the label texts are shared, not copied.
    /// - Parameter reader: who it is for; the default sees every value.
    package mutating func snapshot(
        at now: UnixNanoseconds, for reader: SnapshotReader = .any
    ) -> SeriesSnapshot {
        noteTime(now)
        var snapshot = SeriesSnapshot()
        // They expire as gauges do.
        snapshot.targets = identities.shownTargets(
            at: now, expiry: settings.expiration.gauges, room: stateLimits.targetBytes)
        for number in exposed.inOrder() {
            let samples = samples(of: number, at: now, for: reader)
            guard !samples.isEmpty else { continue }
            exposed.noteShown(number)
            let family = exposed.family(number)
            snapshot.families.append(
                FamilySnapshot(descriptor: family.descriptor, help: family.help, samples: samples))
        }
        return snapshot
    }

    private func samples(
        of number: FamilyID, at now: UnixNanoseconds, for reader: SnapshotReader
    ) -> [SeriesSample] {
        let family = exposed.family(number)
        let expiry = settings.expiration.time(of: family.descriptor.type)
        var samples: [SeriesSample] = []
        samples.reserveCapacity(family.sorted.count)
        let withholdsOlder = reader == .prometheus && showing.isSettling
        for seriesNumber in family.sorted {
            let record = exposed[seriesNumber]
            guard record.activeStreams > 0 else { continue }
            if withholdsOlder, showing.isOlderThanState(record.firstStream, in: streams) { continue }
            let sum = streams.value(from: record.firstStream, at: now, expiry: expiry)
            if MetricExpiration.isOver(sum.lastSeen, at: now, expiry: expiry) { continue }
            var sample = SeriesSample(
                labels: record.labels, value: sum.value, startTime: record.startTime,
                time: exposedTimes.shown(seriesNumber, newest: sum.time))
            if let kept = exemplars[seriesNumber] {
                if case .histogram(let histogram) = sum.value {
                    sample.exemplars = kept.ascending(in: histogram.bounds)
                } else {
                    sample.exemplars = kept.ascending
                }
            }
            samples.append(showing.showsZero(record, to: reader) ? sample.beforeFirstIncrement : sample)
        }
        return samples
    }
}
