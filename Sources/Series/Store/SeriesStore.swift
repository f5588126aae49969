package import OTLP
package import Settings

/// The totals of all points received so far: streams by identity as received, exposed series by label set.
///
/// One owner at a time; the collector keeps it behind one `Mutex`. Time is a parameter and never goes back here: a call
/// with an earlier time than the last one uses the last one's. All memory is bounded by `SeriesSettings`.
///
/// A facade of parts with state of their own: `Ledger` holds streams and series, `Intake` counts points,
/// `BoundedLedger` enforces the limits, `StateRecords` writes records to the state directory and restores them.
package struct SeriesStore: ~Copyable, Sendable {
    /// Internal for tests.
    var held: BoundedLedger
    private var intake: Intake
    private var records = StateRecords()

    /// - Parameters:
    ///   - translation: how streams are shown.
    ///   - decodingLimits: for the attributes of new streams.
    ///   - generator: seeds the hash, so that senders cannot choose identities that collide.
    package init(
        settings: SeriesSettings, translation: any StreamTranslation,
        decodingLimits: DecodingLimits = DecodingLimits(), using generator: inout some RandomNumberGenerator
    ) {
        held = BoundedLedger(Ledger(settings, translation: translation, using: &generator))
        intake = Intake(
            settings,
            describer: StreamDescriber(settings, translation: translation, decodingLimits: decodingLimits))
    }

    /// Counters since the store was created.
    package var counters: SeriesCounters { held.ledger.counters }

    /// Current number of series, streams and so on.
    package var counts: SeriesCounts { held.ledger.counts }

    /// Bytes of series, labels, buckets, quantiles and identities, by `StateWeight`.
    package var stateMemory: Int { held.ledger.stateMemory }

    /// Whether the restored state exceeds the settings; it stays.
    package var exceedsStateMemory: Bool { held.ledger.exceedsStateMemory }

    /// Whether the records on disk have other limits than the current ones, so that a checkpoint is due.
    package var hasOtherLimits: Bool { held.ledger.hasOtherLimits }
}

// MARK: - Exports

extension SeriesStore {
    /// Counts one decoded export.
    ///
    /// First every stream is resolved and every attribute checked, then the points are applied: if this throws, nothing
    /// is counted.
    /// - Parameters:
    ///   - now: when the export arrived.
    /// - Throws: `malformed` when attributes, a resource or a scope that were not seen before cannot be decoded, or
    ///   when nothing in the export can be decoded.
    package mutating func ingest(
        _ batch: borrowing MetricsBatch, receivedAt now: UnixNanoseconds
    ) throws(DecodingFailure) -> ExportOutcome {
        held.ledger.begin(nil, at: now)
        held.ledger.noteArrival(now)
        return try intake.count(batch, in: &held, mayBeEmpty: false)
    }

    /// Counts one part of a long export (`ExportParts`). Other exports may be counted between its parts.
    /// - Parameters:
    ///   - request: the same for all parts of an export: equal points within it all count.
    ///   - now: when the export arrived.
    ///   - isOwn: it was generated here, not sent: its points do not count as accepted.
    /// - Throws: `malformed` when attributes, a resource or a scope of the part that were not seen before cannot be
    ///   decoded: nothing of it is counted.
    package mutating func ingestPart(
        _ part: borrowing MetricsBatch, of request: inout PartialRequest, receivedAt now: UnixNanoseconds,
        isOwn: Bool = false
    ) throws(DecodingFailure) -> ExportOutcome {
        let accepted = held.ledger.counters.acceptedPoints
        defer { if isOwn { held.ledger.counters.acceptedPoints = accepted } }
        held.ledger.begin(request.number, at: now)
        // The parts are older than exports counted between them.
        if request.number == nil { if isOwn { held.ledger.noteTime(now) } else { held.ledger.noteArrival(now) } }
        request.number = held.ledger.request
        return try intake.count(part, in: &held, mayBeEmpty: true)
    }

    /// Rejects the points of a part that `ingestPart` finds malformed.
    package mutating func rejectPart(_ part: borrowing MetricsBatch) -> ExportOutcome {
        var outcome = ExportOutcome()
        for metric in part.metrics where !metric.points.isEmpty {
            intake.reject(.malformed, count: metric.points.count, metric: metric, in: &outcome, &held)
        }
        return outcome
    }

    /// Periodic work, needed even without exports and scrapes (R-LIFE-03): forgets delta windows that are too old, and
    /// the oldest ones beyond the memory limit; folds idle streams and writers of series that have very many. Call
    /// about once a minute.
    ///
    /// Complexity: O(streams + windows).
    package mutating func maintain(at now: UnixNanoseconds) { held.maintain(at: now) }

    /// Sets by how much the wall clock was set since the process began, seconds; negative: back. Windows do not age by
    /// it.
    package mutating func noteClockJump(_ total: Int64) { held.ledger.noteClockJump(total) }
}

// MARK: - Reading

extension SeriesStore {
    /// All series exposed at `now`, in exposition order.
    ///
    /// Complexity: O(series); the label texts are shared, not copied.
    /// - Parameter reader: the reader of the page; the default sees every value.
    package mutating func snapshot(
        at now: UnixNanoseconds, for reader: SnapshotReader = .any
    ) -> SeriesSnapshot { held.ledger.snapshot(at: now, for: reader) }

