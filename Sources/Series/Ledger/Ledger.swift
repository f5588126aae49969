internal import OTLP
internal import Settings

/// What is held of all points: streams, the series that they are shown in, and what both weigh. The parts have state of
/// their own; what a change of one means for the others stands here.
///
/// Nothing here bounds what is held; that does `BoundedLedger`.
struct Ledger: ~Copyable, Sendable {
    let settings: SeriesSettings
    /// Of canonical forms, under the secret of this state.
    private(set) var hash: SeededHash
    /// Of raw forms.
    let fingerprint: FingerprintFunction

    var identities: Identities
    var streams: StreamTable
    var exposed: ExposedSeries
    var exposedTimes: ExposedTimes
    var exemplars: ExemplarStore
    var signs: SenderSigns
    var tombstones = Tombstones()
    var duplicates: DuplicateMemory
    var showing: FirstShowing
    var boundsCache = BoundsCache()

    /// What the next checkpoint has to write of streams.
    var changes = StreamChanges()
    var counters = SeriesCounters()

    /// Those of the settings; while exports are counted again at least those that they were accepted under.
    private(set) var limits: StateLimits
    /// Those of the run that wrote the records; nil when there was none, or it knew none.
    private(set) var recordedLimits: StateLimits?
    /// Exports are counted again after a start, not for the first time.
    private(set) var isReplaying = false

    /// The request at hand. Those of long exports take turns with others.
    private(set) var request: UInt32 = 0
    /// Requests so far.
    private var requestCount: UInt32 = 0
    /// Points so far that changed a stream.
    private(set) var sequence: UInt64 = 0
    private(set) var lastArrival: UnixNanoseconds = 0
    /// Streams went during this request: what it resolved may stand for others by now.
    private(set) var hasRemovedStreams = false

    init(
        _ settings: SeriesSettings, translation: any StreamTranslation,
        using generator: inout some RandomNumberGenerator
    ) {
        self.settings = settings
        limits = settings.stateLimits
        hash = SeededHash(using: &generator)
        fingerprint = FingerprintFunction(using: &generator)
        identities = Identities(settings, translation: translation, hash: hash)
        streams = StreamTable(aliasLimit: settings.aliasLimit)
        exposed = ExposedSeries(
            hash: hash, expiration: settings.expiration, writesCreated: settings.writesCreated)
        exposedTimes = ExposedTimes(areKept: settings.tracksExposedTimes)
        exemplars = ExemplarStore(limit: settings.exemplarLimit, byteLimit: settings.exemplarMemoryLimitBytes)
        signs = SenderSigns(settings.signsOfLife)
        duplicates = DuplicateMemory(settings, hash: hash)
        showing = FirstShowing(settings)
    }

    /// A request begins, or goes on.
    /// - Parameter request: its number; nil for a new one.
    mutating func begin(_ request: UInt32?, at now: UnixNanoseconds) {
        if request == nil { requestCount &+= 1 }
        self.request = request ?? requestCount
        advance(to: now)
        hasRemovedStreams = false
    }

    /// Time passed. It never goes back here.
    mutating func advance(to now: UnixNanoseconds) {
        lastArrival = max(lastArrival, now)
        duplicates.advance(to: now)
    }

    /// Takes the time of a scrape, or of an own export: it was read from the clock just now.
    mutating func noteTime(_ now: UnixNanoseconds) {
        if !showing.noteTime(now, of: &exposed) { markAllTotals() }
    }

    /// Takes the arrival of an export.
    mutating func noteArrival(_ now: UnixNanoseconds) {
        if !showing.noteArrival(now, of: &exposed) { markAllTotals() }
    }

    private mutating func markAllTotals() {
        for number in 0..<streams.rowCount { changes.markTotal(StreamID(row: number)) }
    }

    /// See `SeriesStore.noteClockJump`.
    mutating func noteClockJump(_ total: Int64) {
        duplicates.noteJump(total)
        showing.noteJump(total)
    }

    /// What the canonical form of a stream's attributes is known by.
    func key(_ canonical: [UInt8], of metric: MetricID) -> StreamKey {
        canonical.withUnsafeBytes {
            StreamKey(
                hash: hash($0, parent: identities.contentHash(ofMetric: metric)),
                fingerprint: fingerprint($0, parent: metric.number))
        }
    }

    /// One more point changes a stream.
    @inline(__always)
    mutating func countPoint() { sequence += 1 }

    /// Streams that a request resolved may be gone.
    mutating func noteRemovedStreams() { hasRemovedStreams = true }

    /// From here on points count for the first time; what was replayed was counted by the process before.
    mutating func endReplay() {
        counters = SeriesCounters()
        isReplaying = false
        limits = settings.stateLimits
    }
}

// MARK: - What is held takes

extension Ledger {
    /// Bytes of series, labels, buckets, quantiles and identities, by `StateWeight`.
    var stateMemory: Int {
        streams.weight + exposed.weight + identities.weight + tombstones.count * StateWeight.tombstone
            + streams.writerCount * StateWeight.writer
    }

    /// Bytes of a page that shows all series and targets as text, about.
    var pageBytes: Int { exposed.pageBytes + min(identities.resourceBytes, limits.targetBytes) }

    /// Bytes that a snapshot of all series takes beside what it shares with the store: its samples, their buckets, and the
    /// texts of targets, which are made twice.
    var snapshotBytes: Int { exposed.snapshotBytes + 2 * min(identities.resourceBytes, limits.targetBytes) }

