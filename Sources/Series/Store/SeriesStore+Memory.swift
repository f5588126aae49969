internal import OTLP
internal import Settings

/// The bound on the bytes of all that is kept, and of the page that shows it.
extension SeriesStore {
    /// Bytes of series, labels, buckets, quantiles and identities, by `StateWeight`.
    package var stateMemory: Int {
        streams.weight + exposed.weight + identities.weight
            + tombstones.count * StateWeight.tombstone + streams.writerCount * StateWeight.writer
    }

    /// Bytes of a page that shows all series and targets as text, about.
    var pageBytes: Int { exposed.pageBytes + min(identities.resourceBytes, stateLimits.targetBytes) }

    /// Bytes that a snapshot of all series takes beside what it shares with the store: its samples, their buckets, and the
    /// texts of targets, which are made twice.
    var snapshotBytes: Int { exposed.snapshotBytes + 2 * min(identities.resourceBytes, stateLimits.targetBytes) }

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

    /// Whether a series that is there may show so many lines.
    func hasRoom(for lines: Int, of owner: SeriesID) -> Bool {
        hasRoom(onPageForBytes: exposed.growth(of: owner, to: lines))
    }
}