    /// The streams of `SeriesSettings.signsOfLife` that got a point after `time`. Forgets those that have been idle for
    /// too long.
    ///
    /// Complexity: O(streams remembered).
    package mutating func signsOfLife(after time: UnixNanoseconds) -> [SignOfLife] {
        held.ledger.signsOfLife(after: time)
    }

    /// Every series, shown or not, in no particular order.
    ///
    /// Complexity: O(series + streams).
    /// - Parameters:
    ///   - now: the time of the values.
    ///   - body: gets the family, the labels as in `Exposure.labels`, and the value.
    package func forEachSeries(at now: UnixNanoseconds, _ body: (FamilyDescriptor, [UInt8], SeriesValue) -> Void) {
        held.ledger.forEachSeries(at: now, body)
    }

    /// Removes the series for which `isMeant` is true, with all their streams, windows and exemplars: test data, the
    /// mail address of a person.
    ///
    /// A cumulative writer leaves a tombstone, which holds a hash with a secret key, a start time and a number: if the
    /// writer returns, only its growth counts. A later point creates the series again.
    /// - Parameter isMeant: gets the family and the labels as in `Exposure.labels`.
    /// - Returns: the number of removed series.
    package mutating func forget(where isMeant: (FamilyDescriptor, [UInt8]) -> Bool) -> Int {
        held.remove(where: isMeant)
    }
}

// MARK: - New series

extension SeriesStore {
    /// The scrape interval and times for the zero-until times of new series. Set it before the first export after a
    /// restart, and `scrapeInterval` whenever a new interval is measured.
    package var firstIncrement: FirstIncrement {
        get { held.ledger.showing.increment }
        set { held.ledger.showing.increment = newValue }
    }

    /// Series whose zero would last longer than that of a series created now end it together with that one.
    ///
    /// With a state directory the new times take effect with the checkpoint that writes them, see `changesEnded`:
    /// otherwise a series that has shown its value could be 0 again after a crash. Without one they take effect at
    /// once. Differences of less than a quarter of the interval are ignored: intervals are measured.
    /// - Parameters:
    ///   - scrapeInterval: the longest one of all recent Prometheus servers, nanoseconds.
    ///   - now: the time of a scrape.
    /// - Returns: whether a checkpoint is due now.
    ///
    /// Complexity: O(1), O(series) when there is something to shorten.
    package mutating func shortenZeros(scrapeInterval: UInt64, at now: UnixNanoseconds) -> Bool {
        held.ledger.shortenZeros(scrapeInterval: scrapeInterval, at: now)
    }
}

// MARK: - State directory

extension SeriesStore {
    /// Tracks changes from now on. Called once, before anything is restored or ingested.
    package mutating func trackChanges() { held.ledger.trackChanges() }

    /// Passes every record that changed since the last call, with its current content.
    ///
    /// If the records cannot be written, call `markChanged` for each. Call `changesEnded` in either case.
    /// Complexity: O(changes).
    package mutating func takeChanges(into sink: inout some StateSink) { records.handOver(&held, to: &sink) }

    /// Makes the next call of `takeChanges` pass this record, or its removal.
    package mutating func markChanged(_ kind: StateKind, _ number: UInt32) { held.ledger.markChanged(kind, number) }

    /// The records of the last call of `takeChanges` are on disk, or could not be written.
    package mutating func changesEnded(areWritten: Bool) { held.ledger.endChanges(areWritten: areWritten) }

    /// Restores one record. Records come in ascending order of kind and number, before anything is ingested;
    /// `finishRestoring` completes it.
    /// - Throws: why the record is left out.
    package mutating func restore(
        _ kind: StateKind, _ number: UInt32, _ bytes: UnsafeRawBufferPointer
    ) throws(StateFault) {
        try records.restore(kind, number, bytes, in: &held, by: intake.describer)
    }

    /// Completes the restore after the last record.
    /// - Returns: how many streams had no total and were left out.
    package mutating func finishRestoring() -> Int { records.finish(&held.ledger) }

    /// After a restart: windows do not age by the time in between.
    /// - Returns: whether a checkpoint must save this for the next run.
    package mutating func resumeWindows(at now: UnixNanoseconds) -> Bool {
        held.ledger.duplicates.resume(at: now).magnitude > 60
    }

    /// Starts the counters of the collector's own metrics: replayed exports were counted by the previous process.
    package mutating func resetCounters() { held.ledger.endReplay() }
}

// MARK: - Invariants

extension SeriesStore {
    /// Recomputes every count and follows every link between records. For tests and fuzzing; the program does not call
    /// it.
    ///
    /// Holds between two calls, but not from the first record that is restored to `finishRestoring`.
    /// Complexity: O(everything held).
    /// - Returns: a sentence for each wrong count, link or index entry.
    package func checkInvariants() -> [String] {
        var report = InvariantReport()
        held.check(&report)
        records.check(&report)
        return report.violations
    }
}

/// A long export that is counted in parts.
package struct PartialRequest: Sendable {
    /// Nil before its first part.
    fileprivate(set) var number: UInt32?

    package init() {}
}
