internal import OTLP

/// Decides what Prometheus sees of a series instead of its value: 0 while it is new (docs/semantics.md, S13), nothing
/// while its total may be incomplete (S13.7).
///
/// This depends on a time set when the series is created and on the time of the scrape, never on earlier scrapes
/// (R-OM-18). The zero-until times are in the series (`SeriesRecord.zeroUntil`).
struct FirstShowing {
    private let firstSampleZero: Bool
    private let settlingTime: UInt64
    /// Creation time of this state; see `SeriesSettings.createdAt`.
    private(set) var createdAt: UnixNanoseconds
    /// Arrival of the previous export; 0 before the first one.
    private var lastArrival: UnixNanoseconds = 0
    /// See `noteJump`.
    private var jump: Int64 = 0
    /// The scrape interval and the newest time.
    var increment = FirstIncrement()
    /// The latest zero-until time, once pending changes have taken effect; 0 for none.
    private(set) var latestZeroUntil: UnixNanoseconds = 0
    /// Zero-until times that wait for the disk.
    private var shortenings = Shortenings()

    init(_ settings: SeriesSettings) {
        firstSampleZero = settings.firstSampleZero
        settlingTime = settings.settlingTime
        createdAt = settings.createdAt
    }

    /// Continues with the state of the previous process.
    mutating func restore(createdAt: UnixNanoseconds, newestTime: UnixNanoseconds) {
        self.createdAt = createdAt
        increment.newestTime = newestTime
    }

    /// Advances the time to that of a scrape, just read from the clock. If the clock was set back, all series show
    /// their values from now on: otherwise a series that has shown its value could show 0 again, or stay 0 for as long
    /// as the clock lags.
    /// - Returns: false if the clock was set back: all streams must be written again.
    mutating func noteTime(_ now: UnixNanoseconds, of exposed: inout ExposedSeries) -> Bool {
        advance(now, after: increment.newestTime, of: &exposed)
    }

    /// Advances the time to the arrival of an export, with the same effects. It may have waited for the disk while
    /// scrapes advanced the time, so it is compared only with the previous export to detect that the clock was set
    /// back.
    mutating func noteArrival(_ now: UnixNanoseconds, of exposed: inout ExposedSeries) -> Bool {
        let isInOrder = advance(now, after: lastArrival, of: &exposed)
        lastArrival = now
        return isInOrder
    }

    /// By how much the wall clock was set so far, seconds; negative: back.
    mutating func noteJump(_ total: Int64) {
        if total < jump { lastArrival = max(lastArrival, increment.newestTime) }
        jump = total
    }

    private mutating func advance(
        _ now: UnixNanoseconds, after previous: UnixNanoseconds, of exposed: inout ExposedSeries
    ) -> Bool {
        if increment.take(now, after: previous) { return true }
        for number in exposed.numbers { exposed.setZeroUntil(of: number, to: 0) }
        latestZeroUntil = 0
        lastArrival = now
        return false
    }
}

// MARK: - New series

extension FirstShowing {
    /// The zero-until time of a series created by this point; 0 if it shows its value at once.
    ///
    /// A cumulative series shows its value at once if part of it may have been counted before this state was created,
    /// here or by another collector: its first increment is not known. So does one that returns.
    /// - Parameter returns: whether the writer has a tombstone.
    func zeroUntil<Value>(of arrival: PointArrival<Value>, returns: @autoclosure () -> Bool) -> UnixNanoseconds {
        guard firstSampleZero else { return 0 }
        switch arrival.context.rule.counting {
        case .deltas: break
        case .sumWriters, .latestWriter:
            // A start equal to the time means that the true start is not known (R-CUM-05).
            guard arrival.startTime != 0, arrival.startTime != arrival.time, arrival.startTime >= createdAt, !returns()
            else { return 0 }
        case nil: return 0
        }
        let (time, overflow) = increment.newestTime.addingReportingOverflow(increment.zeroDuration)
        return overflow ? 0 : time
    }

    /// Whether the reader sees 0 instead of the value now.
    func showsZero(_ record: SeriesRecord, to reader: SnapshotReader) -> Bool {
        reader == .prometheus && firstSampleZero && record.zeroUntil > increment.newestTime
    }

    /// Adds a new or restored series.
    mutating func noteZero(until zeroUntil: UnixNanoseconds) { latestZeroUntil = max(latestZeroUntil, zeroUntil) }

