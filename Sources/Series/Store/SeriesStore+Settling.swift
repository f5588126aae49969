internal import OTLP

/// Totals that are older than this state (docs/semantics.md, S13.7).
///
/// A cumulative series that was counted before this state was created, by another collector or with a state that was
/// lost, comes back writer by writer. Prometheus still holds its last total: a part of it would look like a counter
/// reset, and every writer that comes later like growth. So Prometheus sees such a series once every writer had the time
/// to export; what it sees then is the whole total, and its increase since the last sample is the true growth.
///
/// Whether a series is withheld follows from its writers and the time alone, never from who scraped (R-OM-18), and no
/// longer than `SeriesSettings.settlingTime` in the life of a state.
extension SeriesStore {
    /// Whether totals from before this state may still be incomplete. A clock that was set back to before the creation
    /// says nothing about that: then everything is shown.
    var isSettling: Bool {
        let (age, isBefore) = firstIncrement.newestTime.subtractingReportingOverflow(settings.createdAt)
        return !isBefore && age < settings.settlingTime
    }

    /// Whether a writer of this series started before this state was created.
    func isOlderThanState(_ record: SeriesRecord) -> Bool {
        var isOlder = false
        forEachStream(of: record) { _, stream in
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
            isOlder =
                isOlder || ($0.startTime != 0 && $0.startTime < settings.createdAt && $0.time >= settings.createdAt)
        }
        return isOlder
    }
}
