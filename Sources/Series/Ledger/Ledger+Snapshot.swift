internal import OTLP
internal import Settings

/// Snapshots of the ledger for readers.
extension Ledger {
    /// All series exposed at `now`, in exposition order.
    ///
    /// Complexity: O(series); the label texts are shared, not copied.
    /// - Parameter reader: the reader of the page; the default sees every value.
    mutating func snapshot(
        at now: UnixNanoseconds, for reader: SnapshotReader = .any
    ) -> SeriesSnapshot {
        noteTime(now)
        var snapshot = SeriesSnapshot()
        // Targets expire as gauges do.
        snapshot.targets = identities.shownTargets(
            at: now, expiry: settings.expiration.gauges, room: limits.targetBytes)
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

    /// See `SeriesStore.forEachSeries`.
    func forEachSeries(at now: UnixNanoseconds, _ body: (FamilyDescriptor, [UInt8], SeriesValue) -> Void) {
        exposed.forEach { number, record in
            let value = streams.value(from: record.firstStream, at: now, expiry: nil).value
            body(exposed.descriptor(of: number), record.labels, value)
        }
    }

    /// The streams of `SeriesSettings.signsOfLife` that got a point after `time`. Forgets those that have been idle for
    /// too long.
    ///
    /// Complexity: O(streams remembered).
    mutating func signsOfLife(after time: UnixNanoseconds) -> [SignOfLife] {
        let retention = signs.retention
        var result: [SignOfLife] = []
        var idle: [StreamID] = []
        signs.forEach { number, attributes in
            let record = streams[number]
            if record.lastSeen &+ retention < lastArrival {
                idle.append(number)
            } else if record.lastSeen > time {
                let resource = identities.resource(ofMetric: record.metric)
                result.append(SignOfLife(resource: resource, attributes: attributes, lastSeen: record.lastSeen))
            }
        }
        for number in idle { signs.forget(number) }
        return result
    }

    /// Current number of series, streams and so on.
    var counts: SeriesCounts {
        SeriesCounts(
            series: exposed.count, streams: streams.count,
            writers: streams.writerCount, tombstones: tombstones.count,
            families: exposed.familyCount,
            windowMemory: duplicates.memory, stateMemory: stateMemory, pageBytes: pageBytes,
            hiddenTargets: identities.hiddenTargetCount, snapshotBytes: snapshotBytes)
    }
}
