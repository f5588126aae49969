internal import OTLP
internal import Settings

/// What parts of the state weigh: what they take in memory, and the record of them while it is written, bytes. By rules
/// that know nothing but what is held: counting again after a crash has room for exactly what the run before had.
enum StateWeight {
    static let family = 500
    static let series = 150
    static let stream = 300
    static let identity = 512
    static let tombstone = 48
    /// A further writer of a counter.
    static let writer = 160
    /// A writer as if all buckets were there: of its value, and of what it counted before it started anew.
    static let exponential = 6_000
    static let exemplar = 150
    /// On a page beside name and labels: suffix, bound, value.
    static let line = 64

    /// A writer: of each bucket the bound, its value, and what it counted before it started anew.
    static func histogram(bounds: Int) -> Int { 300 + 40 * (bounds + 1) }

    static func summary(quantiles: Int) -> Int { 200 + 40 * quantiles }

    static func bytes(_ bytes: [UInt8]) -> Int { bytes.isEmpty ? 0 : 48 + bytes.count }

    static func attributes(_ attributes: [Attribute]) -> Int {
        attributes.reduce(32) { $0 + 16 + bytes($1.key) + value($1.value) }
    }

    private static func value(_ value: AttributeValue) -> Int {
        switch value {
        case .empty: 0
        case .bool, .int, .double: 32
        case .string(let bytes), .bytes(let bytes): 32 + StateWeight.bytes(bytes)
        case .array(let elements): elements.reduce(64) { $0 + 8 + StateWeight.value($1) }
        case .keyValues(let entries): 32 + attributes(entries)
        }
    }
}

extension Resource: IdentityContent {
    var weight: Int { StateWeight.attributes(attributes) }
}

extension ScopeContent {
    var weight: Int {
        StateWeight.bytes(scope.name) + StateWeight.bytes(scope.version) + StateWeight.bytes(scope.schemaURL)
            + StateWeight.attributes(scope.attributes)
    }
}

extension MetricContent {
    /// Without the description, see `SeriesStore.helpBytes`.
    var weight: Int { StateWeight.bytes(identity.name) + StateWeight.bytes(identity.unit) }
}

/// The bound on the bytes of all that is kept, and of the page that shows it.
extension SeriesStore {
    /// Bytes of series, labels, buckets, quantiles and identities, by `StateWeight`.
    package var stateMemory: Int {
        weight + resources.weight + scopes.weight + metrics.weight + tombstones.count * StateWeight.tombstone
            + writerCount * StateWeight.writer
    }

    /// Bytes of a page that shows all series and targets as text, about.
    var pageBytes: Int { lineBytes + helpBytes + min(resources.canonicalBytes, stateLimits.targetBytes) }

    /// Bytes that a snapshot of all series takes beside what it shares with the store: its samples, their buckets, and the
    /// texts of targets, which are made twice.
    var snapshotBytes: Int {
        (series.count - freeSeries.count) * MemoryLayout<SeriesSample>.stride + 8 * lineCount
            + exponentialCount * 16 * ExponentialScale.bucketLimit
            + 2 * min(resources.canonicalBytes, stateLimits.targetBytes)
    }

    /// Whether what is held is more than the settings allow: it was restored, and stays.
    package var exceedsStateMemory: Bool { stateMemory > settings.stateLimits.maxStateMemory }

    /// Whether the records on disk were written under other limits, so that the next start must not find those.
    package var hasOtherLimits: Bool { recordedLimits.map { $0 != settings.stateLimits } ?? false }

    func hasRoom(forBytes bytes: Int) -> Bool { stateMemory + bytes <= stateLimits.maxStateMemory }

    func hasRoom(onPageForBytes bytes: Int) -> Bool { bytes <= 0 || pageBytes + bytes <= stateLimits.maxPageSize }

    /// Makes sure that so many bytes more fit: what is idle in series that live is folded, then idle series go.
    /// - Returns: false when the limit is reached and nothing has been idle long enough.
    mutating func makeRoom(forBytes bytes: Int, now: UnixNanoseconds) -> Bool {
        if hasRoom(forBytes: bytes) { return true }
        if foldForRoom(now: now), hasRoom(forBytes: bytes) { return true }
        while evictLongestIdle(now: now) {
            if hasRoom(forBytes: bytes) { return true }
        }
        return false
    }

    /// Why a resource, scope or metric that was just made has to go again; nil when there is room for it.
    mutating func reasonOfIdentity() -> RejectionReason? {
        makeRoom(forBytes: 0, now: lastArrival) ? nil : .stateMemory
    }

    /// Bytes that lines of a series take on a page: each has all labels.
    func lineBytes(_ lines: Int, name: [UInt8], labels: [UInt8]) -> Int {
        lines * (name.count + labels.count + StateWeight.line)
    }

    /// Bytes of the HELP, TYPE and UNIT lines of a family on a page.
    static func headBytes(name: [UInt8]) -> Int { 4 * name.count + StateWeight.line }

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
        let held = UInt32(clamping: Int(streams[number].weight) + bytes)
        weight += Int(held) - Int(streams[number].weight)
        streams[number].weight = held
        show(lines, of: streams[number].series)
    }

    /// Whether a series that is there may show so many lines.
    func hasRoom(for lines: Int, of owner: SeriesID) -> Bool { hasRoom(onPageForBytes: growth(of: owner, to: lines)) }

    /// Notes that a series shows so many lines, at most.
    mutating func show(_ lines: Int, of owner: SeriesID) {
        lineBytes += growth(of: owner, to: lines)
        let more = max(0, lines - Int(series[owner].lines))
        lineCount += more
        series[owner].lines += UInt32(clamping: more)
    }

    private func growth(of owner: SeriesID, to lines: Int) -> Int {
        let record = series[owner]
        let more = lines - Int(record.lines)
        guard more > 0 else { return 0 }
        return lineBytes(more, name: families[record.family].descriptor.name, labels: record.labels)
    }
}

extension StreamState {
    /// What it weighs beside its record.
    var weight: Int {
        switch self {
        case .accumulating, .writers, .newest, .released: 0
        case .histogram(let box): box.value.weight
        case .exponential(let box): box.value.weight
        case .summary(let box): box.value.weight
        }
    }

    /// Lines that it shows on a page.
    var lines: Int {
        switch self {
        case .accumulating, .writers, .newest, .released: 1
        case .histogram(let box): box.value.lines
        case .exponential(let box): box.value.lines
        case .summary(let box): box.value.lines
        }
    }
}

extension DistributionStream {
    /// Complexity: O(writers).
    var weight: Int {
        guard case .writers(let writers) = counting else { return ownWeight ?? 0 }
        var weight = 0
        writers.forEach { weight += $0.weight }
        return weight
    }

    /// Nil of writers, which are weighed one by one.
    var ownWeight: Int? {
        switch counting {
        case .deltas(let accumulation): Value.weight(of: accumulation.total)
        case .latest(let writer): writer.weight
        case .writers, .released: nil
        }
    }

    /// Complexity: O(writers).
    fileprivate var lines: Int {
        switch counting {
        case .deltas(let accumulation): return Value.lines(of: accumulation.total)
        case .writers(let writers):
            var lines = 0
            writers.forEach { lines = max(lines, $0.lines) }
            return lines
        case .latest(let writer): return writer.value.lines
        case .released: return 0
        }
    }
}
