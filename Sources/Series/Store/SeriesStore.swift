package import OTLP
package import Settings

/// What all points received so far add up to: streams by identity as received, exposed series by label set.
///
/// One owner at a time; the collector keeps it behind one `Mutex`. Time is a parameter and never goes back here: what
/// arrives "before" an earlier call is taken as arriving with it. All memory is bounded by `SeriesSettings`.
///
/// This is the way in to parts with state of their own: `Intake` counts points, `BoundedLedger` bounds what is held,
/// `Ledger` holds it, `StateRecords` brings it to the state directory and back.
package struct SeriesStore: ~Copyable, Sendable {
    /// Seen by tests.
    var held: BoundedLedger
    private var intake: Intake
    private var records = StateRecords()

    /// - Parameters:
    ///   - translation: how streams are shown.
    ///   - decodingLimits: for the attributes of new streams.
    ///   - generator: seeds the hash, so that nobody outside can choose identities that collide.
    package init(
        settings: SeriesSettings, translation: any StreamTranslation,
        decodingLimits: DecodingLimits = DecodingLimits(), using generator: inout some RandomNumberGenerator
    ) {
        held = BoundedLedger(Ledger(settings, translation: translation, using: &generator))
        intake = Intake(
            settings,
            describer: StreamDescriber(settings, translation: translation, decodingLimits: decodingLimits))
    }

    /// What the store has counted.
    package var counters: SeriesCounters { held.ledger.counters }

    /// What the store holds now.
    package var counts: SeriesCounts { held.ledger.counts }

    /// Bytes of series, labels, buckets, quantiles and identities, by `StateWeight`.
    package var stateMemory: Int { held.ledger.stateMemory }

    /// Whether what is held is more than the settings allow: it was restored, and stays.
    package var exceedsStateMemory: Bool { held.ledger.exceedsStateMemory }

    /// Whether the records on disk were written under other limits, so that the next start must not find those.
    package var hasOtherLimits: Bool { held.ledger.hasOtherLimits }
}

// MARK: - Exports

extension SeriesStore {
    /// Takes one decoded export.
    ///
    /// First every stream is resolved and every attribute checked, then the points are applied: an export that throws
    /// has counted nothing.
    /// - Parameters:
    ///   - now: when the export arrived.
    /// - Throws: `malformed` when attributes, a resource or a scope that were not seen before cannot be decoded, or when
    ///   there is nothing in the export but what cannot.
    package mutating func ingest(
        _ batch: borrowing MetricsBatch, receivedAt now: UnixNanoseconds
    ) throws(DecodingFailure) -> ExportOutcome {
        held.ledger.begin(nil, at: now)
        held.ledger.noteArrival(now)
        return try intake.count(batch, in: &held, mayBeEmpty: false)
    }

    /// Takes one part of a long export (`ExportParts`). Other exports may be taken between its parts.
    /// - Parameters:
    ///   - request: the same one for all parts of an export: points that it brings twice count twice.
    ///   - now: when the export arrived.
    ///   - isOwn: whether the program itself made it: its points are not counted as accepted, since no client sent them.
    /// - Throws: `malformed` when attributes, a resource or a scope of the part that were not seen before cannot be decoded:
    ///   nothing of it is counted.
    package mutating func ingestPart(
        _ part: borrowing MetricsBatch, of request: inout PartialRequest, receivedAt now: UnixNanoseconds,
        isOwn: Bool = false
    ) throws(DecodingFailure) -> ExportOutcome {
        let accepted = held.ledger.counters.acceptedPoints
        defer { if isOwn { held.ledger.counters.acceptedPoints = accepted } }
        held.ledger.begin(request.number, at: now)
        // The other parts are older than what was counted between them.
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

    /// What is due now and then, whether or not anything arrives or scrapes (R-LIFE-03): forgets delta windows whose time is
    /// over, and the oldest ones beyond the memory limit; folds what has been idle for long in series of very many writers.
    /// Call about once a minute.
    ///
    /// Complexity: O(streams + windows).
    package mutating func maintain(at now: UnixNanoseconds) { held.maintain(at: now) }

    /// Tells by how much the wall clock was set since the process began, seconds; negative: back. No window grows older
    /// by that.
    package mutating func noteClockJump(_ total: Int64) { held.ledger.noteClockJump(total) }
}

// MARK: - What is there

extension SeriesStore {
    /// All series exposed at `now`, in exposition order.
    ///
    /// Complexity: O(series); the label texts are shared, not copied.
    /// - Parameter reader: who it is for; the default sees every value.
    package mutating func snapshot(
        at now: UnixNanoseconds, for reader: SnapshotReader = .any
    ) -> SeriesSnapshot { held.ledger.snapshot(at: now, for: reader) }

    /// The streams of `SeriesSettings.signsOfLife` that got a point after `time`. Forgets those that have been idle for
    /// long.
    ///
    /// Complexity: O(streams remembered).
    package mutating func signsOfLife(after time: UnixNanoseconds) -> [SignOfLife] {
        held.ledger.signsOfLife(after: time)
    }

