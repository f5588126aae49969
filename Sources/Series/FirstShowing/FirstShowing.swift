internal import OTLP

/// What Prometheus is shown of a series instead of its value: 0 while it is newborn (docs/semantics.md, S13), nothing
/// while its total may be incomplete (S13.7).
///
/// What is shown depends on a time bounded at birth and on the time of the scrape, never on what one scrape saw before
/// (R-OM-18). The zero-until times themselves stand in the series (`SeriesRecord.zeroUntil`).
struct FirstShowing {
    private let firstSampleZero: Bool
    private let settlingTime: UInt64
    /// When this state was created; see `SeriesSettings.createdAt`.
    private(set) var createdAt: UnixNanoseconds
    /// Of the export before; 0 before the first one.
    private var lastArrival: UnixNanoseconds = 0
    /// See `noteJump`.
    private var jump: Int64 = 0
    /// What is known about scrapes and times.
    var increment = FirstIncrement()
    /// No series is held at 0 for longer, once all that is decided has taken effect; 0 for none.
    private(set) var latestZeroUntil: UnixNanoseconds = 0
    /// Zero-until times that wait for the disk.
    private var shortenings = Shortenings()

    init(_ settings: SeriesSettings) {
        firstSampleZero = settings.firstSampleZero
        settlingTime = settings.settlingTime
        createdAt = settings.createdAt
    }

    /// Goes on with the state of the process before.
    mutating func restore(createdAt: UnixNanoseconds, newestTime: UnixNanoseconds) {
        self.createdAt = createdAt
        increment.newestTime = newestTime
    }

    /// Takes the time of a scrape, which was read from the clock just now. When the clock was set back, all series show
    /// their values from here on: otherwise one that has shown its value could show 0 again, or one could stay 0 for as
    /// long as the clock lags.
    /// - Returns: false when the clock was set back: all streams have to be written again.
    mutating func noteTime(_ now: UnixNanoseconds, of exposed: inout ExposedSeries) -> Bool {
        note(now, after: increment.newestTime, of: &exposed)
    }

    /// Takes the arrival of an export, with the same consequences. It may have waited for the disk while scrapes took
    /// newer times, so only the export before it shows whether the clock was set back.
    mutating func noteArrival(_ now: UnixNanoseconds, of exposed: inout ExposedSeries) -> Bool {
        let isInOrder = note(now, after: lastArrival, of: &exposed)
        lastArrival = now
        return isInOrder
    }

    /// By how much the wall clock was set so far, seconds; negative: back.
    mutating func noteJump(_ total: Int64) {
        if total < jump { lastArrival = max(lastArrival, increment.newestTime) }
        jump = total
    }

    private mutating func note(
        _ now: UnixNanoseconds, after previous: UnixNanoseconds, of exposed: inout ExposedSeries
    ) -> Bool {
        if increment.take(now, after: previous) { return true }
        for number in exposed.numbers { exposed.setZeroUntil(of: number, to: 0) }
        latestZeroUntil = 0
        lastArrival = now
        return false
    }
}

// MARK: - Newborn series

extension FirstShowing {
    /// The zero-until time of a series born with this point; 0 when it shows its value at once.
    ///
    /// A cumulative series shows its value at once when part of it may have been counted before this state was created,
    /// here or by another collector: its first increment is not known. So does one that returns.
    /// - Parameter returns: the writer has a tombstone, which must still be there.
    func zeroUntil<Value>(of arrival: PointArrival<Value>, returns: @autoclosure () -> Bool) -> UnixNanoseconds {
        guard firstSampleZero else { return 0 }
        switch arrival.context.rule.counting {
        case .deltas: break
        case .sumWriters, .latestWriter:
            // A start that equals the time says that the true start is not known (R-CUM-05).
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

    /// A series was born or came back from the state directory.
    mutating func noteZero(until zeroUntil: UnixNanoseconds) { latestZeroUntil = max(latestZeroUntil, zeroUntil) }

    /// Series that were born before any interval between scrapes was known are held at 0 for the longest time that may be
    /// needed. Once the interval is known they end together, as soon as every scraper has come by once more
    /// (docs/decisions/0006-zero-ends-early.md); see `SeriesStore.shortenZeros`.
    /// - Parameters:
    ///   - afterCheckpoint: the new times take effect once they are on disk.
    ///   - mark: gets the series that have to be written for that.
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

    /// The zero-until time that a record gets.
    func writtenZeroUntil(of series: SeriesID, in exposed: borrowing ExposedSeries) -> UnixNanoseconds {
        let zeroUntil = exposed[series].zeroUntil
        return shortenings.isEmpty ? zeroUntil : shortenings.until(of: series, from: zeroUntil) ?? zeroUntil
    }

    /// A checkpoint takes what was decided.
    mutating func handOver() { shortenings.handOver() }

    /// What was handed over could not be written.
    mutating func takeBack() { shortenings.takeBack() }

    /// What was handed over is on disk, and takes effect.
    mutating func dropHandedOver(in exposed: inout ExposedSeries) {
        for shortening in shortenings.takeHandedOver() {
            // The clock may have been set back meanwhile, which ends all of them.
            guard exposed.holds(shortening.series), exposed[shortening.series].zeroUntil == shortening.from
            else { continue }
            exposed.setZeroUntil(of: shortening.series, to: shortening.until)
        }
    }
}

// MARK: - Totals that are older than this state

/// A cumulative series that was counted before this state was created, by another collector or with a state that was
/// lost, comes back writer by writer. Prometheus still holds its last total: a part of it would look like a counter
/// reset, and every writer that comes later like growth. So Prometheus sees such a series once every writer had the time
/// to export; what it sees then is the whole total, and its increase since the last sample is the true growth.
///
/// Whether a series is withheld follows from its writers and the time alone, never from who scraped (R-OM-18), and no
/// longer than `SeriesSettings.settlingTime` in the life of a state.
extension FirstShowing {
    /// Whether totals from before this state may still be incomplete. A clock that was set back to before the creation
    /// says nothing about that: then everything is shown.
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

    /// A writer without a start time may be new. One whose points all lie before the state was created says what was, not
    /// what is: nobody goes on sending it, so that there is nothing to wait for.
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
    /// - Parameter isTracked: there is a state directory.
    func check(_ exposed: ExposedSeries, isTracked: Bool, _ report: inout InvariantReport) {
        exposed.forEach { number, _ in
            report.require(
                writtenZeroUntil(of: number, in: exposed) <= latestZeroUntil,
                "series \(number): 0 for longer than the latest")
        }
        report.require(isTracked || shortenings.isEmpty, "zero-until times wait for a disk that there is not")
    }
}
