package import OTLP
package import Settings

/// What all points received so far add up to: streams by identity as received, exposed series by label set.
///
/// One owner at a time; the collector keeps it behind one `Mutex`. Time is a parameter and never goes back here: what
/// arrives "before" an earlier call is taken as arriving with it. All memory is bounded by `SeriesSettings`.
package struct SeriesStore: ~Copyable, Sendable {
    let settings: SeriesSettings
    let translation: any StreamTranslation
    let decodingLimits: DecodingLimits
    var hash: SeededHash
    let fingerprint: FingerprintFunction

    var identities: Identities
    var resolver: IdentityResolver
    var streams: StreamTable
    var exposed: ExposedSeries
    var exemplars: ExemplarStore
    var boundsCache = BoundsCache()

    // Bounds.
    /// Those of the settings; while exports are counted again at least those that they were accepted under.
    var stateLimits: StateLimits
    /// Those of the run that wrote the records; nil when there was none, or it knew none.
    var recordedLimits: StateLimits?
    var tombstones = Tombstones()
    var evictionQueue: [EvictionCandidate] = []
    var nextEvictionScan: UnixNanoseconds = 0
    /// Before this time nothing can be folded that could not at the last look.
    var nextFold: UnixNanoseconds = 0
    /// Before this time no streams are folded for their number.
    var nextCrowdFold: UnixNanoseconds = 0
    var evictedThisRequest = false
    var signs: SenderSigns
    var duplicates: DuplicateMemory

    var showing: FirstShowing
    var exposedTimes: ExposedTimes

    package internal(set) var counters = SeriesCounters()
    /// The request at hand. Those of long exports take turns with others.
    var request: UInt32 = 0
    /// Requests so far.
    var requestCount: UInt32 = 0
    var sequence: UInt64 = 0
    var lastArrival: UnixNanoseconds = 0

    /// The family of the metric whose stream was restored last: streams of one metric nearly always follow each other.
    var restoredFamily: (metric: UInt32, descriptor: FamilyDescriptor)?

    /// What the next checkpoint has to write.
    var changes = StoreChanges()
    var unwritten = UnwrittenIdentities()

    /// Exports are counted again after a start, not for the first time.
    var isReplaying = false

    /// The records being restored are of another version.
    var hasForeignRecords = false

    // Working memory of one request, kept for the next.
    var plan = IngestPlan()
    /// Of the metric at hand.
    var pointNotes = PointNotes()

    /// - Parameters:
    ///   - translation: how streams are shown.
    ///   - decodingLimits: for the attributes of new streams.
    ///   - generator: seeds the hash, so that nobody outside can choose identities that collide.
    package init(
        settings: SeriesSettings, translation: any StreamTranslation,
        decodingLimits: DecodingLimits = DecodingLimits(), using generator: inout some RandomNumberGenerator
    ) {
        self.settings = settings
        stateLimits = settings.stateLimits
        self.translation = translation
        self.decodingLimits = decodingLimits
        hash = SeededHash(using: &generator)
        fingerprint = FingerprintFunction(using: &generator)
        identities = Identities(settings, translation: translation, hash: hash)
        resolver = IdentityResolver(limit: settings.identityLimitBytes)
        streams = StreamTable(aliasLimit: settings.aliasLimit)
        exposed = ExposedSeries(
            hash: hash, expiration: settings.expiration, writesCreated: settings.writesCreated)
        showing = FirstShowing(settings)
        duplicates = DuplicateMemory(settings, hash: hash)
        signs = SenderSigns(settings.signsOfLife)
        exposedTimes = ExposedTimes(areKept: settings.tracksExposedTimes)
        exemplars = ExemplarStore(limit: settings.exemplarLimit, byteLimit: settings.exemplarMemoryLimitBytes)
    }

    /// What the store holds now.
    package var counts: SeriesCounts {
        SeriesCounts(
            series: exposed.count, streams: streams.count,
            writers: streams.writerCount, tombstones: tombstones.count,
            families: exposed.familyCount,
            windowMemory: duplicates.memory, stateMemory: stateMemory, pageBytes: pageBytes,
            hiddenTargets: identities.hiddenTargetCount, snapshotBytes: snapshotBytes)
    }

    /// Takes one decoded export.
    ///
    /// First every stream is resolved and every attribute checked, then the points are applied: an export that throws
    /// has counted nothing.
    /// - Parameters:
    ///   - now: when the export arrived.
    ///   - isOwn: nobody sent it: its points are not counted as accepted.
    /// - Throws: `malformed` when attributes, a resource or a scope that were not seen before cannot be decoded, or when
    ///   there is nothing in the export but what cannot.
    package mutating func ingest(
        _ batch: borrowing MetricsBatch, receivedAt now: UnixNanoseconds, isOwn: Bool = false
    ) throws(DecodingFailure) -> ExportOutcome {
        let accepted = counters.acceptedPoints
        defer { if isOwn { counters.acceptedPoints = accepted } }
        begin(PartialRequest(), at: now)
        if isOwn { noteTime(now) } else { noteArrival(now) }
        defer { identities.dropUnused() }
        try resolve(batch)
        if batch.pointCount == 0, plan.losses[.point] == 0, !plan.losses.isEmpty {
            // There is nothing else in it.
            throw .malformed(plan.losses.reason)
        }
        return finish(batch)
    }

    /// Takes one part of a long export (`ExportParts`). Other exports may be taken between its parts.
    /// - Parameters:
    ///   - request: the same one for all parts of an export: points that it brings twice count twice.
    ///   - now: when the export arrived.
    /// - Throws: `malformed` when attributes, a resource or a scope of the part that were not seen before cannot be decoded:
    ///   nothing of it is counted.
    package mutating func ingestPart(
        _ part: borrowing MetricsBatch, of request: inout PartialRequest, receivedAt now: UnixNanoseconds
    ) throws(DecodingFailure) -> ExportOutcome {
        begin(request, at: now)
        // The other parts are older than what was counted between them.
        if request.number == nil { noteArrival(now) }
        request.number = self.request
        defer { identities.dropUnused() }
        try resolve(part)
        return finish(part)
    }

    /// Rejects the points of a part that `ingestPart` finds malformed.
    package mutating func rejectPart(_ part: borrowing MetricsBatch) -> ExportOutcome {
        var outcome = ExportOutcome()
        for metric in part.metrics where !metric.points.isEmpty {
            reject(.malformed, count: metric.points.count, metric: metric, in: &outcome)
        }
        return outcome
    }

    private mutating func begin(_ request: PartialRequest, at now: UnixNanoseconds) {
        if request.number == nil { requestCount &+= 1 }
        self.request = request.number ?? requestCount
        lastArrival = max(lastArrival, now)
        duplicates.advance(to: now)
        evictedThisRequest = false
    }

    /// Counts what was resolved.
    private mutating func finish(_ batch: borrowing MetricsBatch) -> ExportOutcome {
        let outcome = apply(batch, now: lastArrival)
        if duplicates.needsTrimming { counters.forgottenWindows += UInt64(duplicates.trim(&streams)) }
        return outcome
    }
}

/// A long export that is counted in parts.
package struct PartialRequest: Sendable {
    /// nil before its first part.
    fileprivate(set) var number: UInt32?

    package init() {}
}