    /// Every series held, those included that are not shown now, in no particular order.
    ///
    /// Complexity: O(series + streams).
    /// - Parameters:
    ///   - now: the time of the values.
    ///   - body: gets the family, the labels as in `Exposure.labels`, and the value.
    package func forEachSeries(at now: UnixNanoseconds, _ body: (FamilyDescriptor, [UInt8], SeriesValue) -> Void) {
        held.ledger.forEachSeries(at: now, body)
    }

    /// Removes the series that `isMeant` says, with all their streams, windows and exemplars: test data, a person's mail
    /// address.
    ///
    /// A cumulative writer leaves a tombstone, which holds a hash with a secret key, a start time and a number: if its
    /// client lives on, it counts from its later growth only. A later point of a removed series makes it anew.
    /// - Parameter isMeant: gets the family and the labels as in `Exposure.labels`.
    /// - Returns: how many there were.
    package mutating func forget(where isMeant: (FamilyDescriptor, [UInt8]) -> Bool) -> Int {
        held.remove(where: isMeant)
    }
}

// MARK: - Newborn series

extension SeriesStore {
    /// What is known about scrapes, for the zero-until times of series born from here on. Set it before the first export
    /// when the state returns after a restart, and `scrapeInterval` whenever more is known.
    package var firstIncrement: FirstIncrement {
        get { held.ledger.showing.increment }
        set { held.ledger.showing.increment = newValue }
    }

    /// Series that are held at 0 for longer than one born now would be end when that one would.
    ///
    /// With a state directory the new times take effect with the checkpoint that writes them, see `changesEnded`:
    /// otherwise a series that has shown its value could be 0 again after a crash. Without one they take effect at once.
    /// Nothing happens for less than a quarter of the interval: intervals are measured.
    /// - Parameters:
    ///   - scrapeInterval: the longest one of all scrapers there are, nanoseconds.
    ///   - now: the time of a scrape.
    /// - Returns: whether a checkpoint is wanted now.
    ///
    /// Complexity: O(1), O(series) when there is something to shorten.
    package mutating func shortenZeros(scrapeInterval: UInt64, at now: UnixNanoseconds) -> Bool {
        held.ledger.shortenZeros(scrapeInterval: scrapeInterval, at: now)
    }
}

// MARK: - State directory

extension SeriesStore {
    /// Notes changes from here on. Called once, before anything is restored or ingested.
    package mutating func trackChanges() { held.ledger.trackChanges() }

    /// Hands over every record that changed since the last call, as it is now.
    ///
    /// If they cannot be written, `markChanged` makes them change again. `changesEnded` tells either way.
    /// Complexity: O(changes).
    package mutating func takeChanges(into sink: inout some StateSink) { records.handOver(&held, to: &sink) }

    /// Makes the next call of `takeChanges` hand over this record, or tell that it is not there.
    package mutating func markChanged(_ kind: StateKind, _ number: UInt32) { held.ledger.markChanged(kind, number) }

    /// What the last call of `takeChanges` handed over is on disk now, or could not be written.
    package mutating func changesEnded(areWritten: Bool) { held.ledger.endChanges(areWritten: areWritten) }

    /// Puts one record back. Records come in ascending order of kind and number, before anything is ingested;
    /// `finishRestoring` makes the store whole.
    /// - Throws: why the record is left out.
    package mutating func restore(
        _ kind: StateKind, _ number: UInt32, _ bytes: UnsafeRawBufferPointer
    ) throws(StateFault) {
        try records.restore(kind, number, bytes, in: &held, by: intake.describer)
    }

    /// Makes the store whole after the last record.
    /// - Returns: how many streams had no total and were left out.
    package mutating func finishRestoring() -> Int { records.finish(&held.ledger) }

    /// After a restart: the time in between is not counted against any window.
    /// - Returns: whether the next run must know of it, too, which a checkpoint makes sure of.
    package mutating func resumeWindows(at now: UnixNanoseconds) -> Bool {
        held.ledger.duplicates.resume(at: now).magnitude > 60
    }

    /// Begins to count for the collector's own metrics: what was replayed was counted by the process before.
    package mutating func resetCounters() { held.ledger.endReplay() }
}

// MARK: - Invariants

extension SeriesStore {
    /// Counts everything anew, and follows every link between records. For tests and fuzzing; the program does not call it.
    ///
    /// Holds between two calls, but not from the first record that is restored to `finishRestoring`.
    /// Complexity: O(everything held).
    /// - Returns: a sentence for each count, link or index entry that is wrong; empty when all are right.
    package func checkInvariants() -> [String] {
        var report = InvariantReport()
        held.check(&report)
        records.check(&report)
        return report.violations
    }
}

/// A long export that is counted in parts.
package struct PartialRequest: Sendable {
    /// nil before its first part.
    fileprivate(set) var number: UInt32?

    package init() {}
}
