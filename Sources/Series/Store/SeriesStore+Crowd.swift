internal import OTLP

/// Series of very many streams: what one label policy has made of a million sessions.
///
/// Their streams need not be kept: what an ended one has counted is a part of the total, and of its windows a number is
/// enough to know a point that is sent again. Only delta streams go before `RetentionLimits.evictAfter`: of a cumulative one
/// that returns, a tombstone would not tell a late point from a new beginning.
extension SeriesStore {
    /// Folds the half of the delta streams in crowded series that has been idle for longest, when there are more than
    /// allowed. Streams that are alive come back with their next point. Seldom when it gains little, since it looks at every
    /// stream.
    mutating func foldCrowd(now: UnixNanoseconds) {
        let shared = streams.writerCount - exposed.count
        guard shared > settings.sharedStreamLimit, now >= nextCrowdFold else { return }
        var arrivals: [UnixNanoseconds] = []
        exposed.forEach { _, record in
            guard isShared(record) else { return }
            streams.forEach(from: record.firstStream) { _, stream in
                if mayFoldEarly(stream, now: now) { arrivals.append(stream.lastSeen) }
            }
        }
        arrivals.sort()
        let countBefore = streams.writerCount
        if !arrivals.isEmpty { foldIdle(now: now, before: arrivals[arrivals.count / 2] + 1) }
        let gained = countBefore - streams.writerCount
        // Seconds: none while each look frees an eighth of all.
        let pause: UInt64 = gained >= countBefore / 8 ? 0 : gained > settings.sharedStreamLimit / 8 ? 1 : 30
        let (next, overflow) = now.addingReportingOverflow(pause * 1_000_000_000)
        nextCrowdFold = overflow ? .max : next
    }

    private func isShared(_ record: SeriesRecord) -> Bool {
        record.firstStream != StreamID.none && streams[record.firstStream].next != StreamID.none
    }

    /// Whether a stream may go whose windows are still needed. Not one that this request has seen: equal points within one
    /// request all count.
    func mayFoldEarly(_ stream: StreamRecord, now: UnixNanoseconds) -> Bool {
        stream.lastSeen < now && stream.state.windows != nil
    }

    /// Whether an earlier request brought this very point to a stream that was folded since. Notes a repetition.
    mutating func isFolded<Value: PointValue>(_ arrival: PointArrival<Value>, of key: StreamKey) -> Bool {
        guard duplicates.isFolded(arrival, of: key) else { return false }
        counters.duplicatePoints += 1
        return true
    }
}