    /// Series created before a scrape interval is known get the longest zero-until time. Once the interval is known
    /// their zeros end together, after every Prometheus server has scraped once more
    /// (docs/decisions/0006-zero-ends-early.md); see `SeriesStore.shortenZeros`.
    /// - Parameters:
    ///   - afterCheckpoint: the new times take effect once they are on disk.
    ///   - mark: called with the series that must be written for that.
    /// - Returns: whether any were shortened.
    mutating func shorten(
        scrapeInterval: UInt64, at now: UnixNanoseconds, in exposed: inout ExposedSeries, afterCheckpoint: Bool,
        mark: (SeriesRecord) -> Void
    ) -> Bool {
        let duration = FirstIncrement.zeroDuration(scrapeInterval: scrapeInterval)
        let (until, isBeyond) = max(now, increment.newestTime).addingReportingOverflow(duration)
        let (limit, isFar) = until.addingReportingOverflow(duration / 5)
        guard !isBeyond, !isFar, latestZeroUntil > limit else { return false }
        latestZeroUntil = 0
        var isShortened = false
        for number in exposed.numbers where exposed[number].zeroUntil != 0 {
            if writtenZeroUntil(of: number, in: exposed) > limit {
                if afterCheckpoint {
                    shortenings.add(number, from: exposed[number].zeroUntil, to: until)
                    mark(exposed[number])
                } else {
                    exposed.setZeroUntil(of: number, to: until)
                }
                isShortened = true
            }
            noteZero(until: writtenZeroUntil(of: number, in: exposed))
        }
        return isShortened
    }

    /// The zero-until time for the record of a series.
    func writtenZeroUntil(of series: SeriesID, in exposed: borrowing ExposedSeries) -> UnixNanoseconds {
        let zeroUntil = exposed[series].zeroUntil
        return shortenings.isEmpty ? zeroUntil : shortenings.until(of: series, from: zeroUntil) ?? zeroUntil
    }

    /// A checkpoint contains the pending changes.
    mutating func handOver() { shortenings.handOver() }

    /// The checkpoint could not be written.
    mutating func takeBack() { shortenings.takeBack() }

    /// The checkpoint is on disk: its changes take effect.
    mutating func dropHandedOver(in exposed: inout ExposedSeries) {
        for shortening in shortenings.takeHandedOver() {
            // If the clock was set back meanwhile, all of them have ended.
            guard exposed.holds(shortening.series), exposed[shortening.series].zeroUntil == shortening.from
            else { continue }
            exposed.setZeroUntil(of: shortening.series, to: shortening.until)
        }
    }
}

// MARK: - Totals older than this state

/// A cumulative series that was counted before this state was created, by another collector or with a lost state,
/// returns writer by writer. Prometheus still has its last total: a part of it would look like a reset, and every later
/// writer like growth. So Prometheus sees such a series only after every writer had time to export; then it sees the
/// whole total, and the increase since its last sample is the true growth.
///
/// This depends only on the writers and the time, never on scrapes (R-OM-18), and lasts at most
/// `SeriesSettings.settlingTime` in the life of a state.
extension FirstShowing {
    /// Whether totals from before this state may still be incomplete. If the clock was set back to before the creation,
    /// this is not known, and everything is shown.
    var isSettling: Bool {
        let (age, isBefore) = increment.newestTime.subtractingReportingOverflow(createdAt)
        return !isBefore && age < settlingTime
    }

    /// Whether a writer of a series started before this state was created.
    /// - Parameter first: see `SeriesRecord.firstStream`.
    func isOlderThanState(_ first: StreamID, in streams: borrowing StreamTable) -> Bool {
        var isOlder = false
        streams.forEach(from: first) { _, stream in
            switch stream.state {
            case .writers(let writers): isOlder = isOlder || holdsOlder(writers)
            case .histogram(let box):
                if case .writers(let writers) = box.value.counting { isOlder = isOlder || holdsOlder(writers) }
            case .exponential(let box):
                if case .writers(let writers) = box.value.counting { isOlder = isOlder || holdsOlder(writers) }
            case .accumulating, .newest, .summary, .released: break
            }
        }
        return isOlder
    }

    /// A writer without a start time may be new. A writer whose points are all older than the state has ended: there is
    /// nothing to wait for.
    private func holdsOlder<Value>(_ writers: CumulativeWriters<Value>) -> Bool {
        var isOlder = false
        writers.forEach {
            isOlder = isOlder || ($0.startTime != 0 && $0.startTime < createdAt && $0.time >= createdAt)
        }
        return isOlder
    }
}

// MARK: - Invariants

extension FirstShowing {
    /// - Parameter isTracked: whether there is a state directory.
    func check(_ exposed: ExposedSeries, isTracked: Bool, _ report: inout InvariantReport) {
        exposed.forEach { number, _ in
            report.require(
                writtenZeroUntil(of: number, in: exposed) <= latestZeroUntil,
                "series \(number): 0 for longer than the latest")
        }
        report.require(isTracked || shortenings.isEmpty, "zero-until times wait for a disk that there is not")
    }
}