    /// Whether what is held is more than the settings allow: it was restored, and stays.
    var exceedsStateMemory: Bool { stateMemory > settings.stateLimits.maxStateMemory }

    /// Whether the records on disk were written under other limits, so that the next start must not find those.
    var hasOtherLimits: Bool { recordedLimits.map { $0 != settings.stateLimits } ?? false }

    /// Whether so many bytes more are within the memory for series.
    func hasRoom(forBytes bytes: Int) -> Bool { stateMemory + bytes <= limits.maxStateMemory }

    /// Whether a page may be so many bytes longer.
    func hasRoom(onPageForBytes bytes: Int) -> Bool { bytes <= 0 || pageBytes + bytes <= limits.maxPageSize }

    /// Whether a series that is there may show so many lines.
    func hasRoom(for lines: Int, of owner: SeriesID) -> Bool {
        hasRoom(onPageForBytes: exposed.growth(of: owner, to: lines))
    }

    /// Why a stream cannot get a value of other buckets or quantiles than it has; nil when there is memory for it, and room
    /// on the page.
    /// - Parameters:
    ///   - bytes: what it adds to the weight of the stream.
    ///   - lines: those that it shows.
    func reasonOfGrowth(_ number: StreamID, by bytes: Int, lines: Int) -> RejectionReason? {
        guard bytes <= 0 || hasRoom(forBytes: bytes) && Int(streams[number].weight) + bytes <= Int(UInt32.max)
        else { return .stateMemory }
        return hasRoom(for: lines, of: streams[number].series) ? nil : .pageLimit
    }

    /// Notes that a stream takes more memory, or less.
    /// - Parameter lines: those that it shows from here on.
    mutating func grow(_ number: StreamID, by bytes: Int, lines: Int) {
        streams.grow(number, by: bytes)
        exposed.show(lines, of: streams[number].series)
    }

    /// Makes sure that one more writer fits; tombstones go first. One that returns takes the place of its tombstone,
    /// which must not go before it is read.
    mutating func makeRoomForWriter(identity: UInt64, startTime: UnixNanoseconds) -> Bool {
        if tombstones.holds(identity: identity, startTime: startTime) { return true }
        while streams.writerCount + tombstones.count >= limits.maxWriters, tombstones.count > 0 {
            tombstones.dropOldest()
        }
        return streams.writerCount < limits.maxWriters
    }
}

// MARK: - State

extension Ledger {
    /// Notes changes from here on.
    mutating func trackChanges() {
        changes.track()
        identities.trackChanges()
        tombstones.trackChanges()
        duplicates.trackChanges()
    }

    /// See `SeriesStore.markChanged`.
    mutating func markChanged(_ kind: StateKind, _ number: UInt32) {
        guard changes.isTracked, number < IdentityNumbers.limit else { return }
        switch kind {
        case .header: break
        case .resource, .scope, .metric: identities.markChanged(kind, number)
        case .stream, .total: changes.markRecord(kind, number)
        case .tombstones: tombstones.markChanged(run: number)
        case .events: duplicates.markEvents(run: number)
        case .foldedWindows: duplicates.markFoldedWindows(run: number)
        }
    }

    /// A checkpoint has ended.
    mutating func endChanges(areWritten: Bool) {
        guard areWritten else { return showing.takeBack() }
        changes.dropHandedOver()
        showing.dropHandedOver(in: &exposed)
    }

    /// See `SeriesStore.shortenZeros`.
    mutating func shortenZeros(scrapeInterval: UInt64, at now: UnixNanoseconds) -> Bool {
        let isTracked = changes.isTracked
        let isShortened = showing.shorten(
            scrapeInterval: scrapeInterval, at: now, in: &exposed, afterCheckpoint: isTracked
        ) { record in
            streams.forEach(from: record.firstStream) { number, _ in changes.markTotal(number) }
        }
        return isShortened && isTracked
    }

    /// What of the ledger itself a record of the state directory holds, and what comes before the parts' own.
    func writeHeader(to writer: inout StateWriter) {
        writer.fixed(hash.parts.seed)
        writer.fixed(hash.parts.secret)
        writer.number(requestCount)
        writer.number(sequence)
        writer.number(streams.births)
        writer.number(lastArrival)
        writer.number(showing.createdAt)
        writer.number(showing.increment.newestTime)
    }

    /// Reads what `writeHeader` wrote.
    /// - Returns: the hash function, for `restart`.
    mutating func restoreHeader(_ reader: inout StateReader) throws(StateFault) -> SeededHash {
        let restored = SeededHash(parts: (try reader.fixed(), try reader.fixed()))
        requestCount = try reader.number32()
        request = requestCount
        sequence = try reader.number()
        streams.resume(births: try reader.number32())
        lastArrival = try reader.number()
        showing.restore(createdAt: try reader.number(), newestTime: try reader.number())
        return restored
    }

    /// The hash function and the limits of the run before, before any other record comes back.
    mutating func restart(with hash: SeededHash, limits: StateLimits?) {
        self.hash = hash
        identities.restart(with: hash)
        exposed.restart(with: hash)
        duplicates.restart(with: hash)
        recordedLimits = limits
    }

    /// All records are back: what was accepted after them is counted again.
    mutating func beginReplay() {
        isReplaying = true
        if let recordedLimits { limits = limits.raised(to: recordedLimits) }
    }
}
