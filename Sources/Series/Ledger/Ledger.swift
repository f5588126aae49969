internal import OTLP
internal import Settings

/// Holds the streams, their series, and the weight of both. The parts have state of their own; the ledger updates all
/// of them for a change.
///
/// `BoundedLedger` enforces the limits.
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

    /// The limits of the settings; during a replay at least those under which the exports were accepted.
    private(set) var limits: StateLimits
    /// The limits of the run that wrote the records; nil if there is none, or it wrote none.
    private(set) var recordedLimits: StateLimits?
    /// Whether the journal is being replayed.
    private(set) var isReplaying = false

    /// The current request. Parts of long exports alternate with other requests.
    private(set) var request: UInt32 = 0
    /// Requests so far.
    private var requestCount: UInt32 = 0
    /// Points so far that changed a stream.
    private(set) var sequence: UInt64 = 0
    private(set) var lastArrival: UnixNanoseconds = 0
    /// Streams were removed during this request: its resolved stream ids may be invalid.
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

    /// Starts or continues a request.
    /// - Parameter request: its number; nil for a new one.
    mutating func begin(_ request: UInt32?, at now: UnixNanoseconds) {
        if request == nil { requestCount &+= 1 }
        self.request = request ?? requestCount
        advance(to: now)
        hasRemovedStreams = false
    }

    /// Advances the time, which never goes back.
    mutating func advance(to now: UnixNanoseconds) {
        lastArrival = max(lastArrival, now)
        duplicates.advance(to: now)
    }

    /// Advances the time to that of a scrape or an own export, which was just read from the clock.
    mutating func noteTime(_ now: UnixNanoseconds) {
        if !showing.noteTime(now, of: &exposed) { markAllTotals() }
    }

    /// Advances the time to the arrival of an export.
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

    /// The key of the canonical form of a stream.
    func key(_ canonical: [UInt8], of metric: MetricID) -> StreamKey {
        canonical.withUnsafeBytes {
            StreamKey(
                hash: hash($0, parent: identities.contentHash(ofMetric: metric)),
                fingerprint: fingerprint($0, parent: metric.number))
        }
    }

    /// Counts a point that changes a stream.
    @inline(__always)
    mutating func countPoint() { sequence += 1 }

    /// Marks the streams that the request resolved as invalid.
    mutating func noteRemovedStreams() { hasRemovedStreams = true }

    /// Ends the replay: from now on the counters of the collector count.
    mutating func endReplay() {
        counters = SeriesCounters()
        isReplaying = false
        limits = settings.stateLimits
    }
}

// MARK: - Sizes and limits

extension Ledger {
    /// Bytes of series, labels, buckets, quantiles and identities, by `StateWeight`.
    var stateMemory: Int {
        streams.weight + exposed.weight + identities.weight + tombstones.count * StateWeight.tombstone
            + streams.writerCount * StateWeight.writer
    }

    /// Approximate bytes of a page that shows all series and targets as text.
    var pageBytes: Int { exposed.pageBytes + min(identities.resourceBytes, limits.targetBytes) }

    /// Bytes of a snapshot of all series, without what it shares with the store: samples, their buckets, and the text
    /// of targets, which is created twice.
    var snapshotBytes: Int { exposed.snapshotBytes + 2 * min(identities.resourceBytes, limits.targetBytes) }

    /// Whether the restored state exceeds the settings; it stays.
    var exceedsStateMemory: Bool { stateMemory > settings.stateLimits.maxStateMemory }

    /// Whether the records on disk have other limits than the current ones, so that a checkpoint is due.
    var hasOtherLimits: Bool { recordedLimits.map { $0 != settings.stateLimits } ?? false }

    /// Whether this number of bytes fits into the memory for series.
    func hasRoom(forBytes bytes: Int) -> Bool { stateMemory + bytes <= limits.maxStateMemory }

    /// Whether this number of bytes fits into the page.
    func hasRoom(onPageForBytes bytes: Int) -> Bool { bytes <= 0 || pageBytes + bytes <= limits.maxPageSize }

    /// Whether an existing series may show this number of lines.
    func hasRoom(for lines: Int, of owner: SeriesID) -> Bool {
        hasRoom(onPageForBytes: exposed.growth(of: owner, to: lines))
    }

    /// Why a stream cannot get a value with other buckets or quantiles; nil if there is memory for it, and room on the
    /// page.
    /// - Parameters:
    ///   - bytes: the weight that it adds to the stream.
    ///   - lines: number of its lines.
    func reasonOfGrowth(_ number: StreamID, by bytes: Int, lines: Int) -> RejectionReason? {
        guard bytes <= 0 || hasRoom(forBytes: bytes) && Int(streams[number].weight) + bytes <= Int(UInt32.max)
        else { return .stateMemory }
        return hasRoom(for: lines, of: streams[number].series) ? nil : .pageLimit
    }

    /// Updates the weight of a stream.
    /// - Parameter lines: the new number of its lines.
    mutating func grow(_ number: StreamID, by bytes: Int, lines: Int) {
        streams.grow(number, by: bytes)
        exposed.show(lines, of: streams[number].series)
    }

    /// Makes room for one more writer; tombstones are removed first. A returning writer replaces its tombstone, which
    /// must not be removed before it is read.
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
    /// Tracks changes from now on, for checkpoints.
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

    /// Ends a checkpoint.
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

    /// Writes the state of the ledger itself, without that of its parts, to a record.
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

    /// Restores the hash function and the limits of the previous run, before any other record.
    mutating func restart(with hash: SeededHash, limits: StateLimits?) {
        self.hash = hash
        identities.restart(with: hash)
        exposed.restart(with: hash)
        duplicates.restart(with: hash)
        recordedLimits = limits
    }

    /// All records are restored: the replay begins.
    mutating func beginReplay() {
        isReplaying = true
        if let recordedLimits { limits = limits.raised(to: recordedLimits) }
    }
}
